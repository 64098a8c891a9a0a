"""The tables of an index: articles with their groups, the folders they came from, and the links between them.

Articles get numbers that are never given out again; a group's number is that of the article that began it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cleaner.article import Article, Id, Kind
from cleaner.index.database import Database
from cleaner.index.group_names import NAMES, Names
from cleaner.index.keys import ArticleRow, id_of, key_of
from cleaner.index.records import RECORDS, Records, common_words

_COLUMNS = "row, id, node, day, near_duplicates, story"
_ARTICLES = """
CREATE TABLE article (row INTEGER PRIMARY KEY, id BLOB NOT NULL, node INTEGER NOT NULL, day INTEGER NOT NULL,
    near_duplicates INTEGER NOT NULL, story INTEGER NOT NULL, folder INTEGER NOT NULL DEFAULT 0);
CREATE TABLE folder (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE UNIQUE INDEX article_id ON article (id);
CREATE INDEX copies ON article (node) WHERE node != row;
CREATE INDEX near_duplicate_members ON article (near_duplicates) WHERE near_duplicates != row;
CREATE INDEX story_members ON article (story) WHERE story != row;
CREATE TABLE link (one INTEGER NOT NULL, other INTEGER NOT NULL, score REAL NOT NULL, verdict INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID
"""


class Store:
    """Articles, their records, the names of their groups, and their links."""

    next_row = 1
    """The number that the next article gets."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.records = Records(db)
        self.names = Names(self)

    def create(self) -> None:
        """Make the tables, inside a transaction."""
        for statement in f"{_ARTICLES};{RECORDS};{NAMES}".split(";"):
            self.db.run(statement)
        self.db.put("dictionary", common_words())
        self.db.put("next_row", 1)

    def load(self) -> None:
        """Read what is kept in memory: when the file was opened, and after another process has written."""
        self.records.load(self.db.get("dictionary"))
        self.next_row = self.db.get("next_row")
        self.names.load()

    def save(self) -> None:
        """Write what is kept in memory."""
        self.db.put("next_row", self.next_row)

    def stats(self) -> dict[str, Any]:
        """Return the numbers of articles, groups with more than one member, merged groups and bytes."""
        count, value = "SELECT count(*) FROM", self.db.value
        return {
            "articles": value(f"{count} article"),
            "near_duplicates": value(
                "SELECT count(DISTINCT near_duplicates) FROM article WHERE near_duplicates != row"
            ),
            "stories": value("SELECT count(DISTINCT story) FROM article WHERE story != row"),
            "merged_near_duplicates": value(f"{count} alias WHERE kind = 'near_duplicates'"),
            "merged_stories": value(f"{count} alias WHERE kind = 'story'"),
            "bytes": self.db.size(),
            "format": self.db.get("format"),
        }

    def row(self, id_: Id) -> int | None:
        """Return the number of the article with an id, None if there is none."""
        found: int | None = self.db.value("SELECT row FROM article WHERE id = ?", (key_of(id_),))
        return found

    def numbers(self, ids: Iterable[Id]) -> list[int]:
        """Return the numbers of the articles with these ids; ids that are not there are left out."""
        return [row for row in map(self.row, ids) if row is not None]

    def rows(self, numbers: Sequence[int]) -> dict[int, ArticleRow]:
        """Return rows by number; numbers that are not there are left out."""
        return {row.row: row for row in self._selected("row", numbers)}

    def days(self, numbers: Sequence[int]) -> dict[int, int]:
        """Return the days of articles by number; numbers that are not there are left out."""
        return dict(self.db.selected("SELECT row, day FROM article WHERE row IN (?)", numbers))

    def copies(self, nodes: Sequence[int]) -> list[ArticleRow]:
        """Return the articles that have the same words as one of the nodes, without the nodes."""
        return self._selected("node", nodes, " AND node != row")

    def members(self, kind: Kind, group: int) -> list[ArticleRow]:
        """Return the articles of a group, by number."""
        found = self._selected("row", [group], f" AND {kind} = row")
        return [*found, *self._selected(kind, [group], f" AND {kind} != row")]

    def latest(self, kind: Kind, group: int, most: int) -> list[ArticleRow]:
        """Return the `most` latest articles of a group, last first, and then the article that began it."""
        found = self._selected(kind, [group], f" AND {kind} != row ORDER BY row DESC LIMIT {most}")
        return [*found, *self._selected("row", [group], f" AND {kind} = row")]

    def between(self, start: int, stop: int) -> list[int]:
        """Return the numbers of the articles from one number to before another."""
        query = "SELECT row FROM article WHERE row >= ? AND row < ? ORDER BY row"
        return [row for (row,) in self.db.rows(query, (start, stop))]

    def ids(self) -> Iterator[Id]:
        """Yield the ids of all articles."""
        return map(id_of, self.db.values("SELECT id FROM article INDEXED BY article_id"))

    def below(self, folder: str) -> set[Id]:
        """Return the ids of the articles that came from a folder when it was last added."""
        query = "SELECT id FROM article JOIN folder ON number = folder WHERE path = ?"
        return {id_of(key) for (key,) in self.db.rows(query, (folder,))}

    def place(self, folder: str, ids: Iterable[Id]) -> None:
        """Note that articles came from a folder."""
        self.db.run("INSERT OR IGNORE INTO folder (path) VALUES (?)", (folder,))
        number = self.db.value("SELECT number FROM folder WHERE path = ?", (folder,))
        self.db.run_each("UPDATE article SET folder = ? WHERE id = ?", ((number, key_of(id_)) for id_ in ids))

    def _selected(self, column: str, numbers: Sequence[int], more: str = "") -> list[ArticleRow]:
        query = f"SELECT {_COLUMNS} FROM article WHERE {column} IN (?){more}"  # noqa: S608 - our own names
        return [ArticleRow(row, id_of(key), *rest) for row, key, *rest in self.db.selected(query, numbers)]

    def insert(self, row: ArticleRow, article: Article, size: int, words: int) -> None:
        """Store an article. `size`: its number of words; `words`: the hash of all of them."""
        values = (row.row, key_of(row.id), row.node, row.day, row.near_duplicates, row.story)
        self.db.run("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, 0)", values)
        self.records.insert(row.row, article, size, words)
        self.next_row = max(self.next_row, row.row + 1)

    def set_nodes(self, nodes: Iterable[int], rows: Iterable[int]) -> None:
        """Note which article each of the rows shares its words with."""
        self.db.run_each("UPDATE article SET node = ? WHERE row = ?", zip(nodes, rows, strict=True))

    def move(self, kind: Kind, rows: Iterable[int], group: int) -> None:
        """Put articles into a group."""
        statement = f"UPDATE article SET {kind} = ? WHERE row = ?"  # noqa: S608 - our own names
        self.db.run_each(statement, ((group, row) for row in rows))

    def delete(self, row: int) -> None:
        """Remove an article and its text."""
        self.db.run("DELETE FROM article WHERE row = ?", (row,))
        self.records.delete(row)

    def link(self, one: int, other: int, score: float, verdict: int) -> None:
        """Store a link between two nodes, once from each end.

        `verdict`: flags of `near_duplicates`, as seen from the node with the lower number.
        """
        rows = ((one, other, score, verdict), (other, one, score, verdict))
        self.db.run_each("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?)", rows)

    def links(self, node: int) -> list[tuple[int, float, int]]:
        """Return other end, score and verdict of each link of a node."""
        return self.db.rows("SELECT other, score, verdict FROM link WHERE one = ?", (node,))

    def unlink(self, node: int) -> None:
        """Remove all links of a node."""
        ends = [(other, node) for other, _, _ in self.links(node)]
        self.db.run_each("DELETE FROM link WHERE one = ? AND other = ?", ends)
        self.db.run("DELETE FROM link WHERE one = ?", (node,))

    def unlink_all(self) -> None:
        """Remove all links."""
        self.db.run("DELETE FROM link")
