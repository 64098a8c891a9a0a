"""One-permutation sketches with optimal densification: one hash a shingle fills every slot."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from cleaner.minhash.shingles import Shingles
from cleaner.minhash.signatures import EMPTY, SEED, _finalise

_TRIES = 8  # after these a sketch that is half full has one slot empty in 250


def sketches(shingles: Shingles, slots: int, seed: int = SEED, at_least: int = 1) -> NDArray[np.uint16]:
    """Return the (slots, texts) sketches of a batch: one permutation, its range cut into as many parts as slots.

    Slot k holds the least value in part k (one-permutation hashing; Li, Owen and Zhang, 2012), a part without any takes
    that of another one, the same for all texts (Shrivastava, Optimal Densification, 2017). So two sketches agree in a
    slot as often as signatures do, each shingle is looked at once and not once a slot. The low half of a value tells
    two apart as well as the whole. Texts of fewer than `at_least` shingles have no sketch: all their slots are 0.
    """
    counts = np.diff(shingles.offsets)
    texts = counts.size
    hashes = _finalise(shingles.hashes)
    place = hashes.astype(np.uint64)
    place *= np.uint64(slots)
    place >>= np.uint64(32)
    place *= np.uint64(texts)
    place += np.repeat(np.arange(texts, dtype=np.uint64), counts)
    least = np.full(slots * texts, EMPTY, np.uint32)
    np.minimum.at(least, place.view(np.int64), hashes)
    enough = counts >= max(1, at_least)
    empty = np.flatnonzero((least.reshape(slots, texts) == EMPTY) & enough)
    filled = least != EMPTY
    slot, text = np.divmod(empty, texts)
    for donors in _donors(slots, seed):
        if not empty.size:
            break
        donor = donors[slot] * texts + text
        found = filled[donor]
        least[empty[found]] = least[donor[found]]
        empty, slot, text = empty[~found], slot[~found], text[~found]
    found = least.reshape(slots, texts)
    short = np.unique(text)
    if short.size:
        found[:, short] = _rotated(found[:, short])
    return np.where(enough, found, 0).astype(np.uint16)


def _rotated(least: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Give each empty slot the value of the nearest one before it that has any, the last coming before the first."""
    twice = np.concatenate([least, least])
    nearest = np.maximum.accumulate(np.where(twice != EMPTY, np.arange(len(twice))[:, None], 0))
    return np.take_along_axis(twice, nearest[len(least) :], 0)


@functools.cache
def _donors(slots: int, seed: int) -> NDArray[np.int64]:
    """Return from which slot an empty one takes its value: (tries, slots)."""
    return np.random.RandomState(seed).randint(0, slots, (_TRIES, slots)).astype(np.int64)
