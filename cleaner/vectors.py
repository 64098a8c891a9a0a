"""Weighted terms of a whole corpus as unit vectors, and how far two articles agree in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.lsh import places
from cleaner.tables import table
from cleaner.terms import Terms, background, idf

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAVY = 24
"""The heaviest terms of an article, by which alone its agreement with another is judged once more."""
LEAST_NORM = 10.0
"""Articles whose words weigh less all together (less than one rare word does) say nothing, so they are like no other: a
vector of theirs is shorter than 1. A headline has 30, an article over 100."""
_ROWS_AT_ONCE = 8192
_PAIRS_AT_ONCE = 1 << 14
_LEFT_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Vectors:
    """Documents as unit vectors of their heaviest terms, heaviest first; unused places have id 0 and weight 0."""

    ids: NDArray[np.int32]
    """(documents, size) a word's number in the ascending order of all keys, from 1."""
    weights: NDArray[np.float32]
    """(documents, size) share in the document; the squares of a row add up to 1, or to less if it says nothing."""
    lead: NDArray[np.bool_]
    """(documents, size) whether the word stands in the document's lead."""
    keys: NDArray[np.uint32]
    """(words,) the key of each id less 1."""

    def rows(self, start: int, stop: int) -> Vectors:
        """Return consecutive documents."""
        return Vectors(self.ids[start:stop], self.weights[start:stop], self.lead[start:stop], self.keys)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, left < right, sorted by left and then right."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs, by place or by flag."""
        return Pairs(self.left[which], self.right[which])


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the two articles of each pair agree, all 0 to 1."""

    cosine: NDArray[np.float32]
    """(pairs,) cosine of all terms."""
    heavy: NDArray[np.float32]
    """(pairs,) cosine of the `HEAVY` heaviest terms of each."""
    lead: NDArray[np.float32]
    """(pairs,) cosine of the terms in the lead of each."""

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Agreement:
        """Return that of some of the pairs, by place or by flag."""
        return Agreement(self.cosine[which], self.heavy[which], self.lead[which])


def weigh(found: Terms, size: int, prior: float) -> Vectors:
    """Weigh the kept words of a whole corpus by its own document frequencies and keep the `size` heaviest of each.

    Frequencies are counted over kept words alone: a document whose copy of a word was too light to keep does not count
    for that word, which the background makes good. So nothing grows with a document's length.
    """
    documents = found.keys.shape[0]
    vocabulary, counts = frequencies(found)
    return weigh_by(found, size, vocabulary, idf(counts, background().shares(vocabulary), documents, prior))


def weigh_by(found: Terms, size: int, vocabulary: NDArray[np.uint32], idfs: NDArray[np.float32]) -> Vectors:
    """Weigh kept words by a rarity that is known of each; `vocabulary`: all their keys, ascending."""
    documents = found.keys.shape[0]
    rarity = np.concatenate([[np.float32(0)], idfs])
    shape = (documents, size)
    top = Vectors(table(shape, np.int32), table(shape, np.float32), table(shape, np.bool_), vocabulary)
    for start in range(0, documents, _ROWS_AT_ONCE):
        some = found.rows(start, start + _ROWS_AT_ONCE)
        ids = _numbers(some.keys, vocabulary)
        _fill(top.rows(start, start + _ROWS_AT_ONCE), some.counts * rarity[ids], ids, some.lead)
    return top


def frequencies(found: Terms) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all keys in ascending order and the number of documents that keep each."""
    keys, counts = np.zeros(0, np.uint32), np.zeros(0, np.int64)
    waiting: list[tuple[NDArray[np.uint32], NDArray[np.int64]]] = []
    for start in range(0, found.keys.shape[0], _ROWS_AT_ONCE):
        ordered = np.sort(found.keys[start : start + _ROWS_AT_ONCE], axis=None)
        ordered = ordered[np.searchsorted(ordered, 1) :]  # zeros are unused places
        first = np.flatnonzero(np.diff(ordered, prepend=np.uint32(0)))
        waiting.append((ordered[first], np.diff(first, append=ordered.size)))
        # Merging when as much waits as was merged costs every key a few merges, however long the corpus.
        if sum(some.size for some, _ in waiting) > max(keys.size, 1 << 20):
            keys, counts = _added([(keys, counts), *waiting])
            waiting = []
    return _added([(keys, counts), *waiting])


