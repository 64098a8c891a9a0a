"""Salient terms: which words say what an article is about, and how heavily.

A text counts for its story grouping only through a fixed-size table of weighted words. Early words weigh more, because
news puts the event first; words that every article holds weigh next to nothing. How common a word is comes from two
sources that are added up: the corpus itself and a background table of English news, which makes five documents work as
well as fifty thousand. Everything here works on whole batches and on 32-bit word hashes; no list of words is ever made.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaner.arrays.spilling import BYTES_IN_MEMORY, allocate, releasing
from cleaner.words.background import background, background_idf
from cleaner.words.term_keys import ALPHABET, Keys, low, term_keys
from cleaner.words.tokenising import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from cleaner.settings.schema import StorySettings

POSITION_BITS = 12
"""A position is capped at 4,095 words: there the weight of an early word has long faded."""
DOCUMENT_BITS = 19
"""Documents of one call are numbered in 19 bits, so that document, word and position fit one signed 64-bit sort key."""
LEAD_WORDS = 80
"""Words of title and text that count as the lead: what an article says it is about."""
FIGURE = np.uint8(1 << 7)
"""What is set in the code of the word before a term that is a figure."""
STEM = 7
"""Letters of a word of another language by which it is compared. Most languages put their endings behind,
and a name of a place has a dozen of them in Finnish; shorter beginnings join German compounds that only begin alike."""
LONG_WORDS = 48
"""Words longer than a stem, at the beginning of a text, by which its language is recognised."""
_PARTS = 1 << 16
"""Occurrences are weighed in whole numbers of such parts, so that a sum does not depend on where it begins."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The heaviest words of documents, one row of fixed width each; unused places hold zeros."""

    keys: NDArray[np.uint32]
    """(documents, kept) word hashes, ascending."""
    counts: NDArray[np.float16]
    """(documents, kept) 1 + ln of the number of occurrences, weighted by where they stand."""
    lead: NDArray[np.bool_]
    """(documents, kept) whether the word stands in the lead."""
    before: NDArray[np.uint8]
    """(documents, kept) code of the word before its first occurrence, and whether it is a figure (`neighbours`)."""
    after: NDArray[np.uint8]
    """(documents, kept) the same of the word behind."""

    @classmethod
    def none(cls, documents: int, kept: int, in_memory: int = BYTES_IN_MEMORY) -> Terms:
        """Return a table to be filled; columns of more than `in_memory` bytes are in files."""
        shape = (documents, kept)
        return cls(
            allocate(shape, np.uint32, in_memory),
            allocate(shape, np.float16, in_memory),
            allocate(shape, np.bool_, in_memory),
            allocate(shape, np.uint8, in_memory),
            allocate(shape, np.uint8, in_memory),
        )

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """All columns."""
        return self.keys, self.counts, self.lead, self.before, self.after

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.keys)

    def rows(self, start: int, stop: int) -> Terms:
        """Return consecutive documents."""
        return Terms(*(column[start:stop] for column in self.arrays))


def join(
    parts: Iterable[Terms], kept: int, rows: NDArray[np.int64], documents: int, in_memory: int = BYTES_IN_MEMORY
) -> Terms:
    """Put documents of batches one below the other: those named by `rows`, each at most once, in this order.

    `documents`: how many the batches have together; they are gone through once.
    """
    to = np.full(documents, -1)
    to[rows] = np.arange(rows.size)
    joined = Terms.none(rows.size, kept, in_memory)
    first = 0
    for part in releasing(parts, *joined.arrays):
        place = to[first : first + len(part)]
        wanted = place >= 0
        for column, values in zip(joined.arrays, part.arrays, strict=True):
            column[place[wanted]] = values[wanted]
        first += len(part)
    return joined


def terms_of(articles: Sequence[tuple[str | None, str]], texts: Words, settings: StorySettings) -> Terms:
    """Return the terms of articles, given as title and text; `texts` are the words of their texts."""
    titles = words([own_title(title, text) for title, text in articles])
    return terms(titles, texts, settings.kept_terms, settings.fade_words, settings.prior_documents)


