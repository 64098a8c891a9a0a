"""Texts to fingerprints: what is kept of every text to find and compare its near-duplicates later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.chunk_files import ChunkFile, StoredArray
from cleaner.arrays.lookup import among
from cleaner.minhash.shingles import opening, shingles
from cleaner.minhash.sketches import sketches
from cleaner.settings.schema import NearDuplicateSettings
from cleaner.words.tokenising import Words


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What is kept of the texts of a batch: pure arrays, so that any process can make them."""

    new: NDArray[np.bool_]
    """(texts,) which texts have been fingerprinted; the others are copies of earlier ones, or empty."""
    slots: NDArray[np.uint16]
    """(slots, new texts) sketches, of the whole and of the opening."""
    shingles: NDArray[np.int32]
    """(new texts,) number of shingles, repeated ones too."""
    words: NDArray[np.int32]
    """(new texts,) number of words."""
    hashes: NDArray[np.uint32]
    """(words,) the `packed_words` of the new texts, text after text."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def join(cls, parts: Sequence[Fingerprints]) -> Fingerprints:
        """Join the fingerprints of consecutive batches."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in cls.__slots__))


class StoredFingerprints:
    """`Fingerprints` whose arrays are in a file; each is read when it is asked for, and not kept."""

    new = StoredArray(np.bool_)
    slots = StoredArray(np.uint16)
    shingles = StoredArray(np.int32)
    words = StoredArray(np.int32)

    def __init__(self, file: ChunkFile) -> None:
        self.file = file

    @property
    def hashes_begin(self) -> int:
        """The first byte of `hashes` in the file."""
        return self.file.columns["hashes"].offset


class SeenTexts:
    """The hashes of the texts that went by, in sorted arrays of eight bytes a text."""

    def __init__(self) -> None:
        self._sorted: list[NDArray[np.uint64]] = []

    def add(self, texts: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which texts of a batch are the first of their kind, and not empty."""
        order = np.argsort(texts, kind="stable")
        ordered = texts[order]
        fresh = ordered > np.concatenate([np.zeros(1, np.uint64), ordered[:-1]])
        for known in self._sorted:
            fresh &= ~among(ordered, known)
        new = np.zeros(texts.size, bool)
        new[order] = fresh
        if fresh.any():
            self._sorted.append(ordered[fresh])
        while len(self._sorted) > 1 and self._sorted[-2].size < 2 * self._sorted[-1].size:
            self._sorted[-2:] = [np.sort(np.concatenate(self._sorted[-2:]))]
        return new


def fingerprints(words: Words, new: NDArray[np.bool_], settings: NearDuplicateSettings) -> Fingerprints:
    """Make the fingerprints of the `new` ones of a batch of texts."""
    kept = words if new.all() else words.bare().select(new)
    grams = shingles(kept, settings.shingle_words, settings.shingle_characters)
    head = opening(grams, settings.opening_shingles)
    whole = sketches(grams, settings.sketch_slots, settings.seed, settings.min_shingles)
    begin = sketches(head, settings.opening_slots, settings.seed, settings.min_shingles)
    counts = np.diff(grams.offsets).astype(np.int32), np.diff(kept.offsets).astype(np.int32)
    return Fingerprints(new, np.concatenate([whole, begin]), *counts, packed_words(kept))


_SINGLE, _NUMERIC = np.uint32(1), np.uint32(2)


def packed_words(words: Words) -> NDArray[np.uint32]:
    """Return what a comparison needs of each word: the upper 30 bits of its hash, and whether it is single or numeric.

    Four bytes a word are kept for every text on disk.
    """
    kinds = words.single.astype(np.uint32) * _SINGLE | words.numeric * _NUMERIC
    return (words.hashes >> np.uint64(32)).astype(np.uint32) & ~(_SINGLE | _NUMERIC) | kinds


def unpacked_words(packed: NDArray[np.uint32], counts: NDArray[np.int64]) -> Words:
    """Return texts with these numbers of packed words, bare."""
    none = np.zeros(0, np.int64)
    hashes = packed.astype(np.uint64) << np.uint64(32)
    offsets = np.concatenate([none, [0], np.cumsum(counts)])
    return Words(hashes, offsets, none, packed & _NUMERIC > 0, packed & _SINGLE > 0, b"", none, none)
