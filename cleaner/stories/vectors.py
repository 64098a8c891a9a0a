"""Weighted terms of a whole corpus as unit vectors, and how far two articles agree in them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaner.arrays.lookup import SortedLookup
from cleaner.arrays.pairs import Pairs
from cleaner.arrays.spilling import BYTES_IN_MEMORY, allocate, blocks, release
from cleaner.stories.terms import FIGURE, Terms
from cleaner.words.background import background, idf

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

HEAVY = 24
"""The heaviest terms of an article, by which alone its agreement with another is judged once more."""
LEAST_NORM = 10.0
"""Articles whose words weigh less all together (less than one rare word does) say nothing, so they are like no other: a
vector of theirs is shorter than 1. A headline has 30, an article over 100."""
_LEFT_AT_ONCE = 8
_PAIRS_AT_ONCE = 1 << 10


@dataclass(frozen=True, slots=True)
class Vectors:
    """Documents as unit vectors of their heaviest terms, heaviest first; unused places have id 0 and weight 0."""

    ids: NDArray[np.int32]
    """(documents, size) a word's number, from 1, the commonest first."""
    weights: NDArray[np.float32]
    """(documents, size) share in the document; the squares of a row add up to 1, or to less if it says nothing."""
    lead: NDArray[np.bool_]
    """(documents, size) whether the word stands in the document's lead."""
    before: NDArray[np.uint8]
    """(documents, size) code of the word before its first occurrence, as `Terms` has it."""
    after: NDArray[np.uint8]
    """(documents, size) the same of the word behind."""
    keys: NDArray[np.uint32]
    """(words,) the key of each id less 1."""
    shared: int
    """The highest number of a word that more than one document has."""
    heavy_norms: NDArray[np.float32]
    """(documents,) length of the vector of the `HEAVY` heaviest terms alone, over 0."""
    lead_norms: NDArray[np.float32]
    """(documents,) the same for the terms in the lead."""

    @classmethod
    def of(
        cls,
        ids: NDArray[np.int32],
        weights: NDArray[np.float32],
        others: Sequence[NDArray[Any]],
        keys: NDArray[np.uint32],
    ) -> Vectors:
        """Return a few documents whose terms are weighed; their ids may have any order.

        `others`: whether each term is in the lead, and its neighbours.
        """
        lead, before, after = others
        norms = _norms(weights[:, :HEAVY]), _norms(weights * lead)
        return cls(ids, weights, lead, before, after, keys, keys.size, *norms)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All tables."""
        return self.ids, self.weights, self.lead, self.before, self.after

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.ids)

    def rows(self, start: int, stop: int) -> Vectors:
        """Return consecutive documents."""
        names = ("ids", "weights", "lead", "before", "after", "heavy_norms", "lead_norms")
        return dataclasses.replace(self, **{name: getattr(self, name)[start:stop] for name in names})


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
        """Return the agreement of the pairs at some places, or of those that are flagged."""
        return Agreement(self.cosine[which], self.heavy[which], self.lead[which])

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All three."""
        return self.cosine, self.heavy, self.lead


class TermsInCommon(NamedTuple):
    """What some consecutive pairs have in common, term by term."""

    start: int
    """The first of the pairs,"""
    stop: int
    """and the one behind the last."""
    pair: NDArray[np.int64]
    """(terms,) the pair, counted from `start`; ascending."""
    left: NDArray[np.int64]
    """(terms,) where the term stands in the table of vectors, row after row, for the left document,"""
    right: NDArray[np.int64]
    """(terms,) and for the right one."""


def weigh(found: Terms, size: int, prior: float, in_memory: int = BYTES_IN_MEMORY) -> Vectors:
    """Weigh the kept words of a whole corpus by its own document frequencies and keep the `size` heaviest of each.

    Frequencies are counted over kept words alone: a document whose copy of a word was too light to keep does not count
    for that word, which the background makes good. So nothing grows with a document's length. Tables of more than
    `in_memory` bytes are kept in files.
    """
    vocabulary, counts = frequencies(found)
    idfs = idf(counts, background().shares(vocabulary), len(found), prior)
    return weigh_by(found, size, vocabulary, idfs, in_memory)


