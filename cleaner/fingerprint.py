"""Words to shingles to MinHash signatures, a whole batch at a time.

A shingle is a run of a few words. Two texts share as many shingles as they share running text, and a signature of fixed
size tells how many that is, about. The signatures are datasketch's own, number for number (scheme `affine32` of
datasketch 2, computed over a batch instead of a text), so that all its indexes can be used with them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cleaner.lsh import places
from cleaner.words import Words, mix

if TYPE_CHECKING:
    from datasketch import LeanMinHash

SHINGLE_WORDS = 3
SHINGLE_CHARACTERS = 5
PERMUTATIONS = 128
SEED = 1
"""datasketch's default: signatures made with another seed cannot be compared."""

EMPTY = 0xFFFFFFFF
"""Every slot of the signature of a text without words, as datasketch has it."""

_FACTOR = np.uint64(0xD6E8FEB86659FD93)  # odd, so that multiplying loses nothing
_TRIES = 8  # after these a sketch that is half full has one slot empty in 250


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
    kept = np.repeat(shingles.offsets[:-1], counts) + places(counts)
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


def signatures(shingles: Shingles, permutations: int = PERMUTATIONS, seed: int = SEED) -> NDArray[np.uint32]:
    """Return the (texts, permutations) MinHash signatures of a batch.

    Equal bit for bit to `datasketch.MinHash(permutations, seed, hashfunc=int)` updated with the same hashes: each goes
    through the finaliser of MurmurHash3, h, and slot k is the least of a_k * h + b_k modulo 2^32. The slots of a text
    without words are all `EMPTY`; two such signatures agree everywhere, which says nothing about the texts.

    The array is laid out slot by slot (its transpose is contiguous), as it is computed and as banding reads it.
    """
    slots = np.full((permutations, shingles.offsets.size - 1), EMPTY, np.uint32)
    live = np.flatnonzero(np.diff(shingles.offsets))
    if live.size:
        hashes = _finalise(shingles.hashes)
        factors, terms = _permutations(permutations, seed)
        starts = shingles.offsets[live]
        scratch = np.empty_like(hashes)
        every = live.size == slots.shape[1]
        for slot, factor, term in zip(slots, factors, terms, strict=True):
            np.multiply(hashes, factor, out=scratch)
            np.add(scratch, term, out=scratch)
            if every:
                np.minimum.reduceat(scratch, starts, out=slot)
            else:
                slot[live] = np.minimum.reduceat(scratch, starts)
    return slots.T


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


def minhash(signature: NDArray[np.uint32], seed: int = SEED) -> LeanMinHash:
    """Return one signature as datasketch's frozen MinHash, for `MinHashLSH`, `MinHashLSHForest` and the rest."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=seed, hashvalues=np.ascontiguousarray(signature), scheme="affine32")


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
    places = ends - np.arange(1, count + 1)
    return places[places >= begins]


@functools.cache
def _weights(count: int) -> NDArray[np.uint64]:
    """Return (count,) unrelated odd 64-bit numbers, the weights of the places in a text."""
    return mix(np.arange(1, count + 1, dtype=np.uint64) * _FACTOR) | np.uint64(1)


def _finalise(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Scramble 32-bit values, one to one (finaliser of Appleby's MurmurHash3)."""
    mixed = hashes ^ hashes >> np.uint32(16)
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


@functools.cache
def _permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Draw a_k (odd) and b_k as `MinHash._init_permutations` of datasketch 2 does."""
    generator = np.random.RandomState(seed)
    factors = generator.randint(0, 1 << 31, count, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    terms = generator.randint(0, 1 << 32, count, dtype=np.uint32)
    return factors, terms
