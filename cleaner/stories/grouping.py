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

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cleaner.arrays.lookup import among
from cleaner.arrays.pairs import Grouping, Pairs
from cleaner.arrays.spilling import spilled, stacked
from cleaner.settings.schema import StorySettings
from cleaner.stories.base_rate import BaseRate
from cleaner.stories.candidates import (
    GAP,
    all_pairs,
    complete_components,
    sample_chance_pairs,
    shared_slots,
    signatures,
)
from cleaner.stories.linkage import average_linkage
from cleaner.stories.local_scaling import LocalScaling, ScalingCounter
from cleaner.stories.scoring import FLOOR_ODDS, LINKED, likelihood, log_odds, nearness
from cleaner.stories.templates import Templates
from cleaner.stories.terms import Terms, join
from cleaner.stories.vectors import Agreement, Vectors, agreement, weigh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

Compared = tuple[Pairs, Agreement]


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What is known of articles besides their words."""

    days: NDArray[np.int32]
    """(articles,) proleptic ordinal day of publication, 0 where unknown."""
    rank: NDArray[np.int64]
    """(articles,) a total order that does not depend on the input's; it breaks every tie, lower first."""
    labels: NDArray[np.int64] | None = None
    """(articles,) near-duplicate group of each article as the row of its representative; None where not looked for."""
    sites: NDArray[np.int32] | None = None
    """(articles,) number of the site of each article, -1 where unknown."""