def own_title(title: str | None, text: str) -> str:
    """Return a title that is to be counted beside its text: none if the text begins with it."""
    return "" if text.lstrip().startswith(title or "") else title or ""


def terms(titles: Words, texts: Words, kept: int, fade: float, prior: float) -> Terms:
    """Return the `kept` heaviest words of each document by the background's idf.

    An occurrence at word number p of title and text counts 1 + 4·exp(-p / fade). Which words are heaviest in the end
    depends on a corpus that is not yet known, so `kept` is twice what is compared later; the background is a good
    enough judge of what can never matter. Raises ValueError for more than half a million documents in one call.
    """
    documents = len(texts)
    if documents >> DOCUMENT_BITS:
        raise ValueError(f"{documents} documents in one batch; at most {1 << DOCUMENT_BITS} fit")
    made = stemmed_keys(titles, texts)
    (title_keys, _, title_ends), (text_keys, _, text_ends) = made
    title_lengths, text_lengths = np.diff(title_ends), np.diff(text_ends)
    before = np.concatenate([np.zeros(documents, np.int64), title_lengths])
    starts = np.concatenate([title_ends[:-1], text_ends[:-1] + title_keys.size])
    lengths = np.concatenate([title_lengths, text_lengths])
    position = np.arange(lengths.sum())
    position -= np.repeat(starts - before, lengths)
    np.minimum(position, (1 << POSITION_BITS) - 1, out=position)
    packed = np.concatenate([title_keys, text_keys]).astype(np.int64) << POSITION_BITS
    packed |= position
    packed |= np.repeat(np.tile(np.arange(documents) << (32 + POSITION_BITS), 2), lengths)
    packed.sort()
    found, word, position = _heaviest(packed, documents, kept, fade, prior)
    document = word >> 32
    in_text = title_keys.size + text_ends[document] - title_lengths[document]
    place = np.where(position < title_lengths[document], title_ends[document], in_text)
    beside = np.concatenate([neighbours(titles, made[0]), neighbours(texts, made[1])], axis=1)
    filled = found.keys > 0
    found.before[filled], found.after[filled] = beside[:, place + position]
    return found


def neighbours(batch: Words, terms: Keys) -> NDArray[np.uint8]:
    """Return codes of the words before and behind each term, (2, terms): 0 where the text ends, 1 for any figure.

    The highest bit of the first says that the term itself is a figure.

    Two reports of one event use the same words and seldom between the same neighbours; copies of one text and
    fillings of one template do. Among characters without spaces the nearest ones are part of the term or of its word,
    so there the neighbour is the character eight places off.
    """
    codes = np.maximum((batch.hashes >> np.uint64(57)).astype(np.uint8), np.uint8(2))
    codes[batch.numeric] = 1
    counts = np.diff(terms.offsets)
    begins, ends = (np.repeat(edges, counts) for edges in (batch.offsets[:-1], batch.offsets[1:]))
    far = np.where(batch.single, 2 * ALPHABET, 1)[terms.places]
    before, after = terms.places - far, terms.places + far
    found = np.zeros((2, terms.places.size), np.uint8)
    for side, places, inside in ((0, before, before >= begins), (1, after, after < ends)):
        found[side, inside] = codes[places[inside]]
    found[0, batch.numeric[terms.places]] |= FIGURE
    return found


