"""Blocks that stand on a page more than once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.judging.page_arrays import Floats, Ints, Layout, Text, hash_runs


def find_copies(text: Text, layout: Layout) -> Floats:
    """Find blocks that are the same as others of the page but for case, digits and punctuation: (4, blocks).

    The rows: an earlier block is the same; a later one is; how many are the same, at most five; how many start with the
    same four words, at most five.
    """
    n = layout.blocks
    sizes = np.diff(text.edges[: n + 1])
    words = text.hashes[: text.edges[n]]
    begins, ends = text.edges[:n], text.edges[1 : n + 1]
    whole = hash_runs(words, begins, ends)
    start = hash_runs(words, begins, np.minimum(ends, begins + 4))
    opening, _ = number(page_keys(start, layout.page))
    copy, members = number(page_keys(whole, layout.page))
    everywhere = np.arange(n)
    first, last = np.zeros((2, len(members)), np.int64)
    first[copy[::-1]], last[copy] = everywhere[::-1], everywhere
    # A block without words is no copy of anything, and a block of three words has no start of four.
    full, four = sizes > 0, sizes > 3
    starts = np.bincount(opening[four], minlength=n)[opening]
    return np.stack(
        [
            full & (first[copy] < everywhere),
            full & (last[copy] > everywhere),
            np.where(full, np.minimum(members[copy], 5), 1),
            np.where(four, np.minimum(starts, 5), 1),
        ]
    ).astype(np.float64)


def page_keys(hashes: NDArray[np.uint64], page: Ints) -> NDArray[np.uint64]:
    """Tell the pages apart in hashes: 48 bits of the hash after the page's number, which must be below 65,536."""
    return np.asarray((page.astype(np.uint64) << np.uint64(48)) | (hashes >> np.uint64(16)))


def number(keys: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Give equal keys the same number, from 0 in the order of the keys; also, how often each of them occurs."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]
    numbers = np.empty(len(keys), np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers, np.diff(np.append(np.flatnonzero(new), len(keys)))
