"""Near-duplicates: articles that are the same text but for edits, cuts and page furniture.

Identical texts (after normalisation) collapse first. The others get MinHash signatures of their shingles; banding finds
candidate pairs; each candidate is then compared exactly, so a group never rests on an estimate. Two texts belong
together in one of three ways: they share most of their running text; they share less of it, but nearly all their words,
as when one was edited word by word (two stories that quote the same passages share the passages and little else); or
one is contained in the other. Texts made from one template with other figures in it are kept apart.
"""

from __future__ import annotations

import tempfile
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
from cleaner.profiles import SHINGLE, Profiles, profiles
from cleaner.settings import NearDuplicateSettings
from cleaner.verdicts import Verdicts, judge
from cleaner.words import Words

_ERRORS = 3.5
"""Standard errors that an estimated similarity may lie below the least that a verdict asks for: one pair in 4,000 at
that limit is lost, and a third of all comparisons are spared."""
_SAME_OPENING = 0.6
"""Estimated similarity of openings from which on a pair is looked at: they have more than a sentence in common then."""
_PIECE = 16
"""Texts in a connected piece of which all pairs are compared; in larger ones each with its next so many and the hub."""
_MOST_COPIES = 4096
"""Pairs of rows that one link may stand for: beyond 64 copies of each of two texts, the first of each is linked."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What is kept of the texts of a batch: pure arrays, so that any process can make them."""

    texts: NDArray[np.uint64]
    """(texts,) hash of the whole sequence of words."""
    slots: NDArray[np.uint16]
    """(slots, texts) signatures, of the whole and of the opening. The low half of a slot tells two apart as well as
    the whole: a chance agreement costs one comparison."""
    features: NDArray[np.uint32]
    """The profiles, text after text."""
    counts: NDArray[np.int32]
    """(3, texts) sizes of their sets."""

    def select(self, which: NDArray[np.bool_]) -> Fingerprints:
        """Return those of some of the texts, by a (texts,) flag."""
        features = self.features[np.repeat(which, self.counts.sum(axis=0))]
        return Fingerprints(self.texts[which], self.slots[:, which], features, self.counts[:, which])


def fingerprints(words: Words, texts: NDArray[np.uint64], settings: NearDuplicateSettings) -> Fingerprints:
    """Make the fingerprints of a batch of texts; `texts` are their `text_hashes`."""
    grams = shingles(words, settings.shingle_words, settings.shingle_characters)
    head = opening(grams, settings.opening_shingles)
    whole = signatures(grams, settings.permutations, settings.seed).T.astype(np.uint16)
    begin = signatures(head, settings.opening_permutations, settings.seed).T.astype(np.uint16)
    return Fingerprints(texts, np.concatenate([whole, begin]), *profiles(words, grams))


class NearDuplicates:
    """Collects texts batch by batch, then groups them.

    In memory it keeps some hundred bytes for each different text, and while it groups, two for each slot of its
    signature; the signatures and what the exact comparison needs wait in temporary files.
    """

    def __init__(self, settings: NearDuplicateSettings, folder: Path | None = None) -> None:
        self._settings = settings
        self._profiles = Profiles(folder)
        self._texts: list[NDArray[np.uint64]] = []  # by batch: the hash of each row, 0 for a text without words
        self._seen = {0}  # hashes
        self._slots = tempfile.TemporaryFile(dir=folder, prefix="cleaner-slots-")  # noqa: SIM115 (`close`)
        self._batches: list[int] = []  # texts of each batch in the file of slots
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
        self._slots.close()
        self._profiles.close()

    def add(self, words: Words) -> None:
        """Take the next batch of texts. Rows are numbered in the order added."""
        texts = text_hashes(words)
        new = self._first_seen(texts)
        if new.any():
            self._keep(fingerprints(words if new.all() else words.select(new), texts[new], self._settings))

    def take(self, batch: Fingerprints) -> None:
        """Take the next batch of texts by their fingerprints, which another process has made."""
        new = self._first_seen(batch.texts)
        if new.any():
            self._keep(batch if new.all() else batch.select(new))

    def _keep(self, batch: Fingerprints) -> None:
        batch.slots.tofile(self._slots)
        self._batches.append(batch.texts.size)
        self._profiles.add(batch.features, batch.counts)

    def _first_seen(self, texts: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return which texts of a batch are the first of their kind, and not empty."""
        self._texts.append(texts)
        new = np.zeros(texts.size, bool)
        for at, key in enumerate(texts.tolist()):
            if key not in self._seen:
                self._seen.add(key)
                new[at] = True
        return new

    def groups(self, rank: NDArray[np.int64]) -> Grouping:
        """Group all texts added so far; also sets `templates`.

        `rank` is an (n,) total order of the rows that does not depend on their order in the input; ties of any kind go
        to the lower. The same texts with the same ranks give the same groups in any order.
        """
        node_of_row = _numbered(np.concatenate([np.zeros(0, np.uint64), *self._texts]))
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
        slots = self._read_slots(added[live])
        whole, begin = slots[: settings.permutations], slots[settings.permutations :]
        sizes = self._profiles.counts()[SHINGLE][added[live]]
        found = []
        for layer, bands in ((whole, settings.bands), (begin, settings.opening_bands)):
            dealt = band_slots(layer.shape[0], bands, settings.rows, settings.seed)
            left, right = candidates(layer, dealt, settings.bucket_reach)
            if layer is begin:
                close = agreements(begin, left, right) >= _SAME_OPENING * begin.shape[0]
                left, right = left[close], right[close]
            agreed = agreements(whole, left, right)
            close = agreed >= _least(sizes[left], sizes[right], settings)
            left, right, agreed = left[close], right[close], agreed[close]
            kept = closest(left, right, agreed, settings.candidates)
            found.append(pack(left[kept], right[kept]))
        left, right = unpack(distinct(np.concatenate(found)))
        return live[left], live[right]

    def _read_slots(self, nodes: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return the (slots, nodes) signatures of some nodes, in the order given."""
        height = self._settings.permutations + self._settings.opening_permutations
        slots = np.empty((height, nodes.size), np.uint16)
        place = np.full(sum(self._batches), -1)
        place[nodes] = np.arange(nodes.size)
        self._slots.seek(0)
        first = 0
        for size in self._batches:
            batch = np.fromfile(self._slots, np.uint16, height * size).reshape(height, size)
            places = place[first : first + size]
            slots[:, places[places >= 0]] = batch[:, places >= 0]
            first += size
        return slots

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


def _least(one: NDArray[np.int32], other: NDArray[np.int32], settings: NearDuplicateSettings) -> NDArray[np.float64]:
    """Return in how many slots two texts must agree to be worth comparing exactly, by the numbers of their shingles.

    That is what the mildest verdict on texts of these sizes asks for, less what an estimate from so many slots may be
    wrong by. A short text in a long one has a small Jaccard similarity even where it is contained as a whole.
    """
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    containment = min(settings.containment, settings.abridged_containment)
    contained = containment * smaller / np.maximum(larger + (1 - containment) * smaller, 1)
    asked = np.minimum(min(settings.jaccard, settings.edited_jaccard), contained)
    error = np.sqrt(asked * (1 - asked) / settings.permutations)
    least: NDArray[np.float64] = (asked - _ERRORS * error) * settings.permutations
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


def _numbered(texts: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Give the different hashes numbers in the order in which they first occur; 0 has -1."""
    numbers = np.full(texts.size, -1)
    live = np.flatnonzero(texts)
    _, first, inverse = np.unique(texts[live], return_index=True, return_inverse=True)
    number = np.empty(first.size, np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    numbers[live] = number[inverse]
    return numbers


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
