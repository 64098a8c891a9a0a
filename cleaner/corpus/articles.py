"""What grouping and choosing ask of every article besides its words: columns in memory, and the title in its record."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Id
from cleaner.canonical import UNKNOWN, Candidates, dates_of, moments_of
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.spool import Spool
from cleaner.formats.records import title_of


class ArticleTable:
    """All articles of a corpus, by row."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self.ids: list[Id] = []
        self._words, self._marks, self._sites = array("i"), array("B"), array("i")
        self._site_names: dict[str | None, int] = {}
        self._names: list[str | None] = []
        self._texts, self._dates = [np.zeros(0, np.uint64)], [np.zeros(0, "S4")]
        self._rank: NDArray[np.int64] | None = None

    def take(self, chunk: ArticleChunk) -> None:
        """Take the articles of a chunk, which the spool has; rows are numbered in the order taken."""
        self.ids += chunk.facts.ids
        self._words.frombytes(chunk.sizes.tobytes())
        self._marks.frombytes(chunk.marks.tobytes())
        for site in chunk.facts.sites or itertools.repeat(None, len(chunk)):
            if site not in self._site_names:
                self._site_names[site] = len(self._names)
                self._names.append(site)
            self._sites.append(self._site_names[site])
        self._texts.append(chunk.texts)
        self._dates.append(dates_of(chunk.facts.dates))
        self._rank = None

    def __len__(self) -> int:
        return len(self.ids)

    def tell_apart(self) -> list[Id]:
        """Give articles that share an id with another one an id of their own, and return those; `ID#2` is the second.

        Which is the first depends on their records, not on their order.
        """
        if len(set(self.ids)) == len(self.ids):
            return []
        rows: dict[Id, list[int]] = {}
        for row, id_ in enumerate(self.ids):
            rows.setdefault(id_, []).append(row)
        taken = set(rows)
        given: list[Id] = []
        for id_, shared in sorted(
            ((id_, some) for id_, some in rows.items() if len(some) > 1), key=lambda one: str(one[0])
        ):
            number = 2
            for row in self.by_id(shared)[1:]:
                while (new := f"{id_}#{number}") in taken:
                    number += 1
                taken.add(new)
                given.append(new)
                self._spool.rename(row, id_, new)
                self.ids[row] = new
        self._rank = None
        return given

    def candidates(self, rows: NDArray[np.int64], groups: NDArray[np.int64]) -> Candidates:
        """Return what the choice looks at in members of groups, by the group of each row."""
        at = rows.tolist()
        return Candidates(
            groups,
            [self.ids[row] for row in at],
            [self._names[self._sites[row]] for row in at],
            self._all_dates()[rows],
            np.frombuffer(self._words, np.int32)[rows].astype(np.int64),
            np.frombuffer(self._marks, np.uint8)[rows],
        )

    def published(self, row: int) -> str | None:
        """Return the date of an article."""
        date = self._all_dates()[row]
        return None if date == UNKNOWN else date.decode()

    def words(self, row: int) -> int:
        """Return the number of its words."""
        return self._words[row]

    def title(self, row: int) -> str | None:
        """Return the title of an article, read from its record."""
        return title_of(self._spool.record(row))

    def sites(self) -> NDArray[np.int32]:
        """Return a number for the site of each article, -1 where it is unknown."""
        sites = np.frombuffer(self._sites, np.int32)
        return np.where(sites == self._site_names.get(None, -1), np.int32(-1), sites)

    def rank(self) -> NDArray[np.int64]:
        """Return the (rows,) place of each in the order of moment, words, id and record.

        That is a total order which does not depend on the order of the input: what both groupings break ties by.
        """
        if self._rank is None:
            dates, texts = moments_of(self._all_dates()), np.concatenate(self._texts)
            order = np.lexsort((texts, dates))
            alike = (dates[order[1:]] == dates[order[:-1]]) & (texts[order[1:]] == texts[order[:-1]])
            edges = np.flatnonzero(np.diff(alike, prepend=False, append=False)).reshape(-1, 2)
            for begin, end in edges.tolist():
                order[begin : end + 1] = self.by_id(order[begin : end + 1].tolist())
            self._rank = np.empty(order.size, np.int64)
            self._rank[order] = np.arange(order.size)
        return self._rank

    def by_id(self, rows: Iterable[int]) -> list[int]:
        """Return rows sorted by id and, of one id, by record; equal records can stand in any order."""

        def name(row: int) -> str:
            return str(self.ids[row])

        ordered: list[int] = []
        for _, alike in itertools.groupby(sorted(rows, key=name), name):
            same = list(alike)
            ordered += sorted(same, key=self._spool.record) if len(same) > 1 else same
        return ordered

    def _all_dates(self) -> NDArray[np.bytes_]:
        if len(self._dates) > 1:
            self._dates = [np.concatenate(self._dates)]
        return self._dates[0]