def story_groups(
    found: Iterable[Terms], facts: ArticleFacts, settings: StorySettings, memory: int = 1 << 30
) -> Grouping:
    """Group articles by event. `found` are their terms, batch by batch.

    Near-duplicates are one article here, dated by the earliest of them, and inherit its story: fifty reprints must not
    outweigh a story's other reports. What would take more than `memory` bytes is in temporary files.
    """
    rank = facts.rank
    labels = np.arange(rank.size) if facts.labels is None else facts.labels
    rows = np.flatnonzero(labels == np.arange(rank.size))
    rows = rows[np.argsort(rank[rows], kind="stable")]
    whole = join(found, settings.kept_terms, rows, rank.size, memory // 8)
    vectors = weigh(whole, settings.vector_terms, settings.prior_documents, memory // 8)
    del whole  # as large as the vectors
    pairs, scores = score_vectors(vectors, _of_representatives(facts, rows), settings, memory)
    story = average_linkage(rows.size, pairs.left, pairs.right, scores, LINKED)
    named = np.zeros(rank.size, np.int64)
    named[rows] = rows[story]
    inside = story[pairs.left] == story[pairs.right]
    one, other = rows[pairs.left[inside]], rows[pairs.right[inside]]
    one, other = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((other, one))
    return Grouping(named[labels], one[order], other[order], scores[inside][order])


def _of_representatives(facts: ArticleFacts, rows: NDArray[np.int64]) -> ArticleFacts:
    """Return what is known of the articles that stand for their copies."""
    rank = np.arange(rows.size)
    sites = None if facts.sites is None else facts.sites[rows]
    if facts.labels is None:
        return ArticleFacts(facts.days[rows], rank, sites=sites)
    return ArticleFacts(_earliest(facts.days, facts.labels)[rows], rank, rank, sites)


def _earliest(days: NDArray[np.int32], labels: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return for each representative the earliest known day among its copies, 0 if none is known."""
    never = np.int32(np.iinfo(np.int32).max)
    first = np.full(days.size, never)
    np.minimum.at(first, labels, np.where(days > 0, days, never))
    return np.where(first == never, np.int32(0), first)


def score_pairs(found: Terms, days: NDArray[np.int32], settings: StorySettings) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs that could matter for linkage and their scores, (pairs,) float32 from `FLOOR` to 1."""
    facts = ArticleFacts(days, np.arange(days.size))
    return score_vectors(weigh(found, settings.vector_terms, settings.prior_documents), facts, settings)


def score_vectors(
    vectors: Vectors, facts: ArticleFacts, settings: StorySettings, memory: int = 1 << 30
) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs that could matter for linkage and their scores, of articles whose words are weighed.

    Candidates are many times as many as the pairs that are kept, so they come and go by the million. What surrounds
    an article is known when all its pairs are; until then a pair is kept if it could matter at all.
    """
    days, copies = facts.days, facts.labels is None
    lookout = ScalingCounter(days.size, settings, memory // 16)
    loneliest = LocalScaling.loneliest(days.size)
    kept: deque[Compared] = deque()
    waiting: list[Compared] = []
    for some, agreed in compared(vectors, days, settings, lookout, memory):
        good = np.flatnonzero(log_odds(days, some, agreed, settings, loneliest) >= FLOOR_ODDS)
        waiting.append((some.take(good), agreed.take(good)))
        if sum(column.nbytes for part in waiting for columns in part for column in columns.arrays) > memory // 8:
            kept.append(_stored(waiting))
            waiting = []
    around = lookout.surroundings()
    kept.extend(waiting)
    judged = _likely((kept.popleft() for _ in range(len(kept))), days, around, settings)
    templates = Templates.of(vectors, judged.pairs, copies=copies)
    odds = judged.odds + settings.steepness * templates.discount(vectors, judged.pairs)
    rate = BaseRate.of(judged.pairs, odds, facts.sites, days.size)
    pairs, odds = _at_least(FLOOR_ODDS, judged.pairs, odds + rate.shifts(judged.pairs, judged.agreed))
    if days.size > settings.exact_documents or settings.window_days > GAP:
        linked = pairs.take(likelihood(odds) >= LINKED)
        pieces = complete_components(linked, days, settings.window_days, settings.whole_piece)
        new = (some.take(~_among(some, pairs, days.size)) for some in pieces)
        judged = _likely(((some, agreement(vectors, some)) for some in new), days, around, settings)
        added = judged.odds + settings.steepness * templates.discount(vectors, judged.pairs)
        added += rate.shifts(judged.pairs, judged.agreed)
        pairs, odds = _merged(pairs, odds, *_at_least(FLOOR_ODDS, judged.pairs, added))
    return pairs, likelihood(odds)


def compared(
    vectors: Vectors, days: NDArray[np.int32], settings: StorySettings, lookout: ScalingCounter, memory: int = 1 << 30
) -> Iterator[Compared]:
    """Yield the candidates with how far they agree, by the million, when `lookout` has looked at them."""
    window = min(settings.window_days, GAP)
    if days.size <= settings.exact_documents:
        every = all_pairs(days, window)
        candidates = iter([(every, np.zeros(every.left.size, bool))])
    else:
        signed = signatures(vectors, settings.signature_terms, settings.slots, memory // 8)
        candidates = shared_slots(signed, days, window, settings.neighbours, memory // 8)
    for met, once in candidates:
        some, counts = sample_chance_pairs(met, once, vectors, days)
        agreed = agreement(vectors, some)
        lookout.add(some, agreed.cosine, agreed.cosine * nearness(days, some, settings), counts)
        yield some, agreed


def _stored(parts: list[Compared]) -> Compared:
    """Put pairs away in files."""
    pairs, agreed = ([spilled(column) for column in stacked(side).arrays] for side in zip(*parts, strict=True))
    return Pairs(*pairs), Agreement(*agreed)


class _Judged(NamedTuple):
    """Pairs that could be one story by their words and days."""

    pairs: Pairs
    agreed: Agreement
    odds: NDArray[np.float32]
    """(pairs,) natural logarithm of the odds."""


def _likely(
    parts: Iterable[Compared], days: NDArray[np.int32], around: LocalScaling, settings: StorySettings
) -> _Judged:
    """Return the pairs that score `FLOOR` at least by their words and days."""
    none = np.zeros(0, np.float32)
    found = [_Judged(Pairs.none(), Agreement(none, none, none), none)]
    for pairs, agreed in parts:
        odds = log_odds(days, pairs, agreed, settings, around)
        good = np.flatnonzero(odds >= FLOOR_ODDS)
        found.append(_Judged(pairs.take(good), agreed.take(good), odds[good]))
    pairs, agreed = stacked([part.pairs for part in found]), stacked([part.agreed for part in found])
    return _Judged(pairs, agreed, np.concatenate([part.odds for part in found]))


def _at_least(least: float, pairs: Pairs, odds: NDArray[np.float32]) -> tuple[Pairs, NDArray[np.float32]]:
    """Return the pairs whose odds are high enough, with them."""
    good = np.flatnonzero(odds >= least)
    return pairs.take(good), odds[good]


def _among(some: Pairs, pairs: Pairs, documents: int) -> NDArray[np.bool_]:
    """Mark the pairs that are among `pairs` too."""
    code, known = some.left * documents + some.right, pairs.left * documents + pairs.right
    return among(code, known)


def _merged(
    one: Pairs, scores: NDArray[np.float32], other: Pairs, other_scores: NDArray[np.float32]
) -> tuple[Pairs, NDArray[np.float32]]:
    """Put together pairs that have none in common."""
    left, right = np.concatenate([one.left, other.left]), np.concatenate([one.right, other.right])
    order = np.lexsort((right, left))
    return Pairs(left[order], right[order]), np.concatenate([scores, other_scores])[order]
