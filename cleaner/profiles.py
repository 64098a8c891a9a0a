"""What is kept of a text to compare it exactly: the sets of its shingles, words and figures, on disk.

One sorted array of 32-bit features a text, the kind of a feature in its highest bits, so that a single pass over two
arrays counts what they share of each kind. A candidate pair reads two short stretches of one flat file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.fingerprint import Shingles
from cleaner.lsh import slices
from cleaner.words import Words

SHINGLE, WORD, FIGURE = range(3)
Task = TypeVar("Task")
Made = TypeVar("Made")

_WORD, _FIGURE = np.uint32(1 << 31), np.uint32(1 << 30)
_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_FEATURES_AT_ONCE = 1 << 17  # so that they stay in the cache
_PARTS_AT_ONCE = 16  # of so many features, in one task


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


class Share(Protocol):
    """What `map` does, perhaps with other processes."""

    def __call__(self, function: Callable[[Task], Made], tasks: Iterable[Task], /) -> Iterable[Made]:
        """Return the results in the order of the tasks."""


class Profiles:
    """Profiles in the order added: in memory up to `in_memory` bytes, and from then on in a temporary file."""

    def __init__(self, folder: Path | None = None, in_memory: int = 1 << 28) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._held = np.empty(in_memory // 4, np.uint32)  # takes no memory before it is filled
        self._size = 0
        self._counts: list[NDArray[np.int32]] = []

    def add(self, features: NDArray[np.uint32], counts: NDArray[np.int32]) -> None:
        """Keep what `profiles` returned for a batch."""
        self._counts.append(counts)
        if self._file is None and self._size + features.size > self._held.size:
            self._to_file()
        if self._file is None:
            self._held[self._size : self._size + features.size] = features
        else:
            features.tofile(self._file)
        self._size += features.size

    def _to_file(self) -> IO[bytes]:
        if self._file is None:
            self._file = tempfile.NamedTemporaryFile(dir=self._folder, prefix="cleaner-profiles-")  # noqa: SIM115
            self._held[: self._size].tofile(self._file)
            self._held = self._held[:0].copy()
        self._file.flush()
        return self._file

    def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            self._file.close()

    def counts(self) -> NDArray[np.int32]:
        """Return the (3, texts) sizes of the sets."""
        return np.concatenate([np.zeros((3, 0), np.int32), *self._counts], axis=1)

    def shared(self, left: NDArray[np.int64], right: NDArray[np.int64], share: Share = map) -> Shared:
        """Count what the texts `left[i]` and `right[i]` have in common, for all i."""
        counts = self.counts()
        sizes = counts.sum(axis=0, dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        both = np.zeros((left.size, 4), np.int64)
        order = np.argsort(left, kind="stable")  # so that half of the reading goes through the file once
        order = order[sizes[left[order]] > 0]  # also because an empty file cannot be mapped
        where = self._held if share is map and self._file is None else Path(self._to_file().name)
        parts = [order[part] for part in slices(sizes[left[order]] + sizes[right[order]], _FEATURES_AT_ONCE)]
        tasks = []
        for some in range(0, len(parts), _PARTS_AT_ONCE):
            pairs = np.concatenate(parts[some : some + _PARTS_AT_ONCE])
            one, other = left[pairs], right[pairs]
            tasks.append((where, begins[one], sizes[one], begins[other], sizes[other]))
        if tasks:
            both[order] = np.concatenate(list(share(_count_both, tasks)))
        merged = np.stack([both[:, 0] + both[:, 1], both[:, 2], both[:, 3]])
        return Shared(merged, counts[:, left].astype(np.int64), counts[:, right].astype(np.int64))


Spans = tuple[NDArray[np.uint32] | Path, NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Features or a file of them, and for pairs begin and size of the left text's and of the right text's."""


def _count_both(task: Spans) -> NDArray[np.int64]:
    """Return the (pairs, 4) numbers of features that both texts of each pair have, by kind: shingles have two."""
    where, *spans = task
    both = np.zeros((spans[0].size, 4), np.int64)
    for part in slices(spans[1] + spans[3], _FEATURES_AT_ONCE):
        # Mapped afresh each time: pages of a lasting map would all count as memory in use.
        features = np.memmap(where, np.uint32, "r") if isinstance(where, Path) else where
        ends = zip(*(values[part].tolist() for values in spans), strict=True)
        pieces = [features[at : at + size] for one, n, other, m in ends for at, size in ((one, n), (other, m))]
        keys = np.concatenate(pieces)
        edges = np.cumsum(spans[1][part] + spans[3][part])
        _sort_each(keys, edges)
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        pair = np.searchsorted(edges, twice, "right")
        inside = twice + 1 < edges[pair]
        kinds = pair[inside] * 4 + (keys[twice[inside]] >> np.uint32(30))
        both[part] = np.bincount(kinds, minlength=4 * edges.size).reshape(-1, 4)
    return both


def _sort_each(keys: NDArray[np.uint32], edges: NDArray[np.int64]) -> None:
    """Sort in place each stretch that ends at an edge: one by one, for a short array of 32 bits is sorted at once."""
    begin = 0
    for end in edges.tolist():
        keys[begin:end].sort()
        begin = end


def profiles(words: Words, shingles: Shingles) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Return the features of a batch, sorted for each text and without repetition, and their (3, texts) numbers.

    A word is a feature unless it has digits; in scripts without spaces pairs of neighbouring characters are, because
    any two texts share most single ones. A figure is a number, and each further part of one ("3.5") together with the
    part before it, so that two texts do not share figures by having the same small numbers somewhere.
    """
    texts = len(words)
    grams, units = np.diff(shingles.offsets), np.diff(words.offsets)
    keys = np.empty(shingles.hashes.size + words.hashes.size, np.uint32)
    from_words = np.repeat(np.tile([False, True], texts), np.stack([grams, units], axis=1).ravel())
    keys[~from_words] = shingles.hashes >> np.uint32(1)
    keys[from_words] = (_units(words) >> np.uint64(34)).astype(np.uint32) | _WORD | words.numeric * _FIGURE
    edges = np.cumsum(grams + units)
    _sort_each(keys, edges)
    different = np.ones(keys.size, bool)
    different[1:] = keys[1:] != keys[:-1]
    different[(edges - grams - units)[grams + units > 0]] = True
    kept = keys[different]
    text = np.repeat(np.arange(texts) * 4, grams + units)[different]
    kinds = np.bincount(text + (kept >> np.uint32(30)), minlength=4 * texts).reshape(texts, 4)
    counts = np.stack([kinds[:, 0] + kinds[:, 1], kinds[:, 2], kinds[:, 3]]).astype(np.int32)
    return kept, counts


def _units(words: Words) -> NDArray[np.uint64]:
    """Return a (words,) hash of each word, or of it and its neighbour where a word alone tells little."""
    hashes = words.hashes.copy()
    opening = np.zeros(hashes.size + 1, bool)
    opening[words.offsets] = True
    for joined in (words.numeric, words.single):
        at = np.flatnonzero(joined[1:] & joined[:-1] & ~opening[1:-1]) + 1
        hashes[at] += words.hashes[at - 1] * _FACTOR
    return hashes