def weigh_by(
    found: Terms,
    size: int,
    vocabulary: NDArray[np.uint32],
    idfs: NDArray[np.float32],
    in_memory: int = BYTES_IN_MEMORY,
) -> Vectors:
    """Weigh kept words by a rarity that is known of each; `vocabulary`: all their keys, ascending."""
    documents = len(found)
    rarity = np.concatenate([[np.float32(0)], idfs])
    shape = (documents, size)
    top = Vectors(
        ids=allocate(shape, np.int32, in_memory),
        weights=allocate(shape, np.float32, in_memory),
        lead=allocate(shape, np.bool_, in_memory),
        before=allocate(shape, np.uint8, in_memory),
        after=allocate(shape, np.uint8, in_memory),
        keys=vocabulary,
        shared=0,
        heavy_norms=np.zeros(documents, np.float32),
        lead_norms=np.zeros(documents, np.float32),
    )
    uses = np.zeros(vocabulary.size + 1, np.int64)
    numbers = SortedLookup.of(vocabulary)
    for (_, some), (_, rows) in zip(blocks(found), blocks(top), strict=True):
        ids = numbers.find(some.keys) + np.int32(1)
        _fill(rows, some.counts * rarity[ids], ids, some)
        rows.heavy_norms[:] = _norms(rows.weights[:, :HEAVY])
        rows.lead_norms[:] = _norms(rows.weights * rows.lead)
        uses += np.bincount(rows.ids.ravel(), minlength=uses.size)
    return _commonest_first(top, uses[1:])


def _commonest_first(top: Vectors, uses: NDArray[np.int64]) -> Vectors:
    """Renumber the words in place by the number of documents that use them; `agreement` says why."""
    order = np.argsort(-uses, kind="stable").astype(np.int32)
    number = np.zeros(order.size + 1, np.int32)
    number[order + 1] = np.arange(1, order.size + 1)
    for _, rows in blocks(top):
        rows.ids[...] = number[rows.ids]
    return dataclasses.replace(top, keys=top.keys[order], shared=int(np.count_nonzero(uses > 1)))


