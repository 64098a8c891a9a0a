"""A corpus that grows: articles are added one after the other, and each is told its groups at once.

Everything is in one SQLite file. Articles are added in transactions of some hundred, so a killed process leaves a
prefix of what it was fed; feeding it all again goes on from there, because an article that is known with the same text
changes nothing. What is told of an article depends on what came before it, not on how it was cut into transactions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id
from cleaner.canonical import Candidates, Choice, dates_of, marks_of
from cleaner.index_groups import begin_alone, regroup
from cleaner.index_near import LEADS, LIST, Texts, candidates, compare, copies, flags, post, texts_of, turned
from cleaner.index_postings import MOST_ROWS, Postings
from cleaner.index_rebuild import rebuild
from cleaner.index_store import IndexMismatchError, Kind, Row, Store, text_digest
from cleaner.index_stories import Seeker, terms_of
from cleaner.settings import Settings
from cleaner.stories import LINKED, day_of
from cleaner.terms import Terms
from cleaner.words import words

Item = TypeVar("Item")

__all__ = ["Found", "Index", "IndexMismatchError", "Match"]

BATCH = 256
"""Articles of a transaction, at most,"""
BATCH_CHARACTERS = 1 << 20
"""and characters of their texts."""
_AT_ONCE = 128  # stored texts that are read and made ready together: some that fit the processor's cache
_ALL = MOST_ROWS
Kept = dict[int, tuple[float, int]]
"""By the number of an article: score and flags of the link to it."""


@dataclass(frozen=True, slots=True)
class Match:
    """Another article that is alike. `kind`: "near-duplicate" or "story"."""

    id: Id
    score: float
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article with its groups, what it matches, best first, and what became of it.

    `change`: "added", "unchanged" (known with the same text), "replaced" (another text), or "" of a query.
    """

    article: Article
    matches: tuple[Match, ...]
    change: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is made of a batch of articles before any other is looked at."""

    articles: Sequence[Article]
    sizes: list[int]
    texts: Texts
    terms: Terms
    days: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _New:
    """An article that is stored and not yet grouped, with what it was found to be like."""

    row: int
    node: int
    links: Kept
    alike: dict[int, float]
    terms: Terms


class Index:
    """An index that is open. Use as a context manager."""

    _stories: Seeker

    def __init__(self, path: Path, settings: Settings) -> None:
        """Use `open`."""
        self.settings = settings
        self.store = Store(path)
        self._near = Postings(self.store.db, "shingle", LIST, "oldest")
        self._version = -1
        self._with_near = settings.group.only != "stories"
        self._with_stories = settings.group.only != "near-duplicates"

    @classmethod
    def open(cls, path: Path, settings: Settings, *, any_settings: bool = False) -> Self:
        """Open an index, or make it if there is none.

        Raises IndexMismatchError if it was made by another version or with other settings, unless `any_settings`;
        sqlite3.DatabaseError if the file is no index.
        """
        index = cls(path, settings)
        try:
            index.store.db.execute("PRAGMA journal_mode = WAL")
            with index._transaction():
                if not index.store.exists():
                    index.store.create(settings)
                    index._near.create()
                    Postings(index.store.db, "term", 1, "newest").create()
            index.store.check(None if any_settings else settings)
            index._stories = Seeker(index.store, settings.stories)
            index._refresh()
        except BaseException:
            index.store.close()
            raise
        return index

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.store.close()

    # Transactions.

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.store.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._version = -1
            self.store.db.execute("ROLLBACK")
            raise
        self.store.db.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Open a transaction: what is done inside is stored as a whole or not at all. Others wait meanwhile."""
        with self._transaction():
            self._refresh()
            yield
            self._near.store()
            self._stories.postings.store()
            self.store.put("next_row", self.store.next_row)

    def _refresh(self) -> None:
        """Read what is kept in memory, if another process has written since."""
        version = self.store.db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self.store.load()
            self._near.load()
            self._stories.load()

    # What it does.

    def add(self, articles: Iterable[Article]) -> Iterator[Found]:
        """Add articles and yield each with its groups, after the transaction it was in."""
        for batch in _batches(articles):
            with self.writing():
                found = self.put(batch)
            yield from found

    def load(self, articles: Iterable[Article]) -> None:
        """Store articles of which no id is known, without groups: a third of the work of `add`.

        For programs that only ask what new articles match. Each stands alone until `rebuild`, or until one that is
        added groups it.
        """
        for batch in _batches(articles):
            with self.writing():
                for part in self._parts(batch):
                    for row, _, links in self._entered(self._made(part)):
                        self._link(row, links)

    def put(self, articles: Sequence[Article]) -> list[Found]:
        """Add articles inside `writing`."""
        found: list[Found] = []
        waiting: dict[Id, Article] = {}
        for article in articles:
            known = self.store.find(article.id)
            if known is None and article.id not in waiting:
                waiting[article.id] = article
                continue
            found += self._added(list(waiting.values()), "added")
            waiting = {}
            row, digest = known or self.store.find(article.id) or (0, b"")
            if digest == text_digest(article.text):
                found.append(self._known(article, row))
            else:
                self._remove([row])
                found += self._added([article], "replaced")
        return found + self._added(list(waiting.values()), "added")

    def query(self, articles: Iterable[Article]) -> Iterator[Found]:
        """Yield articles with what they match and the groups they would join; nothing is stored."""
        for batch in _batches(articles):
            self._refresh()
            yield from self._asked(batch)

    def remove(self, ids: Iterable[Id]) -> int:
        """Remove articles; return how many there were. Ids that are not known are passed over."""
        count = 0
        for some in _chunks(ids, BATCH):
            with self.writing():
                known = [self.store.find(id_) for id_ in dict.fromkeys(some)]
                rows = [row[0] for row in known if row is not None]
                self._remove(rows)
                count += len(rows)
        return count

    def vanished(self, folder: str, ids: Iterable[Id]) -> int:
        """Remove the articles that came from a folder before and are not among `ids` now; return how many."""
        there = set(ids)
        with self.writing():
            known = self.store.below(folder)
            self._remove(sorted(self.store.numbers(known - there)))
            self.store.place(folder, sorted(there - known, key=str))
        return len(known - there)

    def rebuild(self) -> None:
        """Group all articles as a batch does, with the settings the index was opened with; ids of groups stay.

        That mends what adding one by one can miss: see the README. Other processes wait for it.
        """
        with self.writing():
            rebuild(self)

    def ids(self) -> Iterator[Id]:
        """Yield the ids of all articles."""
        return self.store.ids()

    def article(self, id_: Id) -> Article | None:
        """Return a stored article with its groups as they stand now, None if the id is not known."""
        known = self.store.find(id_)
        return None if known is None else self._told(self.store.articles([known[0]])[0], known[0])

    def resolve(self, name: Id, kind: Kind = "near") -> Id | None:
        """Return the id that a group bears now, None if there never was one of that id."""
        number = self.store.number(name)
        if number is None:
            return None
        group = self.store.resolve(kind, number)
        return self.store.names([group]).get(group)

    def canonicals(self) -> Iterator[Article]:
        """Yield the articles that stand for their groups as those are now, in the order they came."""
        rows = self.store.between(1, self.store.next_row)
        for some in _chunks(rows, 1000):
            for article in (self._told(*pair) for pair in zip(self.store.articles(some), some, strict=True)):
                if article.canonical:
                    yield article

    def stats(self) -> dict[str, Any]:
        """Return what there is, in numbers."""
        db = self.store.db

        def number(query: str) -> int:
            return int(db.execute(query).fetchone()[0])

        size = number("PRAGMA page_count") * number("PRAGMA page_size")
        return {
            "articles": self.store.count(),
            "near_duplicates": number("SELECT count(DISTINCT near) FROM article WHERE near != row"),
            "stories": number("SELECT count(DISTINCT story) FROM article WHERE story != row"),
            "merged_near_duplicates": number("SELECT count(*) FROM alias WHERE kind = 'near'"),
            "merged_stories": number("SELECT count(*) FROM alias WHERE kind = 'story'"),
            "bytes": size,
            "format": self.store.get("format"),
        }

    # How it does it.

    def _made(self, articles: Sequence[Article]) -> _Batch:
        texts = words([article.text for article in articles])
        return _Batch(
            articles,
            texts.sizes().tolist(),
            texts_of(texts, self.settings.near_duplicates),
            terms_of([(one.title or "", one.text) for one in articles], texts, self.settings.stories),
            np.array([day_of(article.published) for article in articles], np.int64),
        )

    def _added(self, articles: Sequence[Article], change: str) -> list[Found]:
        """Add articles that are not known."""
        return [found for part in self._parts(articles) for found in self._grown(self._made(part), change)]

    def _parts(self, articles: Sequence[Article]) -> Iterator[Sequence[Article]]:
        """Yield articles to be stored, in pieces between which the word counts are renewed."""
        start = 0
        while start < len(articles):
            self._stories.renew_before(self.store.next_row)
            stop = start + self._stories.counts.due() - self.store.next_row
            yield articles[start:stop]
            start = stop

    def _grown(self, batch: _Batch, change: str) -> list[Found]:
        """Add a batch: store it, compare all of it at once, and then group one article after the other."""
        entered = self._entered(batch)
        rows, nodes = (np.array([one[at] for one in entered]) for at in (0, 1))
        alike = self._alike(batch, rows, nodes == rows)
        new = [
            _New(row, node, links, alike[at], _some(batch.terms, [at])) for at, (row, node, links) in enumerate(entered)
        ]
        return [Found(*self._grouped(article, one), change) for article, one in zip(batch.articles, new, strict=True)]

    def _entered(self, batch: _Batch) -> list[tuple[int, int, Kept]]:
        """Store a batch and enter it into the lists; return number, node and links of each, the links not stored."""
        rows = np.arange(len(batch.articles)) + self.store.next_row
        nodes = self._nodes(batch, rows)
        for article, row, node, day, size in zip(
            batch.articles, rows.tolist(), nodes, batch.days.tolist(), batch.sizes, strict=True
        ):
            self.store.insert(Row(row, article.id, node, day, row, row), article, size)
        return list(zip(rows.tolist(), nodes, self._posted(batch, rows, np.array(nodes) == rows), strict=True))

    def _alike(self, batch: _Batch, before: NDArray[np.int64], which: NDArray[np.bool_]) -> list[dict[int, float]]:
        """Return by text how likely it is one story with each of some articles before it."""
        if not self._with_stories:
            return [{} for _ in batch.articles]
        near = self._stories.find(batch.terms, batch.days, before)
        wanted = [some if use else [] for some, use in zip(near, which.tolist(), strict=True)]
        return self._stories.scores(batch.terms, batch.days, wanted)

    def _posted(self, batch: _Batch, rows: NDArray[np.int64], own: NDArray[np.bool_]) -> list[Kept]:
        """Enter stored articles into the lists, those with words of their `own`, and return their links."""
        if self._with_stories:
            self._stories.remember(rows.tolist(), batch.terms)
            self._stories.post(_some(batch.terms, np.flatnonzero(own)), rows[own], batch.days[own])
        if not self._with_near:
            return [{} for _ in batch.articles]
        post(self._near, batch.texts, rows, own)
        return self._links(batch, rows, own)

    def clear(self) -> None:
        """Forget all that `enter` makes of the articles, for `rebuild`."""
        self.store.db.execute("DELETE FROM link")
        self._near.clear()
        self._stories.clear()

    def enter(self, rows: Sequence[int]) -> None:
        """Enter stored articles anew, in the order of their numbers, without grouping them, for `rebuild`."""
        self._stories.renew_before(rows[-1])
        numbers = np.array(rows)
        batch = self._made(self.store.articles(rows))
        nodes = self._nodes(batch, numbers)
        self.store.db.executemany("UPDATE article SET node = ? WHERE row = ?", zip(nodes, rows, strict=True))
        for row, kept in zip(rows, self._posted(batch, numbers, np.array(nodes) == numbers), strict=True):
            self._link(row, kept)
        self._near.store()
        self._stories.postings.store()

    def _link(self, row: int, links: Kept) -> None:
        """Store the links of an article to those with lower numbers."""
        for other, (score, verdict) in links.items():
            self.store.link(other, row, score, verdict)

    def _grouped(self, article: Article, new: _New) -> tuple[Article, tuple[Match, ...]]:
        """Give an article that is stored its groups."""
        row, links = new.row, new.links
        if new.node != row:
            first = self.store.rows([new.node])[new.node]
            self.store.move("near", [row], first.near)
            self.store.move("story", [row], first.story)
            links = {o: (score, flag) for o, score, flag in self.store.links(new.node) if o < row}
            links[new.node] = (1.0, LEADS)
        else:
            self._link(row, links)
            if links:
                regroup(self.store, [row], row)
            elif self.store.named:
                begin_alone(self.store, row)
            story = None
            if self._with_stories and (not links or self.store.rows([row])[row].near == row):
                story = self._stories.story(new.terms, day_of(article.published), new.alike, row)
            if story is not None:
                self.store.move("story", [row], story)
            elif not links and not self.store.named:  # most articles: what `_told` would say
                return self._named(article, article.id, article.id, canonical=True), self._matches({}, new.alike)
        return self._told(article, row), self._matches(links, new.alike)

    def _nodes(self, batch: _Batch, rows: NDArray[np.int64]) -> list[int]:
        """Return for each text of a batch the number of the first article with the same words: its own, if none is."""
        if not self._with_near:
            return rows.tolist()  # type: ignore[no-any-return]
        known = self._copied(batch, rows[0] + np.zeros(rows.size, np.int64))
        nodes: list[int] = []
        seen: dict[int, int] = {}
        for row, text, first in zip(rows.tolist(), batch.texts.hashes.tolist(), known, strict=True):
            node = first or (seen.setdefault(text, row) if text else row)
            nodes.append(node)
        return nodes

    def _copied(self, batch: _Batch, before: NDArray[np.int64]) -> list[int]:
        """Return for each text the number of the stored article with the same words, 0 if there is none."""
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
        there = sorted(self.store.rows(rows))
        parts = [
            texts_of(words([text for _, text in self.store.texts(some)]), self.settings.near_duplicates)
            for some in _chunks(there, _AT_ONCE)
        ]
        return {row: at for at, row in enumerate(there)}, parts

    def _links(self, batch: _Batch, before: NDArray[np.int64], which: NDArray[np.bool_]) -> list[Kept]:
        """Compare texts with their candidates; return by text those that are linked or must stay apart."""
        near = candidates(self._near, batch.texts, before, self.settings.near_duplicates)
        fresh = {row: at for at, row in enumerate(before.tolist()) if row < _ALL}
        wanted = sorted({row for row in near.rows.tolist() if row not in fresh})
        place, stored = self._texts(wanted)
        place = {row: at + len(batch.articles) for row, at in place.items()} | fresh
        pairs = [
            (at, place[row], row)
            for at, row in zip(near.asked.tolist(), near.rows.tolist(), strict=True)
            if which[at] and row in place
        ]
        ends = np.array(pairs, np.int64).reshape(-1, 3)
        verdicts = compare([batch.texts, *stored], ends[:, 1], ends[:, 0], self.settings.near_duplicates)
        found: list[Kept] = [{} for _ in batch.articles]
        every = flags(verdicts).tolist()
        for (at, _, row), score, flag in zip(pairs, verdicts.scores.tolist(), every, strict=True):
            if flag:
                found[at][row] = (score, flag)
        return found

    def _matches(self, links: Kept, alike: dict[int, float]) -> tuple[Match, ...]:
        same = {row: score for row, (score, flag) in links.items() if flag & LEADS}
        likely = {row: score for row, score in alike.items() if score >= LINKED and row not in same}
        ids = {row.row: row.id for row in self.store.rows([*same, *likely]).values()}
        return tuple(
            Match(ids[row], round(score, 4), kind)
            for kind, scores in (("near-duplicate", same), ("story", likely))
            for row, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
            if row in ids
        )

    def _known(self, article: Article, row: int) -> Found:
        """Answer for an article that is there already."""
        stored = self.store.rows([row])[row]
        links: Kept = {o: (score, verdict) for o, score, verdict in self.store.links(stored.node)}
        if stored.node != row:
            links[stored.node] = (1.0, LEADS)
        return Found(self._told(article, row), self._matches(links, {}), "unchanged")

    def _told(self, article: Article, row: int) -> Article:
        """Fill in the groups of a stored article as they stand now."""
        stored = self.store.rows([row])[row]
        names = self.store.names([stored.near, stored.story])
        canonical = self._is_canonical(stored)
        return self._named(article, names[stored.near], names[stored.story], canonical=canonical)

    def _named(self, article: Article, near: Id, story: Id, *, canonical: bool) -> Article:
        return replace(
            article,
            near_duplicates=near if self._with_near else None,
            story=story if self._with_stories else None,
            canonical=canonical,
        )

    def _is_canonical(self, row: Row) -> bool:
        """Tell whether an article stands for its group."""
        per = self.settings.canonical.per
        kind: Kind = "story" if per == "story" and self._with_stories else "near"
        if per == "article" or (kind == "near" and not self._with_near):
            return True
        members = self.store.members(kind, row.near if kind == "near" else row.story)
        if len(members) == 1:
            return True
        rows = sorted(member.row for member in members)
        articles = self.store.articles(rows)
        found = Candidates(
            np.zeros(len(rows), np.int64),
            [article.id for article in articles],
            [article.site for article in articles],
            dates_of([article.published for article in articles]),
            np.array(self.store.words(rows), np.int64),
            np.array([marks_of(article) for article in articles], np.uint8),
        )
        full = found.words.max(keepdims=True) if kind == "near" else None
        return rows[int(Choice(found, self.settings.canonical, full=full).best[0])] == row.row

    def _asked(self, articles: Sequence[Article]) -> Iterator[Found]:
        batch = self._made(articles)
        before = np.full(len(articles), _ALL)
        every = np.ones(len(articles), bool)
        links: list[Kept] = [{} for _ in articles]
        alike = self._alike(batch, before, every)
        if self._with_near:
            links = self._links(batch, before, every)
            for at, row in enumerate(self._copied(batch, before)):
                if row:
                    links[at][row] = (1.0, LEADS)
        for at, article in enumerate(articles):
            known = self.store.find(article.id)
            for found in (links[at], alike[at]):
                if known is not None:
                    found.pop(known[0], None)
            yield self._answer(article, links[at], alike[at], _some(batch.terms, [at]))

    def _answer(self, article: Article, links: Kept, alike: dict[int, float], terms: Terms) -> Found:
        """Say which groups an article that is not stored would join."""
        able = [(-score, row) for row, (score, flag) in links.items() if flag & LEADS]
        near = story = None
        if able:
            first = self.store.rows([min(able)[1]])[min(able)[1]]
            near, story = first.near, first.story
        elif self._with_stories:
            story = self._stories.story(terms, day_of(article.published), dict(alike))
        names = self.store.names([group for group in (near, story) if group is not None])
        told = replace(
            article,
            near_duplicates=None if near is None else names[near],
            story=None if story is None or not self._with_stories else names[story],
            canonical=None,
        )
        return Found(told, self._matches(links, alike), "")

    def _remove(self, rows: Sequence[int]) -> None:
        """Remove articles and group what they were linked to anew."""
        for row in rows:
            stored = self.store.rows([row])[row]
            self.store.keep_name(row, stored.id)
            if stored.node != row:
                self.store.delete(row)
                continue
            links = self.store.links(row)
            self.store.unlink(row)
            heirs = sorted(copy.row for copy in self.store.copies([row]))
            if heirs:
                self._inherit(row, heirs, links)
                self.store.delete(row)
                regroup(self.store, [heirs[0]])
            else:
                self.store.delete(row)
                if others := sorted(other for other, _, verdict in links if verdict & LEADS):
                    regroup(self.store, others)

    def _inherit(self, row: int, heirs: Sequence[int], links: Sequence[tuple[int, float, int]]) -> None:
        """Let the first of some copies take the place of the article whose words they have."""
        heir = heirs[0]
        self.store.db.executemany("UPDATE article SET node = ? WHERE row = ?", [(heir, copy) for copy in heirs])
        for other, score, verdict in links:
            # The flags are seen from the lower number, and the heir may be higher than the other where `row` was not.
            self.store.link(heir, other, score, verdict if (heir < other) == (row < other) else turned(verdict))
        article = self.store.articles([heir])[0]
        batch = self._made([article])
        post(self._near, batch.texts, np.array([heir]), np.ones(1, bool))
        self._stories.post(batch.terms, np.array([heir]), batch.days)


def _some(found: Terms, which: Sequence[int] | NDArray[np.int64]) -> Terms:
    return Terms(found.keys[which], found.counts[which], found.lead[which])


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    size = 0
    for article in articles:
        batch.append(article)
        size += len(article.text)
        if len(batch) >= BATCH or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    waiting = iter(items)
    while chunk := list(itertools.islice(waiting, size)):
        yield chunk
