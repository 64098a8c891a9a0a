"""The file of an index: one SQLite database, its format, its settings, its transactions and its errors.

No other module speaks to SQLite. What can go wrong with the file is raised as an `IndexUnusableError`.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from cleaner.settings.schema import Settings

FORMAT = 3
"""Of the file. Raise it with any change to what is stored or to how texts are compared."""
_META = "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID"
_PATIENCE = 120.0  # seconds to wait for another process; its transactions take less than one
_ASKED_AT_ONCE = 500  # numbers that one SELECT asks for
_PRAGMAS = (
    # Of a new file. Records of a KiB leave an eighth of smaller pages empty. An article changes a few bytes here and
    # there, and the pages that are so changed are written: with 16 KiB that took four times as long in a large file.
    "page_size = 8192",
    "synchronous = NORMAL",
    "cache_size = -65536",
)
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another process has it locked; try again when that has ended",
    sqlite3.SQLITE_LOCKED: "another process has it locked; try again when that has ended",
    sqlite3.SQLITE_FULL: "the disk is full; make room and run the same again",
    sqlite3.SQLITE_READONLY: "it cannot be written; give yourself the right to write the file and its folder",
    sqlite3.SQLITE_PERM: "it cannot be opened; give yourself the right to write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; give yourself the right to write the file and its folder",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; check it and run the same again",
}
"""What is wrong and what to do, by SQLite's primary result code. The file itself is sound in all of these cases."""


class IndexUnusableError(ValueError):
    """An index that cannot be used. The text is one line: which file, what is wrong, and what to do."""


class IndexMismatchError(IndexUnusableError):
    """An index that was made by another version or with other settings."""


class IndexDamagedError(IndexUnusableError):
    """A file that is no index, or an index that is damaged: only making it anew helps."""


def digest(settings: Settings) -> str:
    """Return a hash of the settings that decide what is in an index."""
    how = msgspec.structs.replace(settings.index, batch=0, follow_seconds=0)
    matter = (settings.near_duplicates, settings.stories, settings.group, how)
    return hashlib.sha256(msgspec.json.encode(matter)).hexdigest()


class Database:
    """An open SQLite file. Reading sees what was committed; writing needs a `transaction`.

    `patience`: seconds to wait for a transaction of another process. Each method raises IndexUnusableError if the file
    cannot be read or written.
    """

    def __init__(self, path: Path, patience: float = _PATIENCE) -> None:
        self._path, self._patience = path, patience
        try:
            self._connection = sqlite3.connect(path, timeout=patience, isolation_level=None, cached_statements=256)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            for pragma in _PRAGMAS:
                self.run(f"PRAGMA {pragma}")
        except BaseException:
            self.close()
            raise

    def let_read(self) -> None:
        """Let others read while one process writes: from then on, for the file remembers it (write-ahead log).

        Where another process is just making the file, SQLite refuses at once instead of waiting.
        """
        until = time.monotonic() + self._patience
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.Error as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise self._unusable(error) from error
                time.sleep(0.01)
            else:
                return

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run a statement."""
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def run_each(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once with each of the rows."""
        try:
            self._connection.executemany(statement, rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def value(self, query: str, values: Sequence[object] = ()) -> Any:
        """Return the first value of the first row of a query, None if it has no row."""
        try:
            row = self._connection.execute(query, values).fetchone()
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        return None if row is None else row[0]

    def values(self, query: str) -> Iterator[Any]:
        """Yield the first value of each row of a query that has more rows than should be in memory at once."""
        try:
            for row in self._connection.execute(query):
                yield row[0]
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def selected(self, query: str, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose `IN (?)` stands for these numbers. Many are asked for in several turns."""
        if len(numbers) == 1:  # most of the time
            return self.rows(query, numbers)
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(numbers), _ASKED_AT_ONCE):
            asked = numbers[start : start + _ASKED_AT_ONCE]
            found += self.rows(query.replace("IN (?)", f"IN ({','.join('?' * len(asked))})"), asked)
        return found

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Store what is done inside as a whole, or nothing of it if an error is raised. Other writers wait."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk, for one, has ended it already
                self.run("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all that is read inside be of one moment, whatever other processes write meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        finally:
            if self._connection.in_transaction:
                self.run("COMMIT")

    def version(self) -> int:
        """Return a number that changes whenever another process has written."""
        return int(self.value("PRAGMA data_version"))

    def size(self) -> int:
        """Return the size of the file in bytes."""
        return int(self.value("PRAGMA page_count") * self.value("PRAGMA page_size"))

    def exists(self) -> bool:
        """Return whether the tables of an index are there; raise IndexDamagedError if others are there instead."""
        tables = {name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "meta" not in tables:
            raise IndexDamagedError(f"{self._path}: a database of another program; give the index another name")
        return bool(tables)

    def create(self, settings: Settings) -> None:
        """Make the table of keys and values of a new index, inside a transaction."""
        self.run(_META)
        self.put("format", FORMAT)
        self.put("settings", digest(settings))

    def check(self, settings: Settings | None) -> None:
        """Raise IndexMismatchError if the file is another version's, or made with other settings (None: any)."""
        if (found := self.get("format")) != FORMAT:
            raise IndexMismatchError(
                f"{self._path}: an index of format {found}, and this version of cleaner has {FORMAT};"
                f" remove it and add the articles again"
            )
        if settings is not None and self.get("settings") != digest(settings):
            raise IndexMismatchError(
                f"{self._path}: made with other settings of grouping;"
                f" `cleaner index rebuild {self._path}` makes it anew from the articles in it"
            )

    def get(self, key: str) -> Any:
        """Return a value of the table of keys and values, None if it is not there."""
        return self.value("SELECT value FROM meta WHERE key = ?", (key,))

    def put(self, key: str, value: float | str | bytes | None) -> None:
        """Set a value of the table of keys and values."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def _unusable(self, error: sqlite3.Error) -> IndexUnusableError:
        """Return what a user needs to know of an error of SQLite."""
        if remedy := _REMEDIES.get(_code(error)):
            return IndexUnusableError(f"{self._path}: {remedy}")
        if isinstance(error, sqlite3.ProgrammingError):  # such as a file that is closed
            return IndexUnusableError(f"{self._path}: {error}")
        if _code(error) == sqlite3.SQLITE_NOTADB:
            return IndexDamagedError(f"{self._path}: no index of cleaner; give the index another name")
        return IndexDamagedError(f"{self._path}: damaged ({error}); remove it and add the articles again")


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code, 0 if the error is not SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
