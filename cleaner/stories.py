"""Stories: which articles tell of the same event, whoever wrote them.

Two reports of one event share few phrases, so shingles cannot find them; they share the words that make the event. The
steps: the heaviest terms of each article (`terms`, `vectors`), candidates by MinHash inside a window of days
(`candidates`), a decision on each pair, and average linkage (`linkage`).

The decision starts from the cosine of the terms, faded by the days between the two. It is raised where the heaviest
terms and the leads agree better than the rest, which tells an event from its theme, and lowered by what surrounds the
two (`surroundings`): where many others are about as close, and where one of them has better matches and a step lies
between. That last part is what a fixed threshold cannot do: corpora differ in how alike their different events are.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

from cleaner.candidates import all_pairs, complete, shared_slots, signatures
from cleaner.grouping import Grouping
from cleaner.linkage import average_linkage
from cleaner.settings import StorySettings
from cleaner.surroundings import Surroundings, surroundings
from cleaner.tables import BYTES_IN_MEMORY
from cleaner.terms import Terms, join, terms
from cleaner.vectors import Agreement, Pairs, agreement, weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaner.words import Words

LINKED = 0.5
"""The mean score from which two groups are one story: a pair of similarity `threshold` scores just that."""
FLOOR = 0.12
"""Pairs that score less are too many to keep and too weak to matter: they count as 0 in linkage."""
SMOOTHING = 0.05
"""Added to a cosine before it is divided by another: below it a cosine is noise."""


def day_of(published: str | None) -> int:
    """Return the proleptic ordinal of a date, 0 if it is not known to the day."""
    try:
        return dt.date.fromisoformat((published or "")[:10]).toordinal()
    except ValueError:
        return 0


def own_title(title: str | None, text: str) -> str:
    """Return a title that is to be counted beside its text: none if the text begins with it."""
    return "" if text.lstrip().startswith(title or "") else title or ""


class Stories:
    """Collects articles batch by batch, then groups them by event.

    Of an article its `kept_terms` heaviest words (7 bytes each: 1.8 KB an article) and its day are kept, in memory up
    to some hundred thousand articles and in temporary files beyond.
    """

    def __init__(self, settings: StorySettings) -> None:
        self._settings = settings
        self._found: list[Terms] = []
        self._days: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        self._filed = 0  # so many of `_found` are in files
        self._waiting = 0  # bytes of the keys of the others

    def add(self, titles: Words, texts: Words, days: NDArray[np.int32]) -> None:
        """Take a batch of articles; rows are numbered in the order added.

        `titles`: words of the title, none where the text starts with it. `days`: (articles,) proleptic ordinal day of
        publication, 0 where unknown.
        """
        settings = self._settings
        self._found.append(terms(titles, texts, settings.kept_terms, settings.fade_words, settings.prior_documents))
        self._waiting += self._found[-1].keys.nbytes
        if self._waiting > BYTES_IN_MEMORY:
            self._found[self._filed :] = [join(self._found[self._filed :], settings.kept_terms)]
            self._filed, self._waiting = len(self._found), 0
        self._days.append(days.astype(np.int32))

    def groups(self, rank: NDArray[np.int64], labels: NDArray[np.int64] | None = None) -> Grouping:
        """Group what was added.

        `rank`: (articles,) a total order that does not depend on the input's; it breaks every tie, lower first.
        `labels`: (articles,) near-duplicate group of each article as the row of its representative. Copies are one
        article here, dated by the earliest of them, and inherit its story: fifty reprints must not outweigh a story's
        other reports.
        """
        labels = np.arange(rank.size) if labels is None else labels
        rows = np.flatnonzero(labels == np.arange(rank.size))
        rows = rows[np.argsort(rank[rows], kind="stable")]
        days = _earliest(np.concatenate(self._days), labels)[rows]
        found = join(self._found, self._settings.kept_terms, rows)
        pairs, scores = score_pairs(found, days, self._settings)
        story = average_linkage(rows.size, pairs.left, pairs.right, scores, LINKED)
        named = np.zeros(rank.size, np.int64)
        named[rows] = rows[story]
        inside = story[pairs.left] == story[pairs.right]
        one, other = rows[pairs.left[inside]], rows[pairs.right[inside]]
        one, other = np.minimum(one, other), np.maximum(one, other)
        order = np.lexsort((other, one))
        return Grouping(named[labels], one[order], other[order], scores[inside][order])


def _earliest(days: NDArray[np.int32], labels: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return for each representative the earliest known day among its copies, 0 if none is known."""
    never = np.int32(np.iinfo(np.int32).max)
    first = np.full(days.size, never)
    np.minimum.at(first, labels, np.where(days > 0, days, never))
    return np.where(first == never, np.int32(0), first)


