"""How many articles of a corpus have a story at all: the prior of every decision, learned from the corpus itself.

A pair's score is right where about half of all articles have a mate, as in the labelled sets it was fitted to. In a
crawl of a day of three hundred sites one in ten has: there are as many pairs that look alike by chance as ever, and a
fifth of the pairs that are one story, so that the same likeness is worth less. Saerens, Latinne and Decaestecker
(Adjusting the outputs of a classifier to new a priori probabilities, 2002) estimate the prior by expectation
maximisation: the mean of the posteriors is the next prior, by which the posteriors are shifted, until it stays. Here
the posteriors are those of each article's best match. A corpus of a few articles says nothing of a rate, so the prior
known beforehand has the voice of `VOICE` articles; and where more have mates than usual nothing is shifted, because
the thresholds were chosen there.

Pairs of one site are a rate of their own: a site reports an event once and its series, awards and rankings every week.
Where articles are from many sites and few have a mate, a pair of one site is shifted twice. So is, by half as much, a
pair whose leads agree less than the rest, as that of a report and a round-up, a review and a gift guide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.stories.scoring import SMOOTHING, likelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.arrays.pairs import Pairs
    from cleaner.stories.vectors import Agreement

USUAL = 0.5
"""Share of articles that have a mate where scores are right as they are."""
VOICE = 200
"""Articles of a corpus that tell as much about its rate as is known beforehand."""
BESIDE = np.float32(0.5)
"""Shifts more for a pair whose leads agree e times less than the two do as a whole."""
_ROUNDS = 100
_CLOSE = 1e-6


def shift(best: NDArray[np.float32], voice: float = VOICE) -> float:
    """Return what is to be added to the logarithm of the odds of every pair, at most 0.

    `best`: (articles,) the logarithm of the odds of each article's best match, minus infinity where it has none.
    `voice`: articles that the prior counts for; of a sample, fewer.
    """
    share, usual = USUAL, math.log(USUAL / (1 - USUAL))
    shifted = 0.0
    for _ in range(_ROUNDS):
        shifted = min(math.log(share / (1 - share)) - usual, 0.0)
        told = float(likelihood(best + np.float32(shifted)).sum(dtype=np.float64))
        renewed = (told + voice * USUAL) / (best.size + voice)
        if abs(renewed - share) < _CLOSE:
            break
        share = renewed
    return shifted


@dataclass(frozen=True, slots=True)
class BaseRate:
    """By how much the odds of the pairs of a corpus are shifted."""

    shift: float
    """What is added to the logarithm of the odds of every pair, at most 0."""
    sites: NDArray[np.int32] | None = None
    """(articles,) the site of each, -1 where unknown."""
    chance: float = 0.0
    """The share of pairs of the corpus that are of one site."""

    @classmethod
    def of(cls, pairs: Pairs, odds: NDArray[np.float32], sites: NDArray[np.int32] | None, articles: int) -> BaseRate:
        """Learn it from the pairs of a corpus and the logarithms of their odds."""
        best = np.full(articles, -np.inf, np.float32)
        for side in pairs:
            np.maximum.at(best, side, odds)
        if sites is None:
            return cls(shift(best))
        shares = np.bincount(sites[sites >= 0]) / max(articles, 1)
        return cls(shift(best), sites, float((shares**2).sum()))

    def shifts(self, pairs: Pairs, agreed: Agreement) -> NDArray[np.float32]:
        """Return what is added to the logarithm of the odds of each pair, (pairs,) float32."""
        times = 1 + BESIDE * np.maximum(np.log((agreed.cosine + SMOOTHING) / (agreed.lead + SMOOTHING)), 0)
        if self.sites is not None:
            one, other = self.sites[pairs.left], self.sites[pairs.right]
            times += np.float32(1 - self.chance) * ((one == other) & (one >= 0))
        return np.asarray(times * self.shift, np.float32)
