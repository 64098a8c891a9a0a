"""How articles enter an index: what is made of them, what they are compared with, and what is noted of them.

A whole batch at a time: all of it is stored and entered into the lists before any of it is compared, and each article
is compared with those of a lower number alone. So it matters nothing how articles are cut into batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article
from cleaner.dates.parsing import day_of
from cleaner.index.articles import Store
from cleaner.index.keys import MOST_ROWS, Row
from cleaner.index.near_duplicates import Kept, Texts, candidates, compare, copies, flags, post, texts_of, turned
from cleaner.index.postings import Postings
from cleaner.index.stories import Seeker
from cleaner.index.word_counts import Weighed
from cleaner.near_duplicates.verdicts import LEADS
from cleaner.settings.schema import Settings
from cleaner.stories.terms import Terms, terms_of
from cleaner.words.tokenising import words

_AT_ONCE = 128  # stored texts that are read and made ready together: some that fit the processor's cache


@dataclass(frozen=True, slots=True)
class Batch:
    """What is made of some articles before any other is looked at."""

    articles: Sequence[Article]
    sizes: list[int]
    texts: Texts
    terms: Terms
    weighed: Weighed
    days: NDArray[np.int64]


class Entry:
    """The lists of an index, and what is looked up in them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self._settings = store, settings
        self._with_near = settings.group.only != "stories"
        self._with_stories = settings.group.only != "near-duplicates"
        self._near = Postings(store.db, "shingle", settings.index.shingle_articles, "oldest")
        self.stories = Seeker(store, settings.stories, settings.index)

    def create(self) -> None:
        """Make the tables."""
        self._near.create()
        self.stories.postings.create()

    def load(self) -> None:
        """Read what is kept in memory: when the file was opened, and after another process has written."""
        self._near.load()
        self.stories.load()

    def save(self) -> None:
        """Write what was entered since the last call."""
        self._near.store()
        self.stories.postings.store()

    def clear(self) -> None:
        """Forget all that is made of the articles."""
        self.store.db.execute("DELETE FROM link")
        self._near.clear()
        self.stories.clear()

    def made(self, articles: Sequence[Article]) -> Batch:
        """Make what is compared of articles."""
        texts = words([article.text for article in articles])
        terms = terms_of([(one.title or "", one.text) for one in articles], texts, self._settings.stories)
        return Batch(
            articles,
            texts.sizes().tolist(),
            texts_of(texts, self._settings.near_duplicates),
            terms,
            self.stories.counts.weigh(terms),
            np.array([day_of(article.published) for article in articles], np.int64),
        )

    def parts(self, articles: Sequence[Article]) -> Iterator[Batch]:
        """Yield articles to be stored, in pieces between which the word counts are renewed."""
        start = 0
        while start < len(articles):
            self.stories.renew_before(self.store.next_row)
            stop = start + self.stories.counts.due() - self.store.next_row
            yield self.made(articles[start:stop])
            start = stop

    def enter(self, batch: Batch) -> tuple[list[Row], list[Kept]]:
        """Store a batch and enter it into the lists; return the rows, and the links of each, which are not stored."""
        numbers = np.arange(len(batch.articles)) + self.store.next_row
        columns = (numbers.tolist(), batch.articles, self._nodes(batch, numbers), batch.days.tolist())
        rows = [Row(row, article.id, node, day, row, row) for row, article, node, day in zip(*columns, strict=True)]
        for row, *about in zip(rows, batch.articles, batch.sizes, batch.texts.hashes.tolist(), strict=True):
            self.store.insert(row, *about)
        return rows, self._post(batch, rows)

    def enter_anew(self, rows: Sequence[int]) -> None:
        """Enter stored articles after `clear`, in the order of their numbers, and store their links."""
        self.stories.renew_before(rows[-1])
        numbers = np.array(rows)
        batch = self.made(self.store.records.articles(rows))
        nodes = self._nodes(batch, numbers)
        self.store.set_nodes(nodes, rows)
        stored = self.store.rows(rows)
        ordered = [stored[row] for row in rows]
        for row, kept in zip(rows, self._post(batch, ordered), strict=True):
            self.link(row, kept)
        self.save()

    def link(self, row: int, links: Kept) -> None:
        """Store the links of an article to those with lower numbers."""
        for other, (score, verdict) in links.items():
            self.store.link(other, row, score, verdict)

    def inherit(self, row: int, heirs: Sequence[int], links: Sequence[tuple[int, float, int]]) -> None:
        """Let the first of some copies take the place of the article whose words they have."""
        heir = heirs[0]
        self.store.set_nodes([heir] * len(heirs), heirs)
        for other, score, verdict in links:
            # The flags are seen from the lower number, and the heir may be higher than the other where `row` was not.
            self.store.link(heir, other, score, verdict if (heir < other) == (row < other) else turned(verdict))
        batch = self.made(self.store.records.articles([heir]))
        post(self._near, batch.texts, np.array([heir]), np.ones(1, bool))
        self.stories.post(batch.weighed, np.array([heir]), batch.days)

    def asked(self, batch: Batch) -> tuple[list[Kept], list[dict[int, float]]]:
        """Return what the articles of a batch are like, which are not stored: links, and how likely one story."""
        before = np.full(len(batch.articles), MOST_ROWS)
        links = self._links(batch, before)
        for kept, row in zip(links, self._copied(batch, before), strict=True):
            if row:
                kept[row] = (1.0, LEADS)
        return links, self._alike(batch, before)

    def alike(self, batch: Batch, rows: Sequence[Row]) -> list[dict[int, float]]:
        """Return by article how likely it is one story with each of some before it; nothing of copies."""
        found = self._alike(batch, np.array([row.row for row in rows]))
        return [some if row.node == row.row else {} for row, some in zip(rows, found, strict=True)]

    def _alike(self, batch: Batch, before: NDArray[np.int64]) -> list[dict[int, float]]:
        if not self._with_stories:
            return [{} for _ in batch.articles]
        return self.stories.scores(batch.weighed, batch.days, self.stories.find(batch.weighed, batch.days, before))

    def _post(self, batch: Batch, rows: Sequence[Row]) -> list[Kept]:
        """Enter stored articles into the lists, those with words of their own, and return the links of all."""
        numbers, own = np.array([row.row for row in rows]), np.array([row.node == row.row for row in rows])
        if self._with_stories:
            self.stories.remember(numbers.tolist(), batch.terms)
            self.stories.post(batch.weighed.take(own), numbers[own], batch.days[own])
        if self._with_near:
            post(self._near, batch.texts, numbers, own)
        return [kept if mine else {} for kept, mine in zip(self._links(batch, numbers), own.tolist(), strict=True)]

    def _nodes(self, batch: Batch, rows: NDArray[np.int64]) -> list[int]:
        """Return for each text of a batch the number of the first article with the same words: its own, if none is."""
        known = self._copied(batch, np.full(rows.size, rows[0]))
        seen: dict[int, int] = {}
        return [
            first or (seen.setdefault(text, row) if text else row)
            for row, text, first in zip(rows.tolist(), batch.texts.hashes.tolist(), known, strict=True)
        ]

    def _copied(self, batch: Batch, before: NDArray[np.int64]) -> list[int]:
        """Return for each text the number of the stored article with the same words, 0 if there is none."""
        if not self._with_near:
            return [0] * len(batch.articles)
        near = copies(self._near, batch.texts, before)
        place, parts = self._texts(sorted(set(near.rows.tolist())))
        hashes = np.concatenate([np.zeros(0, np.uint64), *(part.hashes for part in parts)]).tolist()
        found = [0] * len(batch.articles)
        for asked, row in zip(near.asked.tolist(), near.rows.tolist(), strict=True):
            if row in place and hashes[place[row]] == batch.texts.hashes[asked] and not found[asked]:
                found[asked] = row
        return found

    def _texts(self, rows: Sequence[int]) -> tuple[dict[int, int], list[Texts]]:
        """Return the place of each stored article that is still there, and what is made of their texts."""
        texts = self.store.records.texts(rows)
        every = [text for _, text in texts.values()]
        parts = [
            texts_of(words(every[start : start + _AT_ONCE]), self._settings.near_duplicates)
            for start in range(0, len(every), _AT_ONCE)
        ]
        return {row: at for at, row in enumerate(texts)}, parts

    def _links(self, batch: Batch, before: NDArray[np.int64]) -> list[Kept]:
        """Compare texts with their candidates; return by text those that are linked or must stay apart."""
        found: list[Kept] = [{} for _ in batch.articles]
        if not self._with_near:
            return found
        near = candidates(self._near, batch.texts, before, self._settings.near_duplicates)
        fresh = {row: at for at, row in enumerate(before.tolist()) if row < MOST_ROWS}
        place, stored = self._texts(sorted({row for row in near.rows.tolist() if row not in fresh}))
        place = {row: at + len(batch.articles) for row, at in place.items()} | fresh
        pairs = [
            (at, place[row], row)
            for at, row in zip(near.asked.tolist(), near.rows.tolist(), strict=True)
            if row in place
        ]
        ends = np.array(pairs, np.int64).reshape(-1, 3)
        verdicts = compare([batch.texts, *stored], ends[:, 1], ends[:, 0], self._settings.near_duplicates)
        for (at, _, row), score, flag in zip(pairs, verdicts.scores.tolist(), flags(verdicts).tolist(), strict=True):
            if flag:
                found[at][row] = (score, flag)
        return found
