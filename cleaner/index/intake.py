"""How articles enter an index: what is made of them, what is noted of them, and what they are compared with.

A batch is a value that goes from step to step: `prepare`, `insert`, `compare`. All of it is entered into the lists
before any of it is compared, and each article is compared with those of a lower number alone. So it does not matter how
articles are cut into batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article
from cleaner.dates.parsing import day_of
from cleaner.index.articles import Store
from cleaner.index.comparison import Comparison, Prepared
from cleaner.index.keys import MOST_ROWS, ArticleRow
from cleaner.index.near_duplicates import (
    LEADS,
    RowLinks,
    Texts,
    candidates,
    compare,
    copies,
    flags,
    post,
    texts_of,
    turned,
)
from cleaner.index.postings import Postings
from cleaner.index.stories import StoryMatcher
from cleaner.index.story_joining import neighbours
from cleaner.settings.schema import Settings
from cleaner.stories.terms import terms_of
from cleaner.words.tokenising import words

_AT_ONCE = 128  # stored texts that are read and made ready together: about as many as fit the processor's cache


class Intake:
    """The lists of an index, and what is looked up in them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self._settings = store, settings
        self._with_near_duplicates = settings.group.only != "stories"
        self._with_stories = settings.group.only != "near-duplicates"
        self._shingles = Postings(store.db, "shingle", settings.index.shingle_articles, "oldest")
        self.stories = StoryMatcher(store, settings.stories, settings.index)

    def create(self) -> None:
        """Make the tables."""
        self._shingles.create()
        self.stories.postings.create()

    def load(self) -> None:
        """Read what is kept in memory: when the file was opened, and after another process has written."""
        self._shingles.load()
        self.stories.load()

    def save(self) -> None:
        """Write what was entered since the last call."""
        self._shingles.save()
        self.stories.postings.save()

    def clear(self) -> None:
        """Forget all that is made of the articles."""
        self.store.unlink_all()
        self._shingles.clear()
        self.stories.clear()

    def portions(self, articles: Sequence[Article]) -> list[Sequence[Article]]:
        """Cut articles that are to be stored where the word counts are due to be renewed; see `prepare_new`."""
        first = self.stories.counts.next_due(self.store.next_row) - self.store.next_row
        edges = [0, *range(first, len(articles), self._settings.index.recount), len(articles)]
        return [articles[start:stop] for start, stop in pairwise(edges) if start < stop]

    def prepare_new(self, portion: Sequence[Article]) -> Prepared:
        """Make what is compared of a portion that is to be stored next, after renewing the word counts if due."""
        self.stories.renew_before(self.store.next_row)
        return self.prepare(portion)

    def prepare(self, articles: Sequence[Article]) -> Prepared:
        """Make what is compared of articles. Nothing is written."""
        texts = words([article.text for article in articles])
        terms = terms_of([(one.title or "", one.text) for one in articles], texts, self._settings.stories)
        return Prepared(
            articles,
            texts.sizes().tolist(),
            texts_of(texts, self._settings.near_duplicates),
            terms,
            self.stories.counts.weigh(terms),
            np.array([day_of(article.published) for article in articles], np.int64),
        )

    def insert(self, prepared: Prepared) -> list[ArticleRow]:
        """Store a batch and enter it into the lists; return its rows, each in groups of its own."""
        numbers = np.arange(len(prepared.articles)) + self.store.next_row
        columns = (numbers.tolist(), prepared.articles, self._nodes(prepared, numbers), prepared.days.tolist())
        rows = [
            ArticleRow(row, article.id, node, day, row, row) for row, article, node, day in zip(*columns, strict=True)
        ]
        hashes = prepared.texts.hashes.tolist()
        for row, *values in zip(rows, prepared.articles, prepared.sizes, hashes, strict=True):
            self.store.insert(row, *values)
        self._post(prepared, rows)
        return rows

    def insert_anew(self, rows: Sequence[int]) -> None:
        """Enter stored articles into the lists after `clear`, in the order of their numbers, and store their links."""
        self.stories.renew_before(rows[-1])
        prepared = self.prepare(self.store.records.articles(rows))
        self.store.set_nodes(self._nodes(prepared, np.array(rows)), rows)
        stored = self.store.rows(rows)
        ordered = [stored[row] for row in rows]
        self._post(prepared, ordered)
        for row, links in zip(rows, self.links(prepared, ordered), strict=True):
            self.store_links(row, links)
        self.save()

    def store_links(self, row: int, links: RowLinks) -> None:
        """Store the links of an article to those with lower numbers."""
        for other, (score, verdict) in links.items():
            self.store.link(other, row, score, verdict)

    def inherit(self, row: int, heirs: Sequence[int], links: Sequence[tuple[int, float, int]]) -> None:
        """Let the first of an article's copies take its place as the node. `links`: what the article was linked to."""
        heir = heirs[0]
        self.store.set_nodes([heir] * len(heirs), heirs)
        for other, score, verdict in links:
            # The flags are seen from the lower number, and the heir may be higher than the other where `row` was not.
            self.store.link(heir, other, score, verdict if (heir < other) == (row < other) else turned(verdict))
        prepared = self.prepare(self.store.records.articles([heir]))
        post(self._shingles, prepared.texts, np.array([heir]), np.ones(1, bool))
        self.stories.post(prepared.weighed, np.array([heir]), prepared.days)

    def compare(self, prepared: Prepared, rows: Sequence[ArticleRow]) -> Comparison:
        """Compare each article of a batch with those before it. `rows`: what `insert` returned of the batch."""
        alike, among = self._alike(prepared, np.array([row.row for row in rows]))
        alike = [found if row.node == row.row else {} for row, found in zip(rows, alike, strict=True)]
        links = self.links(prepared, rows)
        return Comparison(prepared, rows, links, alike, among, neighbours(self.stories, alike))

    def compare_unstored(self, prepared: Prepared) -> Comparison:
        """Compare articles that are not stored with all that are. Of copies the first is a link with score 1."""
        before = np.full(len(prepared.articles), MOST_ROWS)
        links = self._links(prepared, before)
        for found, row in zip(links, self._copied(prepared, before), strict=True):
            if row:
                found[row] = (1.0, LEADS)
        alike, among = self._alike(prepared, before)
        return Comparison(prepared, (), links, alike, among, neighbours(self.stories, alike))

    def links(self, prepared: Prepared, rows: Sequence[ArticleRow]) -> list[RowLinks]:
        """Return the links of each stored article of a batch to those before it; a copy has none."""
        found = self._links(prepared, np.array([row.row for row in rows]))
        return [links if row.node == row.row else {} for row, links in zip(rows, found, strict=True)]

    def _alike(
        self, prepared: Prepared, before: NDArray[np.int64]
    ) -> tuple[list[dict[int, float]], dict[tuple[int, int], float]]:
        """Return what `StoryMatcher.scores` does of the best candidates with lower numbers than `before`."""
        if not self._with_stories:
            return [{} for _ in prepared.articles], {}
        found = self.stories.find(prepared.weighed, prepared.days, before)
        return self.stories.scores(prepared.weighed, prepared.days, found)

    def _post(self, prepared: Prepared, rows: Sequence[ArticleRow]) -> None:
        """Enter the stored articles that have words of their own into the lists."""
        numbers, own = np.array([row.row for row in rows]), np.array([row.node == row.row for row in rows])
        if self._with_stories:
            self.stories.remember(numbers.tolist(), prepared.terms)
            self.stories.post(prepared.weighed.take(own), numbers[own], prepared.days[own])
        if self._with_near_duplicates:
            post(self._shingles, prepared.texts, numbers, own)

    def _nodes(self, prepared: Prepared, rows: NDArray[np.int64]) -> list[int]:
        """Return for each text of a batch the number of the first article with the same words: its own, if none is."""
        known = self._copied(prepared, np.full(rows.size, rows[0]))
        seen: dict[int, int] = {}
        return [
            first or (seen.setdefault(text, row) if text else row)
            for row, text, first in zip(rows.tolist(), prepared.texts.hashes.tolist(), known, strict=True)
        ]

    def _copied(self, prepared: Prepared, before: NDArray[np.int64]) -> list[int]:
        """Return for each text the number of the stored article with the same words, 0 if there is none."""
        if not self._with_near_duplicates:
            return [0] * len(prepared.articles)
        near = copies(self._shingles, prepared.texts, before)
        place, parts = self._texts(sorted(set(near.rows.tolist())))
        hashes = np.concatenate([np.zeros(0, np.uint64), *(part.hashes for part in parts)]).tolist()
        found = [0] * len(prepared.articles)
        for asked, row in zip(near.asked.tolist(), near.rows.tolist(), strict=True):
            if row in place and hashes[place[row]] == prepared.texts.hashes[asked] and not found[asked]:
                found[asked] = row
        return found

    def _texts(self, rows: Sequence[int]) -> tuple[dict[int, int], list[Texts]]:
        """Return the place of each stored article that is still there, and what their texts are compared by."""
        texts = self.store.records.texts(rows)
        every = [text for _, text in texts.values()]
        parts = [
            texts_of(words(every[start : start + _AT_ONCE]), self._settings.near_duplicates)
            for start in range(0, len(every), _AT_ONCE)
        ]
        return {row: at for at, row in enumerate(texts)}, parts

    def _links(self, prepared: Prepared, before: NDArray[np.int64]) -> list[RowLinks]:
        """Compare texts with their candidates; return by text those that are linked or must stay apart."""
        found: list[RowLinks] = [{} for _ in prepared.articles]
        if not self._with_near_duplicates:
            return found
        near = candidates(self._shingles, prepared.texts, before, self._settings.near_duplicates)
        of_batch = {row: at for at, row in enumerate(before.tolist()) if row < MOST_ROWS}
        place, stored = self._texts(sorted({row for row in near.rows.tolist() if row not in of_batch}))
        place = {row: at + len(prepared.articles) for row, at in place.items()} | of_batch
        pairs = [
            (at, place[row], row)
            for at, row in zip(near.asked.tolist(), near.rows.tolist(), strict=True)
            if row in place
        ]
        ends = np.array(pairs, np.int64).reshape(-1, 3)
        verdicts = compare([prepared.texts, *stored], ends[:, 1], ends[:, 0], self._settings.near_duplicates)
        for (at, _, row), score, flag in zip(pairs, verdicts.scores.tolist(), flags(verdicts).tolist(), strict=True):
            if flag:
                found[at][row] = (score, flag)
        return found
