"""Salient terms: which words say what an article is about, and how heavily.

A text counts for its story grouping only through a fixed-size table of weighted words. Early words weigh more, because
news puts the event first; words that every article holds weigh next to nothing. How common a word is comes from two
sources that are added up: the corpus itself and a background table of English news, which makes five documents work as
well as fifty thousand. Everything here works on whole batches and on 32-bit word hashes; no list of words is ever made.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaner.background import background, background_idf
from cleaner.tables import BYTES_IN_MEMORY, let_go, table
from cleaner.termkeys import Keys, term_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cleaner.words import Words

POSITION_BITS = 12
"""A position is capped at 4,095 words: there the weight of an early word has long faded."""
DOCUMENT_BITS = 20
"""Documents of one call are numbered in 20 bits, so that document, word and position fit one 64-bit sort key."""
LEAD_WORDS = 80
"""Words of title and text that count as the lead: what an article says it is about."""
ROWS_AT_ONCE = 2048
STEM = 7
"""Letters of a word of another language by which it is compared. Most languages put their endings behind,
and a name of a place has a dozen of them in Finnish; shorter beginnings join German compounds that only begin alike."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The heaviest words of some documents, one row of fixed width each; unused places hold zeros."""

    keys: NDArray[np.uint32]
    """(documents, kept) word hashes, ascending."""
    counts: NDArray[np.float16]
    """(documents, kept) 1 + ln of the number of occurrences, weighted by where they stand."""
    lead: NDArray[np.bool_]
    """(documents, kept) whether the word stands in the lead."""

    @classmethod
    def none(cls, documents: int, kept: int, in_memory: int = BYTES_IN_MEMORY) -> Terms:
        """Return a table to be filled, of parts that are kept in files if they have more than so many bytes."""
        shape = (documents, kept)
        return cls(
            table(shape, np.uint32, in_memory), table(shape, np.float16, in_memory), table(shape, np.bool_, in_memory)
        )

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All columns."""
        return self.keys, self.counts, self.lead

    def rows(self, start: int, stop: int) -> Terms:
        """Return consecutive documents."""
        return Terms(self.keys[start:stop], self.counts[start:stop], self.lead[start:stop])


def join(
    parts: Iterable[Terms], kept: int, rows: NDArray[np.int64] | None = None, in_memory: int = BYTES_IN_MEMORY
) -> Terms:
    """Put batches one below the other, or only some of their documents, in the order of `rows`, each at most once."""
    parts = list(parts)
    starts = np.cumsum([0] + [len(part.keys) for part in parts])
    rows = np.arange(starts[-1]) if rows is None else rows
    to = np.full(starts[-1], -1)
    to[rows] = np.arange(rows.size)
    joined = Terms.none(rows.size, kept, in_memory)
    for part, first in zip(parts, starts.tolist(), strict=False):
        for start in range(0, len(part.keys), ROWS_AT_ONCE):
            some = part.rows(start, start + ROWS_AT_ONCE)
            place = to[first + start : first + start + len(some.keys)]
            wanted = place >= 0
            joined.keys[place[wanted]] = some.keys[wanted]
            joined.counts[place[wanted]] = some.counts[wanted]
            joined.lead[place[wanted]] = some.lead[wanted]
            let_go(*part.arrays, *joined.arrays)
    return joined


def terms(titles: Words, texts: Words, kept: int, fade: float, prior: float) -> Terms:
    """Return the `kept` heaviest words of each document by the background's idf.

    An occurrence at word number p of title and text counts 1 + 4·exp(-p / fade). Which words are heaviest in the end
    depends on a corpus that is not yet known, so `kept` is twice what is compared later; the background is a good
    enough judge of what can never matter. Raises ValueError for more than a million documents in one call.
    """
    documents = texts.offsets.size - 1
    if documents >> DOCUMENT_BITS:
        raise ValueError(f"{documents} documents in one batch; at most {1 << DOCUMENT_BITS} fit")
    (title_keys, _, title_ends), (text_keys, _, text_ends) = stemmed_keys(titles, texts)
    title_lengths, text_lengths = np.diff(title_ends), np.diff(text_ends)
    before = np.concatenate([np.zeros(documents, np.int64), title_lengths])
    starts = np.concatenate([title_ends[:-1], text_ends[:-1] + title_keys.size])
    lengths = np.concatenate([title_lengths, text_lengths])
    document = np.repeat(np.tile(np.arange(documents, dtype=np.uint64), 2), lengths)
    position = np.arange(lengths.sum()) - np.repeat(starts - before, lengths)
    packed = document << np.uint64(32 + POSITION_BITS)
    packed |= np.concatenate([title_keys, text_keys]).astype(np.uint64) << np.uint64(POSITION_BITS)
    packed |= np.minimum(position, (1 << POSITION_BITS) - 1).astype(np.uint64)
    packed.sort()
    return _heaviest(packed, documents, kept, fade, prior)


def stemmed_keys(titles: Words, texts: Words) -> tuple[Keys, Keys]:
    """Return what `term_keys` does for titles and texts, but stems in documents whose language is not English.

    There a long word that the background does not list has the key of its first `STEM` letters, so that words meet in
    spite of their endings; numbers are never cut. A document is one of those if the background lists less than half of
    its long words: of an English one it lists nine in ten, and the others are names that are better kept whole.
    """
    parts = [(batch, term_keys(batch)) for batch in (titles, texts)]
    total, known = np.zeros(len(titles)), np.zeros(len(titles))
    unlisted = []
    for batch, found in parts:
        long = np.flatnonzero((batch.lengths[found.places] > STEM) & ~batch.numeric[found.places])
        document = np.searchsorted(found.offsets, long, "right") - 1
        listed = background().lists(found.keys[long])
        total += np.bincount(document, minlength=total.size)
        known += np.bincount(document, listed, total.size)
        unlisted.append((long[~listed], document[~listed]))
    foreign = known < total / 2
    for (batch, found), (long, document) in zip(parts, unlisted, strict=True):
        cut = long[foreign[document]]
        stems = batch.beginnings(found.places[cut], STEM) & np.uint64(0xFFFFFFFF)
        found.keys[cut] = np.maximum(stems, 1).astype(np.uint32)
    return parts[0][1], parts[1][1]


def _heaviest(packed: NDArray[np.uint64], documents: int, kept: int, fade: float, prior: float) -> Terms:
    """Count the occurrences in sorted (document, key, position) and keep the heaviest keys of each document."""
    found = Terms.none(documents, kept)
    if packed.size == 0:
        return found
    word = packed >> np.uint64(POSITION_BITS)
    first = np.flatnonzero(np.concatenate([[True], word[1:] != word[:-1]]))
    position = (packed & np.uint64((1 << POSITION_BITS) - 1)).astype(np.int64)
    count = (1 + np.log(np.add.reduceat(_per_position(fade).take(position), first))).astype(np.float16)
    word = word.take(first)
    key = word.astype(np.uint32)  # its low half
    sizes = np.diff(np.searchsorted(word, np.arange(documents + 1, dtype=np.uint64) << np.uint64(32)))
    lead = position.take(first) < LEAD_WORDS
    if sizes.max() > kept:
        good = _top(count * background_idf(prior).take(background().places.find(key)), key, sizes, kept)
        key, count, lead = key[good], count[good], lead[good]
        sizes = np.minimum(sizes, kept)
    filled = np.arange(kept) < sizes[:, None]
    found.keys[filled], found.counts[filled], found.lead[filled] = key, count, lead
    return found


@functools.cache
def _per_position(fade: float) -> NDArray[np.float32]:
    """Return for how much an occurrence counts by the place where it stands."""
    return (1 + 4 * np.exp(-np.arange(1 << POSITION_BITS) / fade)).astype(np.float32)


def _top(
    weight: NDArray[np.float32], key: NDArray[np.uint32], sizes: NDArray[np.int64], kept: int
) -> NDArray[np.bool_]:
    """Mark the `kept` heaviest entries of each run of `sizes`; of equal weights the higher key wins.

    A weight of at least 0 orders as its bits do, so weight and key make one integer and no tie is left to chance.
    """
    long = sizes > kept
    within = np.repeat(long, sizes)
    order = (weight.view(np.uint32).astype(np.uint64) << np.uint64(32) | key)[within]
    table = np.zeros((np.count_nonzero(long), sizes.max()), np.uint64)
    table[np.arange(sizes.max()) < sizes[long, None]] = order
    table.partition(table.shape[1] - kept, axis=1)
    good = ~within
    good[within] = order >= np.repeat(table[:, table.shape[1] - kept], sizes[long])
    return good
