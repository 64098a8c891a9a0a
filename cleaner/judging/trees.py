"""Boosted trees in numpy, for many rows at once.

Instead of walking down each tree, every split that a row fails strikes out the leaves to its left; the first leaf left
is the tree's (QuickScorer: Lucchese and others 2015, "A fast algorithm to rank documents with additive ensembles of
regression trees"). The splits of one feature are sorted, so that what a value strikes out of all trees is one row of a
table: a search for each feature and an AND for each table, whatever the number of trees. Features of few splits share a
table, which has a row for every combination.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Masks = NDArray[np.uint16]
LEAVES: Final = 16
"""Most leaves of a tree: bits of a mask."""
_MOST_ROWS: Final = 256  # of a table: more would not stay in the cache
_ROWS: Final = 512  # at a time: masks of 140 trees then stay in the processor's cache


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """A tree as LightGBM's own arrays: a child from 0 on is a split, -1 is leaf 0, -2 is leaf 1 and so on."""

    feature: list[int]
    threshold: list[float]  # left if the value is at most this; all digits, or equal values would change sides
    left: list[int]
    right: list[int]
    value: list[float]


class Trees:
    """Trees as one table for each feature. Raises ValueError for a tree of more than 16 leaves."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        splits: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
        values = np.zeros((len(trees), LEAVES))
        for number, tree in enumerate(trees):
            if len(tree.value) > LEAVES:
                raise ValueError(f"a tree has {len(tree.value)} leaves; {LEAVES} are the most")
            leaves: list[float] = []
            for feature, threshold, mask in _splits(tree, 0 if tree.feature else -1, leaves):
                splits[feature].append((threshold, number, mask))
            values[number, : len(leaves)] = leaves
        self._tables = _packed([(feature, *_table(found, len(trees))) for feature, found in sorted(splits.items())])
        self._values = values.ravel()
        self._first = np.arange(len(trees)) * LEAVES

    def sums(self, values: Floats) -> Floats:
        """Return the sum of the trees' leaves for each column of (features, rows): log odds, (rows,)."""
        found = [self._sums(values[:, start : start + _ROWS]) for start in range(0, values.shape[1], _ROWS)]
        return np.concatenate(found) if found else np.zeros(0)

    def _sums(self, values: Floats) -> Floats:
        masks = np.full((values.shape[1], len(self._first)), 0xFFFF, np.uint16)
        struck = np.empty_like(masks)
        for features, table in self._tables:
            row = np.zeros(values.shape[1], np.int64)
            for feature, thresholds in features:
                row *= len(thresholds) + 1
                row += thresholds.searchsorted(values[feature])
            np.take(table, row, axis=0, out=struck, mode="clip")
            np.bitwise_and(masks, struck, out=masks)
        return np.asarray(self._values.take(_LOWEST[masks] + self._first).sum(axis=1))


def _splits(tree: Tree, node: int, leaves: list[float]) -> list[tuple[int, float, int]]:
    """Give the splits from a node down, each with its mask, and add the leaves to `leaves` from left to right."""
    if node < 0:
        leaves.append(tree.value[-node - 1])
        return []
    before = len(leaves)
    found = _splits(tree, tree.left[node], leaves)
    struck = (1 << len(leaves)) - (1 << before)
    found.append((tree.feature[node], tree.threshold[node], 0xFFFF & ~struck))
    return found + _splits(tree, tree.right[node], leaves)


def _table(splits: list[tuple[float, int, int]], trees: int) -> tuple[Floats, Masks]:
    """Make the table of one feature: thresholds in order, and for the number of those below a value the masks."""
    thresholds = np.unique([threshold for threshold, _, _ in splits])
    table = np.full((len(thresholds) + 1, trees), 0xFFFF, np.uint16)
    for threshold, tree, mask in splits:
        table[thresholds.searchsorted(threshold) + 1 :, tree] &= mask
    return thresholds, table


def _packed(tables: list[tuple[int, Floats, Masks]]) -> list[tuple[list[tuple[int, Floats]], Masks]]:
    """Join the tables of features, smallest first, into tables of at most `_MOST_ROWS` rows."""
    joined: list[tuple[list[tuple[int, Floats]], Masks]] = []
    for feature, thresholds, table in sorted(tables, key=lambda each: (len(each[2]), each[0])):
        if joined and len(joined[-1][1]) * len(table) <= _MOST_ROWS:
            features, before = joined[-1]
            both = (before[:, None] & table).reshape(-1, table.shape[1])
            joined[-1] = ([*features, (feature, thresholds)], both)
        else:
            joined.append(([(feature, thresholds)], table))
    return joined


_LOWEST: Final = np.zeros(1 << LEAVES, np.uint8)
for _bit in reversed(range(LEAVES)):
    _LOWEST[1 << _bit :: 2 << _bit] = _bit
