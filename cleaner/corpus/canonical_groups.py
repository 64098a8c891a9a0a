"""One kind of group with the canonical member of each: what both groupings have in common once they are known."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.pairs import Grouping, Pairs, components
from cleaner.arrays.ragged import concatenated_ranges
from cleaner.article import Article, Id, Kind
from cleaner.canonical import Choice
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.articles import ArticleTable
from cleaner.corpus.collecting import Wanted, blocks_of, collect
from cleaner.corpus.spool import Fields, Spool
from cleaner.corpus.summaries import StorySummaries
from cleaner.formats.scratch import Scratch
from cleaner.settings.schema import CanonicalSettings


class CanonicalGroups:
    """A grouping with the canonical member of each group.

    Among near-duplicates a member that matches all the others comes first, and the longest counts as the full text. In
    a story the longest may be a live blog, so the median counts. `copies`: (rows,) near-duplicate labels, given for
    stories alone: a copy has the links of the row that its label names, and copies of each other are alike to 1.
    """

    def __init__(
        self,
        articles: ArticleTable,
        grouping: Grouping,
        settings: CanonicalSettings,
        copies: NDArray[np.int64] | None = None,
    ) -> None:
        self._articles = articles
        self._copies = np.arange(len(articles)) if copies is None else copies
        self._links = _Links(grouping)
        self._groups = _Groups(grouping.labels)
        rows, groups = self._groups.members()
        others = np.bincount(groups)[groups] - 1
        able = np.ones(rows.size, bool)
        if copies is None:
            able = self._links.counts[rows] == others
            able |= np.bincount(groups, able)[groups] == 0
        able = np.flatnonzero(able)[np.lexsort((articles.rank()[rows[able]], groups[able]))]
        found = articles.candidates(rows[able], groups[able])
        full = None
        self._sole = np.zeros(len(self), bool)
        if copies is None and able.size:
            full = np.maximum.reduceat(found.words, np.flatnonzero(np.diff(found.groups, prepend=-1)))
            self._sole = np.bincount(found.groups) == 1
        means = self._links.totals[self._copies[rows]] / others
        self._choice = Choice(found, settings, full=full, centrality=means[able])
        self.heads: NDArray[np.int64] = np.arange(len(articles))
        """(rows,) the row of the canonical member of the group of each row."""
        self.heads[rows] = rows[able][self._choice.best][groups]
        self.confidence: NDArray[np.float32] = np.ones(len(articles), np.float32)
        """(rows,) probability of being the same event as a canonical article that was preferred; 1 for the first one,
        for articles that are alone, and for copies of one that stays."""
        self.canonical = self.heads == np.arange(len(articles))
        """(rows,) whether each is canonical: those chosen, and of a story also those that are not surely one event."""
        if copies is not None:
            preferred = able[self._choice.order]
            self._stay(rows[preferred], groups[preferred], settings.sure)

    def _stay(self, rows: NDArray[np.int64], groups: NDArray[np.int64], sure: float) -> None:
        """Keep a member canonical unless it surely reports the same event as one that is kept already.

        `rows`: all members, group after group, those preferred first.
        """
        for members in np.split(rows, np.flatnonzero(np.diff(groups)) + 1):
            staying: set[int] = set()
            likely: dict[int, float] = {}
            for row in members.tolist():
                text = int(self._copies[row])
                if text in likely:  # a copy of one that was looked at
                    self.confidence[row] = likely[text]
                    continue
                found = max((score for other, score in self._links.of(text) if other in staying), default=0.0)
                if not staying or found < sure:
                    self.canonical[row] = True
                    self.confidence[row] = found if staying else 1.0
                    staying.add(text)
                    likely[text] = 1.0
                else:
                    self.confidence[row] = likely[text] = found

    def __len__(self) -> int:
        """Return the number of groups of two or more."""
        return len(self._groups)

    def records(self, kind: Kind, summaries: StorySummaries | None = None) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical.

        With `summaries` also what holds it together.
        """
        ids = self._articles.ids
        for group, rows in enumerate(self._groups):
            head = int(self.heads[rows[0]])
            links = [(score, i, j) for i in rows for j, score in self._links.of(i) if i < j]
            ordered = sorted(rows, key=lambda row: (row != head, str(ids[row])))
            links = links or [(1.0, ordered[0], ordered[1])]  # a story of copies alone
            weakest = min(links, key=lambda link: (link[0], *sorted(str(ids[row]) for row in link[1:])))
            published = [self._articles.published(row) for row in ordered]
            summary = summaries.of(ordered, published).record() if summaries else {}
            sole = self._sole[group]
            yield {
                "kind": kind,
                "id": ids[head],
                "title": self._articles.title(head),
                "why": "the only member that matches all the others" if sole else self._choice.why(group),
                "members": [
                    {
                        "id": ids[row],
                        "score": 1.0 if row == head else self.score(head, row),
                        **({"confidence": round(float(self.confidence[row]), 4)} if kind == "story" else {}),
                        "published": date,
                        "words": self._articles.words(row),
                    }
                    for row, date in zip(ordered, published, strict=True)
                ],
                "weakest_link": {
                    "ids": sorted((ids[row] for row in weakest[1:]), key=str),
                    "score": round(float(weakest[0]), 4),
                },
                **summary,
            }

    def score(self, one: int, other: int) -> float | None:
        """Return the similarity of two members, None if it was too low to be stored."""
        one, other = self._copies[[one, other]].tolist()
        if one == other:
            return 1.0
        return next((round(float(score), 4) for row, score in self._links.of(one) if row == other), None)


