"""A total order of articles that does not depend on their order in the input: what both groupings break ties by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Id
from cleaner.chunks import Chunk

Record = Callable[[int], bytes]
"""Gives the record of a row."""
_LAST = b"9999"  # an unknown date sorts behind every known one


class Keys:
    """Date of every article and the hash of its words, in arrays."""

    def __init__(self) -> None:
        self._dates: list[NDArray[np.bytes_]] = []
        self._texts: list[NDArray[np.uint64]] = []

    def take(self, chunk: Chunk) -> None:
        """Take the articles of a chunk; rows are numbered in the order taken."""
        dates = [published.encode() if published else _LAST for published in chunk.facts["dates"]]
        self._dates.append(np.array(dates, np.bytes_))
        self._texts.append(chunk.array("texts"))

    def rank(self, ids: Sequence[Id], record: Record) -> NDArray[np.int64]:
        """Return the (rows,) place of each in the order of date, words, id and record."""
        dates = np.concatenate([np.zeros(0, "S4"), *self._dates])
        texts = np.concatenate([np.zeros(0, np.uint64), *self._texts])
        order = np.lexsort((texts, dates))
        alike = (dates[order[1:]] == dates[order[:-1]]) & (texts[order[1:]] == texts[order[:-1]])
        edges = np.flatnonzero(np.diff(alike, prepend=False, append=False)).reshape(-1, 2)
        for begin, end in edges.tolist():
            run = order[begin : end + 1]
            order[begin : end + 1] = by_id(run.tolist(), ids, record)
        rank = np.empty(order.size, np.int64)
        rank[order] = np.arange(order.size)
        return rank


def by_id(rows: Iterable[int], ids: Sequence[Id], record: Record) -> list[int]:
    """Return rows sorted by id and, of one id, by record; equal records can stand in any order."""

    def name(row: int) -> str:
        return str(ids[row])

    ordered: list[int] = []
    for _, alike in itertools.groupby(sorted(rows, key=name), name):
        same = list(alike)
        ordered += sorted(same, key=record) if len(same) > 1 else same
    return ordered
