"""Stories: which articles tell of the same event, whoever wrote them.

Two reports of one event share few phrases, so shingles cannot find them; they share the words that make the event. The
steps: the heaviest terms of each article (`terms`), candidates by MinHash inside a window of days (`candidates`), the
cosine of the terms faded by the days between the two, and average linkage (`linkage`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.candidates import Pairs, all_pairs, cosines, shared_slots, signatures
from cleaner.grouping import Grouping
from cleaner.linkage import average_linkage
from cleaner.terms import Terms, terms, weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.words import Words


@dataclass(frozen=True, slots=True)
class StorySettings:
    """What makes two articles one story. The defaults hold for five articles and for fifty thousand.

    - `threshold`: mean similarity from which two groups are one story, 0 to 1. 0.14 was best or within 0.005 of it on
      eight labelled sets.
    - `window_days`: days; articles further apart are never one story.
    - `decay_days`: days in which the similarity fades to 1/e. Follow-ups use the words of the event they follow.
    - `undated_factor`: what is left of the similarity when a date is unknown, 0 to 1: about a week's fading.
    - `lead_words`: words in which the extra weight of an early word fades to 1/e. News puts the event first.
    - `prior_documents`: articles of the corpus that the background table counts for. It decides alone in a corpus of
      ten and is outvoted in one of a hundred thousand.
    - `kept_terms`: words kept of each article until the corpus is known; twice `vector_terms` loses nothing.
    - `vector_terms`: heaviest words that are compared. More of them are noise, fewer miss retold stories.
    - `signature_terms`: heaviest words that are signed with MinHash.
    - `slots`: MinHash slots, each a band of one row. 64 find 99.9% of the pairs of a story that are similar enough.
    - `neighbours`: articles that an article meets in one bucket, next in time.
    - `exact_documents`: articles up to which all pairs are compared and MinHash is not needed.
    - `whole_piece`: articles up to which all pairs of a connected piece are compared before linkage.
    """

    threshold: float = 0.14
    window_days: int = 30
    decay_days: float = 20.0
    undated_factor: float = 0.7
    lead_words: float = 100.0
    prior_documents: float = 3000.0
    kept_terms: int = 256
    vector_terms: int = 128
    signature_terms: int = 32
    slots: int = 64
    neighbours: int = 10
    exact_documents: int = 1000
    whole_piece: int = 500


FLOOR = 0.6
"""Pairs under this share of the threshold are too many to keep and too weak to matter: they count as 0 in linkage."""


class Stories:
    """Collects articles batch by batch, then groups them by event.

    Of an article its `kept_terms` heaviest words stay in memory (8 bytes each: 2 KB an article) and its day.
    """

    def __init__(self, settings: StorySettings) -> None:
        self._settings = settings
        self._keys: list[NDArray[np.uint32]] = []
        self._counts: list[NDArray[np.float32]] = []
        self._days: list[NDArray[np.int32]] = []

    def add(self, titles: Words, texts: Words, days: NDArray[np.int32]) -> None:
        """Take a batch of articles; rows are numbered in the order added.

        `titles`: words of the title, none where the text starts with it. `days`: (articles,) proleptic ordinal day of
        publication, 0 where unknown.
        """
        settings = self._settings
        found = terms(titles, texts, settings.kept_terms, settings.lead_words, settings.prior_documents)
        self._keys.append(found.keys)
        self._counts.append(found.counts)
        self._days.append(days.astype(np.int32))

    def groups(self, rank: NDArray[np.int64], labels: NDArray[np.int64] | None = None) -> Grouping:
        """Group what was added.

        `rank`: (articles,) a total order that does not depend on the input's; it breaks every tie, lower first.
        `labels`: (articles,) near-duplicate group of each article as the row of its representative. Copies are one
        article here, dated by the earliest of them, and inherit its story: fifty reprints must not outweigh a story's
        other reports.
        """
        documents = rank.size
        labels = np.arange(documents) if labels is None else labels
        if documents == 0:
            return Grouping(labels, labels, labels, np.zeros(0, np.float32))
        rows = np.flatnonzero(labels == np.arange(documents))
        rows = rows[np.argsort(rank[rows], kind="stable")]
        days = _earliest(np.concatenate(self._days), labels)[rows]
        found = Terms(np.concatenate(self._keys)[rows], np.concatenate(self._counts)[rows])
        pairs, scores = _scored(found, days, self._settings)
        story = average_linkage(rows.size, pairs.left, pairs.right, scores, self._settings.threshold)
        named = np.zeros(documents, np.int64)
        named[rows] = rows[story]
        inside = story[pairs.left] == story[pairs.right]
        one, other = rows[pairs.left[inside]], rows[pairs.right[inside]]
        order = np.lexsort((np.maximum(one, other), np.minimum(one, other)))
        return Grouping(
            named[labels], np.minimum(one, other)[order], np.maximum(one, other)[order], scores[inside][order]
        )


def _earliest(days: NDArray[np.int32], labels: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return for each representative the earliest known day among its copies, 0 if none is known."""
    never = np.int32(np.iinfo(np.int32).max)
    first = np.full(days.size, never)
    np.minimum.at(first, labels, np.where(days > 0, days, never))
    return np.where(first == never, np.int32(0), first)


def _scored(found: Terms, days: NDArray[np.int32], settings: StorySettings) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs worth keeping and their similarity."""
    vectors = weigh(found, settings.vector_terms, settings.prior_documents)
    if days.size <= settings.exact_documents:
        pairs = all_pairs(days, settings.window_days)
    else:
        signed = signatures(vectors, settings.signature_terms, settings.slots)
        pairs = shared_slots(signed, days, settings.window_days, settings.neighbours)
    scores = cosines(vectors, pairs) * nearness(days, pairs, settings)
    good = scores >= FLOOR * settings.threshold
    return Pairs(pairs.left[good], pairs.right[good]), scores[good]


def nearness(days: NDArray[np.int32], pairs: Pairs, settings: StorySettings) -> NDArray[np.float32]:
    """Return the factor by which each pair's days fade its similarity, (pairs,) float32."""
    apart = np.abs(days[pairs.left] - days[pairs.right])
    known = (days[pairs.left] > 0) & (days[pairs.right] > 0)
    faded = np.where(apart > settings.window_days, 0.0, np.exp(-apart / settings.decay_days))
    return np.where(known, faded, settings.undated_factor).astype(np.float32)
