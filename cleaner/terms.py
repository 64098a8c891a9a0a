"""Salient terms: which words say what an article is about, and how heavily.

A text counts for its story grouping only through a fixed-size table of weighted words. Early words weigh more, because
news puts the event first; words that every article holds weigh next to nothing. How common a word is comes from two
sources that are added up: the corpus itself and a background table of English news, which makes five documents work as
well as fifty thousand. Everything here works on whole batches and on 32-bit word hashes; no list of words is ever made.
"""

from __future__ import annotations

import functools
import gzip
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaner.places import Places
from cleaner.resources import configs
from cleaner.tables import BYTES_IN_MEMORY, let_go, table
from cleaner.words import Words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

POSITION_BITS = 12
"""A position is capped at 4,095 words: there the weight of an early word has long faded."""
DOCUMENT_BITS = 20
"""Documents of one call are numbered in 20 bits, so that document, word and position fit one 64-bit sort key."""
COMMON = 0.4
"""Share of a language's articles that are taken to hold each of its function words."""
LEAD_WORDS = 80
"""Words of title and text that count as the lead: what an article says it is about."""
ALPHABET = 4
"""Letters that make a term in an alphabet without spaces, each with its marks: a syllable or two."""
ROWS_AT_ONCE = 2048
STEM = 7
"""Letters of a word of another language by which it is compared. Most languages put their endings behind,
and a name of a place has a dozen of them in Finnish; shorter beginnings join German compounds that only begin alike."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.array([pow(0x9E3779B97F4A7C15, power, 1 << 64) for power in range(1, ALPHABET)], np.uint64)
UNLISTED = 2
"""Articles of the background that hold a word it does not list. 0 to 5 gave the same groups on every labelled set."""


@dataclass(frozen=True, slots=True)
class Background:
    """In what share of news articles a word stands, keyed by the low 32 bits of its hash."""

    places: Places
    """Of the listed words."""
    listed: NDArray[np.float32]
    """(words + 1,) share of each, and last that of a word that is not listed, in (0, 1]."""

    def shares(self, keys: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Return the share of background articles that hold each word, float32 in (0, 1]."""
        return self.listed.take(self.places.find(keys))

    def lists(self, keys: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Mark the words that it lists."""
        listed: NDArray[np.bool_] = self.places.find(keys) >= 0
        return listed


@functools.cache
def background() -> Background:
    """Load the document frequencies of English news and the function words of other languages.

    `configs/news-df.tsv.gz` has the words of at least 5 of 61,488 English news articles with their number of articles,
    and the number of all in its first line. `configs/function-words.txt` says which words of other languages are as
    common as `COMMON`; a word that English news uses often enough keeps its own figure ("die", "war").
    """
    with gzip.open(configs() / "news-df.tsv.gz", "rt", encoding="utf-8") as lines:
        documents = int(next(lines).split("\t")[1])
        cells = lines.read().replace("\t", "\n").split("\n")[:-1]
    keys = words(["\n".join(cells[::2])]).hashes.astype(np.uint32)  # the lower half of each
    counts = np.fromiter(map(int, cells[1::2]), np.int64, keys.size)
    told = (configs() / "function-words.txt").read_text(encoding="utf-8").splitlines()
    common = term_keys(words([line.partition(":")[2] for line in told if not line.startswith("#")])).keys
    common = common[~np.isin(common, keys[counts >= 0.01 * documents])]
    keys = np.concatenate([keys, common])
    counts = np.concatenate([counts, np.full(common.size, int(COMMON * documents))])
    order = np.argsort(keys, kind="stable")
    order = order[np.append(keys[order[1:]] != keys[order[:-1]], True)]  # of one key the last counts
    shares = np.append(counts[order], UNLISTED) / documents
    return Background(Places.of(keys[order]), shares.astype(np.float32))


@functools.cache
def _background_idf(prior: float) -> NDArray[np.float32]:
    """Return the inverse document frequency of the listed words, and of all others, by the background alone."""
    listed = background().listed
    return idf(np.zeros(listed.size, np.int64), listed, 0, prior)


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


def idf(found: NDArray[np.int64], shares: NDArray[np.float32], documents: int, prior: float) -> NDArray[np.float32]:
    """Return the inverse document frequency of words: how much it tells that a document holds them.

    The background speaks with the voice of `prior` documents beside the corpus' own, and no word is held for rarer than
    the background says: that ten thousand market reports never speak of missiles does not make two reports on missiles
    one event (float32, at least 0).
    """
    mixed = (found + prior * shares + 0.5) / (documents + prior)
    return np.maximum(0.0, -np.log(np.maximum(mixed, shares))).astype(np.float32)


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


class Keys(NamedTuple):
    """The words of a batch that can be terms."""

    keys: NDArray[np.uint32]
    """(words,) 32 bits of the hash of each, never 0."""
    places: NDArray[np.int64]
    """(words,) where each stands in the batch."""
    offsets: NDArray[np.int64]
    """(documents + 1,) where those of each document begin."""


def term_keys(batch: Words) -> Keys:
    """Return the keys of the words that can be terms.

    A word of one character says nothing, but in a script written without spaces every character is a word: there two
    neighbours make a term, which stands at the first of them. From hiragana to another character is where a Japanese
    word ends and the next begins, so those two make none. Thai, Lao, Khmer and Myanmar are alphabets, whose pairs of
    letters stand in every text: there it takes `ALPHABET` neighbours.
    """
    keys = batch.hashes & np.uint64(0xFFFFFFFF)
    good = batch.lengths > 1
    if batch.single.any():
        pair = np.zeros(keys.size, bool)
        pair[:-1] = batch.single[:-1] & batch.single[1:] & (batch.ends[:-1] == batch.begins[1:])
        hiragana = _hiragana(batch)
        pair[:-1] &= ~(hiragana[:-1] & ~hiragana[1:])
        both = batch.hashes * _FACTOR + np.roll(batch.hashes, -1)
        letters = np.flatnonzero(pair & alphabetic(batch))
        run = np.minimum(letters[:, None] + np.arange(1, ALPHABET), keys.size - 1)
        pair[letters] = pair[run[:, :-1]].all(axis=1)
        both[letters] = both[letters] * _FACTOR + (batch.hashes[run] * _POWERS).sum(axis=1, dtype=np.uint64)
        keys = np.where(pair, both >> np.uint64(32), keys)
        good = np.where(batch.single, pair, good)
    places = np.flatnonzero(good)
    return Keys(np.maximum(keys[places], 1).astype(np.uint32), places, np.searchsorted(places, batch.offsets))


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


def alphabetic(batch: Words) -> NDArray[np.bool_]:
    """Mark the single characters of an alphabet without spaces, all of which UTF-8 begins with 0xE0 or 0xE1."""
    raw = np.frombuffer(batch.buffer, np.uint8)
    marks: NDArray[np.bool_] = batch.single & (raw[batch.begins] <= 0xE1)
    return marks


def _hiragana(batch: Words) -> NDArray[np.bool_]:
    """Mark the words that begin with a hiragana character (U+3041 to U+309F: three bytes, the first of them 0xE3)."""
    raw = np.frombuffer(batch.buffer, np.uint8)
    second, third = (raw[batch.begins + at].astype(np.int32) & 63 for at in (1, 2))
    rest = second << 6 | third
    marks: NDArray[np.bool_] = (raw[batch.begins] == 0xE3) & (rest >= 0x41) & (rest <= 0x9F)
    return marks


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
        good = _top(count * _background_idf(prior).take(background().places.find(key)), key, sizes, kept)
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
