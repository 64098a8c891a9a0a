"""The index's file: articles, groups and their names in one SQLite database.

Articles get numbers that are never given out again, and a group's number is that of the article that began it, so most
groups need no row of their own: a group bears the id of its first article. Names that this cannot give (the article
was removed, or left the group) stand in a table.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from cleaner.article import Article, Id
from cleaner.fingerprint import text_hashes
from cleaner.read import parse
from cleaner.resources import configs
from cleaner.settings import Settings
from cleaner.words import words
from cleaner.write import encode

FORMAT = 1
"""Of the file. Raise it with any change to what is stored or to how texts are compared."""
Kind = Literal["near", "story"]
_PATIENCE = 120.0  # seconds to wait for another process; its transactions take less than one
_DICTIONARY_BYTES = 32_000  # deflate looks back 32 KiB
_CACHE = 8192  # articles whose texts were read
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
CREATE TABLE record (row INTEGER PRIMARY KEY, digest BLOB NOT NULL, words INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE link (one INTEGER NOT NULL, other INTEGER NOT NULL, score REAL NOT NULL, verdict INTEGER NOT NULL,
    PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE TABLE alias (kind TEXT NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL,
    PRIMARY KEY (kind, old)) WITHOUT ROWID;
CREATE TABLE name (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE);
"""


class IndexMismatchError(ValueError):
    """An index that was made by another version or with other settings; the text says what rebuilds it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is looked up of an article all the time. `node`: the number of the first article with the same words."""

    row: int
    id: Id
    node: int
    day: int
    near: int
    story: int

    def group(self, kind: Kind) -> int:
        """Return the number of its group of a kind."""
        return self.near if kind == "near" else self.story


def digest(settings: Settings) -> str:
    """Return a hash of the settings that decide what is in an index."""
    matter = (settings.near_duplicates, settings.stories, settings.group)
    return hashlib.sha256(msgspec.json.encode(matter)).hexdigest()


