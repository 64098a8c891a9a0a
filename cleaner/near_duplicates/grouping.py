"""Near-duplicates: articles that are the same text but for edits, cuts and page furniture.

Identical texts (after normalisation) collapse first. The others get MinHash sketches of their shingles; banding finds
candidate pairs; each candidate is then compared exactly, so a group never rests on an estimate. Two texts belong
together in one of three ways: they share most of their running text; they share less of it, but nearly all their words,
as when one was edited word by word (two stories that quote the same passages share the passages and little else); or
one is contained in the other. Texts made from one template with other figures in it are kept apart.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.lookup import among, distinct
from cleaner.arrays.pairs import Grouping, Pairs, components, pack, unpack
from cleaner.arrays.spilling import allocate, stacked
from cleaner.minhash.bands import agreements, band_slots, bucket_pairs, candidates, closest
from cleaner.near_duplicates.comparison import StoredWords, compare
from cleaner.near_duplicates.fingerprints import StoredFingerprints
from cleaner.near_duplicates.star_clustering import Links, expand_copies, stars
from cleaner.near_duplicates.verdicts import LEADS, LinkFlags, Verdicts
from cleaner.pool import OrderedMap
from cleaner.settings.schema import NearDuplicateSettings

_ERRORS = 3.5
"""Standard errors that an estimated similarity may lie below the least that a verdict asks for: one pair in 4,000 at
that limit is lost, and a third of all comparisons are spared."""
_SAME_OPENING = 0.6
"""Estimated similarity of openings from which on a pair is looked at: they have more than a sentence in common then."""
_PIECE = 16
"""Components of up to 16 texts are compared completely; in larger ones, each text with the next 16 and the hub."""
_MOST_COPIES = 4096
"""Pairs of rows that one link may stand for: beyond 64 copies of each of two texts, the first of each is linked."""


class NearDuplicates:
    """Takes the fingerprints of all texts, chunk by chunk, then groups the texts.

    In memory it keeps about twenty bytes for each text; what a comparison needs stays in the chunks' files. While it
    groups, sketches are in memory up to half of `memory` bytes, and beyond that in a file in `folder`, mapped into it.
    """

    def __init__(self, settings: NearDuplicateSettings, folder: Path | None = None, memory: int = 1 << 30) -> None:
        self._settings = settings
        self._folder = folder
        self._memory = memory
        self._chunks: list[StoredFingerprints] = []
        self._texts = [np.zeros(0, np.uint64)]
        self._shingles = [np.zeros(0, np.int32)]
        self._nodes: list[NDArray[np.int64]] = []
        """By chunk, set by `groups`: the nodes of its new texts, -1 for copies."""
        self.templates = Pairs.none()
        """Set by `groups`: rows of texts that would be near-duplicates but for their figures, a row for each text."""

    def take(self, texts: NDArray[np.uint64], made: StoredFingerprints) -> None:
        """Take the next texts by their `text_hashes` and fingerprints, which any process has made."""
        self._chunks.append(made)
        self._texts.append(texts)
        self._shingles.append(made.shingles)

    def groups(self, rank: NDArray[np.int64], share: OrderedMap = map) -> Grouping:
        """Group all texts added so far; also sets `templates`.

        `rank` is an (n,) total order of the rows that does not depend on their order in the input; ties of any kind go
        to the lower. The same texts with the same ranks give the same groups in any order. `share` is `map`, or does
        the same with other processes.
        """
        node_of_row, first = _numbered(np.concatenate(self._texts))
        self._place_nodes(node_of_row, first)
        ranked = _rank_nodes(node_of_row, rank)
        links, templates, apart = self._links(ranked.added, share)
        belongs = stars(ranked.added.size, links, apart)
        inside = belongs[links.left] == belongs[links.right]
        left, right, scores = expand_copies(links.take(inside), ranked.rows, ranked.begins, _MOST_COPIES)
        labels = np.arange(node_of_row.size)
        best = ranked.rows[ranked.begins[:-1]]
        labels[ranked.rows] = np.repeat(best[belongs], np.diff(ranked.begins))
        self.templates = Pairs(best[templates.left], best[templates.right])
        return Grouping(labels, left, right, scores)

    def _place_nodes(self, node_of_row: NDArray[np.int64], first: NDArray[np.bool_]) -> None:
        """Note which node each fingerprint is of; copies in other chunks also carry a fingerprint, which is ignored."""
        self._nodes = []
        begin = 0
        for chunk in self._chunks:
            new = chunk.new
            nodes = np.where(first, node_of_row, -1)[begin : begin + new.size]
            self._nodes.append(nodes[new])
            begin += new.size

    def _candidates(self, added: NDArray[np.int64], share: OrderedMap) -> Pairs:
        """Return pairs worth comparing, of nodes numbered by rank; `added` is when each was added."""
        settings = self._settings
        nodes, shingles = np.concatenate([added[:0], *self._nodes]), np.concatenate(self._shingles)
        sizes = shingles[nodes >= 0][added]
        live = np.flatnonzero(sizes >= settings.min_shingles)
        if live.size < 2:
            return Pairs.none()
        sizes = sizes[live]
        found = []
        with self._slots(added[live], apart=share is not map) as slots:
            whole, begin = slots[: settings.sketch_slots], slots[settings.sketch_slots :]
            for layer, bands in ((whole, settings.bands), (begin, settings.opening_bands)):
                dealt = band_slots(layer.shape[0], bands, settings.band_slots, settings.seed)
                dealt += settings.sketch_slots if layer is begin else 0
                left, right = candidates(slots, dealt, settings.bucket_reach, share)
                if layer is begin:
                    close = agreements(begin, left, right) >= _SAME_OPENING * begin.shape[0]
                    left, right = left[close], right[close]
                agreed = agreements(whole, left, right)
                close = agreed >= _least(sizes[left], sizes[right], settings)
                left, right, agreed = left[close], right[close], agreed[close]
                kept = closest(left, right, agreed, settings.candidates)
                found.append(pack(left[kept], right[kept]))
        left, right = unpack(distinct(np.concatenate(found)))
        return Pairs(live[left], live[right])

    @contextlib.contextmanager
    def _slots(self, nodes: NDArray[np.int64], *, apart: bool) -> Iterator[NDArray[np.uint16]]:
        """Give the (slots, nodes) sketches of nodes, in the order given.

        `apart`: mapped from a file, for other processes.
        """
        batches = np.concatenate([nodes[:0], *self._nodes])
        shape = (self._settings.sketch_slots + self._settings.opening_slots, batches.size)
        slots: NDArray[np.uint16]
        with contextlib.ExitStack() as stack:
            if apart:
                folder = tempfile.TemporaryDirectory(dir=self._folder, prefix="cleaner-", ignore_cleanup_errors=True)
                slots = np.memmap(Path(stack.enter_context(folder), "slots"), np.uint16, "w+", shape=shape)
            else:
                slots = allocate(shape, np.uint16, self._memory // 2)
            begin = 0
            for chunk, batch in zip(self._chunks, self._nodes, strict=True):
                slots[:, begin : begin + batch.size] = chunk.slots
                begin += batch.size
            place = np.empty(batches.size, np.int64)
            place[batches[batches >= 0]] = np.flatnonzero(batches >= 0)
            order = place[nodes]
            for slot in slots:
                slot[: nodes.size] = slot.take(order)
            yield slots[:, : nodes.size]

    def _links(self, added: NDArray[np.int64], share: OrderedMap) -> tuple[Links, Pairs, Pairs]:
        """Find and compare candidates: links, templates, and pairs that must not meet in a group."""
        stored = self._stored(added)
        pairs, verdicts = compare(stored, self._candidates(added, share), self._settings, share)
        # Banding misses pairs; where the two texts are linked through a third one, they are worth a second look.
        missed, more = compare(stored, _unseen(added.size, pairs, verdicts), self._settings, share)
        pairs, verdicts = stacked([pairs, missed]), stacked([verdicts, more])
        leads, follows = verdicts.have(LinkFlags.LEFT_LEADS), verdicts.have(LinkFlags.RIGHT_LEADS)
        links = Links(*pairs, verdicts.scores, leads, follows).take(np.flatnonzero(leads | follows))
        return links, pairs.take(verdicts.have(LinkFlags.TEMPLATE)), pairs.take(verdicts.have(LinkFlags.APART))

    def _stored(self, added: NDArray[np.int64]) -> StoredWords:
        """Return where the words of the nodes stand."""
        chunk, words = np.zeros((2, added.size), np.int32)
        begins = np.zeros(added.size, np.int64)
        for number, (there, nodes) in enumerate(zip(self._chunks, self._nodes, strict=True)):
            counts, mine = there.words, nodes >= 0
            chunk[nodes[mine]], words[nodes[mine]] = number, counts[mine]
            begins[nodes[mine]] = (np.cumsum(counts, dtype=np.int64) - counts)[mine]
        return StoredWords(self._chunks, chunk, begins, words).take(added)


def _least(one: NDArray[np.int32], other: NDArray[np.int32], settings: NearDuplicateSettings) -> NDArray[np.float64]:
    """Return in how many slots two texts must agree to be worth comparing exactly, by the numbers of their shingles.

    That is what the mildest verdict on texts of these sizes asks for, less the error that an estimate from this number
    of slots may have. A short text in a long one has a small Jaccard similarity even where it is contained as a whole.
    """
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    containment = min(settings.containment, settings.abridged_containment)
    contained = containment * smaller / np.maximum(larger + (1 - containment) * smaller, 1)
    asked = np.minimum(min(settings.jaccard, settings.edited_jaccard), contained)
    error = np.sqrt(asked * (1 - asked) / np.minimum(settings.sketch_slots, smaller))
    least: NDArray[np.float64] = (asked - _ERRORS * error) * settings.sketch_slots
    return least


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Nodes numbered by the best rank among their rows."""

    added: NDArray[np.int64]
    """(nodes,) the number each had when it was added."""
    rows: NDArray[np.int64]
    """Rows of all nodes, node after node, by rank within each."""
    begins: NDArray[np.int64]
    """(nodes + 1,) where the rows of each node begin."""