def template_records(articles: ArticleTable, pairs: Pairs) -> Iterator[dict[str, Any]]:
    """Yield a record for each set of rows that such pairs connect, without a canonical member: none can stand for all.

    The id is that of the first member.
    """
    rows = np.unique(np.concatenate(pairs))
    labels = components(rows.size, *(np.searchsorted(rows, column) for column in pairs))
    for group in _Groups(labels):
        ordered = sorted(rows[group].tolist(), key=lambda row: str(articles.ids[row]))
        yield {
            "kind": "same_template",
            "id": articles.ids[ordered[0]],
            "title": articles.title(ordered[0]),
            "why": "the same words with other figures: kept apart (near_duplicates.templates_apart)",
            "members": [
                {"id": articles.ids[row], "published": articles.published(row), "words": articles.words(row)}
                for row in ordered
            ],
        }


class _Groups:
    """The rows of every label that two or more have."""

    def __init__(self, labels: NDArray[np.int64]) -> None:
        self._order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[self._order], prepend=-1, append=-1))
        many = np.diff(cuts) > 1
        self._begins, self._ends = cuts[:-1][many], cuts[1:][many]

    def __len__(self) -> int:
        return self._begins.size

    def members(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return all rows, group after group, and the number of the group of each."""
        sizes = self._ends - self._begins
        return self._order[np.repeat(self._begins, sizes) + concatenated_ranges(sizes)], np.repeat(
            np.arange(sizes.size), sizes
        )

    def __iter__(self) -> Iterator[list[int]]:
        for begin, end in zip(self._begins.tolist(), self._ends.tolist(), strict=True):
            yield self._order[begin:end].tolist()


class _Links:
    """The links of every row, both ways; the links of row r stand at `begins[r]` to `begins[r + 1]`."""

    def __init__(self, grouping: Grouping) -> None:
        size = grouping.labels.size
        rows = np.concatenate([grouping.left, grouping.right])
        order = np.argsort(rows, kind="stable")
        self._others = np.concatenate([grouping.right, grouping.left])[order]
        self._scores = np.concatenate([grouping.scores, grouping.scores])[order]
        self.counts: NDArray[np.int64] = np.bincount(rows, minlength=size)
        """(rows,) how many links a row has."""
        self.totals: NDArray[np.float64] = np.bincount(rows[order], self._scores, size).astype(np.float64)
        """(rows,) the sum of their scores."""
        self._begins = np.concatenate([[0], np.cumsum(self.counts)])

    def of(self, row: int) -> list[tuple[int, float]]:
        """Return the other end and the score of each link of a row."""
        part = slice(self._begins[row], self._begins[row + 1])
        return list(zip(self._others[part].tolist(), self._scores[part].tolist(), strict=True))


def choose_again(articles: Iterable[Article], settings: CanonicalSettings) -> Iterator[bytes]:
    """Yield the lines of the canonical members of groups that were found before, in the order of the articles.

    An article without group stands for itself. Links between members are not known here, so each of them can be chosen;
    but what stayed canonical beside the first article of its story is with its copies a group of its own again.
    """
    fields: list[Fields] = []
    texts: list[tuple[str, Id]] = []
    beside: set[tuple[str, Id]] = set()
    spool = Spool()
    table = ArticleTable(spool)
    with Scratch() as scratch, contextlib.closing(spool):
        for number, block in enumerate(blocks_of(articles)):
            for article in block:
                near = article.near_duplicates
                texts.append(("row", len(texts)) if near is None else ("text", near))
                fields.append((near, article.story, True))
                if article.canonical and article.story not in (None, article.id):
                    beside.add(texts[-1])
            path = scratch.path / str(number)
            collect(path, block, Wanted())
            chunk = ArticleChunk.load(path)
            spool.take(chunk)
            table.take(chunk)
        groups: dict[tuple[str, Id], list[int]] = {}
        for row, (text, (near, story, _)) in enumerate(zip(texts, fields, strict=True)):
            group = {"story": story, "near-duplicates": near, "article": None}[settings.per]
            key: tuple[str, Id] = ("row", row) if group is None else (settings.per, group)
            if settings.per == "story" and text in beside:
                key = text
            groups.setdefault(key, []).append(row)
        rows = np.array([row for group in groups.values() for row in group], np.int64)
        numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()])
        chosen = np.sort(rows[Choice(table.candidates(rows, numbers), settings).best]).tolist()
        yield from spool.lines(chosen, [fields[row] for row in chosen])
