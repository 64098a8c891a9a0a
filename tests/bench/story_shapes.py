"""Score story grouping on corpora of other shapes, cut from labelled sets: small ones, ones of one theme, bare texts.

usage: python tests/bench/story_shapes.py SET.jsonl[.gz]...

The sets are those of `stories.py`. A setting that suits large sets as they are may fail on five pages, or where
everything is about one thing; so each set is cut into `SHAPES`, with dates and without any, and cleaner is compared
with the cosine of the terms alone (`story_corpora.PLAIN`). Prints a Markdown table of the mean B-cubed F1 of a shape.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from stories import Article, day, read, score, stem
from story_corpora import PLAIN, found, group

from cleaner.settings.load import load_settings
from cleaner.stories.vectors import weigh

Cut = Callable[[list[Article], np.random.Generator], list[list[Article]]]


def some_events(size: int, times: int) -> Cut:
    """Take whole events by chance until there are so many articles."""

    def cut(articles: list[Article], chance: np.random.Generator) -> list[list[Article]]:
        events: dict[str, list[Article]] = {}
        for article in articles:
            events.setdefault(str(article["cluster"]), []).append(article)
        names, corpora = sorted(events), []
        for _ in range(times):
            order = chance.permutation(len(names))
            corpora.append([article for at in order for article in events[names[at]]][:size])
        return corpora

    return cut


def one_theme(size: int, times: int) -> Cut:
    """Take the articles that are most like one taken by chance, by the cosine of all terms."""

    def cut(articles: list[Article], chance: np.random.Generator) -> list[list[Article]]:
        how = load_settings().stories
        vectors = weigh(found(articles), how.vector_terms, how.prior_documents)
        corpora = []
        for seed in chance.integers(0, len(articles), times):
            of_seed = np.zeros(vectors.keys.size + 1, np.float32)
            of_seed[vectors.ids[seed]] = vectors.weights[seed]
            of_seed[0] = 0
            likeness = (of_seed[vectors.ids] * vectors.weights).sum(axis=1)
            nearest = np.argsort(-likeness, kind="stable")[:size]
            corpora.append([articles[at] for at in sorted(nearest.tolist())])
        return corpora

    return cut


def changed(change: Callable[[Article], Article]) -> Cut:
    """Take all articles, each changed."""
    return lambda articles, _: [[change(article) for article in articles]]


def few_reports(articles: list[Article], chance: np.random.Generator) -> list[list[Article]]:
    """Take one report of each event, and of its others one in five."""
    known: set[str] = set()
    taken = []
    for article in articles:
        name = str(article["cluster"])
        if name not in known or chance.random() < 0.2:
            taken.append(article)
        known.add(name)
    return [taken]


SHAPES: dict[str, Cut] = {
    "as it is": lambda articles, _: [articles],
    "10 articles of some events": some_events(10, 40),
    "50 articles of some events": some_events(50, 12),
    "200 articles of some events": some_events(200, 4),
    "6 articles of one theme": one_theme(6, 60),
    "20 articles of one theme": one_theme(20, 40),
    "50 articles of one theme": one_theme(50, 15),
    "first 100 words": changed(lambda article: article | {"text": " ".join(article["text"].split()[:100])}),
    "no titles": changed(lambda article: article | {"title": None}),
    "few reports of an event": few_reports,
}


def figures(corpora: list[list[Article]]) -> Iterator[tuple[bool, list[float]]]:
    """Yield whether dates were used, and the mean B-cubed F1 of the cosine alone and of cleaner."""
    made = [(found(corpus), np.array([day(article) for article in corpus], np.int32), corpus) for corpus in corpora]
    for dated in (True, False):
        means = []
        for how in (PLAIN, {}):
            labels = [group(terms, days * np.int32(dated), how) for terms, days, _ in made]
            golds = [[str(article["cluster"]) for article in corpus] for corpus in corpora]
            means.append(float(np.mean([score(gold, label)[0] for gold, label in zip(golds, labels, strict=True)])))
        yield dated, means


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description="Score story grouping on corpora of other shapes, cut from labelled sets."
    )
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    print("| set | shape | dated | cosine alone | cleaner | more |")
    print("|---|---|---|---|---|---|")
    for path in parser.parse_args().sets:
        articles = read(path)
        for name, cut in SHAPES.items():
            for dated, (plain, ours) in figures(cut(articles, np.random.default_rng(7))):
                cells = (
                    stem(path),
                    name,
                    "yes" if dated else "no",
                    f"{plain:.4f}",
                    f"{ours:.4f}",
                    f"{ours - plain:+.4f}",
                )
                print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
