"""Words to shingles to MinHash signatures, a whole batch at a time.

A shingle is a run of a few words. Two texts share as many shingles as they share running text, and a signature of fixed
size tells how many that is, about. The signatures are datasketch's own, number for number (scheme `affine32` of
datasketch 2, computed over a batch instead of a text), so that all its indexes can be used with them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.ragged import concatenated_ranges
from cleaner.words.hashing import mix
from cleaner.words.tokenising import Words

SHINGLE_WORDS = 3
SHINGLE_CHARACTERS = 5
_FACTOR = np.uint64(0xD6E8FEB86659FD93)  # odd, so that multiplying loses nothing


@dataclass(frozen=True, slots=True)
class Shingles:
    """The shingles of a batch of texts, in reading order. Text `t` has `offsets[t]` to `offsets[t + 1]`."""

    hashes: NDArray[np.uint32]
    """(shingles,) 32-bit hash of each."""
    offsets: NDArray[np.int64]
    """(texts + 1,) where the shingles of each text begin."""


def shingles(words: Words, size: int = SHINGLE_WORDS, characters: int = SHINGLE_CHARACTERS) -> Shingles:
    """Return the hash of every run of `size` words.

    Where all of these are single characters of a script without spaces, the run is `characters` long instead: a word of
    Chinese has one or two characters, so three of them say much less than three words. A text too short for any run has
    one shingle, of all its words, which only an identical text has too; a text without words has none.
    """
    count = words.hashes.size
    grams = _polynomial(words.hashes, size)
    fits = np.ones(count, bool)
    fits[_last(words, size - 1)] = False
    if words.single.any():
        run = _runs(words.single, size)
        long = np.zeros(count, bool)
        long[: run.size] = run
        grams = np.where(long, _polynomial(words.hashes, characters), grams)
        tail = _last(words, characters - 1)
        fits[tail[long[tail]]] = False
    found = np.concatenate([[0], np.cumsum(fits)])
    offsets = found[words.offsets]
    short = np.flatnonzero((np.diff(offsets) == 0) & (np.diff(words.offsets) > 0))
    if short.size:
        first = words.offsets[short]
        grams[first] = text_hashes(words)[short]
        fits[first] = True
        offsets = np.concatenate([[0], np.cumsum(fits)])[words.offsets]
    return Shingles((grams >> np.uint64(32)).astype(np.uint32)[fits], offsets.astype(np.int64))


def opening(shingles: Shingles, count: int) -> Shingles:
    """Return the first `count` shingles of each text, or all where it has fewer."""
    counts = np.minimum(np.diff(shingles.offsets), count)
    kept = np.repeat(shingles.offsets[:-1], counts) + concatenated_ranges(counts)
    return Shingles(shingles.hashes[kept], np.concatenate([[0], np.cumsum(counts)]))


def text_hashes(words: Words) -> NDArray[np.uint64]:
    """Return a (texts,) hash of the whole sequence of words of each text: equal for equal sequences, 0 for none."""
    counts = np.diff(words.offsets)
    live = np.flatnonzero(counts)
    hashes = np.zeros(counts.size, np.uint64)
    if live.size:
        weights = _weights(1 << int(counts.max() - 1).bit_length())
        weighted = words.hashes * np.concatenate([weights[:count] for count in counts.tolist()])
        hashes[live] = mix(np.add.reduceat(weighted, words.offsets[live]) + counts[live].astype(np.uint64))
    return hashes


def _polynomial(hashes: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Hash `size` consecutive words from each word on; runs that end outside are never used."""
    grams = hashes.copy()
    for ahead in range(1, size):
        grams *= _FACTOR
        grams[: max(0, hashes.size - ahead)] += hashes[ahead:]
    return grams


def _runs(flags: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Tell for each place whether `size` flags from there on are all set."""
    if flags.size < size:
        return np.zeros(0, bool)
    windows = np.lib.stride_tricks.sliding_window_view(flags, size)
    runs: NDArray[np.bool_] = np.logical_and.reduce(windows, axis=1)
    return runs


def _last(words: Words, count: int) -> NDArray[np.int64]:
    """Return the places of the last `count` words of every text, or of all its words if it has fewer."""
    ends, begins = words.offsets[1:, None], words.offsets[:-1, None]
    last = ends - np.arange(1, count + 1)
    return last[last >= begins]


@functools.cache
def _weights(count: int) -> NDArray[np.uint64]:
    """Return (count,) unrelated odd 64-bit numbers, the weights of the places in a text."""
    return mix(np.arange(1, count + 1, dtype=np.uint64) * _FACTOR) | np.uint64(1)
