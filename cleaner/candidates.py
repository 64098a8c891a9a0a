"""Pairs of articles that could tell of the same event, without comparing everything with everything.

Each article's heaviest terms are signed with MinHash, a term repeated in proportion to its squared weight, so that two
signatures share a slot about as often as their articles share weight. Every slot is a band of its own: stories overlap
in few words, and bands of two rows lose a third of the pairs. Articles that share a slot are candidates if their dates
allow it. A bucket is walked in the order of its dates and every article meets only the next few, so the work grows
with the number of articles and not with its square, however common a word is.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.terms import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_SIGNATURE = np.uint32(0xFFFFFFFF)
SEED = 1
REPEATS = 256
"""Elements an article's signature is made of: a term holding the share s of the squared weight counts round(256·s)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, left < right, sorted by left and then right; both (pairs,) int64."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]


@functools.cache
def permutations(slots: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the factors and offsets of datasketch's `affine32` scheme: slot k is the least of a_k·h + b_k mod 2^32."""
    random = np.random.RandomState(SEED)
    factors = random.randint(0, 1 << 31, slots, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return factors, random.randint(0, 1 << 32, slots, dtype=np.uint32)


def elements(vectors: Vectors, terms: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the 32-bit hashes of each document's repeated heaviest terms, and the documents' offsets among them.

    The r-th repetition of a word hashes alike in every document, so sharing a term of unequal weight shares the lesser
    weight (Haveliwala et al., 2000).
    """
    weights = vectors.weights[:, :terms]
    total = np.maximum((weights**2).sum(axis=1, keepdims=True), np.float32(1e-9))
    times = np.rint(REPEATS * weights**2 / total).astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(times.sum(axis=1))])
    times = times.ravel()
    key = np.repeat(np.concatenate([[np.uint32(0)], vectors.keys])[vectors.ids[:, :terms]].ravel(), times)
    repetition = np.arange(offsets[-1]) - np.repeat(np.cumsum(times) - times, times)
    return _mix(key + repetition.astype(np.uint32) * np.uint32(0x9E3779B9)), offsets


def _mix(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Finalise as 32-bit MurmurHash3 does."""
    values ^= values >> np.uint32(16)
    values *= np.uint32(0x85EBCA6B)
    values ^= values >> np.uint32(13)
    values *= np.uint32(0xC2B2AE35)
    values ^= values >> np.uint32(16)
    return values


def signatures(vectors: Vectors, terms: int, slots: int, rows_per_step: int = 2048) -> NDArray[np.uint32]:
    """Return the MinHash signature of each document's heaviest terms, (documents, slots) uint32.

    A document without terms has `NO_SIGNATURE` in every slot and must match nothing.
    """
    signed = np.full((vectors.ids.shape[0], slots), NO_SIGNATURE)
    factors, offsets = permutations(slots)
    for start in range(0, signed.shape[0], rows_per_step):
        step = Vectors(
            vectors.ids[start : start + rows_per_step], vectors.weights[start : start + rows_per_step], vectors.keys
        )
        hashes, bounds = elements(step, terms)
        live = np.flatnonzero(np.diff(bounds))
        if live.size == 0:
            continue
        scratch = np.empty_like(hashes)
        for slot in range(slots):
            np.multiply(hashes, factors[slot], out=scratch)
            scratch += offsets[slot]
            signed[start + live, slot] = np.minimum.reduceat(scratch, bounds[live])
    return signed


def all_pairs(days: NDArray[np.int32], window: int) -> Pairs:
    """Return every pair of documents whose dates allow it; exact, and quick enough up to a thousand documents."""
    left, right = np.triu_indices(days.size, 1)
    good = _near(days, left, right, window)
    return Pairs(left[good], right[good])


def shared_slots(signed: NDArray[np.uint32], days: NDArray[np.int32], window: int, neighbours: int) -> Pairs:
    """Return the pairs that share a slot and lie at most `window` days apart, each article with its next few.

    Inside a bucket articles stand in the order of their days (unknown first), and of one day those that also share the
    following slot stand together, so that a cut after `neighbours` in a crowded bucket loses the least alike.
    """
    documents, slots = signed.shape
    known = days[days > 0]
    day = np.where(days > 0, np.minimum(days - (known.min() if known.size else 0) + 1, (1 << 15) - 1), 0)
    day = day.astype(np.uint64) << np.uint64(17)
    rows = np.flatnonzero(signed.min(axis=1, initial=NO_SIGNATURE) != NO_SIGNATURE)
    found: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for slot in range(slots):
        values, following = signed[rows, slot], signed[rows, (slot + 1) % slots]
        order = values.astype(np.uint64) << np.uint64(32) | day[rows] | (following >> np.uint32(15)).astype(np.uint64)
        by = np.argsort(order, kind="stable")
        placed, values = rows[by], values[by]
        for step in range(1, min(neighbours, rows.size - 1) + 1):
            same = np.flatnonzero(values[step:] == values[:-step])
            if same.size == 0:
                break
            one, other = placed[same], placed[same + step]
            near = _near(days, one, other, window)
            one, other = one[near], other[near]
            found.append(np.minimum(one, other) * documents + np.maximum(one, other))
        if slot % 8 == 7:
            found = [np.unique(np.concatenate(found))]
    pairs = np.unique(np.concatenate(found))
    return Pairs(pairs // max(documents, 1), pairs % max(documents, 1))


def _near(days: NDArray[np.int32], left: NDArray[np.int64], right: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    """Mark the pairs at most `window` days apart, or with a day unknown."""
    return (np.abs(days[left] - days[right]) <= window) | (days[left] == 0) | (days[right] == 0)


def cosines(vectors: Vectors, pairs: Pairs, table_bytes: int = 1 << 22) -> NDArray[np.float32]:
    """Return the cosine of each pair, (pairs,) float32.

    A few left documents at a time spread their words over a table as wide as the vocabulary, and the right ones look
    theirs up in it.
    """
    scores = np.zeros(pairs.left.size, np.float32)
    width = vectors.keys.size + 1
    size = vectors.ids.shape[1]
    height = max(1, table_bytes // width)
    table = np.zeros((height, width), np.uint8 if size < 256 else np.int32)
    place = np.arange(1, size + 1, dtype=table.dtype)
    start = 0
    while start < scores.size:
        base = int(pairs.left[start])
        stop = min(int(np.searchsorted(pairs.left, base + height)), start + (1 << 14))
        left, right = pairs.left[start:stop] - base, pairs.right[start:stop]
        lines = np.arange(int(left[-1]) + 1)[:, None]
        ids = vectors.ids[base + lines[:, 0]]
        table[lines, ids] = place
        table[:, 0] = 0
        hits = table[left[:, None], vectors.ids[right]]
        pair, there = np.nonzero(hits)
        product = vectors.weights[left[pair] + base, hits[pair, there].astype(np.int64) - 1]
        product = product * vectors.weights[right[pair], there]
        scores[start:stop] = np.bincount(pair, weights=product, minlength=stop - start)
        table[lines, ids] = 0
        start = stop
    return scores