def _added(
    parts: list[tuple[NDArray[np.uint32], NDArray[np.int64]]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Add up the counts of equal keys."""
    keys, counts = np.concatenate([key for key, _ in parts]), np.concatenate([count for _, count in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.diff(keys, prepend=np.uint32(0)))
    return keys[first], np.add.reduceat(counts, first) if first.size else counts


def _numbers(keys: NDArray[np.uint32], vocabulary: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return for each key its number in the vocabulary, from 1, and 0 for unused places; same shape, int32."""
    ordered = keys.ravel().astype(np.uint64) << np.uint64(32) | np.arange(keys.size, dtype=np.uint64)
    ordered.sort()
    key = (ordered >> np.uint64(32)).astype(np.uint32)
    new = np.flatnonzero(np.diff(key, prepend=np.uint32(0)))
    number = np.zeros(key.size, np.int32)
    number[new] = np.diff(np.searchsorted(vocabulary, key[new]) + 1, prepend=0)
    ids = np.empty(keys.size, np.int32)
    ids[(ordered & np.uint64(0xFFFFFFFF)).astype(np.int64)] = np.cumsum(number, dtype=np.int32)
    return ids.reshape(keys.shape)


def _fill(top: Vectors, weights: NDArray[np.float32], ids: NDArray[np.int32], lead: NDArray[np.bool_]) -> None:
    """Write the heaviest terms of some rows into `top`: one sort of (weight bits | id | lead), so no tie is left."""
    packed = weights.view(np.uint32).astype(np.uint64) << np.uint64(32)
    packed |= ids.astype(np.uint64) << np.uint64(1) | lead
    packed.sort(axis=1)
    packed = packed[:, ::-1][:, : top.ids.shape[1]]
    width = packed.shape[1]
    heavy = (packed >> np.uint64(32)).astype(np.uint32).view(np.float32)
    top.ids[:, :width] = np.where(heavy > 0, (packed & np.uint64(0xFFFFFFFF)) >> np.uint64(1), 0)
    top.lead[:, :width] = (packed & np.uint64(1)).astype(bool)
    top.weights[:, :width] = heavy / np.maximum(np.linalg.norm(heavy, axis=1, keepdims=True), LEAST_NORM)


def agreement(vectors: Vectors, pairs: Pairs) -> Agreement:
    """Return how far each pair agrees.

    Some left documents at a time number their words, spread them over a table with a row for each of them, and the
    right ones look theirs up in it: no pair is worth a sort, and a larger vocabulary costs nothing.
    """
    count, size = pairs.left.size, vectors.ids.shape[1]
    scores = Agreement(*(np.zeros(count, np.float32) for _ in range(3)))
    column = np.zeros(vectors.keys.size + 1, np.min_scalar_type(_LEFT_AT_ONCE * size))
    number = np.arange(1, _LEFT_AT_ONCE * size + 1, dtype=column.dtype)
    table = np.zeros((_LEFT_AT_ONCE, number.size + 1), np.min_scalar_type(size))
    place = np.arange(1, size + 1, dtype=table.dtype)
    norms = _norm(vectors.weights[:, :HEAVY]), _norm(vectors.weights, vectors.lead)
    start = 0
    while start < count:
        base = int(pairs.left[start])
        stop = min(int(np.searchsorted(pairs.left, base + _LEFT_AT_ONCE)), start + _PAIRS_AT_ONCE)
        left, right = pairs.left[start:stop], pairs.right[start:stop]
        lines = np.arange(int(left[-1]) - base + 1)
        ids = vectors.ids[base : base + lines.size]
        column[ids.ravel()] = number[: ids.size]  # of equal words the last one's number stays
        column[0] = 0
        columns = column[ids]
        table[lines[:, None], columns] = place
        table[:, 0] = 0
        # Most words of the right ones stand in none of the left, and most right ones meet several left.
        different, which = np.unique(right, return_inverse=True)
        theirs = column[vectors.ids[different]].ravel()
        known = np.flatnonzero(theirs)
        ends = np.searchsorted(known, np.arange(different.size + 1) * size)
        counts = np.diff(ends)[which]
        pair = np.repeat(np.arange(which.size), counts)
        entry = known[np.repeat(ends[which], counts) + places(counts)]
        hits = table[(left - base)[pair], theirs[entry]]
        table[lines[:, None], columns] = 0
        column[ids.ravel()] = 0
        found = np.flatnonzero(hits)
        pair, there = pair[found], entry[found] % size
        here = hits[found].astype(np.int64) - 1
        one, other = left[pair], right[pair]
        product = vectors.weights[one, here] * vectors.weights[other, there]
        for total, use, norm in (
            (scores.cosine, None, None),
            (scores.heavy, (here < HEAVY) & (there < HEAVY), norms[0]),
            (scores.lead, vectors.lead[one, here] & vectors.lead[other, there], norms[1]),
        ):
            chosen, sizes = (pair, product) if use is None else (pair[use], product[use])
            summed = np.bincount(chosen, weights=sizes, minlength=stop - start)
            total[start:stop] = summed if norm is None else summed / (norm[left] * norm[right])
        start = stop
    return scores


def _norm(weights: NDArray[np.float32], use: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return the length of each row, of the places in use alone; never 0."""
    norms = np.empty(len(weights), np.float32)
    for start in range(0, len(weights), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        norms[rows] = np.linalg.norm(weights[rows] if use is None else weights[rows] * use[rows], axis=1)
    return np.maximum(norms, np.float32(1e-9))
