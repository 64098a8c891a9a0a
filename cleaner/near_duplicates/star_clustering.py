"""How verified pairs become groups without chaining.

If A is like B and B like C, that does not make A like C: connected components of real news grow into piles. Here every
member of a group was compared with the member that names the group, and found alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.pairs import Pairs
from cleaner.arrays.ragged import concatenated_ranges


@dataclass(frozen=True, slots=True)
class Links:
    """Verified pairs of nodes, each once. The lower a node's number, the better its place in the ranking."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    scores: NDArray[np.float32]
    leads: NDArray[np.bool_]
    """(links,) whether `left` may stand for `right`."""
    follows: NDArray[np.bool_]
    """(links,) whether `right` may stand for `left`. At least one of the two holds."""

    def arcs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """Return (centre, member, score) of all pairs in which one may stand for the other."""
        return (
            np.concatenate([self.left[self.leads], self.right[self.follows]]),
            np.concatenate([self.right[self.leads], self.left[self.follows]]),
            np.concatenate([self.scores[self.leads], self.scores[self.follows]]),
        )

    def take(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> Links:
        """Return the links at some places, or those that are flagged."""
        return Links(self.left[which], self.right[which], self.scores[which], self.leads[which], self.follows[which])


def stars(count: int, links: Links, apart: Pairs) -> NDArray[np.int64]:
    """Return for each of `count` nodes the centre it belongs to: star clustering, with pairs that must stay apart.

    The node that may stand for most others becomes a centre and takes them along; of the rest the next one, and so on
    (Aslam, Pelekhov and Rus, The Star Clustering Algorithm, 2004). Then every node that is no centre moves to the
    centre most similar to it. Where two members of a group must stay `apart`, the one less similar to the centre
    leaves, and those that left form groups of their own in the same way. Ties go to the lower number.
    """
    belongs = np.arange(count)
    while links.left.size:
        centres, scores = _nearest(count, _centres(count, links), links)
        one, other = apart
        together = centres[one] == centres[other]
        one, other = one[together], other[together]
        one_leaves = (scores[one] < scores[other]) | (scores[one] == scores[other]) & (one > other)
        left_out = np.zeros(count, bool)
        left_out[np.where(one_leaves, one, other)] = True
        settled = (centres != np.arange(count)) & ~left_out
        belongs[settled] = centres[settled]
        links = links.take(left_out[links.left] & left_out[links.right])
    return belongs


def _centres(count: int, links: Links) -> NDArray[np.bool_]:
    """Choose the centres, in rounds: all nodes that no waiting neighbour precedes become centres together.

    That gives the same centres as taking one after the other.
    """
    centre, member, _ = links.arcs()
    turn = np.empty(count, np.int64)
    turn[np.lexsort((np.arange(count), -np.bincount(centre, minlength=count)))] = np.arange(count)
    chosen = np.zeros(count, bool)
    waiting = np.ones(count, bool)
    while centre.size:
        earliest = turn.copy()
        np.minimum.at(earliest, centre, turn[member])
        np.minimum.at(earliest, member, turn[centre])
        now = waiting & (earliest == turn)
        chosen |= now
        waiting &= ~now
        waiting[member[now[centre]]] = False
        live = waiting[centre] & waiting[member]
        centre, member = centre[live], member[live]
    return chosen | waiting


def _nearest(count: int, is_centre: NDArray[np.bool_], links: Links) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Give each node that is no centre to the centre with the best score, ties to the lower number.

    Returns the (count,) centres and the scores that decided; a centre has itself, with 2.
    """
    centre, member, scores = links.arcs()
    use = np.flatnonzero(is_centre[centre] & ~is_centre[member])
    order = use[np.lexsort((centre[use], -scores[use], member[use]))]
    members, first = np.unique(member[order], return_index=True)
    belongs, best = np.arange(count), np.full(count, 2, np.float32)
    belongs[members], best[members] = centre[order[first]], scores[order[first]]
    return belongs, best


def expand_copies(
    links: Links, copies: NDArray[np.int64], begins: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Turn links between nodes into sorted links between rows, where a node is one or more rows of identical texts.

    `copies` holds the rows of all nodes, node after node, the row that stands for the node first; node k has
    `copies[begins[k]:begins[k + 1]]`. Identical texts are linked with score 1, and each of them has all the links of
    its node. A link that would stand for more than `most` pairs of rows is kept between the first rows alone (of
    identical texts: between the first and each other one), so that a text copied thousands of times does no harm.
    """
    sizes = np.diff(begins)
    nodes = np.flatnonzero(sizes > 1)
    left, right = np.concatenate([links.left, nodes]), np.concatenate([links.right, nodes])
    scores = np.concatenate([links.scores, np.ones(nodes.size, np.float32)])
    identical = left == right
    many = sizes[left] * sizes[right] > most
    tall = np.where(many, 1, sizes[left])
    wide = np.where(many & ~identical, 1, sizes[right])
    link = np.repeat(np.arange(left.size), tall * wide)
    down, across = np.divmod(concatenated_ranges(tall * wide), wide[link])
    use = ~identical[link] | (down < across)
    link, down, across = link[use], down[use], across[use]
    one, other = copies[begins[left[link]] + down], copies[begins[right[link]] + across]
    one, other = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((other, one))
    return one[order], other[order], scores[link][order]
