"""What surrounds an article: how many others are about as close to it, and where its matches stop being its own story.

One number of likeness means different things in different places. In a corpus of one theme everything is somewhat like
everything, so the same likeness tells less; and an article that has a match of its own is less likely to belong to
those that are merely near. Both are seen from an article's matches, best first: the level that a late one still has
(the crowd), and the largest step down on the way to one (the step).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.settings import StorySettings
    from cleaner.vectors import Pairs

LONELY = 0.2
"""Natural logarithm: the most that being less crowded than the corpus counts for one article."""
CERTAIN = 200
"""Articles of a corpus that tell as much about what is usual as is known beforehand."""
NOISE = 0.02
"""Added to a closeness before its logarithm is taken: below it, likeness is chance."""
LEVEL = 0.05
"""The same for a cosine; weaker matches are on one level, and no step leads down from them."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What surrounds the articles of a corpus."""

    crowds: NDArray[np.float32]
    """(articles,) how crowded each one's surroundings are, natural logarithm around 0."""
    order: NDArray[np.uint64]
    """(matches,) ascending: article in the upper half, and in the lower one the cosine of a match, best first."""
    steps: NDArray[np.float32]
    """(matches,) the largest step down from the article's best match to this one, natural logarithm."""

    def crowded(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return how crowded the two articles of each pair are together, (pairs,) float32."""
        return self.crowds[pairs.left] + self.crowds[pairs.right]

    def apart(self, pairs: Pairs, cosine: NDArray[np.float32], least: float, most: float) -> NDArray[np.float32]:
        """Return by how much each pair stands behind a step in the matches of its two articles, (pairs,) float32.

        Of each step what is above `least` counts, up to `most`.
        """
        total = np.zeros(cosine.size, np.float32)
        for articles in (pairs.left, pairs.right):
            before = np.searchsorted(self.order, _code(articles, cosine)) - 1  # the next better one, if of this article
            some = np.flatnonzero(before >= 0)
            some = some[self.order[before[some]] >> np.uint64(32) == articles[some].astype(np.uint64)]
            before = before[some]
            last = _height(_value(self.order[before])) - _height(cosine[some])
            total[some] += np.clip(np.maximum(self.steps[before], last) - np.float32(least), 0, np.float32(most))
        return total


def surroundings(
    documents: int, pairs: Pairs, cosine: NDArray[np.float32], close: NDArray[np.float32], settings: StorySettings
) -> Surroundings:
    """Look around each article; `close`: (pairs,) float32, the cosine faded by days.

    Crowds are counted by closeness. Steps are steps of the cosine: that a report comes a week later sets it apart by
    its date, and that is counted already.
    """
    crowds = _crowding(documents, _ordered(pairs, close), settings)
    some = cosine > LEVEL
    order = _ordered(pairs.take(some), cosine[some])
    height = _height(_value(order))
    article = (order >> np.uint64(32)).astype(np.int64)
    step = np.zeros(order.size)
    step[1:] = np.where(article[1:] == article[:-1], height[:-1] - height[1:], 0)
    # A step is less than 16, so the greatest so far is never one of an earlier article's.
    largest = np.maximum.accumulate(step + 16.0 * article) - 16.0 * article
    return Surroundings(crowds, order, largest.astype(np.float32))


def _ordered(pairs: Pairs, values: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Return both ends of each pair, by article and best first."""
    order = np.concatenate([_code(pairs.left, values), _code(pairs.right, values)])
    order.sort()
    return order


def _code(articles: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Make one integer of an article and the value of a match, at least 0, so that the greatest comes first."""
    return articles.astype(np.uint64) << np.uint64(32) | (~values.view(np.uint32)).astype(np.uint64)


def _value(order: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return the value of each match."""
    return (~order.astype(np.uint32)).view(np.float32)  # of its low half


def _height(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    height: NDArray[np.float32] = np.log(cosine + np.float32(LEVEL))
    return height


def _crowding(documents: int, order: NDArray[np.uint64], settings: StorySettings) -> NDArray[np.float32]:
    """Return how crowded each article's surroundings are, (articles,) float32, natural logarithm around 0.

    Known as local scaling (Zelnik-Manor and Perona, Self-tuning spectral clustering, 2004). The measure is the corpus'
    mean, but never more than `crowded_from`: beside thousands of briefs of one trade all other articles look lonely,
    and where most stand in crowds it tells nothing to be out of them. A whole throng about as close is more than any
    story and counts on top, whatever the mean: where a corpus has one theme, or no dates to part it, chance makes more
    likenesses. A small corpus says little about what is usual, and nothing up to `crowd` articles: there each one is
    taken to be as crowded as `crowded_alone` says.
    """
    if documents <= settings.crowd:
        return np.full(documents, settings.crowded_alone * CERTAIN / (documents + CERTAIN), np.float32)
    starts = np.searchsorted(order, np.arange(documents + 1, dtype=np.uint64) << np.uint64(32))
    level = _level(order, starts, settings.crowd)
    mean, most = float(level.mean()), math.log(settings.crowded_from + NOISE)
    lonely = min(max(LONELY + most - mean, 0.0), LONELY)
    crowds = np.clip(level - min(mean, most), -lonely, settings.crowding_most)
    throng = _level(order, starts, settings.throng) - math.log(settings.thronged_from + NOISE)
    crowds += np.clip(throng, 0.0, settings.crowding_most)
    return np.asarray((crowds * documents + settings.crowded_alone * CERTAIN) / (documents + CERTAIN), np.float32)


def _level(order: NDArray[np.uint64], starts: NDArray[np.int64], place: int) -> NDArray[np.float32]:
    """Return the logarithm of each document's match at some place, best first; matches that are not there are 0."""
    there = np.flatnonzero(np.diff(starts) >= place)
    usual = np.zeros(starts.size - 1, np.float32)
    usual[there] = _value(order[starts[there] + place - 1])
    return np.asarray(np.log(usual + np.float32(NOISE)), np.float32)
