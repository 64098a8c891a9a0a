"""Signatures to candidate pairs by banding, and pairs to connected components: locality-sensitive hashing in numpy.

A band is a few slots of the signature; texts that agree in all slots of a band share a bucket and become candidates
(Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4). A band costs one sort of (hash bits | text), so there
can be many more bands than the slots would fill: each slot serves in several.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import distinct
from cleaner.arrays.pairs import Pairs, pack, unpack
from cleaner.arrays.ragged import concatenated_ranges
from cleaner.pool import OrderedMap

_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_BANDS_AT_ONCE = 8
_PAIRS_AT_ONCE = 1 << 21
"""Pairs that wait, 16 MB, until those that were met more than once are dropped."""


def band_slots(slots: int, bands: int, rows: int, seed: int) -> NDArray[np.int64]:
    """Return the (bands, rows) slots of each band: a shuffled deck, dealt and shuffled again until there are enough.

    Raises `ValueError` if a band would need more slots than there are.
    """
    if not 1 <= rows <= slots:
        raise ValueError(f"a band of {rows} rows needs signatures of at least {rows} slots, not {slots}")
    generator = np.random.RandomState(seed)  # its stream is frozen, unlike that of the newer generators
    per_deck = slots // rows
    decks = [generator.permutation(slots)[: per_deck * rows] for _ in range(-(-bands // per_deck))]
    return np.concatenate(decks).reshape(-1, rows)[:bands]


def band_keys(slots: NDArray[np.unsignedinteger], band: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a (texts,) 64-bit key of one band. `slots` is (slots, texts): signatures laid out slot by slot."""
    keys: NDArray[np.uint64] = slots[band[0]].astype(np.uint64)
    for slot in band[1:]:
        keys *= _FACTOR
        keys ^= keys >> np.uint64(32)
        keys += slots[slot]
    keys *= _FACTOR
    keys ^= keys >> np.uint64(29)
    keys *= _FACTOR
    return keys


def bucket_pairs(keys: NDArray[np.uint64], reach: int) -> Pairs:
    """Pair the texts that share a key, lower number first.

    In a bucket each text is paired with the `reach` next ones and with the first: all pairs of a small bucket, and at
    most `reach + 1` for each text of a bucket of any size. Which ones depends on the numbering alone, so number the
    texts by something that does not depend on their order in the input.
    """
    bits = np.uint64(max(1, int(keys.size - 1).bit_length()))
    joined = keys >> bits << bits | np.arange(keys.size, dtype=np.uint64)
    joined.sort()
    same = (joined[1:] ^ joined[:-1]) >> bits == 0
    at = np.flatnonzero(same)  # places whose next neighbour is in the same bucket
    if not at.size:
        return Pairs.none()
    text = (joined & (np.uint64(1) << bits) - np.uint64(1)).astype(np.int64)
    first = np.maximum.accumulate(np.where(np.concatenate([[True], ~same]), np.arange(keys.size), 0))
    lefts, rights = [text[at]], [text[at + 1]]
    for ahead in range(2, reach + 1):
        at = at[at + ahead < keys.size]
        at = at[first[np.minimum(at + ahead, keys.size - 1)] == first[at]]
        if not at.size:
            break
        lefts.append(text[at])
        rights.append(text[at + ahead])
    else:
        far = np.flatnonzero(np.arange(keys.size) - first > reach)
        lefts.append(text[first[far]])
        rights.append(text[far])
    return Pairs(np.concatenate(lefts), np.concatenate(rights))


def candidates(
    slots: NDArray[np.unsignedinteger], bands: NDArray[np.int64], reach: int, share: OrderedMap = map
) -> Pairs:
    """Return every pair of texts that share a bucket in any band, once, sorted; see `bucket_pairs` for large buckets.

    `slots` is (slots, texts); texts without words must not be among them, because their signatures are all alike.
    `share` does the bands a few at a time; for it to use other processes, `slots` must be the first columns of a
    `numpy.memmap` of a whole file.
    """
    found = np.zeros(0, np.uint64)
    waiting: list[NDArray[np.uint64]] = []
    where = slots if share is map else _File.of(slots)
    tasks = ((where, bands[at : at + _BANDS_AT_ONCE], reach) for at in range(0, len(bands), _BANDS_AT_ONCE))
    for pairs in share(_banded, tasks):
        waiting.append(pairs)
        if sum(pairs.size for pairs in waiting) > _PAIRS_AT_ONCE:
            found = distinct(np.concatenate([found, *waiting]))
            waiting = []
    return unpack(distinct(np.concatenate([found, *waiting])))


class _File(NamedTuple):
    """The first columns of an array that is mapped into memory from a file."""

    path: str
    kind: str
    shape: tuple[int, ...]
    columns: int

    @classmethod
    def of(cls, mapped: NDArray[np.unsignedinteger]) -> _File:
        whole = mapped.base if isinstance(mapped.base, np.memmap) else mapped
        if not isinstance(whole, np.memmap) or whole.filename is None:
            raise ValueError("other processes can only share the work on an array that is mapped from a file")
        return cls(str(whole.filename), whole.dtype.str, whole.shape, mapped.shape[1])

    def read(self) -> NDArray[np.unsignedinteger]:
        slots: NDArray[np.unsignedinteger] = np.memmap(self.path, self.kind, "r", shape=self.shape)
        return slots[:, : self.columns]


def _banded(task: tuple[NDArray[np.unsignedinteger] | _File, NDArray[np.int64], int]) -> NDArray[np.uint64]:
    """Return the pairs that share a bucket in one of the bands, packed, each once, sorted."""
    where, bands, reach = task
    slots = where.read() if isinstance(where, _File) else where
    return distinct(np.concatenate([pack(*bucket_pairs(band_keys(slots, band), reach)) for band in bands]))


def agreements(
    slots: NDArray[np.unsignedinteger], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return in how many slots the signatures of each pair agree; over the number of slots: the estimated Jaccard."""
    agree = np.zeros(left.size, np.int64)
    for slot in slots:
        agree += slot[left] == slot[right]
    return agree


def closest(left: NDArray[np.int64], right: NDArray[np.int64], near: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Tell which pairs are among the `most` nearest of one of their two texts, ties to the lower number.

    That bounds the work where thousands of texts are all a little alike, and loses none of the pairs that count.
    """
    kept = np.zeros(left.size, bool)
    for one, other in ((left, right), (right, left)):
        order = np.lexsort((other, -near, one))
        kept[order[concatenated_ranges(np.bincount(one)) < most]] = True
    return kept
