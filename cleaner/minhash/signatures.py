"""MinHash signatures as datasketch's `affine32` gives them, for batches of texts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cleaner.minhash.shingles import Shingles

if TYPE_CHECKING:
    from datasketch import LeanMinHash

PERMUTATIONS = 128
SEED = 1
"""datasketch's default: signatures made with another seed cannot be compared."""
EMPTY = 0xFFFFFFFF
"""Every slot of the signature of a text without words, as datasketch has it."""


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


def minhash(signature: NDArray[np.uint32], seed: int = SEED) -> LeanMinHash:
    """Return one signature as datasketch's frozen MinHash, for `MinHashLSH`, `MinHashLSHForest` and the rest."""
    from datasketch import LeanMinHash

    return LeanMinHash(seed=seed, hashvalues=np.ascontiguousarray(signature), scheme="affine32")


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
