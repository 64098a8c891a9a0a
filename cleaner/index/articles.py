"""The index's file: articles, their groups and the links between them in one SQLite database.

Articles get numbers that are never given out again; a group's number is that of the article that began it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cleaner.article import Article, Id
from cleaner.index.database import _PATIENCE, _PRAGMAS, FORMAT, IndexMismatchError, digest
from cleaner.index.group_names import NAMES, Names
from cleaner.index.keys import Kind, Row, id_of, key_of, selected
from cleaner.index.records import RECORDS, Records, common_words
from cleaner.settings.schema import Settings

_COLUMNS = "row, id, node, day, near, story"
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE article (row INTEGER PRIMARY KEY, id BLOB NOT NULL, node INTEGER NOT NULL, day INTEGER NOT NULL,
    near INTEGER NOT NULL, story INTEGER NOT NULL, folder INTEGER NOT NULL DEFAULT 0);
CREATE TABLE folder (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE UNIQUE INDEX article_id ON article (id);
CREATE INDEX copies ON article (node) WHERE node != row;
CREATE INDEX near_members ON article (near) WHERE near != row;
CREATE INDEX story_members ON article (story) WHERE story != row;
CREATE TABLE link (one INTEGER NOT NULL, other INTEGER NOT NULL, score REAL NOT NULL, verdict INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID
"""


