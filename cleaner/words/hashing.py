"""Hashes of words: 64 bits each, from prefix sums over the bytes of a whole batch."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

_CHUNK = 8
_LONGEST = 64  # bytes; longer words (addresses, rubbish) are rare enough to be hashed one by one
_KEEP = np.array([(1 << 8 * n) - 1 for n in range(_CHUNK + 1)], np.uint64)


# The finaliser of MurmurHash3 for 64 bits: (shift, factor) twice, and a last shift by 33.
_MIXER = ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53))


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64-bit values in place, one to one (finaliser of Appleby's MurmurHash3), and return them."""
    for shift, factor in _MIXER:
        values ^= values >> np.uint64(shift)
        values *= np.uint64(factor)
    values ^= values >> np.uint64(33)
    return values


def _hashes(buffer: bytes, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash the bytes of each span. Spans of up to eight bytes never collide; longer ones do as chance has it."""
    chunks = np.ndarray((len(buffer) - _CHUNK + 1,), "<u8", buffer, 0, (1,))  # eight bytes from every byte on
    size = ends - begins
    hashes: NDArray[np.uint64] = mix(chunks.take(begins) & _KEEP.take(size, mode="clip"))
    live = np.flatnonzero(size > _CHUNK)
    for read in range(_CHUNK, _LONGEST, _CHUNK):
        if not live.size:
            break
        chunk = chunks[begins[live] + read] & _KEEP.take(size[live] - read, mode="clip")
        hashes[live] = mix(hashes[live] ^ chunk)
        live = live[size[live] > read + _CHUNK]
    for word in live:
        hashes[word] = _hash_long(buffer[begins[word] : ends[word]])
    return hashes


def _hash_long(raw: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "little")
