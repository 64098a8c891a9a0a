"""Records waiting on disk until the groups of all articles are known."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Id
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.formats.records import group_fields, renamed, ungrouped, whole

Fields = tuple[Id | None, Id | None, bool | None]
"""Near-duplicate group, story, and whether the article is canonical."""
_OPEN = 64
"""Files that are open at a time, while single records are read from them."""


class Spool:
    """The records of chunks, each in two halves between which the group fields will stand.

    Rows are numbered in the order taken. 16 bytes for each stay in memory.
    """

    def __init__(self) -> None:
        self._chunks: list[ArticleChunk] = []
        self._firsts = [0]
        """The first row of each chunk, and the number of all rows."""
        self._ends: list[NDArray[np.int64]] = []
        self._middles: list[NDArray[np.int64]] = []
        self._files: OrderedDict[int, BinaryIO] = OrderedDict()  # the last is the one that was used last
        self._names: dict[int, tuple[Id, Id]] = {}  # ids that were changed: the old one and the new one

    def take(self, chunk: ArticleChunk) -> None:
        """Append the records of a chunk."""
        lengths = chunk.lengths
        self._chunks.append(chunk)
        self._ends.append(np.cumsum(lengths))
        self._middles.append(self._ends[-1] - lengths + chunk.middles)
        self._firsts.append(self._firsts[-1] + lengths.size)

    def rename(self, row: int, old: Id, new: Id) -> None:
        """Give a record another id, in all that is read from now on."""
        self._names[row] = old, new

    def lines(self, rows: Iterable[int], fields: Iterable[Fields]) -> Iterator[bytes]:
        """Yield the lines of the rows, in that order, each with its near-duplicate group, story and canonical mark."""
        for (before, after), (near_duplicates, story, canonical) in zip(self._halves(rows), fields, strict=True):
            yield whole(before, after, near_duplicates, story, canonical)

    def all_lines(self, fields: Iterable[Fields]) -> Iterator[bytes]:
        """Yield the lines of all rows as `lines` does, but all of a chunk in one piece."""
        fields = iter(fields)
        row = 0
        for chunk, ends, middles in zip(self._chunks, self._ends, self._middles, strict=True):
            data = chunk.records.data
            pieces: list[bytes | memoryview] = []
            begin = 0
            for end, middle, filled_in in zip(ends.tolist(), middles.tolist(), islice(fields, ends.size), strict=True):
                before = data[begin:middle] if row not in self._names else self._named(row, bytes(data[begin:middle]))
                pieces += (before, group_fields(*filled_in), data[middle:end], b"\n")
                begin = end
                row += 1
            yield b"".join(pieces)

    def record(self, row: int) -> bytes:
        """Return a record without group fields."""
        return ungrouped(*self._read(row))

    def __len__(self) -> int:
        return self._firsts[-1]

    def close(self) -> None:
        """Close the files."""
        while self._files:
            self._files.popitem()[1].close()

    def _halves(self, rows: Iterable[int]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the halves of records. A chunk is read as a whole where its rows come one after the other."""
        data, rows_in_chunk, begins, middles = b"", range(0), [0], [0]
        expected = 0
        for row in rows:
            if row not in rows_in_chunk and row == expected:
                chunk = self._chunk(row)
                data = self._chunks[chunk].records.tobytes()
                rows_in_chunk = range(self._firsts[chunk], self._firsts[chunk + 1])
                begins, middles = [0, *self._ends[chunk].tolist()], self._middles[chunk].tolist()
            if row in rows_in_chunk:
                place = row - rows_in_chunk.start
                before = data[begins[place] : middles[place]]
                yield self._named(row, before), data[middles[place] : begins[place + 1]]
            else:
                yield self._read(row)
            expected = row + 1

    def _read(self, row: int) -> tuple[bytes, bytes]:
        """Read the halves of one record."""
        chunk = self._chunk(row)
        place = row - self._firsts[chunk]
        begin = int(self._ends[chunk][place - 1]) if place else 0
        middle, end = int(self._middles[chunk][place]), int(self._ends[chunk][place])
        file = self._file(chunk)
        file.seek(self._chunks[chunk].records_begin + begin)
        data = file.read(end - begin)
        return self._named(row, data[: middle - begin]), data[middle - begin :]

    def _named(self, row: int, before: bytes) -> bytes:
        """Return the first half of a record with the id that it has now."""
        return renamed(before, *self._names[row]) if row in self._names else before

    def _chunk(self, row: int) -> int:
        return bisect_right(self._firsts, row) - 1

    def _file(self, chunk: int) -> BinaryIO:
        if chunk not in self._files:
            if len(self._files) == _OPEN:
                self._files.popitem(last=False)[1].close()
            self._files[chunk] = self._chunks[chunk].file.path.open("rb")
        self._files.move_to_end(chunk)
        return self._files[chunk]
