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
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cleaner.fingerprint import opening, shingles, sketches, text_hashes
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
from cleaner.profiles import Profiles, profiles
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
    """(slots, texts) sketches, of the whole and of the opening."""
    shingles: NDArray[np.int32]
    """(texts,) number of shingles, repeated ones too."""
    words: NDArray[np.int32]
    """(texts,) number of words."""
    hashes: NDArray[np.uint64]
    """(words,) the words, text after text: what an exact comparison starts from."""
    kinds: NDArray[np.uint8]
    """(words,) 1 for words that begin with a digit, 2 for single characters of a script without spaces."""

    def select(self, which: NDArray[np.bool_]) -> Fingerprints:
        """Return those of some of the texts, by a (texts,) flag."""
        kept = np.repeat(which, self.words)
        counts = self.shingles[which], self.words[which]
        return Fingerprints(self.texts[which], self.slots[:, which], *counts, self.hashes[kept], self.kinds[kept])


def fingerprints(words: Words, texts: NDArray[np.uint64], settings: NearDuplicateSettings) -> Fingerprints:
    """Make the fingerprints of a batch of texts; `texts` are their `text_hashes`."""
    grams = shingles(words, settings.shingle_words, settings.shingle_characters)
    head = opening(grams, settings.opening_shingles)
    whole = sketches(grams, settings.permutations, settings.seed, settings.min_shingles)
    begin = sketches(head, settings.opening_permutations, settings.seed, settings.min_shingles)
    counts = np.diff(grams.offsets).astype(np.int32), np.diff(words.offsets).astype(np.int32)
    kinds = words.numeric.view(np.uint8) | words.single.view(np.uint8) << np.uint8(1)
    return Fingerprints(texts, np.concatenate([whole, begin]), *counts, words.hashes, kinds)


class NearDuplicates:
    """Collects texts batch by batch, then groups them.

    In memory it keeps some hundred bytes for each different text, and while it groups, two for each slot of its
    sketch; the sketches and what the exact comparison needs wait in temporary files.
    """

    def __init__(self, settings: NearDuplicateSettings, folder: Path | None = None) -> None:
        self._settings = settings
        self._folder = folder
        self._texts: list[NDArray[np.uint64]] = []  # by batch: the hash of each row, 0 for a text without words
        self._seen = {0}  # hashes
        self._slots = tempfile.TemporaryFile(dir=folder, prefix="cleaner-slots-")  # noqa: SIM115 (`close`)
        self._words = tempfile.TemporaryFile(dir=folder, prefix="cleaner-words-")  # noqa: SIM115 (`close`)
        self._shingles: list[NDArray[np.int32]] = []  # by batch: those of each text
        self._counts: list[NDArray[np.int32]] = []  # by batch: the words of each text
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
        self._words.close()

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
        batch.hashes.tofile(self._words)
        batch.kinds.tofile(self._words)
        self._shingles.append(batch.shingles)
        self._counts.append(batch.words)

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
        sizes = np.concatenate([np.zeros(0, np.int32), *self._shingles])[added]
        live = np.flatnonzero(sizes >= settings.min_shingles)
        sizes = sizes[live]
        slots = self._read_slots(added[live])
        whole, begin = slots[: settings.permutations], slots[settings.permutations :]
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
        """Return the (slots, nodes) sketches of some nodes, in the order given."""
        height = self._settings.permutations + self._settings.opening_permutations
        slots = np.empty((height, nodes.size), np.uint16)
        place = np.full(sum(batch.size for batch in self._counts), -1)
        place[nodes] = np.arange(nodes.size)
        self._slots.seek(0)
        first = 0
        for size in map(len, self._counts):
            batch = np.fromfile(self._slots, np.uint16, height * size).reshape(height, size)
            places = place[first : first + size]
            slots[:, places[places >= 0]] = batch[:, places >= 0]
            first += size
        return slots

    def _links(self, added: NDArray[np.int64]) -> tuple[Links, Pairs, Pairs]:
        """Find and compare candidates: links, templates, and pairs that must not meet in a group."""
        left, right = self._candidates(added)
        with contextlib.closing(Profiles(self._folder)) as held:
            number = self._profile(added, np.union1d(left, right), held)
            verdicts = judge(held.shared(number[left], number[right]), self._settings)
            # Banding misses some pairs; those of texts that are linked through a third one are worth a second look.
            one, other = _unseen(added.size, left, right, verdicts)
            verdicts = verdicts.join(judge(held.shared(number[one], number[other]), self._settings))
        left, right = np.concatenate([left, one]), np.concatenate([right, other])
        linked = np.flatnonzero(verdicts.left_leads | verdicts.right_leads)
        links = Links(left, right, verdicts.scores, verdicts.left_leads, verdicts.right_leads).take(linked)
        template, apart = verdicts.template, verdicts.apart
        return links, (left[template], right[template]), (left[apart], right[apart])

    def _profile(self, added: NDArray[np.int64], nodes: NDArray[np.int64], held: Profiles) -> NDArray[np.int64]:
        """Make the profiles of some nodes, for the others are never compared; return the place of each in `held`."""
        asked = np.zeros(added.size, bool)
        asked[added[nodes]] = True
        place = np.full(added.size, -1)
        place[asked] = np.arange(nodes.size)
        self._words.seek(0)
        first = 0
        for counts in self._counts:
            total = int(counts.sum(dtype=np.int64))
            hashes, kinds = np.fromfile(self._words, np.uint64, total), np.fromfile(self._words, np.uint8, total)
            which = asked[first : first + counts.size]
            if which.any():
                found = bare_words(hashes, kinds, counts).select(which)
                grams = shingles(found, self._settings.shingle_words, self._settings.shingle_characters)
                held.add(*profiles(found, grams))
            first += counts.size
        return place[added]


def bare_words(hashes: NDArray[np.uint64], kinds: NDArray[np.uint8], counts: NDArray[np.int32]) -> Words:
    """Return words as they were kept: without buffer, spans and lengths."""
    none = np.zeros(0, np.int64)
    offsets = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    return Words(hashes, offsets, none, kinds & np.uint8(1) > 0, kinds & np.uint8(2) > 0, b"", none, none)


def _least(one: NDArray[np.int32], other: NDArray[np.int32], settings: NearDuplicateSettings) -> NDArray[np.float64]:
    """Return in how many slots two texts must agree to be worth comparing exactly, by the numbers of their shingles.

    That is what the mildest verdict on texts of these sizes asks for, less what an estimate from so many slots may be
    wrong by. A short text in a long one has a small Jaccard similarity even where it is contained as a whole.
    """
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    containment = min(settings.containment, settings.abridged_containment)
    contained = containment * smaller / np.maximum(larger + (1 - containment) * smaller, 1)
    asked = np.minimum(min(settings.jaccard, settings.edited_jaccard), contained)
    error = np.sqrt(asked * (1 - asked) / np.minimum(settings.permutations, smaller))
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
