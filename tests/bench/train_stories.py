"""Choose the weights of the story decision on labelled articles, and tell how far the choice can be trusted.

    python tests/bench/train_stories.py SET.jsonl[.gz]...

Tries a coarse grid of the few settings that decide (the same lines as `stories.py`), prints the one with the best mean
B-cubed F1 over the sets, the defaults' figures, and what each set gets from the grid's best on all the others: sets
differ in what they call one event, so a choice that does not carry over to a set it has not seen is worth nothing.
"""

from __future__ import annotations

import dataclasses
import itertools
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from stories import Article, day, read, score, title
from story_corpora import PLAIN

from cleaner.linkage import average_linkage
from cleaner.settings import StorySettings, load_settings
from cleaner.stories import LINKED, score_pairs
from cleaner.terms import Terms, terms
from cleaner.words import words

GRID = {
    "threshold": (0.105, 0.115, 0.125, 0.14),
    "heavy_power": (0.0, 0.5),
    "lead_gain": (0.0, 0.9),
    "crowding_power": (0.0, 0.35, 0.5),
    "week_decay_days": (9.0, 20.0),
}


def prepare(articles: list[Article]) -> tuple[Terms, NDArray[np.int32], list[str]]:
    """Return the articles' terms, days and gold clusters."""
    how = load_settings().stories
    titles, texts = words([title(article) for article in articles]), words([article["text"] for article in articles])
    found = terms(titles, texts, how.kept_terms, how.fade_words, how.prior_documents)
    return found, np.array(list(map(day, articles)), np.int32), [str(article["cluster"]) for article in articles]


def figure(prepared: tuple[Terms, NDArray[np.int32], list[str]], how: StorySettings) -> float:
    """Return the B-cubed F1 of one set."""
    found, days, gold = prepared
    pairs, scores = score_pairs(found, days, how)
    return score(gold, list(map(int, average_linkage(days.size, pairs.left, pairs.right, scores, LINKED))))[0]


def main(paths: list[str]) -> None:
    """Print the choice and the figures."""
    sets = {Path(path).name.split(".")[0]: prepare(read(Path(path))) for path in paths}

    def row(values: dict[str, float]) -> list[float]:
        how = dataclasses.replace(load_settings().stories, **values)  # type: ignore[arg-type]  # all of these are floats
        return [figure(prepared, how) for prepared in sets.values()]

    tried = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    table = np.array([row(values) for values in tried])
    print("sets:", ", ".join(sets))
    for name, figures in (("plain cosine", row(PLAIN)), ("defaults", row({}))):
        print(f"{name}: {np.round(figures, 4).tolist()}, mean {np.mean(figures):.4f}")
    best = int(table.mean(axis=1).argmax())
    print(f"best on all: {tried[best]}: {np.round(table[best], 4).tolist()}, mean {table[best].mean():.4f}")
    for at, name in enumerate(sets):
        if len(sets) > 1:
            chosen = int(np.delete(table, at, axis=1).mean(axis=1).argmax())
            print(f"{name} by the best of the others, {tried[chosen]}: {table[chosen, at]:.4f}")


if __name__ == "__main__":
    main(sys.argv[1:])
