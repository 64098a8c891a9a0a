"""A total order of articles that does not depend on their order in the input: what both groupings break ties by."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id

_LAST = b"9999"  # an unknown date sorts behind every known one


class Keys:
    """Date and digest of every article's text, in arrays."""

    def __init__(self) -> None:
        self._dates: list[NDArray[np.bytes_]] = []
        self._digests: list[NDArray[np.uint64]] = []

    def add(self, articles: Sequence[Article]) -> None:
        """Take the next batch; rows are numbered in the order added."""
        self._dates.append(
            np.array([article.published.encode() if article.published else _LAST for article in articles])
        )
        digests = [hashlib.blake2b(a.text.encode("utf-8", "replace"), digest_size=8).digest() for a in articles]
        self._digests.append(np.frombuffer(b"".join(digests), ">u8").astype(np.uint64))

    def rank(self, ids: Sequence[Id]) -> NDArray[np.int64]:
        """Return the (rows,) place of each in the order of date, digest and id; equal ones keep the order of input."""
        dates = np.concatenate([np.zeros(0, "S4"), *self._dates])
        digests = np.concatenate([np.zeros(0, np.uint64), *self._digests])
        order = np.lexsort((digests, dates))
        alike = (dates[order[1:]] == dates[order[:-1]]) & (digests[order[1:]] == digests[order[:-1]])
        edges = np.flatnonzero(np.diff(alike, prepend=False, append=False)).reshape(-1, 2)
        for begin, end in edges.tolist():
            run = order[begin : end + 1]
            order[begin : end + 1] = sorted(run.tolist(), key=lambda row: str(ids[row]))
        rank = np.empty(order.size, np.int64)
        rank[order] = np.arange(order.size)
        return rank

    def order(self, ids: Sequence[Id]) -> list[int]:
        """Return the rows in the order of id and digest."""
        digests = itertools.chain.from_iterable(batch.tolist() for batch in self._digests)
        keys = list(zip(map(str, ids), digests, strict=True))
        return sorted(range(len(keys)), key=keys.__getitem__)