class Store:
    """The tables and what belongs to them. Reading sees what was committed; writing needs `writing`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, cached_statements=256)
        self.db.execute(
            "PRAGMA page_size = 16384"
        )  # of a new file: records of a KiB leave a fifth of smaller pages empty
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA cache_size = -65536")
        self.db.execute("PRAGMA mmap_size = 68719476736")
        self._dictionary = b""
        self._records: OrderedDict[int, bytes] = OrderedDict()
        self.next_row = 1
        self.named = False
        """Whether any group bears a name that its first article does not give it."""

    def create(self, settings: Settings) -> None:
        """Make the tables, inside a transaction."""
        for statement in _SCHEMA.split(";"):
            self.db.execute(statement)
        self.put("format", FORMAT)
        self.put("settings", digest(settings))
        self.put("dictionary", _dictionary())
        self.put("next_row", 1)

    def exists(self) -> bool:
        """Tell whether the tables are there."""
        query = "SELECT count(*) FROM sqlite_master WHERE name = 'meta'"
        return bool(self.db.execute(query).fetchone()[0])

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
        self._dictionary = self.get("dictionary")
        self._packer = zlib.compressobj(3, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, self._dictionary)
        self.next_row = self.get("next_row")
        self.named = bool(self.db.execute("SELECT count(*) FROM name").fetchone()[0])
        self._records.clear()

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

    # Articles.

    def count(self) -> int:
        """Return the number of articles."""
        return int(self.db.execute("SELECT count(*) FROM article").fetchone()[0])

    def find(self, id_: Id) -> tuple[int, bytes] | None:
        """Return number and digest of the text of the article with an id."""
        found = self.db.execute("SELECT row FROM article WHERE id = ?", (_key(id_),)).fetchone()
        if found is None:
            return None
        row = found[0]
        return row, self.db.execute("SELECT digest FROM record WHERE row = ?", (row,)).fetchone()[0]

    def numbers(self, ids: Iterable[Id]) -> list[int]:
        """Return the numbers of the articles with some ids, of those that are there."""
        found = (self.db.execute("SELECT row FROM article WHERE id = ?", (_key(id_),)).fetchone() for id_ in ids)
        return [row[0] for row in found if row is not None]

    def rows(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Return what is there of some articles, by number."""
        return {row.row: row for row in self._select("row", numbers)}

    def copies(self, nodes: Sequence[int]) -> list[Row]:
        """Return the articles with the words of other ones, which are not among them."""
        return list(self._select("node", nodes, " AND node != row"))

    def members(self, kind: Kind, group: int) -> list[Row]:
        """Return the articles of a group, by number."""
        found = self._select("row", [group], f" AND {kind} = row")
        return [*found, *self._select(kind, [group], f" AND {kind} != row")]

    def latest(self, kind: Kind, group: int, most: int) -> list[Row]:
        """Return the latest articles of a group, the last one first."""
        found = self._select(kind, [group], f" AND {kind} != row ORDER BY row DESC LIMIT {most}")
        return [*found, *self._select("row", [group], f" AND {kind} = row")]

    def between(self, start: int, stop: int) -> list[int]:
        """Return the numbers of the articles from one number to before another."""
        query = "SELECT row FROM article WHERE row >= ? AND row < ? ORDER BY row"
        return [row for (row,) in self.db.execute(query, (start, stop))]

    def ids(self) -> Iterator[Id]:
        """Yield the ids of all articles."""
        for (key,) in self.db.execute("SELECT id FROM article INDEXED BY article_id"):
            yield _id(key)

    def below(self, folder: str) -> set[Id]:
        """Return the ids of the articles that came from a folder when it was last added."""
        query = "SELECT id FROM article JOIN folder ON number = folder WHERE path = ?"
        return {_id(key) for (key,) in self.db.execute(query, (folder,))}

    def place(self, folder: str, ids: Iterable[Id]) -> None:
        """Note that articles came from a folder."""
        self.db.execute("INSERT OR IGNORE INTO folder (path) VALUES (?)", (folder,))
        number = self.db.execute("SELECT number FROM folder WHERE path = ?", (folder,)).fetchone()[0]
        self.db.executemany("UPDATE article SET folder = ? WHERE id = ?", ((number, _key(id_)) for id_ in ids))

    def _select(self, column: str, numbers: Sequence[int], more: str = "") -> Iterator[Row]:
        for start in range(0, len(numbers), 500):
            some = numbers[start : start + 500]
            marks = ",".join("?" * len(some))
            query = f"SELECT {_COLUMNS} FROM article WHERE {column} IN ({marks}){more}"  # noqa: S608
            yield from (Row(row, _id(key), *rest) for row, key, *rest in self.db.execute(query, some))

    def insert(self, row: Row, article: Article, size: int) -> None:
        """Store an article of so many words."""
        data = self._packed(article)
        self.db.execute(
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, 0)",
            (row.row, _key(row.id), row.node, row.day, row.near, row.story),
        )
        values = (row.row, text_digest(article.text), size, data)
        self.db.execute("INSERT INTO record VALUES (?, ?, ?, ?)", values)
        self.next_row = max(self.next_row, row.row + 1)

    def move(self, kind: Kind, rows: Iterable[int], group: int) -> None:
        """Put articles into a group."""
        self.db.executemany(f"UPDATE article SET {kind} = ? WHERE row = ?", ((group, row) for row in rows))  # noqa: S608

    def delete(self, row: int) -> None:
        """Remove an article, its links and its text."""
        self.db.execute("DELETE FROM article WHERE row = ?", (row,))
        self.db.execute("DELETE FROM record WHERE row = ?", (row,))
        self._records.pop(row, None)

    def articles(self, rows: Sequence[int]) -> list[Article]:
        """Return stored articles, in the order of their numbers given."""
        return [_article(self._record(row)) for row in rows]

    def texts(self, rows: Sequence[int]) -> list[tuple[str, str]]:
        """Return title and text of stored articles."""
        found = (_text(self._record(row)) for row in rows)
        return [(one.title or "", one.text) for one in found]

    def words(self, rows: Sequence[int]) -> list[int]:
        """Return the number of words of stored articles."""
        query = "SELECT words FROM record WHERE row = ?"
        return [self.db.execute(query, (row,)).fetchone()[0] for row in rows]

    def _record(self, row: int) -> bytes:
        known = self._records.get(row)
        if known is None:
            data = self.db.execute("SELECT data FROM record WHERE row = ?", (row,)).fetchone()[0]
            known = zlib.decompressobj(-15, zdict=self._dictionary).decompress(data)
            self._records[row] = known
            if len(self._records) > _CACHE:
                self._records.popitem(last=False)
        return known

    def _packed(self, article: Article) -> bytes:
        """Return the compressed record; what says nothing is left out."""
        fields = {key: value for key, value in article.record().items() if value or key in article.extra}
        for key in ("near_duplicates", "story", "canonical"):
            fields.pop(key, None)
        raw = encode({"id": article.id, "text": "", **fields})
        packer = self._packer.copy()  # reading the dictionary takes as long as an article
        return packer.compress(raw) + packer.flush()

    # Links between nodes, stored both ways.

    def link(self, one: int, other: int, score: float, verdict: int) -> None:
        """Store what was found of a pair. `verdict` is a set of `groups`' flags, seen from the lower number."""
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

    # Groups and their names.

    def alias(self, kind: Kind, old: int, new: int) -> None:
        """Record that a group was merged into another."""
        self.db.execute("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", (kind, old, new))

    def resolve(self, kind: Kind, group: int) -> int:
        """Return the group that a number stands for now."""
        while found := self.db.execute("SELECT new FROM alias WHERE kind = ? AND old = ?", (kind, group)).fetchone():
            group = found[0]
        return group

    def number(self, name: Id) -> int | None:
        """Return the number of the group that bears a name, of either kind."""
        found = self.db.execute("SELECT number FROM name WHERE name = ?", (_key(name),)).fetchone()
        found = found or self.db.execute("SELECT row FROM article WHERE id = ?", (_key(name),)).fetchone()
        return None if found is None else int(found[0])

    def names(self, groups: Sequence[int]) -> dict[int, Id]:
        """Return the names of groups by number."""
        ids = {number: row.id for number, row in self.rows(groups).items()}
        for number in groups if self.named else ():
            if found := self.db.execute("SELECT name FROM name WHERE number = ?", (number,)).fetchone():
                ids[number] = _id(found[0])
        return ids

    def keep_name(self, row: int, id_: Id) -> None:
        """Keep the name of the groups that an article began, before it is removed, if anything still bears it."""
        alias = "SELECT 1 FROM alias WHERE old = ? OR new = ?"
        if (
            any(member.row != row for kind in KINDS for member in self.members(kind, row))
            or self.db.execute(alias, (row, row)).fetchone()
        ):
            self.db.execute("INSERT OR IGNORE INTO name VALUES (?, ?)", (row, _key(id_)))
            self.named = True

    def free(self, kind: Kind, row: Row) -> bool:
        """Tell whether a group that an article begins may bear its number and its id: no other group ever did."""
        return not (
            self.db.execute("SELECT 1 FROM name WHERE name = ?", (_key(row.id),)).fetchone()
            or self.db.execute("SELECT 1 FROM alias WHERE kind = ? AND old = ?", (kind, row.row)).fetchone()
            or any(member.row != row.row for member in self.members(kind, row.row))
        )

    def fresh(self, row: Row) -> int:
        """Return the number of a new group that cannot bear an article's id: it is called ID#2, or the next free."""
        number, self.next_row = self.next_row, self.next_row + 1
        turn = 2
        while self.number(f"{row.id}#{turn}") is not None:
            turn += 1
        self.db.execute("INSERT INTO name VALUES (?, ?)", (number, f"{row.id}#{turn}"))
        self.named = True
        return number

    def ranks(self, rows: Sequence[int]) -> dict[int, tuple[str, int, str]]:
        """Return the place of articles in the order of `ranking.Keys`: date, hash of the words, id."""
        articles = self.articles(rows)
        hashes = text_hashes(words([article.text for article in articles])).tolist()
        return {
            row: (article.published or "9999", text, str(article.id))
            for row, article, text in zip(rows, articles, hashes, strict=True)
        }


