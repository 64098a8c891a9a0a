"""What is kept of a text to compare it exactly: the sets of its shingles, words and figures, on disk.

One sorted array of 32-bit features a text, the kind of a feature in its highest bits, so that a single pass over two
arrays counts what they share of each kind. A candidate pair reads two short stretches of one flat file.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from cleaner.fingerprint import Shingles
from cleaner.lsh import places, slices
from cleaner.words import Words

SHINGLE, WORD, FIGURE = range(3)
IN_MEMORY = 1 << 28
"""Bytes that are held before a file is begun: the profiles of some 100,000 articles."""

_WORD = np.uint64(0x80000000)  # and the next bit for a figure
_HALF = np.uint64(32)
_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_FEATURES_AT_ONCE = 1 << 18  # 2 MB of sorting keys, so that they stay in the cache


@dataclass(frozen=True, slots=True)
class Shared:
    """What pairs of texts hold and have in common. Rows: shingles, words, figures; columns: pairs."""

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


class Profiles:
    """Profiles in the order added: in memory up to `in_memory` bytes, and from then on in a temporary file."""

    def __init__(self, folder: Path | None = None, in_memory: int = IN_MEMORY) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._held = np.empty(in_memory // 4, np.uint32)  # takes no memory before it is filled
        self._size = 0
        self._counts: list[NDArray[np.int32]] = []

    def add(self, features: NDArray[np.uint32], counts: NDArray[np.int32]) -> None:
        """Keep what `profiles` returned for a batch."""
        self._counts.append(counts)
        if self._file is None and self._size + features.size > self._held.size:
            self._file = tempfile.TemporaryFile(dir=self._folder, prefix="cleaner-profiles-")  # noqa: SIM115 (`close`)
            self._held[: self._size].tofile(self._file)
            self._held = self._held[:0].copy()
        if self._file is None:
            self._held[self._size : self._size + features.size] = features
        else:
            features.tofile(self._file)
        self._size += features.size

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()

    def _features(self) -> NDArray[np.uint32]:
        """Return all features. Mapped afresh each time: pages of a lasting map would all count as memory in use."""
        if self._file is None:
            return self._held
        self._file.flush()
        return np.memmap(self._file, np.uint32, "r")

    def counts(self) -> NDArray[np.int32]:
        """Return the (3, texts) sizes of the sets."""
        return np.concatenate([np.zeros((3, 0), np.int32), *self._counts], axis=1)

    def shared(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> Shared:
        """Count what the texts `left[i]` and `right[i]` have in common, for all i."""
        counts = self.counts()
        sizes = counts.sum(axis=0, dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        both = np.zeros((left.size, 4), np.int64)
        order = np.argsort(left, kind="stable")  # so that half of the reading goes through the file once
        order = order[sizes[left[order]] > 0]  # also because an empty file cannot be mapped
        for part in slices(sizes[left[order]] + sizes[right[order]], _FEATURES_AT_ONCE):
            features = self._features()
            pairs = order[part]
            ends = np.concatenate([left[pairs], right[pairs]])
            number = np.tile(np.arange(pairs.size, dtype=np.uint64) << _HALF, 2)
            keys = features[np.repeat(begins[ends], sizes[ends]) + places(sizes[ends])].astype(np.uint64)
            keys |= np.repeat(number, sizes[ends])
            keys.sort(kind="stable")  # merges the two sorted halves, which is faster than sorting anew
            twice = keys[1:][keys[1:] == keys[:-1]]
            kinds = np.bincount((twice >> np.uint64(30)).astype(np.int64), minlength=4 * pairs.size)
            both[pairs] = kinds.reshape(-1, 4)
        merged = np.stack([both[:, 0] + both[:, 1], both[:, 2], both[:, 3]])
        return Shared(merged, counts[:, left].astype(np.int64), counts[:, right].astype(np.int64))


def profiles(words: Words, shingles: Shingles) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return the features of a batch, sorted for each text and without repetition, and their (3, texts) numbers.

    A word is a feature unless it has digits; in scripts without spaces pairs of neighbouring characters are, because
    any two texts share most single ones. A figure is a number, and each further part of one ("3.5") together with the
    part before it, so that two texts do not share figures by having the same small numbers somewhere.
    """
    texts = len(words)
    units = (_units(words) >> np.uint64(34)) | _WORD | words.numeric.astype(np.uint64) << np.uint64(30)
    keys = np.concatenate([shingles.hashes.astype(np.uint64) >> np.uint64(1), units])
    text = np.arange(texts, dtype=np.uint64) << _HALF
    keys |= np.concatenate([np.repeat(text, np.diff(shingles.offsets)), np.repeat(text, np.diff(words.offsets))])
    keys.sort()
    different = np.flatnonzero(np.concatenate([keys[:1] >= 0, keys[1:] != keys[:-1]]))
    edges = np.searchsorted(keys, np.arange(4 * texts + 1, dtype=np.uint64) << np.uint64(30))
    kinds = np.diff(np.searchsorted(different, edges)).reshape(texts, 4)
    counts = np.stack([kinds[:, 0] + kinds[:, 1], kinds[:, 2], kinds[:, 3]]).astype(np.int32)
    return keys.astype(np.uint32)[different], counts


def _units(words: Words) -> NDArray[np.uint64]:
    """Return a (words,) hash of each word, or of it and its neighbour where a word alone tells little."""
    hashes = words.hashes.copy()
    opening = np.zeros(hashes.size + 1, bool)
    opening[words.offsets] = True
    for joined in (words.numeric, words.single):
        at = np.flatnonzero(joined[1:] & joined[:-1] & ~opening[1:-1]) + 1
        hashes[at] += words.hashes[at - 1] * _FACTOR
    return hashes
