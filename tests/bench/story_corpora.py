"""What story grouping costs as a corpus grows, and how it fares where a set's events stand among thousands of others.

usage: python tests/bench/story_corpora.py SET.jsonl[.gz]... --among FILE
       python tests/bench/story_corpora.py SET.jsonl[.gz]... --growth 37000 370000 [--per-day N] [--dated]

The sets are those of `stories.py`. With --among, each stands among the articles of FILE, which tell of none of its
events and are spread over the 60 days around the set's middle: once with its dates and once without any. Only the set's
articles are scored, and cleaner is compared with the cosine of the terms alone (`PLAIN`).

With --growth, corpora of such sizes are made of the sets: they are repeated, one repetition after the other in time,
with names and half of the longer words exchanged for others as frequent, so that no event comes twice; N articles come
a day. With --dated all have a date, those of the sets that have none that of their event's first. The table tells what
a corpus costs as it grows, text to groups, also against the time in which plain Python counts the words (of one article
in a hundred, in the same run, so that a busy machine shows less), and how many of the pairs of one story that are alike
enough were compared at all: with buckets walked as far as the settings say, and a hundred times as far.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from stories import Article, day, read, score, stem, title

from cleaner.arrays.pairs import Pairs
from cleaner.pool import keep_freed_memory
from cleaner.settings.load import load_settings
from cleaner.stories.grouping import ArticleFacts, score_pairs, story_groups
from cleaner.stories.linkage import average_linkage
from cleaner.stories.scoring import LINKED, nearness
from cleaner.stories.terms import Terms, join, terms_of
from cleaner.stories.vectors import agreement, weigh
from cleaner.words.tokenising import batches, words

PLAIN = {
    "threshold": 0.172,
    "steepness": 3.0,
    "heavy_power": 0.0,
    "lead_gain": 0.0,
    "crowding_power": 0.0,
    "step_power": 0.0,
    "week_decay_days": 20.0,
    "undated_factor": 0.7,
}
"""The cosine alone, faded evenly: what the other settings have to beat."""
RECALL = 20_000
"""Articles up to which the growth table tells how many pairs are compared; it takes longer than the grouping."""
WORD = re.compile(r"\w+")
ABOUT = 100
"""Words that are about as frequent, of those next to each other by frequency."""


def mixed(paths: list[Path], others: list[Article]) -> None:
    """Print how the articles of each set are grouped among others."""
    print("| set | articles | dated | cosine alone | cleaner |")
    print("|---|---|---|---|---|")
    for path in paths:
        articles = read(path)
        days = np.array([day(article) for article in articles], np.int32)
        middle = int(np.median(days[days > 0])) if days.any() else 730_000
        spread = middle - 30 + np.random.default_rng(0).integers(0, 60, len(others))
        whole = found(articles + others)
        for dated in (True, False):
            known = np.concatenate([days, spread.astype(np.int32)]) * np.int32(dated)
            gold = [str(article["cluster"]) for article in articles]
            figures = [score(gold, group(whole, known, how)[: len(gold)])[0] for how in (PLAIN, {})]
            cells = (stem(path), f"{len(known):,}", "yes" if dated else "no", *(f"{f:.4f}" for f in figures))
            print("|", " | ".join(cells), "|", flush=True)


def found(articles: list[Article]) -> Terms:
    """Return the terms of articles."""
    kept = load_settings().stories.kept_terms
    parts = map(batch_terms, batches(articles, size=lambda article: len(article["text"])))
    return join(parts, kept, np.arange(len(articles)), len(articles))


def batch_terms(batch: list[Article]) -> Terms:
    """Return the terms of a few articles."""
    told = [(article.get("title"), article["text"]) for article in batch]
    return terms_of(told, words([text for _, text in told]), load_settings().stories)


def group(whole: Terms, days: NDArray[np.int32], changed: dict[str, float]) -> list[int]:
    """Group articles by their terms, with some settings changed."""
    how = msgspec.structs.replace(load_settings().stories, **changed)  # type: ignore[arg-type]  # all of these are floats
    pairs, scores = score_pairs(whole, days, how)
    return list(map(int, average_linkage(days.size, pairs.left, pairs.right, scores, LINKED)))


def grown(articles: list[Article], count: int, per_day: int, *, dated: bool = False) -> Iterator[Article]:
    """Yield a corpus of `count` articles; the days between the articles of one event stay as they are."""
    events: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        events[str(article["cluster"])].append(article)
    ranks = ranked(articles)
    made = itertools.count()
    for repetition in itertools.count():
        changed = exchanged(ranks, repetition)
        for name, members in events.items():
            first = min((day(article) for article in members if day(article)), default=0)
            for article in members:
                at = next(made)
                if at == count:
                    return
                later = min(max(day(article) - first, 0), 60) if day(article) else 0
                date = dt.date.fromordinal(700_000 + at // per_day + later).isoformat()
                yield {
                    "id": at,
                    "title": renamed(title(article), changed),
                    "text": renamed(article["text"], changed),
                    "date": date if dated or day(article) else None,
                    "cluster": f"{name} {repetition}",
                }


def ranked(articles: list[Article]) -> list[list[str]]:
    """Return the names and the longer words of some articles, each the most frequent first."""
    counts = Counter(word for article in articles for word in WORD.findall(f"{title(article)} {article['text']}"))
    words = sorted(counts, key=lambda word: (-counts[word], word))
    return [
        [word for word in words if word[0].isupper()],
        [word for word in words if word[0].islower() and len(word) > 5],
    ]


def exchanged(ranks: list[list[str]], repetition: int) -> dict[str, str]:
    """Return what words are called in a repetition: each name, and every second longer word, as another one.

    It is one that is about as frequent, so that the language stays what it is and no event comes twice.
    """
    changed: dict[str, str] = {}
    draw = np.random.default_rng(repetition)
    for at, words_by_rank in enumerate(ranks if repetition else ()):
        for begin in range(0, len(words_by_rank), ABOUT):
            some = draw.permutation(words_by_rank[begin : begin + ABOUT])[:: at + 1].tolist()
            changed |= dict(zip(some, draw.permutation(some).tolist(), strict=True))
    return changed


def renamed(text: str, changed: dict[str, str]) -> str:
    """Return a text with some of its words changed."""
    return WORD.sub(lambda word: changed.get(word[0], word[0]), text)


def growth(articles: list[Article], sizes: list[int], per_day: int, *, dated: bool) -> None:
    """Print what each size costs."""
    keep_freed_memory()  # as every corpus does
    names = ("articles", "words each", "CPU s", "articles/CPU s", "against plain Python's words", "peak MB")
    print("|", " | ".join((*names, "B-cubed F1", "compared", "walked 100 times as far")), "|")
    print("|---" * 9 + "|")
    for count in sizes:
        gold, days, parts, spent, plain, length = [], [], [], 0.0, 0.0, 0
        for batch in batches(grown(articles, count, per_day, dated=dated), size=lambda article: len(article["text"])):
            gold += [article["cluster"] for article in batch]
            days += [day(article) for article in batch]
            begin = time.process_time()
            parts.append(batch_terms(batch))
            spent += time.process_time() - begin
            plain += 100 * sum(counted(article) for article in batch if article["id"] % 100 == 0)
            length += sum(len(article["text"].split()) for article in batch)
        begin = time.process_time()
        known = ArticleFacts(np.array(days, np.int32), np.arange(count))
        labels = list(map(int, story_groups(parts, known, load_settings().stories).labels))
        spent += time.process_time() - begin
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        shares: list[float] = []
        if count <= RECALL:
            whole = join(parts, load_settings().stories.kept_terms, np.arange(count), count)
            shares = recall(whole, known.days, gold)
        cells = (f"{count:,}", f"{length / count:.0f}", f"{spent:.1f}", f"{count / spent:,.0f}")
        cells += (f"{spent / plain:.2f}", f"{peak:,.0f}")
        found = [f"{share:.4f}" for share in shares] or ["", ""]
        print("|", " | ".join((*cells, f"{score(gold, labels)[0]:.4f}", *found)), "|", flush=True)


def counted(article: Article) -> float:
    """Return the CPU seconds in which plain Python counts an article's words."""
    begin = time.process_time()
    Counter(re.findall(r"[^\W_]+", f"{article['title']} {article['text']}".lower()))
    return time.process_time() - begin