class Store:
    """The tables and what belongs to them. Reading sees what was committed; writing needs a transaction."""

    next_row = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self.db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, cached_statements=256)
        for pragma in _PRAGMAS:
            self.db.execute(f"PRAGMA {pragma}")
        self.records = Records(self.db)
        self.names = Names(self)

    def let_read(self) -> None:
        """Let others read while one process writes: from then on, for the file remembers it (write-ahead log).

        Where another process is just making the file, SQLite refuses at once instead of waiting.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self.db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(0.01)
            else:
                return

    def create(self, settings: Settings) -> None:
        """Make the tables, inside a transaction."""
        for statement in f"{_SCHEMA};{RECORDS};{NAMES}".split(";"):
            self.db.execute(statement)
        self.put("format", FORMAT)
        self.put("settings", digest(settings))
        self.put("dictionary", common_words())
        self.put("next_row", 1)

    def exists(self) -> bool:
        """Tell whether the tables are there."""
        return self.db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is not None

    def check(self, settings: Settings | None) -> None:
        """Raise IndexMismatchError if the file is another version's, or made with other settings (None: any)."""
        again = f"`cleaner index rebuild {self._path}` makes it anew from the articles in it"
        if self.get("format") != FORMAT:
            raise IndexMismatchError(
                f"{self._path}: an index of format {self.get('format')}, and this version of cleaner has {FORMAT};"
                f" remove it and add the articles again"
            )
        if settings is not None and self.get("settings") != digest(settings):
            raise IndexMismatchError(f"{self._path}: made with other settings of grouping; {again}")

    def load(self) -> None:
        """Read what is kept in memory: when the file was opened, and after another process has written."""
        self.records.load(self.get("dictionary"))
        self.next_row = self.get("next_row")
        self.names.load()

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    # The small table of keys and values.

    def get(self, key: str) -> Any:
        """Return a value of `meta`, None if it is not there."""
        found = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    def put(self, key: str, value: float | str | bytes | None) -> None:
        """Set a value of `meta`."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def stats(self) -> dict[str, Any]:
        """Return what there is, in numbers."""

        def number(query: str) -> int:
            return int(self.db.execute(query).fetchone()[0])

        size = number("PRAGMA page_count") * number("PRAGMA page_size")
        return {
            "articles": self.count(),
            "near_duplicates": number("SELECT count(DISTINCT near) FROM article WHERE near != row"),
            "stories": number("SELECT count(DISTINCT story) FROM article WHERE story != row"),
            "merged_near_duplicates": number("SELECT count(*) FROM alias WHERE kind = 'near'"),
            "merged_stories": number("SELECT count(*) FROM alias WHERE kind = 'story'"),
            "bytes": size,
            "format": self.get("format"),
        }

    # Articles.

    def count(self) -> int:
        """Return the number of articles."""
        return int(self.db.execute("SELECT count(*) FROM article").fetchone()[0])

    def row(self, id_: Id) -> int | None:
        """Return the number of the article with an id."""
        found = self.db.execute("SELECT row FROM article WHERE id = ?", (key_of(id_),)).fetchone()
        return None if found is None else int(found[0])

    def numbers(self, ids: Iterable[Id]) -> list[int]:
        """Return the numbers of the articles with some ids, of those that are there."""
        return [row for row in map(self.row, ids) if row is not None]

    def rows(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Return what is there of some articles, by number."""
        return {row.row: row for row in self._select("row", numbers)}

    def days(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return the days of some articles, of those that are there, by number."""
        return dict(self._values("row, day", "row", numbers))

    def copies(self, nodes: Sequence[int]) -> list[Row]:
        """Return the articles with the words of other ones, which are not among them."""
        return list(self._select("node", nodes, " AND node != row"))

    def members(self, kind: Kind, group: int) -> list[Row]:
        """Return the articles of a group, by number."""
        found = self._select("row", [group], f" AND {kind} = row")
        return [*found, *self._select(kind, [group], f" AND {kind} != row")]

    def latest(self, kind: Kind, group: int, most: int) -> list[Row]:
        """Return the latest articles of a group, the last one first, and the one that began it."""
        found = self._select(kind, [group], f" AND {kind} != row ORDER BY row DESC LIMIT {most}")
        return [*found, *self._select("row", [group], f" AND {kind} = row")]

    def between(self, start: int, stop: int) -> list[int]:
        """Return the numbers of the articles from one number to before another."""
        query = "SELECT row FROM article WHERE row >= ? AND row < ? ORDER BY row"
        return [row for (row,) in self.db.execute(query, (start, stop))]

    def ids(self) -> Iterator[Id]:
        """Return the ids of all articles, to be gone through."""
        keys = self.db.execute("SELECT id FROM article INDEXED BY article_id")
        return (id_of(key) if isinstance(key, bytes) else key for (key,) in keys)

    def below(self, folder: str) -> set[Id]:
        """Return the ids of the articles that came from a folder when it was last added."""
        query = "SELECT id FROM article JOIN folder ON number = folder WHERE path = ?"
        return {id_of(key) for (key,) in self.db.execute(query, (folder,))}

    def place(self, folder: str, ids: Iterable[Id]) -> None:
        """Note that articles came from a folder."""
        self.db.execute("INSERT OR IGNORE INTO folder (path) VALUES (?)", (folder,))
        number = self.db.execute("SELECT number FROM folder WHERE path = ?", (folder,)).fetchone()[0]
        self.db.executemany("UPDATE article SET folder = ? WHERE id = ?", ((number, key_of(id_)) for id_ in ids))

    def _select(self, column: str, numbers: Sequence[int], more: str = "") -> Iterator[Row]:
        for row, key, node, day, near, story in self._values(_COLUMNS, column, numbers, more):
            yield Row(row, id_of(key), node, day, near, story)

    def _values(self, columns: str, column: str, numbers: Sequence[int], more: str = "") -> Iterator[tuple[Any, ...]]:
        query = f"SELECT {columns} FROM article WHERE {column} IN (?){more}"  # noqa: S608 - our own names
        return selected(self.db, query, numbers)

    def insert(self, row: Row, article: Article, size: int, words: int) -> None:
        """Store an article of so many words; `words`: the hash of all of them."""
        values = (row.row, key_of(row.id), row.node, row.day, row.near, row.story)
        self.db.execute("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, 0)", values)
        self.records.insert(row.row, article, size, words)
        self.next_row = max(self.next_row, row.row + 1)

    def set_nodes(self, nodes: Iterable[int], rows: Iterable[int]) -> None:
        """Note whose words articles have."""
        self.db.executemany("UPDATE article SET node = ? WHERE row = ?", zip(nodes, rows, strict=True))

    def move(self, kind: Kind, rows: Iterable[int], group: int) -> None:
        """Put articles into a group."""
        self.db.executemany(f"UPDATE article SET {kind} = ? WHERE row = ?", ((group, row) for row in rows))  # noqa: S608

    def delete(self, row: int) -> None:
        """Remove an article and its text."""
        self.db.execute("DELETE FROM article WHERE row = ?", (row,))
        self.records.delete(row)

    # Links between nodes, stored both ways.

    def link(self, one: int, other: int, score: float, verdict: int) -> None:
        """Store what was found of a pair. `verdict` is a set of flags (`index_near`), seen from the lower number."""
        self.db.execute("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?)", (one, other, score, verdict))
        self.db.execute("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?)", (other, one, score, verdict))

    def links(self, node: int) -> list[tuple[int, float, int]]:
        """Return other end, score and verdict of each link of a node."""
        return self.db.execute("SELECT other, score, verdict FROM link WHERE one = ?", (node,)).fetchall()

    def unlink(self, node: int) -> None:
        """Remove all links of a node."""
        self.db.executemany(
            "DELETE FROM link WHERE one = ? AND other = ?", [(other, node) for other, _, _ in self.links(node)]
        )
        self.db.execute("DELETE FROM link WHERE one = ?", (node,))