def score_pairs(found: Terms, days: NDArray[np.int32], settings: StorySettings) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs that could matter for linkage and their scores, (pairs,) float32 from `FLOOR` to 1."""
    vectors = weigh(found, settings.vector_terms, settings.prior_documents)
    if days.size <= settings.exact_documents:
        pairs = all_pairs(days, settings.window_days)
    else:
        signed = signatures(vectors, settings.signature_terms, settings.slots)
        pairs = shared_slots(signed, days, settings.window_days, settings.neighbours)
    agreed = agreement(vectors, pairs)
    close = agreed.cosine * nearness(days, pairs, settings)
    around = surroundings(days.size, pairs, agreed.cosine, close, settings)
    scores = score(days, pairs, agreed, settings, around)
    if days.size > settings.exact_documents:
        more = complete(pairs.take(scores >= LINKED), days, settings.window_days, settings.whole_piece)
        agreed_more = agreement(vectors, more)
        pairs, scores = _merged(pairs, scores, more, score(days, more, agreed_more, settings, around), days.size)
    good = scores >= FLOOR
    return pairs.take(good), scores[good]


def _merged(
    pairs: Pairs, scores: NDArray[np.float32], more: Pairs, more_scores: NDArray[np.float32], documents: int
) -> tuple[Pairs, NDArray[np.float32]]:
    left, right = np.concatenate([pairs.left, more.left]), np.concatenate([pairs.right, more.right])
    code, first = np.unique(left * documents + right, return_index=True)
    return Pairs(code // documents, code % documents), np.concatenate([scores, more_scores])[first]


def nearness(days: NDArray[np.int32], pairs: Pairs, settings: StorySettings) -> NDArray[np.float32]:
    """Return the factor by which each pair's days fade its similarity, (pairs,) float32."""
    apart = np.abs(days[pairs.left] - days[pairs.right])
    known = (days[pairs.left] > 0) & (days[pairs.right] > 0)
    fading = np.minimum(apart, 7) / settings.week_decay_days + np.maximum(apart - 7, 0) / settings.decay_days
    faded = np.where(apart > settings.window_days, 0.0, np.exp(-fading))
    return np.where(known, faded, settings.undated_factor).astype(np.float32)


def score(
    days: NDArray[np.int32],
    pairs: Pairs,
    agreed: Agreement,
    settings: StorySettings,
    around: Surroundings | None = None,
) -> NDArray[np.float32]:
    """Return how likely each pair is one story, (pairs,) float32, 0 to 1; a pair at the threshold scores 0.5.

    `around`: what surrounds the articles; where it is not known they are judged as in a corpus too small to tell.
    """
    close = agreed.cosine * nearness(days, pairs, settings)
    ratio = (agreed.heavy + SMOOTHING) / (agreed.cosine + SMOOTHING)
    gain = settings.lead_gain * agreed.lead
    if around:
        gain -= settings.crowding_power * around.crowded(pairs)
        gain -= settings.step_power * around.apart(pairs, agreed.cosine, settings.step_from, settings.step_most)
    else:
        gain -= settings.crowding_power * 2 * settings.crowded_alone
    odds = (close * ratio**settings.heavy_power * np.exp(gain) / settings.threshold) ** settings.steepness
    return np.asarray(odds / (odds + 1), np.float32)