def _numbered(texts: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Give the different hashes numbers in the order in which they first occur, and tell where; 0 has -1."""
    order = np.argsort(texts, kind="stable")
    fresh = np.diff(texts[order], prepend=np.uint64(0)) != 0
    first = np.zeros(texts.size, bool)
    first[order] = fresh
    number = np.cumsum(first) - 1
    leader = order[np.maximum.accumulate(np.where(fresh, np.arange(texts.size), 0))]
    numbers = np.empty(texts.size, np.int64)
    numbers[order] = number[leader]
    return np.where(texts == 0, -1, numbers), first


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


def _unseen(count: int, pairs: Pairs, verdicts: Verdicts) -> Pairs:
    """Return pairs not compared yet of texts in one connected piece: all of small pieces, and all with its hub."""
    ends = pairs.take(verdicts.have(LEADS))
    degree = np.bincount(np.concatenate(ends), minlength=count)
    nodes = np.flatnonzero(degree)
    piece = components(count, *ends)[nodes]
    hubs = nodes[np.lexsort((nodes, -degree[nodes], piece))]
    pieces, first = np.unique(np.sort(piece), return_index=True)
    hub = hubs[first][np.searchsorted(pieces, piece)]
    near = bucket_pairs(piece.astype(np.uint64) << np.uint64(32), _PIECE)
    one = np.concatenate([nodes[near[0]], np.minimum(nodes, hub)[nodes != hub]])
    other = np.concatenate([nodes[near[1]], np.maximum(nodes, hub)[nodes != hub]])
    near_pairs, seen = distinct(pack(one, other)), np.sort(pack(*pairs))
    return unpack(near_pairs[~among(near_pairs, seen)])
