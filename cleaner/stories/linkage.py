"""Average linkage of a sparse graph: from scored pairs to groups that do not chain.

Two groups join when the mean score of all pairs between them is high enough, so one article that looks like two
stories cannot make them one, as it would with connected components. Pairs that are not listed score 0.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from cleaner.arrays.pairs import components

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_linkage(
    documents: int,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    scores: NDArray[np.float32],
    threshold: float,
) -> NDArray[np.int64]:
    """Join the two groups with the highest mean score until none reaches `threshold`; return a label per document.

    The label is the least row of the group. Equal means are broken by row, so rows must be numbered in an order that
    does not depend on the input's. Sums of scores are kept instead of means: joining two groups then touches the
    neighbours of the smaller one alone, while the entries of the larger one in the queue are upper bounds that are
    put right when they come up, because a group that grows away from a neighbour only lowers their mean.
    """
    parent = np.arange(documents)
    # Groups join only where a pair does, so each connected piece of such pairs can be looked at alone.
    good = scores >= threshold
    piece = components(documents, left[good], right[good])
    inside = np.flatnonzero(piece[left] == piece[right])
    inside = inside[np.argsort(piece[left[inside]], kind="stable")]
    left, right, scores = left[inside], right[inside], scores[inside]
    edges = np.flatnonzero(np.diff(piece[left], prepend=-1, append=documents))
    single = edges[:-1][np.diff(edges) == 1]
    parent[right[single]] = left[single]
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if stop - start > 1:
            _join(parent, left[start:stop], right[start:stop], scores[start:stop], threshold)
    return least_labels(parent)


def _join(
    parent: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    scores: NDArray[np.float32],
    threshold: float,
) -> None:
    """Join the groups of one piece: link each group that was taken in to the one that took it."""
    neighbours = _adjacency(left, right, scores)
    size = dict.fromkeys(neighbours, 1)
    queue = [
        (-float(score), one, other)
        for one, other, score in zip(left.tolist(), right.tolist(), scores.tolist(), strict=True)
        if score >= threshold
    ]
    heapq.heapify(queue)
    while queue:
        bound, one, other = heapq.heappop(queue)
        if one not in size or other not in size:
            continue
        mean = neighbours[one][other] / (size[one] * size[other])
        if mean < -bound:
            if mean >= threshold:
                heapq.heappush(queue, (-mean, one, other))
            continue
        keep, drop = (one, other) if len(neighbours[one]) >= len(neighbours[other]) else (other, one)
        parent[drop] = keep
        size[keep] += size.pop(drop)
        for third in _absorb(neighbours, keep, drop):
            mean = neighbours[keep][third] / (size[keep] * size[third])
            if mean >= threshold:
                heapq.heappush(queue, (-mean, min(keep, third), max(keep, third)))


def _adjacency(
    left: NDArray[np.int64], right: NDArray[np.int64], scores: NDArray[np.float32]
) -> dict[int, dict[int, float]]:
    neighbours: dict[int, dict[int, float]] = {}
    for one, other, score in zip(left.tolist(), right.tolist(), scores.tolist(), strict=True):
        neighbours.setdefault(one, {})[other] = score
        neighbours.setdefault(other, {})[one] = score
    return neighbours


def _absorb(neighbours: dict[int, dict[int, float]], keep: int, drop: int) -> list[int]:
    """Add the sums of `drop` to those of `keep`; return the neighbours concerned."""
    gone, grown = neighbours.pop(drop), neighbours[keep]
    del gone[keep], grown[drop]
    for third, total in gone.items():
        of_third = neighbours[third]
        del of_third[drop]
        grown[third] = of_third[keep] = grown.get(third, 0.0) + total
    return list(gone)


def least_labels(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn links to a parent into labels: the least row of each tree, (documents,) int64."""
    root = parent
    while not np.array_equal(root[root], root):
        root = root[root]
    least = np.full(root.size, root.size, np.int64)
    np.minimum.at(least, root, np.arange(root.size))
    return least[root]
