"""Near-duplicates: articles that are the same text but for edits, cuts and page furniture.

Identical texts (after normalisation) collapse first. The others get MinHash signatures of their shingles; banding finds
candidate pairs; each candidate is then compared exactly, so a group never rests on an estimate. Two texts belong
together in one of three ways: they share most of their running text; they share less of it, but nearly all their words,
as when one was edited word by word (two stories that quote the same passages share the passages and little else); or
one is contained in the other. Texts made from one template with other figures in it are kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cleaner.fingerprint import opening, shingles, signatures, text_hashes
from cleaner.grouping import Grouping, Links, spread, stars
from cleaner.lsh import (
    Pairs,
    agreements,
    band_slots,
    bucket_pairs,
    candidates,
    closest,
    components,
    distinct,
    pack,
    unpack,
)
from cleaner.profiles import SHINGLE, Profiles
from cleaner.settings import NearDuplicateSettings
from cleaner.verdicts import Verdicts, judge
from cleaner.words import Words

_WORTHWHILE = 0.08
"""Estimated similarity from which on a candidate is compared exactly. Half of the candidates of a large corpus share a
sentence or two, and nothing so little alike can be one text unless it is a small part of the other."""
_SAME_OPENING = 0.6
"""The same for openings, which have more than a sentence in common then."""
_PIECE = 16
"""Texts in a connected piece of which all pairs are compared; in larger ones each with its next so many and the hub."""
_MOST_COPIES = 4096
"""Pairs of rows that one link may stand for: beyond 64 copies of each of two texts, the first of each is linked."""


class NearDuplicates:
    """Collects texts batch by batch, then groups them.

    In memory it keeps two bytes for each slot of a signature and some hundred bytes more for each different text; what
    the exact comparison needs lies in a temporary file.
    """

    def __init__(self, settings: NearDuplicateSettings, folder: Path | None = None) -> None:
        self._settings = settings
        self._profiles = Profiles(folder)
        self._node_of_hash: dict[int, int] = {}
        self._nodes: list[NDArray[np.int64]] = []  # by batch: the node of each row, -1 for a text without words
        self._slots: list[NDArray[np.uint16]] = []  # by batch: (slots, new nodes)
        self.templates: Pairs = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        """Set by `groups`: rows of texts that would be near-duplicates but for their figures, a row for each text."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was spooled."""
        self._profiles.close()

    def add(self, words: Words) -> None:
        """Take the next batch of texts. Rows are numbered in the order added."""
        nodes, new = self._collapse(words)
        self._nodes.append(nodes)
        if new.all():
            fresh = words
        elif new.any():
            fresh = words.select(new)
        else:
            return
        grams = shingles(fresh, self._settings.shingle_words, self._settings.shingle_characters)
        head = opening(grams, self._settings.opening_shingles)
        # The low half of a slot tells two apart as well as the whole: a chance agreement costs one comparison.
        whole = signatures(grams, self._settings.permutations, self._settings.seed).T.astype(np.uint16)
        begin = signatures(head, self._settings.opening_permutations, self._settings.seed).T.astype(np.uint16)
        self._slots.append(np.concatenate([whole, begin]))
        self._profiles.add(fresh, grams)

    def _collapse(self, words: Words) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the node of each text of a batch, and which texts are the first of their node."""
        known = self._node_of_hash
        empty = np.diff(words.offsets) == 0
        before = len(known)
        nodes = np.array([known.setdefault(key, len(known)) for key in text_hashes(words)[~empty].tolist()], np.int64)
        every = np.full(len(words), -1, np.int64)
        every[~empty] = nodes
        new = np.zeros(len(words), bool)
        first_seen = np.unique(nodes, return_index=True)[1]
        new[np.flatnonzero(~empty)[first_seen]] = True
        return every, new & (every >= before)

    def groups(self, rank: NDArray[np.int64]) -> Grouping:
        """Group all texts added so far; also sets `templates`.

        `rank` is an (n,) total order of the rows that does not depend on their order in the input; ties of any kind go
        to the lower. The same texts with the same ranks give the same groups in any order.
        """
        node_of_row = np.concatenate([np.zeros(0, np.int64), *self._nodes])
        ranked = _rank_nodes(node_of_row, rank)
        links, templates, apart = self._links(ranked.added)
        belongs = stars(ranked.added.size, links, apart)
        inside = belongs[links.left] == belongs[links.right]
        left, right, scores = spread(links.take(inside), ranked.rows, ranked.begins, _MOST_COPIES)
        labels = np.arange(node_of_row.size)
        first = ranked.rows[ranked.begins[:-1]]
        labels[ranked.rows] = np.repeat(first[belongs], np.diff(ranked.begins))
        self.templates = (first[templates[0]], first[templates[1]])
        return Grouping(labels, left, right, scores)

    def _candidates(self, added: NDArray[np.int64]) -> Pairs:
        """Return pairs worth comparing, of nodes numbered by rank; `added` is when each was added."""
        settings = self._settings
        live = np.flatnonzero(self._profiles.counts()[SHINGLE][added] >= settings.min_shingles)
        slots = np.empty((settings.permutations + settings.opening_permutations, live.size), np.uint16)
        for slot in range(slots.shape[0]):
            slots[slot] = np.concatenate([np.zeros(0, np.uint16), *(batch[slot] for batch in self._slots)])[added[live]]
        layers = (
            (slots[: settings.permutations], settings.bands, _WORTHWHILE),
            (slots[settings.permutations :], settings.opening_bands, _SAME_OPENING),
        )
        found = []
        for layer, bands, least in layers:
            dealt = band_slots(layer.shape[0], bands, settings.rows, settings.seed)
            left, right = candidates(layer, dealt, settings.bucket_reach)
            agreed = agreements(layer, left, right)
            close = agreed >= least * layer.shape[0]
            left, right, agreed = left[close], right[close], agreed[close]
            kept = closest(left, right, agreed, settings.candidates)
            found.append(pack(left[kept], right[kept]))
        left, right = unpack(distinct(np.concatenate(found)))
        return live[left], live[right]

    def _links(self, added: NDArray[np.int64]) -> tuple[Links, Pairs, Pairs]:
        """Find and compare candidates: links, templates, and pairs that must not meet in a group."""
        left, right = self._candidates(added)
        verdicts = self._compare(added, left, right)
        # Banding misses some pairs; those of texts that are linked through a third one are worth a second look.
        again = _unseen(added.size, left, right, verdicts)
        more = self._compare(added, *again)
        left, right = np.concatenate([left, again[0]]), np.concatenate([right, again[1]])
        verdicts = verdicts.join(more)
        linked = np.flatnonzero(verdicts.left_leads | verdicts.right_leads)
        links = Links(left, right, verdicts.scores, verdicts.left_leads, verdicts.right_leads).take(linked)
        template, apart = verdicts.template, verdicts.apart
        return links, (left[template], right[template]), (left[apart], right[apart])

    def _compare(self, added: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]) -> Verdicts:
        return judge(self._profiles.shared(added[left], added[right]), self._settings)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Nodes numbered by the best rank among their rows."""

    added: NDArray[np.int64]
    """(nodes,) the number each had when it was added."""
    rows: NDArray[np.int64]
    """Rows of all nodes, node after node, by rank within each."""
    begins: NDArray[np.int64]
    """(nodes + 1,) where the rows of each node begin."""