def recall(whole: Terms, days: NDArray[np.int32], gold: list[str]) -> list[float]:
    """Return the share of the pairs of one story that are alike enough which are compared, capped and hardly capped."""
    how = load_settings().stories
    vectors = weigh(whole, how.vector_terms, how.prior_documents)
    _, cluster = np.unique(gold, return_inverse=True)
    order = np.argsort(cluster, kind="stable")
    steps = [order[step:][cluster[order[step:]] == cluster[order[:-step]]] for step in range(1, 30)]
    first = [order[:-step][cluster[order[step:]] == cluster[order[:-step]]] for step in range(1, 30)]
    one, other = np.concatenate(first), np.concatenate(steps)
    true = Pairs(np.minimum(one, other), np.maximum(one, other))
    true = true.take(np.lexsort((true.right, true.left)))
    alike = agreement(vectors, true)
    true = true.take(alike.cosine * nearness(days, true, how) >= how.threshold)
    code = true.left * days.size + true.right
    shares = []
    for far in (how.neighbours, 100 * how.neighbours):
        pairs, _ = score_pairs(whole, days, msgspec.structs.replace(how, neighbours=far))
        shares.append(float(np.isin(code, pairs.left * days.size + pairs.right).mean()))
    return shares


def main() -> None:
    """Print the table that the arguments ask for."""
    parser = argparse.ArgumentParser(description="Group stories in corpora that are made of labelled articles.")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--among", type=Path, metavar="FILE", help="articles of other events to stand among")
    parser.add_argument("--growth", nargs="+", type=int, metavar="N", help="sizes of corpora made of the sets")
    parser.add_argument("--per-day", type=int, default=100, metavar="N", help="articles a day in these; default 100")
    parser.add_argument("--dated", action="store_true", help="with --growth: no article is without a date")
    given = parser.parse_args()
    if given.growth:
        growth(
            [article for path in given.sets for article in read(path)], given.growth, given.per_day, dated=given.dated
        )
    if given.among:
        mixed(given.sets, read(given.among))


if __name__ == "__main__":
    main()
