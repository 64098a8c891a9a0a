"""Stories in an index: an article joins the story it is most like, or begins one.

Every text posts its heaviest terms under the month of its day; those that share most of an article's weight are
compared with it as a batch compares them (`stories`). It joins the story with the best mean score over its members, if
that is what linkage asks for. How common a word is, is taken from the articles that came before, counted anew after
every few hundred, so what an article finds depends on what came before it alone. Two things only a batch can tell: how
crowded an article's surroundings are, and that two stories are one after all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.index_postings import Postings
from cleaner.index_store import Store
from cleaner.lsh import distinct, places
from cleaner.settings import StorySettings
from cleaner.stories import LINKED, own_title, score
from cleaner.terms import Terms, background, idf, terms
from cleaner.vectors import HEAVY, Pairs, Vectors, agreement, frequencies, weigh_by
from cleaner.words import Words, words

LIST = 48
"""Articles that a list of a term and month keeps, the latest."""
_MONTH = 30  # days of a bucket of dates; an article asks for its own, the one before and the one after
_UNDATED, _ANY = 0, 1  # buckets of articles without a day, and of all, for those to find
_ANY_TERMS = 8
_SHARED = 0.06  # of its squared weight, which another article must share to be compared
_CANDIDATES = 12
_MEMBERS = 16  # of a story that an article is compared with, the latest
_REMEMBERED = 8192  # texts whose terms stay in memory
_COUNTED = ("word_keys", "word_counts", "word_documents", "words_until")
_GROWN = 512  # articles after which words are counted anew


def terms_of(articles: Sequence[tuple[str, str]], texts: Words, settings: StorySettings) -> Terms:
    """Return the terms of articles, given as title and text; `texts` are the words of their texts."""
    titles = [own_title(title, text) for title, text in articles]
    return terms(words(titles), texts, settings.kept_terms, settings.fade_words, settings.prior_documents)


class Counts:
    """How many articles keep each word, as of the last time they were counted."""

    def __init__(self, store: Store, settings: StorySettings) -> None:
        self._store, self._settings = store, settings
        self.load()

    def load(self) -> None:
        """Read the counts, when the file was opened and after another process has written."""
        keys, counts = self._store.get("word_keys") or b"", self._store.get("word_counts") or b""
        self._keys, self._counts = np.frombuffer(keys, np.uint32), np.frombuffer(counts, np.uint32)
        self.documents = self._store.get("word_documents") or 0
        self.until = self._store.get("words_until") or 1
        """Number of the first article that is not counted."""

    def due(self) -> int:
        """Return the number of the article before which the counts are to be renewed."""
        return self.until + _GROWN

    def renew(self, found: Sequence[Terms], until: int) -> None:
        """Add the articles that came since."""
        keys, counts = [self._keys], [self._counts.astype(np.int64)]
        for some in found:
            more, times = frequencies(some)
            keys.append(more)
            counts.append(times)
            self.documents += len(some.keys)
        joined, total = np.concatenate(keys), np.concatenate(counts)
        order = np.argsort(joined, kind="stable")
        joined, total = joined[order], total[order]
        first = np.flatnonzero(np.diff(joined, prepend=np.uint32(0)))
        self._keys = joined[first]
        self._counts = (np.add.reduceat(total, first) if first.size else total).astype(np.uint32)
        self.until = until
        values = (self._keys.tobytes(), self._counts.tobytes(), self.documents, until)
        for key, value in zip(_COUNTED, values, strict=True):
            self._store.put(key, value)

    def weigh(self, found: Terms) -> Vectors:
        """Return articles as vectors of their heaviest terms."""
        vocabulary = distinct(found.keys[found.keys > 0])
        at = np.minimum(np.searchsorted(self._keys, vocabulary), max(self._keys.size - 1, 0))
        counts = np.zeros(vocabulary.size, np.int64)
        if self._keys.size:
            counts = np.where(self._keys[at] == vocabulary, self._counts[at], 0)
        prior = self._settings.prior_documents
        idfs = idf(counts, background().shares(vocabulary), self.documents, prior)
        return weigh_by(found, self._settings.vector_terms, vocabulary, idfs)


class Seeker:
    """Finds for the articles of a batch those that could tell of the same event, and scores them."""

    def __init__(self, store: Store, settings: StorySettings) -> None:
        self._store, self._settings = store, settings
        self.postings = Postings(store.db, "term", LIST, "newest")
        self.counts = Counts(store, settings)
        self._terms: OrderedDict[int, Terms] = OrderedDict()

    def load(self) -> None:
        """Read the state of the file again."""
        self.postings.load()
        self.counts.load()

    def clear(self) -> None:
        """Forget what was posted and counted."""
        self.postings.clear()
        for key in _COUNTED:
            self._store.put(key, None)
        self.counts.load()

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
            articles = self._store.texts(some)
            made = terms_of(articles, words([text for _, text in articles]), self._settings)
            found |= {row: made.rows(at, at + 1) for at, row in enumerate(some)}
        parts = [self._terms[row] if row in self._terms else found[row] for row in rows]
        for row in missing:
            self.remember([row], found[row])
        return _joined(parts) if parts else Terms.none(0, self._settings.kept_terms)

    def renew_before(self, row: int) -> None:
        """Bring the word counts to where they are to be before an article is entered."""
        while row >= self.counts.due():
            self._renew(self.counts.due())

    def _renew(self, until: int) -> None:
        """Bring the word counts to all articles below a number."""
        rows = self._store.between(self.counts.until, until)
        parts = [self.terms(rows[start : start + 128]) for start in range(0, len(rows), 128)]
        self.counts.renew(parts, until)

    def post(self, found: Terms, rows: NDArray[np.int64], days: NDArray[np.int64]) -> None:
        """Add texts to the lists."""
        keys, text, column, _ = _posted(self.counts.weigh(found))
        month = np.where(days > 0, days // _MONTH + 2, _UNDATED)[text]
        tags = np.zeros(text.size, np.int64)
        self.postings.add(_bucket(keys, month), rows[text], tags)
        few = column < _ANY_TERMS
        self.postings.add(_bucket(keys[few], np.full(few.sum(), _ANY)), rows[text[few]], tags[few])

    def find(self, found: Terms, days: NDArray[np.int64], before: NDArray[np.int64]) -> list[list[int]]:
        """Return for each article of a batch the numbers of those that share most of its weight."""
        keys, text, _, share = _posted(self.counts.weigh(found))
        month = days[text] // _MONTH + 2
        dated = np.flatnonzero(days[text] > 0)
        undated = np.flatnonzero(days[text] == 0)
        asked = [dated, dated, dated, dated, undated, undated]
        buckets = [
            *(month[dated] + step for step in (-1, 0, 1)),
            *(np.full(some.size, bucket) for some, bucket in ((dated, _UNDATED), (undated, _UNDATED), (undated, _ANY))),
        ]
        term = np.concatenate(asked)
        hits = self.postings.find(_bucket(keys[term], np.concatenate(buckets)), before[text[term]])
        # An undated article finds another one in both of its buckets: the pair of term and article counts once.
        code = term[hits.asked] << 28 | hits.rows
        code = distinct(code)
        term, rows = code >> 28, code & (1 << 28) - 1
        pair = text[term] << 28 | rows
        order = np.argsort(pair, kind="stable")
        first = np.flatnonzero(np.diff(pair[order], prepend=-1))
        shared = np.add.reduceat(share[term[order]], first) if first.size else np.zeros(0)
        asker, row = pair[order][first] >> 28, pair[order][first] & (1 << 28) - 1
        use = np.flatnonzero(shared >= _SHARED)
        use = use[np.lexsort((row[use], -shared[use], asker[use]))]
        asker, row = asker[use], row[use]
        kept = places(np.bincount(asker, minlength=days.size)) < _CANDIDATES
        result: list[list[int]] = [[] for _ in range(days.size)]
        for one, other in zip(asker[kept].tolist(), row[kept].tolist(), strict=True):
            result[one].append(other)
        return result

    def scores(self, found: Terms, days: NDArray[np.int64], others: Sequence[Sequence[int]]) -> list[dict[int, float]]:
        """Return how likely each article of a batch is one story with each of some stored ones."""
        rows = sorted({row for some in others for row in some})
        known = self._store.rows(rows)
        both = _joined([found, self.terms([row for row in rows if row in known])])
        place = {row: len(found.keys) + at for at, row in enumerate(row for row in rows if row in known)}
        rows_days = [known[row].day for row in rows if row in known]
        all_days = np.concatenate([days, np.array(rows_days, np.int64)]).astype(np.int32)
        pairs = [(at, place[row]) for at, some in enumerate(others) for row in sorted(some) if row in known]
        ends = np.array(pairs, np.int64).reshape(-1, 2)
        side = Pairs(ends[:, 0], ends[:, 1])
        if not pairs:
            return [{} for _ in others]
        agreed = agreement(self.counts.weigh(both), side)
        scored = score(all_days, side, agreed, self._settings).tolist()
        result: list[dict[int, float]] = [{} for _ in others]
        back = {number: row for row, number in place.items()}
        for (at, number), value in zip(pairs, scored, strict=True):
            result[at][back[number]] = value
        return result

    def story(self, found: Terms, day: int, scores: dict[int, float], own: int = 0) -> int | None:
        """Return the story that an article joins, None if it is like none. `own`: its number, which does not count."""
        known = self._store.rows([row for row, value in scores.items() if value >= LINKED])
        means: list[tuple[float, int]] = []
        for story in sorted({row.story for row in known.values()}):
            latest: dict[int, int] = {}  # a text of each group of near-duplicates
            for row in self._store.latest("story", story, 4 * _MEMBERS):
                if row.row != own:
                    latest.setdefault(row.near, row.node)
            members = list(latest.values())[:_MEMBERS]
            missing = [node for node in members if node not in scores]
            if missing:
                scores |= self.scores(found, np.array([day]), [missing])[0]
            if members:
                means.append((-sum(scores.get(node, 0.0) for node in members) / len(members), story))
        if not means or -min(means)[0] < LINKED:
            return None
        return min(means)[1]


def _joined(parts: Sequence[Terms]) -> Terms:
    """Put tables one below the other, in memory."""
    return Terms(
        np.concatenate([part.keys for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.lead for part in parts]),
    )


def _posted(
    made: Vectors,
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the heaviest terms of each text: key, text, place by weight, and share of the squared weight."""
    text, column = np.nonzero(made.ids[:, :HEAVY])
    keys = made.keys[made.ids[text, column] - 1]
    return keys, text, column, made.weights[text, column] ** 2


def _bucket(keys: NDArray[np.uint32], buckets: NDArray[np.int64]) -> NDArray[np.uint32]:
    mixed = keys * np.uint32(0x85EBCA6B) + buckets.astype(np.uint32) * np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(15)
    return mixed
