"""Texts made from one template: what they share says what kind of news they are, and not which.

An obituary, a match report or a dividend notice has the words of all its kind. Fillings of one template differ in a few
names and figures, so their cosine is that of copies. But one hand shows: the words that they share stand between the
same neighbours, which those of reports written apart do not (`vectors.copying`). Two judgements follow from it. A pair
whose words are copied agrees in the template, and its similarity counts for little. And an article that has many such
mates tells by them which of its words are the template's: words that most of its mates have are no evidence even
against an article whose copying is hidden by other figures and by sentences left out. What two of them share beyond
their mates, such as a name, still counts in full. Copies of one text are one article by then, and not meant here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.arrays.pairs import Pairs
from cleaner.stories.vectors import Copying, Vectors, copying, terms_in_common

if TYPE_CHECKING:
    from numpy.typing import NDArray

WRITTEN_APART, ONE_TEMPLATE = 0.5, 0.9
"""Shares of copied neighbours from which on similarity begins to count less, and counts for next to nothing: of the
pairs of a story, nine in ten stay under the first and 99 in 100 under 0.8."""
OTHER_FIGURES = 0.7
"""The second where both articles have figures and none in common: ages, sums and results are what a template is for."""
KEPT, REPLACED = 0.02, 0.06
"""Shares of an article's weight that the other one replaced by words of its own: up to the first it is a copy with a
word changed, from the second on a template filled in anew."""
MATES = 8
"""Articles of one template as an article that do not yet tell which words are the template's: so many can be follow-ups
that took over some sentences."""
_LEAST = 0.03
"""What is left of a similarity in any case, so that its logarithm exists."""


def likely_template(found: Copying, *, copies: bool) -> NDArray[np.float32]:
    """Return how surely the two articles of each pair are of one template, (pairs,) float32, 0 to 1.

    `copies`: whether there may be copies of one text among the articles.
    """
    certain = np.where(found.other_figures, OTHER_FIGURES, ONE_TEMPLATE)
    of_one_hand = np.clip((found.copied - WRITTEN_APART) / (certain - WRITTEN_APART), 0, 1)
    if copies:
        of_one_hand *= np.clip((found.replaced - KEPT) / (REPLACED - KEPT), 0, 1)
    return np.asarray(of_one_hand, np.float32)


def left_over(template: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the natural logarithm of what is left of the similarity of pairs that are likely of one template."""
    return np.asarray(np.log(1 - (1 - _LEAST) * template), np.float32)


@dataclass(frozen=True, slots=True)
class Templates:
    """Which terms of the articles of a corpus belong to a template."""

    copies: bool
    """Whether there may be copies of one text among the articles."""
    row: NDArray[np.int64]
    """(articles,) row in `own`, -1 of an article with too few mates to tell."""
    own: NDArray[np.float32]
    """(articles with many mates, size) how much of each term is the article's own, 0 to 1."""

    @classmethod
    def of(cls, vectors: Vectors, pairs: Pairs, *, copies: bool) -> Templates:
        """Learn which terms are a template's from the pairs that are alike."""
        mates = pairs.take(likely_template(copying(vectors, pairs), copies=copies) > 0)
        articles, size = vectors.ids.shape
        counts = np.bincount(np.concatenate(mates), minlength=articles)
        many = np.flatnonzero(counts > MATES)
        row = np.full(articles, -1)
        row[many] = np.arange(many.size)
        having = np.zeros((many.size, size), np.int32)
        some = mates.take((row[mates.left] >= 0) | (row[mates.right] >= 0))
        for _, _, _, *sides in terms_in_common(vectors, some):
            for side in sides:
                article, place = np.divmod(side, size)
                there = row[article] >= 0
                np.add.at(having, (row[article[there]], place[there]), 1)
        own = 1 - np.maximum(having - MATES, 0) / counts[many, None]
        return cls(copies, row, np.asarray(own, np.float32))

    def discount(self, vectors: Vectors, pairs: Pairs) -> NDArray[np.float32]:
        """Return the natural logarithm of what is left of each pair's similarity, (pairs,) float32."""
        left = left_over(likely_template(copying(vectors, pairs), copies=self.copies))
        which = np.flatnonzero((self.row[pairs.left] >= 0) | (self.row[pairs.right] >= 0))
        weights, size = vectors.weights.reshape(-1), vectors.ids.shape[1]
        for start, stop, pair, one, other in terms_in_common(vectors, pairs.take(which)):
            product = weights.take(one) * weights.take(other)
            own = product * self._own(one, size) * self._own(other, size)
            total, kept = (np.bincount(pair, values, stop - start) for values in (product, own))
            left[which[start:stop]] += np.log(np.maximum(kept / np.maximum(total, 1e-9), _LEAST))
        return left

    def _own(self, places: NDArray[np.int64], size: int) -> NDArray[np.float32]:
        article, place = np.divmod(places, size)
        row = self.row[article]
        own = np.ones(places.size, np.float32)
        own[row >= 0] = self.own[row[row >= 0], place[row >= 0]]
        return own