def stemmed_keys(titles: Words, texts: Words) -> tuple[Keys, Keys]:
    """Return what `term_keys` does for titles and texts, but stems in documents whose language is not English.

    There a long word that the background does not list has the key of its first `STEM` letters, so that words meet in
    spite of their endings; numbers are never cut. A document is one of those if the background lists less than half of
    its first long words: of an English one it lists nine in ten, and the others are names that are better kept whole.
    """
    made = term_keys(titles), term_keys(texts)
    total, listed = np.zeros(len(texts), np.int64), np.zeros(len(texts), np.int64)
    long = [np.flatnonzero((batch.lengths > STEM) & ~batch.numeric) for batch in (titles, texts)]
    for batch, those in zip((titles, texts), long, strict=True):
        begins = np.searchsorted(those, batch.offsets)
        first = begins[:-1, None] + np.arange(LONG_WORDS)
        there = first < begins[1:, None]
        found = background().lists(low(batch.hashes.take(those.take(first, mode="clip")))) if those.size else there
        total += there.sum(axis=1)
        listed += (found & there).sum(axis=1)
    foreign = 2 * listed < total
    if foreign.any():
        for batch, those, (keys, places, _) in zip((titles, texts), long, made, strict=True):
            theirs = those[np.repeat(foreign, np.diff(np.searchsorted(those, batch.offsets)))]
            theirs = theirs[~background().lists(low(batch.hashes.take(theirs)))]
            at = np.minimum(np.searchsorted(places, theirs), max(places.size - 1, 0))
            at, theirs = at[places[at] == theirs], theirs[places[at] == theirs]
            keys[at] = low(batch.beginnings(theirs, STEM))
    return made


def _heaviest(
    packed: NDArray[np.int64], documents: int, kept: int, fade: float, prior: float
) -> tuple[Terms, NDArray[np.int64], NDArray[np.int64]]:
    """Count the occurrences in sorted (document, key, position) and keep the heaviest keys of each document.

    Return them without neighbours, and for each that was kept its document and key, and its first position.
    """
    found = Terms.none(documents, kept)
    if packed.size == 0:
        return found, packed, packed
    word = packed >> POSITION_BITS
    first = np.flatnonzero(np.concatenate([[True], word[1:] != word[:-1]]))
    position = packed & ((1 << POSITION_BITS) - 1)
    summed = np.concatenate([[0], np.cumsum(_parts(fade).take(position))])
    counts = (np.diff(summed.take(first), append=summed[-1]) / _PARTS).astype(np.float32)
    counts = 1 + np.log(counts)
    word, position = word.take(first), position.take(first)
    keys = word.astype(np.uint32)  # its low half
    begins = np.searchsorted(word, np.arange(documents + 1) << 32)
    if np.diff(begins).max() > kept:
        weights = counts * background_idf(prior).take(background().places.find(keys))
        good = _top(weights, keys, begins, kept)
        word, position = word.take(good), position.take(good)
        keys, counts = keys.take(good), counts.take(good)
        begins = np.searchsorted(word, np.arange(documents + 1) << 32)
    filled = np.arange(kept) < np.diff(begins)[:, None]
    found.keys[filled], found.counts[filled], found.lead[filled] = keys, counts, position < LEAD_WORDS
    return found, word, position


@functools.cache
def _parts(fade: float) -> NDArray[np.int64]:
    """Return for how much an occurrence counts by the place where it stands."""
    weights = 1 + 4 * np.exp(-np.arange(1 << POSITION_BITS) / fade)
    parts: NDArray[np.int64] = np.rint(_PARTS * weights).astype(np.int64)
    return parts


def _top(
    weights: NDArray[np.float32], keys: NDArray[np.uint32], begins: NDArray[np.int64], kept: int
) -> NDArray[np.int64]:
    """Return the places of the `kept` heaviest entries of each run; of equal weights the higher key wins.

    A weight of at least 0 orders as its bits do, so weight and key make one integer and no tie is left to chance.
    """
    order = weights.view(np.uint32).astype(np.uint64) << np.uint64(32) | keys
    least = [
        np.partition(order[begin:end], end - begin - kept)[end - begin - kept] if end - begin > kept else 0
        for begin, end in itertools.pairwise(begins.tolist())
    ]
    return np.flatnonzero(order >= np.repeat(np.array(least, np.uint64), np.diff(begins)))
