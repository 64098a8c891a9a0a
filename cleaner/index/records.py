"""The articles of an index as they came, each compressed by itself; what is read often stays in memory."""

from __future__ import annotations

import functools
import gzip
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from cleaner.article import Article
from cleaner.canonical import UNKNOWN, Choosable, marks_of
from cleaner.formats.records import choosable_of, decode, packed, text_of
from cleaner.index.database import Database
from cleaner.resources import configs

RECORDS = """
CREATE TABLE record (row INTEGER PRIMARY KEY, digest BLOB NOT NULL, size INTEGER NOT NULL, words INTEGER NOT NULL,
    data BLOB NOT NULL)
"""
_DICTIONARY_BYTES = 32_000  # deflate looks back 32 KiB
_CACHE = 8192  # records, and as many `Choosable`s, that stay in memory
_HALF = 1 << 63  # hashes have no sign, and numbers in SQLite have one


class Records:
    """The table of records, by the number of an article."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._read: OrderedDict[int, bytes] = OrderedDict()
        self._members: OrderedDict[int, Choosable] = OrderedDict()

    def load(self, dictionary: bytes) -> None:
        """Take what deflate knows beforehand; forget what was read, for another process may have written."""
        self._dictionary = dictionary
        self._packer = zlib.compressobj(3, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY, dictionary)
        self._read.clear()
        self._members.clear()

    def insert(self, row: int, article: Article, size: int, words: int) -> None:
        """Store an article. `size`: its number of words; `words`: the hash of all of them."""
        values = (row, text_digest(article.text), size, words - _HALF, self._packed(article))
        self._db.run("INSERT INTO record (row, digest, size, words, data) VALUES (?, ?, ?, ?, ?)", values)

    def delete(self, row: int) -> None:
        """Remove an article."""
        self._db.run("DELETE FROM record WHERE row = ?", (row,))
        self._read.pop(row, None)
        self._members.pop(row, None)

    def digest(self, row: int) -> bytes:
        """Return `text_digest` of an article that is there."""
        digest: bytes = self._db.value("SELECT digest FROM record WHERE row = ?", (row,))
        return digest

    def articles(self, rows: Sequence[int]) -> list[Article]:
        """Return articles that are there, in the order of their numbers given."""
        found = self._records(rows)
        return [decode(found[row]) for row in rows]

    def texts(self, rows: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Return title and text by number, in the order given; numbers that are not there are left out."""
        found = self._records(rows)
        return {row: text_of(found[row]) for row in rows if row in found}

    def members(self, rows: Sequence[int]) -> list[Choosable]:
        """Return what the choice of a canonical article needs to know of articles that are there."""
        missing = [row for row in rows if row not in self._members]
        sizes, records = dict(self._values("size", missing)), self._records(missing)
        for row in missing:
            one = choosable_of(records[row])
            self._members[row] = Choosable(one.id, one.site, one.published, sizes[row], marks_of(one))
        found = [self._members[row] for row in rows]
        _shorten(self._members)
        return found

    def ranks(self, rows: Sequence[int]) -> dict[int, tuple[str, int, str]]:
        """Return the place of articles in the order of `ArticleTable.rank`: date, hash of the words, id."""
        hashes = dict(self._values("words", rows))
        return {
            row: (member.published or UNKNOWN.decode(), hashes[row] + _HALF, str(member.id))
            for row, member in zip(rows, self.members(rows), strict=True)
        }

    def _records(self, rows: Sequence[int]) -> dict[int, bytes]:
        """Return the JSON of articles by number; numbers that are not there are left out."""
        found = {row: self._read[row] for row in rows if row in self._read}
        for row, data in self._values("data", sorted({row for row in rows if row not in found})):
            self._read[row] = found[row] = zlib.decompressobj(-15, zdict=self._dictionary).decompress(data)
        _shorten(self._read)
        return found

    def _values(self, column: str, rows: Sequence[int]) -> list[tuple[int, Any]]:
        """Return the number of each article that is there, with one of its values."""
        return self._db.selected(f"SELECT row, {column} FROM record WHERE row IN (?)", rows)  # noqa: S608

    def _packed(self, article: Article) -> bytes:
        """Return the compressed record."""
        packer = self._packer.copy()  # reading the dictionary takes as long as an article
        return packer.compress(packed(article)) + packer.flush()


def _shorten(held: OrderedDict[int, Any]) -> None:
    while len(held) > _CACHE:
        held.popitem(last=False)


def text_digest(text: str) -> bytes:
    """Return an eight-byte hash of a text, to tell it from another."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()


@functools.cache
def common_words() -> bytes:
    """Return the common words of news: if deflate knows them, a text of 300 words takes a fifth less."""
    with gzip.open(configs() / "news-df.tsv.gz", "rt", encoding="utf-8") as lines:
        next(lines)
        found = sorted((int(count), word) for word, count in (line.split("\t") for line in lines))
    return " ".join(word for _, word in found).encode()[-_DICTIONARY_BYTES:]