KINDS: tuple[Kind, ...] = ("near", "story")


class _Text(msgspec.Struct):
    text: str
    title: str | None = None


def _text(raw: bytes) -> _Text:
    try:
        return msgspec.json.decode(raw, type=_Text)
    except (msgspec.DecodeError, UnicodeDecodeError):  # half a surrogate pair
        fields = parse(raw)
        return _Text(fields["text"], fields.get("title"))


def _key(id_: Id) -> Id | bytes:
    """Return an id as SQLite can hold it: a number over 64 bits or half a surrogate pair as JSON."""
    if isinstance(id_, int):
        return id_ if -(1 << 63) <= id_ < 1 << 63 else encode(id_)
    return encode(id_) if any("\ud800" <= c <= "\udfff" for c in id_) and not id_.isascii() else id_


def _id(key: Id | bytes) -> Id:
    """Return the id that `_key` made a key of."""
    return parse(key) if isinstance(key, bytes) else key


def text_digest(text: str) -> bytes:
    """Return eight bytes that tell a text from another."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()


def _article(raw: bytes) -> Article:
    fields: Mapping[str, Any] = parse(raw)
    return Article.from_fields(fields["id"], fields["text"], fields)


@functools.cache
def _dictionary() -> bytes:
    """Return the common words of news, which deflate then knows: a fifth less for a text of 300 words."""
    with gzip.open(configs() / "news-df.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        found = sorted((int(count), word) for word, count in (line.split("\t") for line in lines))
    return " ".join(word for _, word in found).encode()[-_DICTIONARY_BYTES:]
