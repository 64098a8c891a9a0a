"""Pairs of numbered things, and what they connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Pairs(NamedTuple):
    """Pairs of numbered things as two columns, which are what it is made of and unpacks to."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Return the pairs at some places, or those that are flagged."""
        return Pairs(self.left[which], self.right[which])

    @classmethod
    def none(cls) -> Pairs:
        """Return no pairs."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Both columns."""
        return self


def pack(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return each pair as one number that sorts as the pairs do. There is room for 2^32 texts."""
    return left.astype(np.uint64) << np.uint64(32) | right.astype(np.uint64)


def unpack(pairs: NDArray[np.uint64]) -> Pairs:
    """Return the pairs of `pack`."""
    return Pairs((pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64))


def components(count: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of `count` nodes the lowest node of its connected component.

    Labels spread as minima along the edges, with pointers halved after each round: a handful of rounds for any graph.
    """
    labels = np.arange(count)
    while True:
        of_left, of_right = labels[left], labels[right]
        live = of_left != of_right
        if not live.any():
            return labels
        left, right = of_left[live], of_right[live]
        np.minimum.at(labels, np.maximum(left, right), np.minimum(left, right))
        while True:
            jumped = labels[labels]
            if np.array_equal(jumped, labels):
                break
            labels = jumped


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of rows, and the verified pairs that hold them together."""

    labels: NDArray[np.int64]
    """(n,) row of the member that names the group; the row itself where it is alone."""
    left: NDArray[np.int64]
    """(links,) lower row of each verified pair inside a group, sorted."""
    right: NDArray[np.int64]
    """(links,) higher row."""
    scores: NDArray[np.float32]
    """(links,) similarity of that pair, 0 to 1."""
