"""Measure extraction from HTML beside trafilatura and resiliparse, in one run: CPU a page and 4-gram F1.

usage: python tests/bench/extraction.py FOLDER... [--pages N] [--rounds N]

A FOLDER holds labelled pages: `ground-truth.json`, {key: {"articleBody": ...}}, and `html/KEY.html.gz`. Decoding is
left out for all. Figures of folders that the judge was trained on are better than those of others; those of the
cross-validation stand in the model's file. resiliparse is measured if it is installed. Times are the best of the
rounds, ratios to be believed only within one run.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import trafilatura

from cleaner.extraction import attributes
from cleaner.extraction.extract import extract_all
from cleaner.extraction.extracted import Extracted, HtmlPage
from cleaner.extraction.model import TOGETHER, load
from cleaner.formats.charset import decode
from cleaner.settings.load import load_settings

Texts = list[str]
Extractor = Callable[[Sequence[str]], Texts]


def ours(pages: Sequence[str], extractor: str, *, metadata: bool) -> Texts:
    """Extract eight pages at a time, as the pipeline does; every site is new."""
    load()._words._seen.cache_clear()
    attributes._of_name.cache_clear()
    settings = load_settings(("here", {"extract": {"extractor": extractor, "metadata": metadata}})).extract
    found = [
        each
        for start in range(0, len(pages), TOGETHER)
        for each in extract_all([HtmlPage(page) for page in pages[start : start + TOGETHER]], settings)
    ]
    return [each.text if isinstance(each, Extracted) else "" for each in found]


def theirs(pages: Sequence[str], *, metadata: bool, **how: bool) -> Texts:
    def text(page: str) -> str:
        found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=metadata, **how)
        return getattr(found, "text", None) or ""

    return [text(page) for page in pages]


def extractors() -> Iterator[tuple[str, Extractor]]:
    for metadata in (False, True):
        suffix = " + metadata" if metadata else ""
        for name in ("fast", "auto", "best"):
            yield f"cleaner {name}{suffix}", functools.partial(ours, extractor=name, metadata=metadata)
        options = {"default": {}, "precision": {"favor_precision": True}, "fast": {"fast": True}}
        for name, how in options.items():
            if name != "fast" or not metadata:
                yield f"trafilatura {name}{suffix}", functools.partial(theirs, metadata=metadata, **how)
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError:
        return
    yield "resiliparse", lambda pages: [extract_plain_text(page, main_content=True) for page in pages]


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def f1(texts: Sequence[str], gold: Sequence[Counter[tuple[str, ...]]]) -> float:
    """Return F1 of mean precision (of pages with any text) and mean recall, by 4-grams."""
    found = [grams(text) for text in texts]
    hits = [(a & b).total() for a, b in zip(found, gold, strict=True)]
    precision = [hit / a.total() for hit, a in zip(hits, found, strict=True) if a]
    recall = [hit / b.total() for hit, b in zip(hits, gold, strict=True) if b]
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return 2 * p * r / (p + r)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--pages", type=int, help="the first N of each folder (default: all)")
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    for folder in args.folders:
        truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
        keys = list(truth)[: args.pages]
        pages = [
            decode(gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()), html=True)[0] for key in keys
        ]
        gold = [grams(truth[key]["articleBody"]) for key in keys]
        took: dict[str, float] = {}
        texts: dict[str, Texts] = {}
        for _ in range(args.rounds):
            for name, extractor in extractors():
                start = time.process_time()
                texts[name] = extractor(pages)
                took[name] = min(took.get(name, 1e9), time.process_time() - start)
        size = sum(map(len, pages)) / len(pages)
        print(f"{folder.name}: {len(pages)} pages of {size:,.0f} characters")
        print(f"{'':32}{'ms a page':>10}{'pages/s':>9}{'F1':>8}   trafilatura precision, or default with metadata, is")
        for name, seconds in took.items():
            base = took["trafilatura default + metadata" if "metadata" in name else "trafilatura precision"]
            each = seconds / len(pages)
            score = f1(texts[name], gold)
            print(f"{name:32}{each * 1000:10.2f}{1 / each:9.0f}{score:8.4f}   {base / seconds:.1f} times slower")


if __name__ == "__main__":
    main()
