"""Records waiting on disk for what is only known when all have been seen."""

from __future__ import annotations

import itertools
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from cleaner.article import Article, Id
from cleaner.write import halves, whole

_AHEAD = 1 << 20  # bytes read at once where rows are read one after the other


class Pieces:
    """Byte strings in a temporary file, numbered in the order added; eight bytes of each stay in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="cleaner-")  # noqa: SIM115 - closed by `close`
        self.close = weakref.finalize(self, self._file.close)
        """Remove the file, which otherwise goes with this object."""
        self._ends = array("q", [0])
        self._block, self._block_at, self._expected = b"", 0, 0

    def extend(self, pieces: Sequence[bytes]) -> None:
        """Add byte strings. Not after the first has been read."""
        self._file.write(b"".join(pieces))
        ends = itertools.accumulate(map(len, pieces), initial=self._ends.pop())
        self._ends.extend(ends)

    def __getitem__(self, number: int) -> bytes:
        """Return one of them. Reading one after the other is fastest."""
        start, end = self._ends[number], self._ends[number + 1]
        if start < self._block_at or end > self._block_at + len(self._block):
            self._file.seek(start)
            ahead = _AHEAD if number == self._expected else 0
            self._block, self._block_at = self._file.read(max(ahead, end - start)), start
        self._expected = number + 1
        return self._block[start - self._block_at : end - self._block_at]

    def __len__(self) -> int:
        return len(self._ends) - 1


class Spool:
    """Articles in a temporary file, each as the two halves of its record between which the group fields will stand.

    Of each article 16 bytes stay in memory.
    """

    def __init__(self) -> None:
        self._records = Pieces()
        self._middles = array("q")

    def extend(self, articles: Iterable[Article]) -> None:
        """Append articles; rows are numbered in the order added."""
        pieces = [halves(article) for article in articles]
        self._records.extend([before + after for before, after in pieces])
        self._middles.extend([len(before) for before, _ in pieces])

    def lines(self, rows: Iterable[int], fields: Iterable[tuple[Id | None, Id | None, bool | None]]) -> Iterator[bytes]:
        """Yield the lines of the rows, in that order, each with its near-duplicate group, story and canonical mark."""
        for row, (near_duplicates, story, canonical) in zip(rows, fields, strict=True):
            data, middle = self._records[row], self._middles[row]
            yield whole(data[:middle], data[middle:], near_duplicates, story, canonical)

    def __len__(self) -> int:
        return len(self._middles)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._records.close()
