"""A corpus that grows: articles are added one after the other, and each is told its groups at once.

Everything is in one SQLite file. Articles are added in transactions of some hundred, so a killed process leaves a
prefix of what it was fed; feeding it all again goes on from there, because an article that is known with the same text
changes nothing. What is told of an article depends on what came before it, not on how it was cut into transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cleaner.article import Article, Id
from cleaner.index.answers import Found, Match, Teller
from cleaner.index.articles import Store
from cleaner.index.database import IndexMismatchError
from cleaner.index.intake import Batch, Entry
from cleaner.index.keys import Kind, Row
from cleaner.index.near_duplicates import Kept
from cleaner.index.records import text_digest
from cleaner.index.regrouping import begin_alone, regroup
from cleaner.index.story_joining import Piece, join, make_ready, piece
from cleaner.near_duplicates.verdicts import LEADS
from cleaner.settings.schema import Settings
from cleaner.words.tokenising import batches

__all__ = ["Found", "Index", "IndexMismatchError", "Match"]
_BATCH_CHARACTERS = 1 << 20  # of the texts of a transaction, at most


class Index:
    """An index that is open. Use as a context manager."""

    def __init__(self, path: Path, settings: Settings) -> None:
        """Use `open`."""
        self.settings = settings
        self.store = Store(path)
        self._entry = Entry(self.store, settings)
        self._teller = Teller(self.store, settings)
        self._version = -1

    @classmethod
    def open(cls, path: Path, settings: Settings, *, any_settings: bool = False) -> Self:
        """Open an index, or make it if there is none.

        Raises IndexMismatchError if it was made by another version or with other settings, unless `any_settings`;
        sqlite3.DatabaseError if the file is no index.
        """
        index = cls(path, settings)
        try:
            index.store.let_read()
            with index._transaction():
                if not index.store.exists():
                    index.store.create(settings)
                    index._entry.create()
            index.store.check(None if any_settings else settings)
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
            self._entry.save()
            self.store.put("next_row", self.store.next_row)

    def _refresh(self) -> None:
        """Read what is kept in memory, if another process has written since."""
        version = self.store.db.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self.store.load()
            self._entry.load()

    # What it does.

    def add(self, articles: Iterable[Article]) -> Iterator[Found]:
        """Add articles and yield each with its groups, after the transaction it was in."""
        for batch in _batches(articles, self.settings.index.batch):
            with self.writing():
                found = self.put(batch)
            yield from found

    def load(self, articles: Iterable[Article]) -> None:
        """Store articles of which no id is known, without groups: a third of the work of `add`.

        For programs that only ask what new articles match. Each stands alone until `rebuild`, or until one that is
        added groups it.
        """
        for batch in _batches(articles, self.settings.index.batch):
            with self.writing():
                for part in self._entry.parts(batch):
                    for row, links in zip(*self._entry.enter(part), strict=True):
                        self._entry.link(row.row, links)

    def put(self, articles: Sequence[Article]) -> list[Found]:
        """Add articles inside `writing`."""
        found: list[Found] = []
        waiting: dict[Id, Article] = {}
        for article in articles:
            if article.id not in waiting and self.store.row(article.id) is None:
                waiting[article.id] = article
                continue
            found += self._added(list(waiting.values()), "added")
            waiting = {}
            row = self.store.row(article.id)
            assert row is not None
            if self.store.records.digest(row) == text_digest(article.text):
                found.append(self._teller.known(article, row))
            else:
                self._remove([row])
                found += self._added([article], "replaced")
        return found + self._added(list(waiting.values()), "added")

    def query(self, articles: Iterable[Article]) -> Iterator[Found]:
        """Yield articles with what they match and the groups they would join; nothing is stored."""
        for batch in _batches(articles, self.settings.index.batch):
            self._refresh()
            yield from self._asked(batch)

    def remove(self, ids: Iterable[Id]) -> int:
        """Remove articles; return how many there were. Ids that are not known are passed over."""
        count = 0
        for some in batches(ids, self.settings.index.batch, lambda _: 1):
            with self.writing():
                rows = self.store.numbers(dict.fromkeys(some))
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
        from cleaner.index.rebuilding import rebuild

        with self.writing():
            rebuild(self.store, self._entry, self.settings)

    def ids(self) -> Iterator[Id]:
        """Yield the ids of all articles."""
        return self.store.ids()

    def article(self, id_: Id) -> Article | None:
        """Return a stored article with its groups as they stand now, None if the id is not known."""
        row = self.store.row(id_)
        return None if row is None else self._teller.told(self.store.records.articles([row])[0], row)

    def resolve(self, name: Id, kind: Kind = "near") -> Id | None:
        """Return the id that a group bears now, None if there never was one of that id."""
        number = self.store.names.number(name)
        if number is None:
            return None
        group = self.store.names.resolve(kind, number)
        return self.store.names.of([group]).get(group)

    def canonicals(self) -> Iterator[Article]:
        """Yield the articles that stand for their groups as those are now, in the order they came."""
        rows = self.store.between(1, self.store.next_row)
        for some in batches(rows, 1000, lambda _: 1):
            stored = zip(self.store.records.articles(some), some, strict=True)
            yield from (told for one, row in stored if (told := self._teller.told(one, row)).canonical)

    def stats(self) -> dict[str, Any]:
        """Return what there is, in numbers."""
        return self.store.stats()

    # How it does it.

    def _added(self, articles: Sequence[Article], change: str) -> list[Found]:
        """Add articles that are not known: all of a part is stored and compared, and then one after the other grouped.

        Only grouping depends on what became of those before, and it is cheap.
        """
        found: list[Found] = []
        for part in self._entry.parts(articles):
            rows, links = self._entry.enter(part)
            alike = self._entry.alike(part, rows)
            make_ready(self._entry.stories, alike)
            for at, (article, row) in enumerate(zip(part.articles, rows, strict=True)):
                kept = self._grouped(row, links[at])
                joined = self._joined(part, at, row, links[at], alike[at])
                alone = not kept and not joined.mates and not self.store.names.used
                told = self._teller.alone(article) if alone else self._teller.told(article, row.row)
                found.append(Found(told, self._teller.matches(kept, alike[at] | joined.scores), change))
        return found

    def _grouped(self, row: Row, links: Kept) -> Kept:
        """Give an article its group of near-duplicates; return its links."""
        if row.node != row.row:
            first = self.store.rows([row.node])[row.node]
            self.store.move("near", [row.row], first.near)
            self.store.move("story", [row.row], first.story)
            return self._teller.links(row)
        self._entry.link(row.row, links)
        if any(flag & LEADS for _, flag in links.values()):
            regroup(self.store, [row.row], self.settings.index.linked_texts, row.row)
        elif self.store.names.used:
            begin_alone(self.store, row.row)
        return links

    def _joined(self, part: Batch, at: int, row: Row, links: Kept, alike: dict[int, float]) -> Piece:
        """Put an article that is no near-duplicate into its story; return what was found of that."""
        stored = self.store.rows([row.row])[row.row] if links or self.store.names.used else row
        if not alike or stored.near != stored.row:
            return Piece([], [], whole=True, scores={})
        found = piece(self._entry.stories, part, at, alike, row.row)
        join(self.store, found, stored)
        return found

    def _asked(self, articles: Sequence[Article]) -> Iterator[Found]:
        batch = self._entry.made(articles)
        links, alike = self._entry.asked(batch)
        make_ready(self._entry.stories, alike)
        for at, article in enumerate(articles):
            itself = self.store.row(article.id) or 0
            same, likely = links[at], alike[at]
            same.pop(itself, None)
            likely.pop(itself, None)
            near = story = None
            if able := [(-score, row) for row, (score, flag) in same.items() if flag & LEADS]:
                first = self.store.rows([min(able)[1]])[min(able)[1]]
                near, story = first.near, first.story
            elif likely:
                found = piece(self._entry.stories, batch, at, likely, itself)
                likely, story = likely | found.scores, found.story()
            told = self._teller.named(article, near, story, canonical=None)
            yield Found(told, self._teller.matches(same, likely), "")

    def _remove(self, rows: Sequence[int]) -> None:
        """Remove articles and group what they were linked to anew."""
        for row in rows:
            stored = self.store.rows([row])[row]
            self.store.names.keep(stored)
            if stored.node != row:
                self.store.delete(row)
                continue
            links = self.store.links(row)
            self.store.unlink(row)
            heirs = sorted(copy.row for copy in self.store.copies([row]))
            if heirs:
                self._entry.inherit(row, heirs, links)
                self.store.delete(row)
                regroup(self.store, heirs[:1], self.settings.index.linked_texts)
            else:
                self.store.delete(row)
                if others := sorted(other for other, _, verdict in links if verdict & LEADS):
                    regroup(self.store, others, self.settings.index.linked_texts)


def _batches(articles: Iterable[Article], most: int) -> Iterator[list[Article]]:
    least = max(_BATCH_CHARACTERS // most, 1)
    return batches(articles, least * most, lambda article: max(len(article.text), least))
