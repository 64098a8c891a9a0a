"""Measure how clean `cleaner` makes plain text of scraped pages, and what it costs: F1, lost body, time.

usage: python tests/bench/text.py GROUND-TRUTH.json TEXT.jsonl[.gz]... [--clean FILE] [--html FOLDER]

GROUND-TRUTH maps a page's id to {"articleBody": ...}; each TEXT has {"id", "text"} a line, the pages' text made in
one way or another. Bodies are compared as multisets of 4-grams of words; precision and recall are means over pages and
F1 is made of the two, as in the public article-extraction benchmark. "Lost" counts the words of the gold bodies that
were in the text and are gone, over all pages; next to it stands how many pages lost more than a third of theirs.

--clean names JSON lines of clean articles ({"text"}), which must come back as they are; the gold bodies are always
tried so. --html names a folder of the same pages' HTML (`<id>.html[.gz]`): trafilatura's time on them, in the same run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.article import Article, Page
from cleaner.pipeline.stages import clean_pages
from cleaner.pipeline.workers import Work
from cleaner.settings.load import load_settings
from cleaner.stages.repair import repair
from cleaner.text.blocks import join, split

WORDS = re.compile(r"\w+")


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def grams(text: str, n: int = 4) -> Counter[tuple[str, ...]]:
    found = WORDS.findall(text)
    return Counter(tuple(found[i : i + n]) for i in range(max(1, len(found) - n + 1))) if found else Counter()


def f1(pairs: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return F1, precision and recall of (gold, found) texts."""
    precision, recall = [], []
    for gold, found in pairs:
        wanted, got = grams(gold), grams(found)
        both = (wanted & got).total()
        if got:
            precision.append(both / got.total())
        if wanted:
            recall.append(both / wanted.total())
    p, r = statistics.mean(precision), statistics.mean(recall)
    return 2 * p * r / (p + r), p, r


def cleaned(records: list[dict[str, Any]]) -> list[Article | None]:
    """Clean records as `cleaner clean FILE --jobs 1` does; None for one that is rejected."""
    pages = [
        Page(record["id"], record["text"], fields={k: v for k, v in record.items() if k not in {"id", "text"}})
        for record in records
    ]
    outcomes = clean_pages(pages, load_settings(), Work(jobs=1, timeout=60, chunk=64))
    return [outcome if isinstance(outcome, Article) else None for outcome in outcomes]


def measure(name: str, gold: dict[str, str], records: list[dict[str, Any]]) -> None:
    """Print the row of one set of texts."""
    cleaned(records[:1])  # what is loaded once is no page's time
    start = time.process_time()
    articles = cleaned(records)
    spent = 1000 * (time.process_time() - start) / len(records)
    found = {record["id"]: article.text for record, article in zip(records, articles, strict=True) if article}
    lost, total, halved = 0, 0, 0
    for record in records:
        body = Counter(WORDS.findall(gold[record["id"]]))
        before = (body & Counter(WORDS.findall(record["text"]))).total()
        gone = before - (body & Counter(WORDS.findall(found.get(record["id"], "")))).total()
        lost, total, halved = lost + gone, total + before, halved + (gone > before / 3)
    untouched = f1([(gold[r["id"]], r["text"]) for r in records])[0]
    score, p, r = f1([(gold[r["id"]], found.get(r["id"], "")) for r in records])
    print(
        f"| {name} | {len(records)} | {untouched:.4f} | {score:.4f} | {p:.4f} | {r:.4f} | {lost / total:.2%} "
        f"| {halved} | {spent:.2f} |"
    )


def untouched(name: str, texts: list[str]) -> None:
    """Print how many clean articles are not as they were, but for repairs and white space, and what went."""
    touched = []
    records = [{"id": number, "text": text} for number, text in enumerate(texts)]
    for text, article in zip(texts, cleaned(records), strict=True):
        if article is None or article.text != join(split(repair(text)[0])):
            touched.append(article.removed[0].text[:60] if article and article.removed else "everything")
    print(f"\n{name}: {len(touched)} of {len(texts)} clean articles changed ({len(touched) / len(texts):.2%})")
    for text in touched[:20]:
        print(f"- {text}")


def trafilatura_time(folder: Path) -> None:
    from trafilatura import extract

    pages = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in sorted(folder.iterdir())]
    extract(pages[0])
    start = time.process_time()
    for page in pages:
        extract(page, include_comments=False, favor_precision=True)
    print(f"\ntrafilatura.extract on the HTML: {1000 * (time.process_time() - start) / len(pages):.2f} ms a page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("texts", nargs="+", type=Path)
    parser.add_argument("--clean", action="append", default=[], type=Path)
    parser.add_argument("--html", type=Path)
    args = parser.parse_args()
    gold = {key: page["articleBody"] for key, page in json.loads(args.gold.read_text(encoding="utf-8")).items()}
    print("| text | pages | untouched | F1 | precision | recall | body words lost | pages losing 1/3 | ms a page |")
    print("|---|---|---|---|---|---|---|---|---|")
    for path in args.texts:
        measure(path.name.split(".")[0], gold, list(rows(path)))
    untouched("gold bodies", list(gold.values()))
    for path in args.clean:
        untouched(path.name, [row["text"] for row in rows(path)])
    if args.html:
        trafilatura_time(args.html)


if __name__ == "__main__":
    main()
