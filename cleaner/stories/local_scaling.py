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

from cleaner.arrays.pairs import Pairs
from cleaner.arrays.spilling import BYTES_IN_MEMORY, allocate, spilled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.settings.schema import StorySettings

LONELY = 0.125
"""The most that an article gains by being less crowded than its corpus, natural logarithm."""
CERTAIN = 200
"""A corpus of this number of articles says as much about what is usual as is known beforehand."""
NOISE = 0.02
"""Added to a closeness before its logarithm is taken: below it, likeness is chance."""
LEVEL = 0.05
"""Added to a cosine before its logarithm is taken; weaker matches are on one level, with no step down from them."""
ALIKE = 0.07
"""Cosine from which two articles have more than chance in common: their theme, if not their event."""


@dataclass(frozen=True, slots=True)
class LocalScaling:
    """What surrounds the articles of a corpus."""

    crowds: NDArray[np.float32]
    """(articles,) how crowded each one's surroundings are, natural logarithm around 0."""
    order: NDArray[np.uint64]
    """(matches,) ascending: article in the upper half, and in the lower one the cosine of a match, best first."""
    steps: NDArray[np.float32]
    """(matches,) the largest step down from the article's best match to this one, natural logarithm."""

    @classmethod
    def loneliest(cls, articles: int) -> LocalScaling:
        """Return the surroundings that lower scores least: with them a score is an upper bound."""
        return cls(np.full(articles, -LONELY, np.float32), np.zeros(0, np.uint64), np.zeros(0, np.float32))

    def crowded(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return how crowded the two articles of each pair are together, (pairs,) float32."""
        return self.crowds[pairs.left] + self.crowds[pairs.right]

    def gap_before(self, pairs: Pairs, cosine: NDArray[np.float32], least: float) -> NDArray[np.float32]:
        """Return by how much each pair stands behind a step in the matches of its two articles, (pairs,) float32.

        The part of a step above `least` counts.
        """
        total = np.zeros(cosine.size, np.float32)
        if not self.order.size:
            return total
        for articles in (pairs.left, pairs.right):
            before = np.searchsorted(self.order, _code(articles, cosine)) - 1  # the next better one, if of this article
            some = np.flatnonzero(before >= 0)
            some = some[self.order[before[some]] >> np.uint64(32) == articles[some].astype(np.uint64)]
            before = before[some]
            last = _height(_value(self.order[before])) - _height(cosine[some])
            total[some] += np.maximum(np.maximum(self.steps[before], last) - np.float32(least), 0)
        return total


class ScalingCounter:
    """Counts what surrounds the articles, from pairs that come in the order of the left article, many at a time.

    Crowds are counted by closeness, the cosine faded by days. Steps are steps of the cosine: that a report comes a week
    later sets it apart by its date, and that is counted already. Matches of more than `in_memory` bytes are in files.
    """

    def __init__(self, documents: int, settings: StorySettings, in_memory: int = BYTES_IN_MEMORY) -> None:
        self._settings = settings
        self._in_memory = in_memory
        self._close, self._cosine = _Sorted(), _Sorted()
        self._near_level, self._far_level = np.zeros((2, documents), np.float32)
        self._done = 0
        self._alike = 0  # pairs
        self._orders: list[NDArray[np.uint64]] = [np.zeros(0, np.uint64)]
        self._waiting = 0  # bytes of matches in memory

    def add(
        self, pairs: Pairs, cosine: NDArray[np.float32], close: NDArray[np.float32], counts: NDArray[np.int64]
    ) -> None:
        """Take the next pairs, with all of the last left article; `cosine` and `close`: (pairs,) float32, 0 to 1.

        `counts`: (pairs,) how many pairs each stands for in a crowd.
        """
        if pairs.left.size:
            self._alike += int(counts[cosine >= ALIKE].sum())
            some = cosine > LEVEL
            all_like_it = np.repeat(np.arange(counts.size), counts)
            near = pairs.take(all_like_it)
            self._settle(near, close[all_like_it], pairs.take(some), cosine[some], int(pairs.left[-1]) + 1)

    def _settle(
        self, near: Pairs, close: NDArray[np.float32], alike: Pairs, cosine: NDArray[np.float32], until: int
    ) -> None:
        """Count the articles before `until`, which have no more pairs to come."""
        order = self._close.take(near, close, until)
        starts = np.searchsorted(order, np.arange(self._done, until + 1, dtype=np.uint64) << np.uint64(32))
        self._near_level[self._done : until] = _level(order, starts, self._settings.crowd)
        self._far_level[self._done : until] = _level(order, starts, self._settings.throng)
        self._done = until
        self._orders.append(self._cosine.take(alike, cosine, until))
        self._waiting += self._orders[-1].nbytes
        if self._waiting > self._in_memory:
            self._orders = [spilled(part) for part in self._orders]
            self._waiting = 0

    def surroundings(self) -> LocalScaling:
        """Return what was counted, when all pairs were added."""
        none, nothing = Pairs.none(), np.zeros(0, np.float32)
        self._settle(none, nothing, none, nothing, self._near_level.size)
        parts, self._orders = self._orders, []
        size = sum(part.size for part in parts)
        order = allocate((1, size), np.uint64, self._in_memory)[0]
        steps = allocate((1, size), np.float32, self._in_memory)[0]
        begin = 0
        for part in parts:
            order[begin : begin + part.size], steps[begin : begin + part.size] = part, _steps(part)
            begin += part.size
        return LocalScaling(self._crowds(), order, steps)

    def _crowds(self) -> NDArray[np.float32]:
        """Return how crowded each article's surroundings are, (articles,) float32, natural logarithm around 0.

        Known as local scaling (Zelnik-Manor and Perona, Self-tuning spectral clustering, 2004). The measure is the
        corpus' mean, but never more than `crowded_from`: beside thousands of briefs of one trade all other articles
        look lonely, and where most stand in crowds it means nothing to be out of them. A whole throng about as close is
        more than any story and counts on top, whatever the mean: where a corpus has one theme, or no dates to part it,
        chance makes more likenesses. A small corpus says little about what is usual, and nothing up to `crowd`
        articles: there each one is taken to be as crowded as `crowded_alone` says, and where most articles are somewhat
        alike, which is what one theme looks like in a small corpus, as `crowded_theme` says on top.
        """
        settings, documents = self._settings, self._near_level.size
        share = self._alike / max(documents * (documents - 1) / 2, 1)
        alone = (settings.crowded_alone + settings.crowded_theme * math.sqrt(share)) * CERTAIN
        if documents <= settings.crowd:
            return np.full(documents, alone / (documents + CERTAIN), np.float32)
        mean, most = float(self._near_level.mean()), math.log(settings.crowded_from + NOISE)
        lonely = min(max(LONELY + most - mean, 0.0), LONELY)
        crowds = np.clip(self._near_level - min(mean, most), -lonely, settings.crowding_most)
        throng = self._far_level - math.log(settings.thronged_from + NOISE)
        crowds += np.clip(throng, 0.0, settings.crowding_most)
        return np.asarray((crowds * documents + alone) / (documents + CERTAIN), np.float32)


class _Sorted:
    """The matches of articles, both ends of each pair, as they become complete."""

    def __init__(self) -> None:
        self._later: list[NDArray[np.uint64]] = []

    def take(self, pairs: Pairs, values: NDArray[np.float32], until: int) -> NDArray[np.uint64]:
        """Add pairs; return the matches of the articles before `until` that are new, by article and best first.

        Those of later articles wait sorted, so that none is looked at more than once: articles without a date come
        first and have matches to the end of the corpus.
        """
        self._later.append(np.concatenate([_code(pairs.left, values), _code(pairs.right, values)]))
        self._later[-1].sort()
        ends = [int(np.searchsorted(codes, np.uint64(until << 32))) for codes in self._later]
        found = np.concatenate([codes[:end] for codes, end in zip(self._later, ends, strict=True)])
        self._later = [codes[end:] for codes, end in zip(self._later, ends, strict=True) if end < codes.size]
        found.sort()
        return found


def _steps(order: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return the largest step down from each article's best match to every other, (matches,) natural logarithm."""
    height = _height(_value(order))
    article = order >> np.uint64(32)
    step = np.zeros(order.size, np.float32)
    step[1:] = np.where(article[1:] == article[:-1], height[:-1] - height[1:], 0)
    # A step of at least 0 orders as its bits do; below its article's number, none of an earlier article's is greater.
    largest = np.maximum.accumulate(article << np.uint64(32) | step.view(np.uint32))
    return largest.astype(np.uint32).view(np.float32)


def _code(articles: NDArray[np.int64], values: NDArray[np.float32]) -> NDArray[np.uint64]:
    """Make one integer of an article and the value of a match, at least 0, so that the greatest comes first."""
    return articles.astype(np.uint64) << np.uint64(32) | (~values.view(np.uint32)).astype(np.uint64)


def _value(order: NDArray[np.uint64]) -> NDArray[np.float32]:
    """Return the value of each match."""
    return (~order.astype(np.uint32)).view(np.float32)  # of its low half


def _height(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    height: NDArray[np.float32] = np.log(cosine + np.float32(LEVEL))
    return height


def _level(order: NDArray[np.uint64], starts: NDArray[np.int64], place: int) -> NDArray[np.float32]:
    """Return the logarithm of each document's match at some place, best first; matches that are not there are 0."""
    there = np.flatnonzero(np.diff(starts) >= place)
    usual = np.zeros(starts.size - 1, np.float32)
    usual[there] = _value(order[starts[there] + place - 1])
    return np.asarray(np.log(usual + np.float32(NOISE)), np.float32)
