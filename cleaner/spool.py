"""Records waiting on disk for what is only known when all have been seen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from typing import Self

from cleaner.article import Article, Id
from cleaner.write import halves, whole


class Spool:
    """Articles in a temporary file, each as the two halves of its record between which the group fields will stand.

    Of each article 16 bytes stay in memory.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._ends: list[tuple[int, int]] = []
        self._at = 0

    def add(self, article: Article) -> None:
        """Append an article; rows are numbered in the order added."""
        before, after = halves(article)
        self._file.write(before + after)
        middle = self._at + len(before)
        self._at = middle + len(after)
        self._ends.append((middle, self._at))

    def lines(self, rows: Iterable[int], fields: Iterable[tuple[Id | None, Id | None, bool | None]]) -> Iterator[bytes]:
        """Yield the lines of the rows, in that order, each with its near-duplicate group, story and canonical mark."""
        for row, (near_duplicates, story, canonical) in zip(rows, fields, strict=True):
            start = self._ends[row - 1][1] if row else 0
            middle, end = self._ends[row]
            self._file.seek(start)
            data = self._file.read(end - start)
            yield whole(data[: middle - start], data[middle - start :], near_duplicates, story, canonical)

    def __len__(self) -> int:
        return len(self._ends)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
