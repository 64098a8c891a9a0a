"""What two texts are compared by, exactly: the sets of their shingles, words and figures.

One sorted array of 32-bit features a text, the kind of a feature in its highest bits, so that sorting two together
brings what they share of each kind side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.ragged import slices
from cleaner.minhash.shingles import Shingles
from cleaner.words.tokenising import Words

SHINGLE, WORD, FIGURE = range(3)
_WORD, _FIGURE = np.uint32(1 << 31), np.uint32(1 << 30)
_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_FEATURES_AT_ONCE = 1 << 17
"""Features of pairs that are sorted at once, so that they stay in the cache."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many features the two texts of each pair have, and share. Rows: shingles, words, figures; columns: pairs."""

    both: NDArray[np.int64]
    """(3, pairs) features that both have."""
    left: NDArray[np.int64]
    """(3, pairs) features of the left text."""
    right: NDArray[np.int64]
    """(3, pairs) features of the right text."""

    def jaccard(self, kind: int) -> NDArray[np.float64]:
        """Return the (pairs,) share of all features of this kind that both texts have; 0 where there are none."""
        union = self.left[kind] + self.right[kind] - self.both[kind]
        share: NDArray[np.float64] = self.both[kind] / np.maximum(union, 1)
        return share

    def containment(self, kind: int) -> NDArray[np.float64]:
        """Return the (pairs,) share of the smaller set of this kind that the other one has; 0 where it is empty."""
        share: NDArray[np.float64] = self.both[kind] / np.maximum(self.smaller(kind), 1)
        return share

    def smaller(self, kind: int) -> NDArray[np.int64]:
        """Return the (pairs,) number of features of this kind in the text that has fewer."""
        size: NDArray[np.int64] = np.minimum(self.left[kind], self.right[kind])
        return size


@dataclass(frozen=True, slots=True)
class FeatureSets:
    """The features of texts, text after text; those of a text are sorted by kind and value, each once."""

    features: NDArray[np.uint32]
    """(features,) hashes, with the kind in the two highest bits."""
    counts: NDArray[np.int64]
    """(3, texts) features of each kind: shingles, words, figures."""

    @classmethod
    def join(cls, parts: Sequence[FeatureSets]) -> FeatureSets:
        """Join the features of consecutive batches."""
        return cls(
            np.concatenate([part.features for part in parts]), np.concatenate([part.counts for part in parts], axis=1)
        )

    def overlap(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> Overlap:
        """Count what the texts `left[i]` and `right[i]` have in common, for all i."""
        sizes = self.counts.sum(axis=0)
        ends = np.cumsum(sizes)
        begins = (ends - sizes).tolist()
        ends = ends.tolist()
        overlap = Overlap(np.zeros((3, left.size), np.int64), self.counts[:, left], self.counts[:, right])
        of_kind = overlap.left + overlap.right
        for part in slices(of_kind.sum(axis=0), _FEATURES_AT_ONCE):
            pairs = zip(left[part].tolist(), right[part].tolist(), strict=True)
            keys = np.concatenate([self.features[begins[text] : ends[text]] for pair in pairs for text in pair])
            edges = np.cumsum(of_kind[:, part].T)  # where each kind of each pair ends, once they are sorted
            _sort_each(keys, edges[2::3], "stable")  # two sorted runs, which a merge sort merges
            twice = keys[1:] == keys[:-1]
            cuts = edges[2::3]
            twice[cuts[(cuts > 0) & (cuts < keys.size)] - 1] = False
            overlap.both[:, part] = np.diff(np.searchsorted(np.flatnonzero(twice), edges), prepend=0).reshape(-1, 3).T
        return overlap


def _sort_each(
    keys: NDArray[np.uint32], edges: NDArray[np.int64], kind: Literal["quicksort", "stable"] = "quicksort"
) -> None:
    """Sort in place each stretch that ends at an edge: one by one, for a short array of 32 bits is sorted at once."""
    begin = 0
    for end in edges.tolist():
        keys[begin:end].sort(kind=kind)
        begin = end


def feature_sets(words: Words, shingles: Shingles) -> FeatureSets:
    """Return the features of a batch of texts.

    A word is a feature unless it has digits; in scripts without spaces pairs of neighbouring characters are, because
    any two texts share most single ones. A figure is a number, and each further part of one ("3.5") together with the
    part before it, so that two texts do not share figures by having the same small numbers somewhere.
    """
    texts = len(words)
    grams, units = np.diff(shingles.offsets), np.diff(words.offsets)
    figures = np.diff(np.searchsorted(np.flatnonzero(words.numeric), words.offsets))
    keys = np.empty(shingles.hashes.size + words.hashes.size, np.uint32)
    from_words = np.repeat(np.tile([False, True], texts), np.stack([grams, units], axis=1).ravel())
    keys[~from_words] = shingles.hashes >> np.uint32(1)
    keys[from_words] = (_units(words) >> np.uint64(34)).astype(np.uint32) | _WORD | words.numeric * _FIGURE
    edges = np.cumsum(np.stack([grams, units - figures, figures], axis=1))  # where each kind of each text ends
    _sort_each(keys, edges[2::3])
    different = np.ones(keys.size, bool)
    different[1:] = keys[1:] != keys[:-1]
    different[(edges[2::3] - grams - units)[grams + units > 0]] = True
    kept = np.flatnonzero(different)
    counts = np.diff(np.searchsorted(kept, edges), prepend=0).reshape(-1, 3).T
    return FeatureSets(keys.take(kept), counts)


def _units(words: Words) -> NDArray[np.uint64]:
    """Return a (words,) hash of each word, or of it and its neighbour where a word alone tells little."""
    hashes = words.hashes.copy()
    opening = np.zeros(hashes.size + 1, bool)
    opening[words.offsets] = True
    for joined in (words.numeric, words.single):
        at = np.flatnonzero(joined[1:] & joined[:-1] & ~opening[1:-1]) + 1
        hashes[at] += words.hashes[at - 1] * _FACTOR
    return hashes
