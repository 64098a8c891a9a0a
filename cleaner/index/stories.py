"""Stories in an index: which articles could report the same event as a new one, and how likely that is.

Every text posts its heaviest terms, with their weights, under the month of its day. So the lists alone tell nearly how
far two articles agree, and only the best few are compared in full, as `cleaner.stories` compares them.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.pairs import Pairs
from cleaner.arrays.ragged import concatenated_ranges
from cleaner.arrays.spilling import stacked
from cleaner.index.articles import Store
from cleaner.index.comparison import Comparison, Neighbours
from cleaner.index.keys import ROW_BITS
from cleaner.index.postings import TAG_BITS, Postings
from cleaner.index.story_rate import ONE_IN, StoryRate
from cleaner.index.word_counts import Counts, Weighed
from cleaner.settings.schema import IndexSettings, StorySettings
from cleaner.stories.linkage import average_linkage
from cleaner.stories.scoring import LINKED, likelihood, log_odds
from cleaner.stories.templates import left_over, likely_template
from cleaner.stories.terms import Terms, terms_of
from cleaner.stories.vectors import HEAVY, Agreement, Vectors, agreement, copying
from cleaner.words.tokenising import words

_MONTH = 30  # days of a bucket of dates; an article looks into three: its own, the bucket before and the bucket after
_UNDATED = 0  # bucket of articles without a day
_DATED = 1  # bucket of articles with a day, where those without one find them
_DATED_TERMS = 8  # terms that an article posts there
_SHARED = 0.035  # least cosine of the posted terms of articles that are compared: 98% of the pairs of a story have it
_WEIGHTS = ((np.arange(1 << TAG_BITS) + 0.5) / (1 << TAG_BITS)).astype(np.float32) ** 2  # the weight of each tag
_FACTOR = np.uint32(0x85EBCA6B)
_BUCKETS = np.uint32(0xFF)  # 0, 1, and the months of twenty years; two that share one by chance score 0 in the end
_FINE = 20  # bits of a product of weights
_REMEMBERED = 8192  # texts whose terms stay in memory


class StoryMatcher:
    """Finds for the articles of a batch those that could report the same event, and scores them."""

    def __init__(self, store: Store, settings: StorySettings, how: IndexSettings) -> None:
        self.store, self._settings, self.how = store, settings, how
        self.postings = Postings(store.db, "term", how.term_articles, "newest")
        self.counts = Counts(store.db, settings, how.recount)
        self.rate = StoryRate(store.db)
        self._terms: OrderedDict[int, Terms] = OrderedDict()

    def load(self) -> None:
        """Read the state of the file again."""
        self._terms.clear()
        self.postings.load()
        self.counts.load()
        self.rate.load()

    def clear(self) -> None:
        """Forget what was posted and counted."""
        self.postings.clear()
        self.counts.clear()
        self.rate.clear()

    def remember(self, rows: Sequence[int], found: Terms) -> None:
        """Keep the terms of articles that have just come."""
        for at, row in enumerate(rows):
            self._terms[row] = found.rows(at, at + 1)
        while len(self._terms) > _REMEMBERED:
            self._terms.popitem(last=False)

    def terms(self, rows: Sequence[int]) -> Terms:
        """Return the terms of stored articles."""
        missing = [row for row in rows if row not in self._terms]
        found: dict[int, Terms] = {}
        for start in range(0, len(missing), 128):
            some = missing[start : start + 128]
            articles = list(self.store.records.texts(some).values())
            made = terms_of(articles, words([text for _, text in articles]), self._settings)
            found |= {row: made.rows(at, at + 1) for at, row in enumerate(some)}
        parts = [self._terms[row] if row in self._terms else found[row] for row in rows]
        for row in missing:
            self.remember([row], found[row])
        return stacked(parts) if parts else Terms.none(0, self._settings.kept_terms)

    def renew_before(self, row: int) -> None:
        """Count words anew as often as is due before an article of this number is entered."""
        while row >= self.counts.due():
            self._renew(self.counts.due())

    def _renew(self, until: int) -> None:
        """Count the words of all articles below a number."""
        rows = self.store.between(self.counts.until, until)
        parts = [self.terms(rows[start : start + 128]) for start in range(0, len(rows), 128)]
        self.counts.renew(parts, until)
        self._look_back(until)

    def _look_back(self, until: int) -> None:
        """Learn how many articles have a story, from some that have had time to meet those that came after them."""
        begin = max(until - 2 * self.how.recount, 1)
        rows = [row for row in self.store.between(begin, until - self.how.recount) if row % ONE_IN == 0]
        if not rows:
            return
        weighed, known = self.weighed(rows), self.store.days(rows)
        days = np.array([known[row] for row in rows], np.int64)
        others = self.find(weighed, days, np.full(len(rows), until))
        near = self.store.days(sorted({row for some in others for row in some}))
        place = {row: at for at, row in enumerate(near, len(rows))}
        pairs = [(at, place[row]) for at, some in enumerate(others) for row in some if row in place and row != rows[at]]
        best = np.full(len(rows), -np.inf, np.float32)
        if pairs:
            ends, _, odds = self._compared(
                stacked([weighed, self.weighed(list(near))]).vectors(), [*days.tolist(), *near.values()], pairs
            )
            np.maximum.at(best, ends.left, odds)
        self.rate.learn(best)

    def weighed(self, rows: Sequence[int]) -> Weighed:
        """Return the heaviest terms of stored articles, by how common words are now."""
        return self.counts.weigh_stored(rows, self.terms)

    def post(self, found: Weighed, rows: NDArray[np.int64], days: NDArray[np.int64]) -> None:
        """Enter texts into the lists. `rows` and `days`: (texts,) their numbers and days."""
        keys, text, column, weight = _posted(found)
        month = np.where(days > 0, _month(days), _UNDATED)[text]
        tags = np.minimum(np.sqrt(weight) * _WEIGHTS.size, _WEIGHTS.size - 1).astype(np.int64)
        self.postings.add(_bucket(keys, month), rows[text], tags)
        few = (column < _DATED_TERMS) & (days[text] > 0)
        self.postings.add(_bucket(keys[few], np.full(few.sum(), _DATED)), rows[text[few]], tags[few])

    def find(self, found: Weighed, days: NDArray[np.int64], before: NDArray[np.int64]) -> list[list[int]]:
        """Return for each article of a batch the numbers of those that share most of its weight, best first.

        `before`: (articles,) only articles with a lower number count.
        """
        keys, text, _, weight = _posted(found)
        dated, undated = np.flatnonzero(days[text] > 0), np.flatnonzero(days[text] == 0)
        asked = [
            *((dated, _month(days[text[dated]], step), 1.0) for step in (-1, 0, 1)),
            (dated, np.full(dated.size, _UNDATED), self._settings.undated_factor),
            *((undated, np.full(undated.size, kind), self._settings.undated_factor) for kind in (_UNDATED, _DATED)),
        ]
        term = np.concatenate([terms for terms, _, _ in asked])
        buckets = np.concatenate([some for _, some, _ in asked])
        faded = weight[term] * np.repeat([factor for _, _, factor in asked], [some.size for some, _, _ in asked])
        hits = self.postings.find(_bucket(keys[term], buckets), before[text[term]])
        product = faded[hits.asked] * _WEIGHTS[hits.tags] * (1 << _FINE)
        pair = (text[term[hits.asked]] << ROW_BITS | hits.rows) << _FINE | product.astype(np.int64)
        pair.sort()
        product, pair = pair & (1 << _FINE) - 1, pair >> _FINE
        first = np.flatnonzero(np.diff(pair, prepend=-1))
        shared = np.add.reduceat(product, first) if first.size else product
        asker, row = pair[first] >> ROW_BITS, pair[first] & (1 << ROW_BITS) - 1
        use = np.flatnonzero(shared >= _SHARED * (1 << _FINE))
        use = use[np.lexsort((row[use], -shared[use], asker[use]))]
        asker, row = asker[use], row[use]
        kept = concatenated_ranges(np.bincount(asker, minlength=days.size)) < self.how.story_candidates
        result: list[list[int]] = [[] for _ in range(days.size)]
        for one, other in zip(asker[kept].tolist(), row[kept].tolist(), strict=True):
            result[one].append(other)
        return result

    def scores(
        self, found: Weighed, days: NDArray[np.int64], others: Sequence[Sequence[int]]
    ) -> tuple[list[dict[int, float]], dict[tuple[int, int], float]]:
        """Return how likely each article of a batch is one story with stored ones, and these with each other.

        `others`: for each article the numbers of the stored ones. The second result has pairs that both are likely to
        be one story with the same article: grouping asks for them article by article, and one call for a whole batch
        takes a fraction of the time.
        """
        known = self.store.days(sorted({row for some in others for row in some}))
        rows = sorted(known)
        place = {row: at for at, row in enumerate(rows, len(others))}
        pairs = [(at, place[row]) for at, some in enumerate(others) for row in sorted(some) if row in place]
        if not pairs:
            return [{} for _ in others], {}
        both = stacked([found, self.weighed(rows)]).vectors()
        every = [*days.tolist(), *(known[row] for row in rows)]
        result: list[dict[int, float]] = [{} for _ in others]
        for (at, number), value in zip(pairs, self._scored(both, every, pairs), strict=True):
            result[at][rows[number - len(others)]] = value
        likely = ([place[row] for row, value in sorted(some.items()) if value >= LINKED] for some in result)
        among = sorted({pair for some in likely for pair in combinations(some, 2)})
        ends = ((rows[one - len(others)], rows[other - len(others)]) for one, other in among)
        return result, dict(zip(ends, self._scored(both, every, among), strict=True))

    def grouped(
        self, rows: Sequence[int], days: Sequence[int], comparison: Comparison, at: int, alike: Mapping[int, float]
    ) -> tuple[list[int], list[float]]:
        """Group stored articles and one of a batch, which is the last, as `cleaner.stories` does.

        Returns labels, and the scores of the pairs with the last. `rows`: numbers of the stored ones, ascending.
        `days`: of all. `at`: place of the last in its batch. `alike`: how likely it is one story with others.
        """
        last = len(rows)
        left, right, pairs = _all_pairs(last + 1)
        among: list[float] = []
        if all(alike.get(row, 0.0) >= LINKED for row in rows):  # most of the time: all pairs are compared already
            found_before = (alike[rows[i]] if j == last else comparison.among.get((rows[i], rows[j])) for i, j in pairs)
            among = [score for score in found_before if score is not None]
        if len(among) < len(pairs):
            stored, last_one = self._neighbours(rows, comparison.neighbours), slice(at, at + 1)
            both = stacked([stored, comparison.prepared.weighed.take(last_one)])
            among = self._scored(both.vectors(), days, pairs)
        scores = np.array(among, np.float32)
        if all(score >= LINKED for score in among):  # often, and then there is nothing to decide
            labels = [0] * (last + 1)
        else:
            labels = average_linkage(last + 1, left, right, scores, LINKED).tolist()
        return labels, scores[right == last].tolist()

    def _neighbours(self, rows: Sequence[int], known: Neighbours) -> Weighed:
        """Return the heaviest terms of stored articles; those that joined a story since are read."""
        places = [known.place.get(row, -1) for row in rows]
        return self.weighed(rows) if -1 in places else known.weighed.take(np.array(places))

    def _scored(self, found: Vectors, days: Sequence[int], pairs: Sequence[tuple[int, int]]) -> list[float]:
        """Return how likely each pair is one story; `pairs`: in ascending order."""
        if not pairs:
            return []
        ends, agreed, odds = self._compared(found, days, pairs)
        scored: list[float] = likelihood(odds + self.rate.rate.shifts(ends, agreed)).tolist()
        return scored

    def _compared(
        self, found: Vectors, days: Sequence[int], pairs: Sequence[tuple[int, int]]
    ) -> tuple[Pairs, Agreement, NDArray[np.float32]]:
        """Return pairs as columns, how far they agree, and the logarithms of their odds."""
        ends = Pairs(*np.array(pairs, np.int64).T)
        agreed = agreement(found, ends)
        odds = log_odds(np.array(days, np.int32), ends, agreed, self._settings)
        odds += self._settings.steepness * left_over(likely_template(copying(found, ends), copies=False))
        return ends, agreed, odds


@functools.lru_cache(maxsize=32)
def _all_pairs(size: int) -> tuple[NDArray[np.int64], NDArray[np.int64], list[tuple[int, int]]]:
    """Return all pairs of `size` rows in ascending order, as columns and as a list."""
    left, right = np.triu_indices(size, 1)
    return left, right, list(zip(left.tolist(), right.tolist(), strict=True))


def _posted(
    made: Weighed,
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the heaviest terms of each text: key, text, place by weight, and weight."""
    text, column = np.nonzero(made.keys[:, :HEAVY])
    return made.keys[text, column], text, column, made.weights[text, column]


def _month(days: NDArray[np.int64], step: int = 0) -> NDArray[np.int64]:
    """Return the bucket of the month of each day, or of the month `step` months later."""
    return (days // _MONTH + step) % 254 + 2


def _bucket(keys: NDArray[np.uint32], buckets: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the hash of each term in its bucket. The hashes of a term lie side by side: one look-up reads them all."""
    mixed = keys * _FACTOR
    mixed ^= mixed >> np.uint32(15)
    return mixed & ~_BUCKETS | buckets.astype(np.uint32)