def frequencies(found: Terms) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return all keys in ascending order and the number of documents that keep each."""
    keys, counts = np.zeros(0, np.uint32), np.zeros(0, np.int64)
    waiting: list[tuple[NDArray[np.uint32], NDArray[np.int64]]] = []
    for _, rows in blocks(found):
        ordered = np.sort(rows.keys, axis=None)
        ordered = ordered[np.searchsorted(ordered, 1) :]  # zeros are unused places
        first = np.flatnonzero(np.diff(ordered, prepend=np.uint32(0)))
        waiting.append((ordered[first], np.diff(first, append=ordered.size)))
        # Merging when as much waits as was merged costs every key a few merges, however long the corpus.
        if sum(some.size for some, _ in waiting) > max(keys.size, 1 << 20):
            keys, counts = added([(keys, counts), *waiting])
            waiting = []
    return added([(keys, counts), *waiting])


def added(
    parts: Sequence[tuple[NDArray[np.uint32], NDArray[np.int64]]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Add up the counts of equal keys; return the keys in ascending order."""
    keys, counts = np.concatenate([key for key, _ in parts]), np.concatenate([count for _, count in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.diff(keys, prepend=np.uint32(0)))
    return keys[first], np.add.reduceat(counts, first) if first.size else counts


def _fill(top: Vectors, weights: NDArray[np.float32], ids: NDArray[np.int32], found: Terms) -> None:
    """Write the heaviest terms of rows into `top`: one sort of (weight bits | column), so no tie is left."""
    packed = weights.view(np.uint32).astype(np.uint64) << np.uint64(32)
    packed |= np.arange(weights.shape[1], dtype=np.uint64)
    packed.sort(axis=1)
    packed = packed[:, ::-1][:, : top.ids.shape[1]]
    width = packed.shape[1]
    heavy = (packed >> np.uint64(32)).astype(np.uint32).view(np.float32)
    column = (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
    top.ids[:, :width] = np.where(heavy > 0, np.take_along_axis(ids, column, 1), 0)
    for there, values in ((top.lead, found.lead), (top.before, found.before), (top.after, found.after)):
        there[:, :width] = np.take_along_axis(values, column, 1)
    top.weights[:, :width] = heavy / np.maximum(np.linalg.norm(heavy, axis=1, keepdims=True), LEAST_NORM)


def _norms(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the length of each row, never 0."""
    norms: NDArray[np.float32] = np.maximum(np.linalg.norm(weights, axis=1), np.float32(1e-9))
    return norms


def agreement(vectors: Vectors, pairs: Pairs) -> Agreement:
    """Return how far each pair agrees."""
    scores = Agreement(*(np.zeros(pairs.left.size, np.float32) for _ in range(3)))
    weights, leads = vectors.weights.reshape(-1), vectors.lead.reshape(-1)
    size = vectors.ids.shape[1]
    for start, stop, pair, one, other in terms_in_common(vectors, pairs):
        left, right = pairs.left[start:stop], pairs.right[start:stop]
        product = weights.take(one) * weights.take(other)
        for total, use, norm in (
            (scores.cosine, None, None),
            (scores.heavy, (one % size < HEAVY) & (other % size < HEAVY), vectors.heavy_norms),
            (scores.lead, leads.take(one) & leads.take(other), vectors.lead_norms),
        ):
            chosen, sizes = (pair, product) if use is None else (pair[use], product[use])
            summed = np.bincount(chosen, weights=sizes, minlength=stop - start)
            total[start:stop] = summed if norm is None else summed / (norm.take(left) * norm.take(right))
    return scores


@dataclass(frozen=True, slots=True)
class Copying:
    """How far the two articles of each pair are of one hand, shares from 0 to 1."""

    copied: NDArray[np.float32]
    """(pairs,) share of the neighbours of the terms in common that are the same. Reports that were written apart have
    0.1 to 0.6, fillings of one template 0.7 to 1, a text and its copy 1."""
    replaced: NDArray[np.float32]
    """(pairs,) share of the squared weight of an article whose terms the other lacks, of the one with less: 0 where one
    text is a part of the other."""
    other_figures: NDArray[np.bool_]
    """(pairs,) whether both have figures among their terms and none in common."""


def copying(vectors: Vectors, pairs: Pairs) -> Copying:
    """Return how far each pair is of one hand."""
    count = pairs.left.size
    found = Copying(np.zeros(count, np.float32), np.zeros(count, np.float32), np.zeros(count, bool))
    before, after, weights = (column.reshape(-1) for column in (vectors.before, vectors.after, vectors.weights))
    whole = (vectors.weights**2).sum(axis=1)
    figures = ((vectors.before & FIGURE) > 0).any(axis=1)
    for start, stop, pair, one, other in terms_in_common(vectors, pairs):
        left, right = pairs.left[start:stop], pairs.right[start:stop]
        code = vectors.before.reshape(-1).take(one)
        same = (code == before.take(other)).astype(np.float32)
        same += after.take(one) == after.take(other)
        both = 2 * np.bincount(pair, minlength=stop - start)
        found.copied[start:stop] = np.bincount(pair, same, stop - start) / np.maximum(both, 1)
        lacking = [
            whole.take(rows) - np.bincount(pair, weights.take(places) ** 2, stop - start)
            for rows, places in ((left, one), (right, other))
        ]
        found.replaced[start:stop] = np.maximum(np.minimum(*lacking), 0)
        shared = np.bincount(pair[(code & FIGURE) > 0], minlength=stop - start)
        found.other_figures[start:stop] = figures.take(left) & figures.take(right) & (shared == 0)
    return found


def terms_in_common(vectors: Vectors, pairs: Pairs) -> Iterator[TermsInCommon]:
    """Yield the terms that pairs have in common, some pairs at a time.

    A few left documents at a time spread their words over a table with a row for each of them, and the right ones look
    theirs up in it. Words are numbered by how common they are, so most look-ups fall on the few places that the
    processor keeps at hand; a word of one document alone has no place at all.
    """
    count, size = pairs.left.size, vectors.ids.shape[1]
    width = np.int32(vectors.shared + 2)
    place = np.arange(1, size + 1, dtype=np.min_scalar_type(size))
    table = np.zeros(_LEFT_AT_ONCE * width, place.dtype)
    start = 0
    while start < count:
        base = int(pairs.left[start])
        stop = min(int(np.searchsorted(pairs.left, base + _LEFT_AT_ONCE)), start + _PAIRS_AT_ONCE)
        left, right = pairs.left[start:stop], pairs.right[start:stop]
        lines = np.arange(int(left[-1]) - base + 1, dtype=np.int32) * width
        spread = np.minimum(vectors.ids[base : base + lines.size], width - 1) + lines[:, None]
        table[spread] = place
        table[lines] = table[lines + width - 1] = 0  # unused places, words that no other document has
        theirs = vectors.ids.take(right, axis=0)
        np.minimum(theirs, width - 1, out=theirs)
        theirs += lines[left - base][:, None]
        hits = table.take(theirs).reshape(-1)
        table[spread] = 0
        found = np.flatnonzero(hits != 0)
        pair, there = np.divmod(found, size)
        here = hits.take(found).astype(np.int64) - 1
        yield TermsInCommon(start, stop, pair, left.take(pair) * size + here, right.take(pair) * size + there)
        start = stop
    release(*vectors.arrays)  # the pairs have touched all of it, and more pairs are to come
