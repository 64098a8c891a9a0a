"""Pairs of numbered things, and what they connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PairColumns = tuple[NDArray[np.int64], NDArray[np.int64]]


def pack(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return each pair as one number that sorts as the pairs do. There is room for 2^32 texts."""
    return left.astype(np.uint64) << np.uint64(32) | right.astype(np.uint64)


def unpack(pairs: NDArray[np.uint64]) -> PairColumns:
    """Return the pairs of `pack`."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


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
    """(n,) row of the member that names the group; its own row where one is alone."""
    left: NDArray[np.int64]
    """(links,) lower row of each verified pair of which both ends are in one group, sorted."""
    right: NDArray[np.int64]
    """(links,) higher row."""
    scores: NDArray[np.float32]
    """(links,) similarity of that pair, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of rows, left < right, sorted by left and then right."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Pairs:
        """Return some of the pairs, by place or by flag."""
        return Pairs(self.left[which], self.right[which])

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Both sides."""
        return self.left, self.right
