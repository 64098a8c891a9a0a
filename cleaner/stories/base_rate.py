"""How many articles of a corpus have a story at all: the prior of every decision, learned from the corpus itself.

A pair's score is right where about half of all articles have a mate, as in the labelled sets it was fitted to. In a
crawl of a day of three hundred sites one in ten has: there are as many pairs that look alike by chance as ever, and a
fifth of the pairs that are one story, so that the same likeness is worth less. Saerens, Latinne and Decaestecker
(Adjusting the outputs of a classifier to new a priori probabilities, 2002) estimate the prior by expectation
maximisation: the mean of the posteriors is the next prior, by which the posteriors are shifted, until it stays. Here
the posteriors are those of each article's best match. A corpus of a few articles says nothing of a rate, so the prior
known beforehand has the voice of `VOICE` articles; and where more have mates than usual nothing is shifted, because
the thresholds were chosen there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cleaner.stories.scoring import likelihood

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.arrays.pairs import Pairs

USUAL = 0.5
"""Share of articles that have a mate where scores are right as they are."""
VOICE = 200
"""Articles of a corpus that tell as much about its rate as is known beforehand."""
_ROUNDS = 100
_CLOSE = 1e-6


def shift(best: NDArray[np.float32]) -> float:
    """Return what is to be added to the logarithm of the odds of every pair, at most 0.

    `best`: (articles,) the logarithm of the odds of each article's best match, minus infinity where it has none.
    """
    share, usual = USUAL, math.log(USUAL / (1 - USUAL))
    shifted = 0.0
    for _ in range(_ROUNDS):
        shifted = min(math.log(share / (1 - share)) - usual, 0.0)
        told = float(likelihood(best + np.float32(shifted)).sum(dtype=np.float64))
        renewed = (told + VOICE * USUAL) / (best.size + VOICE)
        if abs(renewed - share) < _CLOSE:
            break
        share = renewed
    return shifted


def best_matches(articles: int, pairs: Pairs, odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logarithm of the odds of each article's best match, (articles,) float32."""
    best = np.full(articles, -np.inf, np.float32)
    for side in pairs:
        np.maximum.at(best, side, odds)
    return best
