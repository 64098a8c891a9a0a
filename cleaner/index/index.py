"""A corpus that grows: articles are added one after the other, and each gets its groups at once.

Everything is in one SQLite file. Articles are added in transactions of some hundred; so a killed process leaves a
prefix of what it was fed; feeding it all again goes on from there, because an article that is known with the same text
changes nothing. An answer depends on the articles that came before, not on how they were cut into transactions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from cleaner.article import Article, Id, Kind
from cleaner.index.answers import Answer, Answers, Change, Mate
from cleaner.index.articles import Store
from cleaner.index.database import Database, IndexMismatchError, IndexUnusableError
from cleaner.index.intake import Intake
from cleaner.index.placement import Placement
from cleaner.index.records import text_digest
from cleaner.minhash.exchange import write_signatures
from cleaner.settings.schema import Settings
from cleaner.words.tokenising import batches

__all__ = ["Answer", "Index", "IndexMismatchError", "IndexUnusableError", "Mate"]
_BATCH_CHARACTERS = 1 << 20  # of the texts of a transaction, at most
_READ_AT_ONCE = 1000  # stored articles


class Index:
    """An index that is open. Use as a context manager.

    Each method raises IndexUnusableError if the file cannot be read or written.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        """Use `open`."""
        self.settings = settings
        self._db = Database(path)
        self._store = Store(self._db)
        self._intake = Intake(self._store, settings)
        self._answers = Answers(self._store, settings)
        self._placement = Placement(self._store, self._intake, self._answers, settings)
        self._version = -1

    @classmethod
    def open(cls, path: Path, settings: Settings, *, any_settings: bool = False) -> Self:
        """Open an index, or make it if there is none.

        Raises IndexMismatchError if it was made by another version or with other settings, unless `any_settings`;
        IndexUnusableError if the file is no index, or cannot be opened.
        """
        index = cls(path, settings)
        try:
            index._db.exists()  # before anything is written: the file may be another program's
            index._db.let_read()
            with index._db.transaction():
                if not index._db.exists():
                    index._db.create(settings)
                    index._store.create()
                    index._intake.create()
            index._db.check(None if any_settings else settings)
            index._refresh()
        except BaseException:
            index.close()
            raise
        return index

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Store what is done inside as a whole, or nothing of it if an error is raised. Others wait meanwhile."""
        try:
            with self._db.transaction():
                self._refresh()
                yield
                self._intake.save()
                self._store.save()
        except BaseException:
            self._version = -1  # what is in memory may not be in the file
            raise

    def _refresh(self) -> None:
        """Read what is kept in memory, if another process has written since."""
        version = self._db.version()
        if version != self._version:
            self._version = version
            self._store.load()
            self._intake.load()

    def add(self, articles: Iterable[Article]) -> Iterator[Answer]:
        """Add articles and yield each with its groups, after the transaction it was in."""
        for batch in _batches(articles, self.settings.index.batch):
            with self.transaction():
                answers = self.add_in_transaction(batch)
            yield from answers

    def add_in_transaction(self, articles: Sequence[Article]) -> list[Answer]:
        """Add articles inside `transaction`; return each with its groups."""
        answers: list[Answer] = []
        waiting: dict[Id, Article] = {}
        for article in articles:
            if article.id not in waiting and self._store.row(article.id) is None:
                waiting[article.id] = article
                continue
            answers += self._added(list(waiting.values()), "added")
            waiting = {}
            row = self._store.row(article.id)
            assert row is not None
            if self._store.records.digest(row) == text_digest(article.text):
                answers.append(self._answers.unchanged(article, row))
            else:
                self._placement.remove([row])
                answers += self._added([article], "replaced")
        return answers + self._added(list(waiting.values()), "added")

    def _added(self, articles: Sequence[Article], change: Change) -> list[Answer]:
        """Add articles that are not known."""
        answers: list[Answer] = []
        for portion in self._intake.portions(articles):
            prepared = self._intake.prepare_new(portion)
            rows = self._intake.insert(prepared)
            comparison = self._intake.compare(prepared, rows)
            answers += [self._placement.place(comparison, at, change) for at in range(len(portion))]
        return answers

    def insert_ungrouped(self, articles: Iterable[Article]) -> None:
        """Store articles whose ids are not known, without groups: a third of the work of `add`.

        For programs that only ask what new articles match. Each stands alone until `rebuild`, or until one that is
        added groups it.
        """
        for batch in _batches(articles, self.settings.index.batch):
            with self.transaction():
                for portion in self._intake.portions(batch):
                    prepared = self._intake.prepare_new(portion)
                    rows = self._intake.insert(prepared)
                    for row, links in zip(rows, self._intake.links(prepared, rows), strict=True):
                        self._intake.store_links(row.row, links)

    def query(self, articles: Iterable[Article]) -> Iterator[Answer]:
        """Yield articles with what they match and the groups they would join; nothing is stored."""
        for batch in _batches(articles, self.settings.index.batch):
            with self._db.snapshot():
                self._refresh()
                comparison = self._intake.compare_unstored(self._intake.prepare(batch))
                answers = [self._placement.ask(comparison, at) for at in range(len(batch))]
            yield from answers

    def remove(self, ids: Iterable[Id]) -> int:
        """Remove articles; return how many there were. Ids that are not known are passed over."""
        count = 0
        for batch in batches(ids, self.settings.index.batch, lambda _: 1):
            with self.transaction():
                rows = self._store.numbers(dict.fromkeys(batch))
                self._placement.remove(rows)
                count += len(rows)
        return count

    def remove_missing(self, folder: str, ids: Iterable[Id]) -> int:
        """Remove the articles that came from a folder before and are not among `ids` now; return how many."""
        there = set(ids)
        with self.transaction():
            known = self._store.below(folder)
            self._placement.remove(sorted(self._store.numbers(known - there)))
            self._store.place(folder, sorted(there - known, key=str))
        return len(known - there)

    def rebuild(self) -> None:
        """Group all articles as a batch does, with the settings the index was opened with; ids of groups stay.

        That mends what adding one by one can miss: see the README. Other processes wait for it.
        """
        from cleaner.index.rebuilding import rebuild

        with self.transaction():
            rebuild(self._store, self._intake, self.settings)

    def ids(self) -> Iterator[Id]:
        """Yield the ids of all articles."""
        return self._store.ids()

    def article(self, id_: Id) -> Article | None:
        """Return a stored article with its groups as they stand now, None if the id is not known."""
        row = self._store.row(id_)
        return None if row is None else self._stored([row])[0]

    def resolve(self, name: Id, kind: Kind = "near_duplicates") -> Id | None:
        """Return the id that a group bears now, None if there never was one of that id."""
        number = self._store.names.number(name)
        if number is None:
            return None
        group = self._store.names.resolve(kind, number)
        return self._store.names.of([group]).get(group)

    def canonicals(self) -> Iterator[Article]:
        """Yield the articles that stand for their groups as those are now, in the order they came."""
        for rows in batches(self._store.between(1, self._store.next_row), _READ_AT_ONCE, lambda _: 1):
            yield from (article for article in self._stored(rows) if article.canonical)

    def write_signatures(self, path: Path) -> None:
        """Write datasketch's MinHash signatures of all articles, in the order they came, for other programs.

        See `minhash.exchange`: they are of the word shingles that near-duplicates are found by, and made now. Raises
        OSError if the file cannot be written.
        """
        how = self.settings.near_duplicates
        rows = self._store.between(1, self._store.next_row)
        stored = (self._store.records.articles(some) for some in batches(rows, _READ_AT_ONCE, lambda _: 1))
        texts = ((article.id, article.text) for some in stored for article in some)
        write_signatures(path, texts, len(rows), how.shingle_words, how.shingle_characters)

    def _stored(self, rows: Sequence[int]) -> list[Article]:
        """Return stored articles with their groups as they stand now."""
        articles = zip(self._store.records.articles(rows), rows, strict=True)
        return [self._answers.with_groups(article, row) for article, row in articles]

    def stats(self) -> dict[str, Any]:
        """Return the numbers of articles, groups with more than one member, merged groups and bytes."""
        return self._store.stats()


def _batches(articles: Iterable[Article], most: int) -> Iterator[list[Article]]:
    least = max(_BATCH_CHARACTERS // most, 1)
    return batches(articles, least * most, lambda article: max(len(article.text), least))
