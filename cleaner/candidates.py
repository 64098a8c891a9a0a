"""Pairs of articles that could tell of the same event, without comparing everything with everything.

Each article's heaviest terms are signed with MinHash, a term repeated in proportion to its squared weight, so that two
signatures share a slot about as often as their articles share weight. Every slot is a band of its own: stories overlap
in few words, and bands of two rows lose a third of the pairs. Articles that share a slot are candidates if their dates
allow it. A bucket is walked in the order of its dates and every article meets only the next few, so the work grows
with the number of articles and not with its square, however common a word is.

An inverted index on the 24 heaviest terms was measured too, on 33,107 dated articles: it finds 99.5% of the pairs of a
story where the signatures find 99.9%, in a quarter of their time. Both are small beside the reading of words, and rows
of signatures are what a distributed job can share out, so there is one way and it is MinHash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaner.fingerprint import EMPTY, Shingles
from cleaner.fingerprint import signatures as sign
from cleaner.lsh import components, distinct
from cleaner.vectors import Pairs, Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

REPEATS = 256
"""Elements an article's signature is made of: a term holding the share s of the squared weight counts round(256·s)."""
_ROWS_AT_ONCE = 2048


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
    return key + repetition.astype(np.uint32) * np.uint32(0x9E3779B9), offsets


def signatures(vectors: Vectors, terms: int, slots: int) -> NDArray[np.uint32]:
    """Return the MinHash signature of each document's heaviest terms, (documents, slots) uint32.

    A document without terms has `EMPTY` in every slot and must match nothing.
    """
    signed = [np.zeros((0, slots), np.uint32)]
    for start in range(0, vectors.ids.shape[0], _ROWS_AT_ONCE):
        hashes, offsets = elements(vectors.rows(start, start + _ROWS_AT_ONCE), terms)
        signed.append(sign(Shingles(hashes, offsets), slots))
    return np.concatenate(signed)


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
    rows = np.flatnonzero(signed.min(axis=1, initial=EMPTY) != EMPTY)
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
            found = [distinct(np.concatenate(found))]
    pairs = distinct(np.concatenate(found))
    return Pairs(pairs // max(documents, 1), pairs % max(documents, 1))


def _near(days: NDArray[np.int32], left: NDArray[np.int64], right: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    """Mark the pairs at most `window` days apart, or with a day unknown."""
    apart = np.where((days[left] == 0) | (days[right] == 0), 0, days[left] - days[right])
    return np.abs(apart) <= np.int32(window)


def complete(pairs: Pairs, days: NDArray[np.int32], window: int, most: int) -> Pairs:
    """Return every pair inside the connected pieces of `pairs` that have 3 to `most` documents.

    Crowded buckets are walked only so far, and linkage counts a pair that was not seen as 0: without this a story with
    hundreds of reports would fall apart.
    """
    piece = components(days.size, pairs.left, pairs.right)
    order = np.argsort(piece, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], piece[order][1:] != piece[order][:-1]])[: days.size])
    sizes = np.diff(np.append(starts, days.size))
    lefts, rights = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for size in np.unique(sizes[(sizes > 2) & (sizes <= most)]).tolist():
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        lefts.append(members[:, one].ravel())
        rights.append(members[:, other].ravel())
    left, right = np.concatenate(lefts), np.concatenate(rights)
    good = np.flatnonzero(_near(days, left, right, window))
    good = good[np.lexsort((right[good], left[good]))]
    return Pairs(left[good], right[good])
