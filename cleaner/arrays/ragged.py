"""Rows of different lengths, as one flat array and where each begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def slices(sizes: NDArray[np.int64], limit: int) -> Iterator[slice]:
    """Cut a sequence of items into runs whose sizes add up to about `limit`, for work that is done in pieces."""
    total = np.cumsum(sizes)
    begin = 0
    while begin < sizes.size:
        before = int(total[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, before + limit, "right")))
        yield slice(begin, end)
        begin = end


def concatenated_ranges(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 to counts[0] - 1, then 0 to counts[1] - 1, and so on, in one array.

    >>> concatenated_ranges(np.array([3, 0, 2])).tolist()
    [0, 1, 2, 0, 1]
    """
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
