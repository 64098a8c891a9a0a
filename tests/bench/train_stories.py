"""Choose the weights of the story decision on labelled articles, and tell how far the choice can be trusted.

    python tests/bench/train_stories.py SET.jsonl[.gz]...

Tries a coarse grid of the few settings that decide (the same lines as `stories.py`) on every set with its dates and
without any. Prints the one with the best mean B-cubed F1, the defaults' figures, and what each set gets from the grid's
best on all the others: sets differ in what they call one event, so a choice that does not carry over to a set it has
not seen is worth nothing.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from stories import Article, day, read, score
from story_corpora import PLAIN, batch_terms

from cleaner.settings.load import load_settings
from cleaner.settings.schema import StorySettings
from cleaner.stories.grouping import score_pairs
from cleaner.stories.linkage import average_linkage
from cleaner.stories.scoring import LINKED
from cleaner.stories.terms import Terms

GRID = {
    "threshold": (0.11, 0.122, 0.135),
    "heavy_power": (0.0, 0.25, 0.5),
    "lead_gain": (0.0, 0.9),
    "crowding_power": (0.0, 0.8),
    "step_power": (0.0, 0.4),
}


def prepare(articles: list[Article]) -> tuple[Terms, NDArray[np.int32], list[str]]:
    """Return the articles' terms, days and gold clusters."""
    return (
        batch_terms(articles),
        np.array(list(map(day, articles)), np.int32),
        [str(article["cluster"]) for article in articles],
    )


def figures(prepared: tuple[Terms, NDArray[np.int32], list[str]], how: StorySettings) -> list[float]:
    """Return the B-cubed F1 of one set, with its dates and without."""
    found, days, gold = prepared
    made = []
    for known in (days, np.zeros_like(days)):
        pairs, scores = score_pairs(found, known, how)
        made.append(score(gold, list(map(int, average_linkage(days.size, pairs.left, pairs.right, scores, LINKED))))[0])
    return made


def main(paths: list[str]) -> None:
    """Print the choice and the figures."""
    sets = {Path(path).name.split(".")[0]: prepare(read(Path(path))) for path in paths}

    def row(values: dict[str, float]) -> NDArray[np.float64]:
        how = msgspec.structs.replace(load_settings().stories, **values)  # type: ignore[arg-type]  # all of these are floats
        return np.array([figures(prepared, how) for prepared in sets.values()])

    def say(name: str, found: NDArray[np.float64]) -> None:
        print(f"{name}: {np.round(found, 4).tolist()}, mean {found.mean():.4f}", flush=True)

    print("dated and undated:", ", ".join(sets))
    plain = row(PLAIN)
    say("cosine alone", plain)
    say("defaults", row({}))
    tried = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    table = np.array([row(values) for values in tried])
    best = int(table.mean(axis=(1, 2)).argmax())
    say(f"best on all, {tried[best]}", table[best])
    worse = []
    for at, name in enumerate(sets if len(sets) > 1 else ()):
        chosen = int(np.delete(table, at, axis=1).mean(axis=(1, 2)).argmax())
        say(f"{name} by the best of the others, {tried[chosen]}", table[chosen, at])
        say(f"{name} by the cosine alone", plain[at])
        worse += [name] if table[chosen, at].mean() < plain[at].mean() else []
    if worse:
        sys.exit(f"chosen on the others, the settings do harm: {', '.join(worse)}")


if __name__ == "__main__":
    main(sys.argv[1:])