def _rank_nodes(node_of_row: NDArray[np.int64], rank: NDArray[np.int64]) -> _Ranked:
    """Give the nodes numbers by rank; rows without a node (no words) are left out."""
    by_rank = np.argsort(rank, kind="stable")
    by_rank = by_rank[node_of_row[by_rank] >= 0]
    nodes, first = np.unique(node_of_row[by_rank], return_index=True)
    added = nodes[np.argsort(first)]
    number = np.empty(nodes.size, np.int64)
    number[added] = np.arange(nodes.size)
    ranked = number[node_of_row[by_rank]]
    rows = by_rank[np.argsort(ranked, kind="stable")]
    begins = np.concatenate([[0], np.cumsum(np.bincount(ranked, minlength=nodes.size))])
    return _Ranked(added, rows, begins)


def _unseen(count: int, left: NDArray[np.int64], right: NDArray[np.int64], verdicts: Verdicts) -> Pairs:
    """Return pairs not compared yet of texts in one connected piece: all of small pieces, and all with its hub."""
    linked = verdicts.left_leads | verdicts.right_leads
    ends = left[linked], right[linked]
    degree = np.bincount(np.concatenate(ends), minlength=count)
    nodes = np.flatnonzero(degree)
    piece = components(count, *ends)[nodes]
    hubs = nodes[np.lexsort((nodes, -degree[nodes], piece))]
    pieces, first = np.unique(np.sort(piece), return_index=True)
    hub = hubs[first][np.searchsorted(pieces, piece)]
    near = bucket_pairs(piece.astype(np.uint64) << np.uint64(32), _PIECE)
    one = np.concatenate([nodes[near[0]], np.minimum(nodes, hub)[nodes != hub]])
    other = np.concatenate([nodes[near[1]], np.maximum(nodes, hub)[nodes != hub]])
    pairs, seen = distinct(pack(one, other)), pack(left, right)
    return unpack(pairs[np.searchsorted(seen, pairs, "right") == np.searchsorted(seen, pairs)])
