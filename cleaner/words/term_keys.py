"""Words to the keys of terms: which words of a batch can be terms, in any script."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.words.tokenising import Words

ALPHABET = 4
"""Letters that make a term in an alphabet without spaces, each with its marks: a syllable or two."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_POWERS = np.array([pow(0x9E3779B97F4A7C15, power, 1 << 64) for power in range(1, ALPHABET)], np.uint64)


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
    keys = low(batch.hashes)
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
        keys = np.where(pair, low(both >> np.uint64(32)), keys)
        good = np.where(batch.single, pair, good)
    places = np.flatnonzero(good)
    return Keys(keys.take(places), places, np.searchsorted(places, batch.offsets))


def low(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the lower half of each hash, but never 0."""
    return np.maximum(hashes.astype(np.uint32), np.uint32(1))


def alphabetic(batch: Words) -> NDArray[np.bool_]:
    """Mark the single characters that are letters of an alphabet: in UTF-8 they begin with 0xE0 or 0xE1."""
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
