"""Fit the settings of the story decision to the pairs of labelled articles.

    python tests/bench/fit_stories.py SET.jsonl[.gz]...

The logarithm of a pair's odds is a weighted sum: of the logarithm of its cosine, of its days, of how far heaviest terms
and leads agree, of crowding and steps. So its settings are the weights of a logistic regression, which is fitted to
the pairs of every set (the same lines as `stories.py`), with dates and without any, and of small corpora cut from it:
what suits large sets alone may fail on twenty articles of one theme. Prints the settings that were fitted, and for each
set the B-cubed F1 of the defaults, of what was fitted to all sets and of what was fitted to all others.

The defaults are not just what is printed here. They were held back where a fit gave up what the sets cannot show: that
five articles of one theme stay apart among thousands of others (`tests/test_stories.py`), and that a choice carries
over to a set that took no part in it (`train_stories.py`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from stories import Article, read, stem
from story_shapes import one_theme, some_events
from train_stories import figures, prepare

from cleaner.settings.load import load_settings
from cleaner.settings.schema import StorySettings
from cleaner.stories.grouping import compared
from cleaner.stories.local_scaling import ALIKE, ScalingCounter
from cleaner.stories.scoring import SMOOTHING
from cleaner.stories.terms import Terms
from cleaner.stories.vectors import weigh

Examples = tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]
"""Features, whether the pair is one story, and how much it counts."""
CUTS = [one_theme(20, 30), one_theme(50, 12), one_theme(200, 3)]
CUTS += [some_events(10, 30), some_events(50, 10), some_events(200, 3)]
SHARE = 0.3
"""What all corpora of one cut count for together, against the set itself."""


def examples(found: Terms, days: NDArray[np.int32], gold: list[str], weight: float) -> Examples:
    """Return the pairs of a corpus that are alike at all; each counts `weight` by the number of articles."""
    how = load_settings().stories
    vectors = weigh(found, how.vector_terms, how.prior_documents)
    lookout = ScalingCounter(days.size, how)
    parts = []
    for pairs, agreed in compared(vectors, days, how, lookout):
        alike = agreed.cosine >= ALIKE
        parts.append((pairs.take(alike), agreed.take(alike)))
    around = lookout.surroundings()
    rows, true = [], []
    for pairs, agreed in parts:
        known = (days[pairs.left] > 0) & (days[pairs.right] > 0)
        apart = np.abs(days[pairs.left] - days[pairs.right]) * known
        ratio = np.log((agreed.heavy + SMOOTHING) / (agreed.cosine + SMOOTHING))
        behind = around.gap_before(pairs, agreed.cosine, how.step_from)
        columns = [np.log(agreed.cosine), -np.minimum(apart, 7), -np.maximum(apart - 7, 0), (~known).astype(float)]
        columns += [ratio, agreed.lead, -around.crowded(pairs), -behind, np.ones(apart.size)]
        rows.append(np.stack(columns, axis=1).astype(np.float64))
        true.append(np.array(gold)[pairs.left] == np.array(gold)[pairs.right])
    features = np.concatenate(rows)
    return features, np.concatenate(true), np.full(len(features), weight / max(days.size, 1))


def cut(articles: list[Article]) -> list[Examples]:
    """Return the examples of a set and of the small corpora cut from it, each with its dates and without."""
    corpora = [(articles, 1.0)]
    for make in CUTS:
        made = make(articles, np.random.default_rng(11))
        corpora += [(corpus, SHARE / len(made)) for corpus in made]
    found = []
    for corpus, weight in corpora:
        terms, days, gold = prepare(corpus)
        found += [examples(terms, known, gold, weight) for known in (days, np.zeros_like(days))]
    return found


def fit(parts: list[Examples]) -> StorySettings:
    """Return the default settings with those that a logistic regression (Newton's method, slightly ridged) finds."""
    features, true, weights = (np.concatenate(column) for column in zip(*parts, strict=True))
    weights = weights / weights.sum()
    scale = np.maximum(features.std(axis=0), 1e-9)
    scaled = features / scale
    found = np.zeros(features.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        slope = scaled.T @ (weights * (likely - true)) + 1e-4 * found
        curve = (scaled.T * (weights * likely * (1 - likely))) @ scaled + 1e-4 * np.eye(found.size)
        found -= np.linalg.solve(curve, slope)
    steepness, week, later, unknown, heavy, lead, crowding, step, one = map(float, found / scale)
    return msgspec.structs.replace(
        load_settings().stories,
        steepness=steepness,
        threshold=float(np.exp(-one / steepness)),
        week_decay_days=steepness / week,
        decay_days=steepness / later,
        undated_factor=float(np.exp(unknown / steepness)),
        heavy_power=heavy / steepness,
        lead_gain=lead / steepness,
        crowding_power=crowding / steepness,
        step_power=step / steepness,
    )


def main(paths: list[str]) -> None:
    """Print what was fitted and how it does."""
    sets = {stem(Path(path)): read(Path(path)) for path in paths}
    made = {name: cut(articles) for name, articles in sets.items()}
    default = load_settings().stories
    whole = fit([part for parts in made.values() for part in parts])
    for name, value in msgspec.structs.asdict(default).items():
        if getattr(whole, name) != value:
            print(f"{name}: {getattr(whole, name):.3f}, the default is {value}")
    for name, articles in sets.items():
        ways = {"defaults": default, "fitted to all": whole}
        others = [part for other, parts in made.items() if other != name for part in parts]
        ways |= {"fitted to all others": fit(others)} if others else {}
        for way, how in ways.items():
            dated, undated = figures(prepare(articles), how)
            print(f"{name}, {way}: {dated:.4f} with dates, {undated:.4f} without", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
