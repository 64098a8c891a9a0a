"""Articles to groups: what both groupings need is collected batch by batch, then all rows get their group fields.

The texts themselves wait on disk (`spool.py`); in memory stay fingerprints and a line of facts an article.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id
from cleaner.canonical import Choice, Member, choose
from cleaner.duplicates import NearDuplicates
from cleaner.grouping import Grouping
from cleaner.settings import CanonicalSettings, Settings
from cleaner.spool import Spool
from cleaner.stories import Stories
from cleaner.words import BYTES_PER_BATCH, words

Fields = tuple[Id | None, Id | None, bool | None]


@dataclass(slots=True)
class Corpus:
    """Collects articles, then groups them. Use as a context manager: it holds temporary files."""

    settings: Settings
    spool: Spool = field(default_factory=Spool)
    _members: list[Member] = field(default_factory=list)
    _digests: list[bytes] = field(default_factory=list)
    _batch: list[Article] = field(default_factory=list)
    _batched: int = 0
    _near: NearDuplicates | None = None
    _stories: Stories | None = None

    def __post_init__(self) -> None:
        only = self.settings.group.only
        if only != "stories":
            self._near = NearDuplicates(self.settings.near_duplicates)
        if only != "near-duplicates":
            self._stories = Stories(self.settings.stories)

    def add(self, article: Article) -> None:
        """Take an article; rows are numbered in the order added."""
        self.spool.add(article)
        self._members.append(Member.of(article))
        self._digests.append(hashlib.blake2b(article.text.encode("utf-8", "replace"), digest_size=8).digest())
        self._batch.append(article)
        self._batched += len(article.text)
        if self._batched >= BYTES_PER_BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._batch:
            return
        texts = words([article.text for article in self._batch])
        if self._near is not None:
            self._near.add(texts)
        if self._stories is not None:
            titles = [_title(article) for article in self._batch]
            days = np.array([_day(article.published) for article in self._batch], np.int32)
            self._stories.add(words(titles), texts, days)
        self._batch, self._batched = [], 0

    def groups(self) -> Groups:
        """Group everything that was added."""
        self._flush()
        size = len(self._members)
        keys = [(m.published or "9999", d, str(m.id)) for m, d in zip(self._members, self._digests, strict=True)]
        rank = np.empty(size, np.int64)
        rank[sorted(range(size), key=keys.__getitem__)] = np.arange(size)
        near = self._near.groups(rank) if self._near is not None else None
        stories = self._stories.groups(rank, None if near is None else near.labels) if self._stories else None
        return Groups(self._members, near, stories, self.settings.canonical)

    @property
    def order(self) -> list[int]:
        """Rows sorted by id, so that files do not depend on the order of input."""
        keys = [(str(m.id), d) for m, d in zip(self._members, self._digests, strict=True)]
        return sorted(range(len(keys)), key=keys.__getitem__)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.__exit__()
        if self._near is not None:
            self._near.close()


def _title(article: Article) -> str:
    title = article.title or ""
    return "" if article.text.lstrip().startswith(title) else title


def _day(published: str | None) -> int:
    """Return the proleptic ordinal of a date, 0 if it is not known to the day."""
    try:
        return dt.date.fromisoformat((published or "")[:10]).toordinal()
    except ValueError:
        return 0


class Groups:
    """Both groupings and the canonical member of every group."""

    def __init__(
        self, members: Sequence[Member], near: Grouping | None, stories: Grouping | None, settings: CanonicalSettings
    ) -> None:
        self._members = members
        self._settings = settings
        self._near = None if near is None else _Named(members, near, settings, cover=True)
        self._stories = None if stories is None else _Named(members, stories, settings, cover=False)

    def fields(self, rows: Sequence[int]) -> Iterator[Fields]:
        """Yield near-duplicate group, story and canonical mark of the rows."""
        near = None if self._near is None else self._near.heads
        stories = None if self._stories is None else self._stories.heads
        wanted = {"story": (stories, near), "near-duplicates": (near, stories), "article": ()}[self._settings.per]
        deciding = next((heads for heads in wanted if heads is not None), None)
        for row in rows:
            yield (
                None if near is None else self._members[near[row]].id,
                None if stories is None else self._members[stories[row]].id,
                deciding is None or bool(deciding[row] == row),
            )

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical."""
        for kind, named in (("near_duplicates", self._near), ("story", self._stories)):
            if named is not None:
                yield from named.records(kind)

    def score(self, kind: str, one: int, other: int) -> float | None:
        """Return the similarity of two rows of one group ("near-duplicates" or "story"), None if none was kept."""
        named = self._near if kind == "near-duplicates" else self._stories
        return None if named is None else named.score(one, other)

    @property
    def counts(self) -> dict[str, int]:
        """How many groups of two or more there are of each kind."""
        named = {"near_duplicates": self._near, "stories": self._stories}
        return {kind: len(found.choices) for kind, found in named.items() if found is not None}


def choose_again(articles: Iterable[Article], settings: CanonicalSettings) -> Iterator[bytes]:
    """Yield the lines of the canonical members of groups that were told before, in the order of the articles.

    An article without group stands for itself. Links between members are not known here, so any of them can be chosen.
    """
    groups: dict[str, list[int]] = {}
    members: list[Member] = []
    with Spool() as spool:
        fields: list[Fields] = []
        for row, article in enumerate(articles):
            spool.add(article)
            members.append(Member.of(article))
            fields.append((article.near_duplicates, article.story, True))
            group = {"story": article.story, "near-duplicates": article.near_duplicates, "article": None}[settings.per]
            groups.setdefault(f"alone {row}" if group is None else f"group {group}", []).append(row)
        chosen = sorted(rows[choose([members[row] for row in rows], settings).place] for rows in groups.values())
        yield from spool.lines(chosen, [fields[row] for row in chosen])


class _Named:
    """A grouping with the canonical member of each group (`heads`: its row, for every row)."""

    def __init__(
        self, members: Sequence[Member], grouping: Grouping, settings: CanonicalSettings, *, cover: bool
    ) -> None:
        self._all = members
        self._links = _links(grouping)
        self.heads: NDArray[np.int64] = np.arange(len(members))
        self.choices: dict[int, tuple[list[int], Choice]] = {}
        for rows in _groups(grouping.labels):
            choice, head = self._choose(rows, settings, cover=cover)
            self.heads[rows] = head
            self.choices[head] = (rows, choice)

    def _choose(self, rows: list[int], settings: CanonicalSettings, *, cover: bool) -> tuple[Choice, int]:
        """Choose among the members; with `cover` only among those that match all the others."""
        able = [row for row in rows if len(self._links.get(row, ())) == len(rows) - 1] if cover else []
        able = sorted(able or rows, key=lambda row: str(self._all[row].id))
        sums = [sum(self._links.get(row, {}).values()) / (len(rows) - 1) for row in able]
        able_members = [self._all[row] for row in able]
        # Of one text the longest copy is the full one; of a story it may be a live blog.
        full = max(member.words for member in able_members) if cover else None
        choice = choose(able_members, settings, full=full, centrality=dict(enumerate(sums)))
        if cover and len(able) == 1:
            choice = Choice(choice.place, "the only member that matches all the others")
        return choice, able[choice.place]

    def records(self, kind: str) -> Iterator[dict[str, Any]]:
        for head, (rows, choice) in self.choices.items():
            links = [(score, i, j) for i in rows for j, score in self._links.get(i, {}).items() if i < j]
            weakest = min(links, key=lambda link: (link[0], *sorted(str(self._all[row].id) for row in link[1:])))
            yield {
                "kind": kind,
                "id": self._all[head].id,
                "title": self._all[head].title,
                "why": choice.why,
                "members": [
                    {
                        "id": self._all[row].id,
                        "score": 1.0 if row == head else self.score(head, row),
                        "published": self._all[row].published,
                        "words": self._all[row].words,
                    }
                    for row in sorted(rows, key=lambda row: (row != head, str(self._all[row].id)))
                ],
                "weakest_link": {
                    "ids": sorted((self._all[row].id for row in weakest[1:]), key=str),
                    "score": round(float(weakest[0]), 4),
                },
            }

    def score(self, one: int, other: int) -> float | None:
        """Return the similarity of two members, None if it was too low to be kept."""
        score = self._links.get(one, {}).get(other)
        return None if score is None else round(float(score), 4)


def _links(grouping: Grouping) -> dict[int, dict[int, float]]:
    links: dict[int, dict[int, float]] = {}
    pairs = zip(grouping.left.tolist(), grouping.right.tolist(), grouping.scores.tolist(), strict=True)
    for i, j, score in pairs:
        links.setdefault(i, {})[j] = score
        links.setdefault(j, {})[i] = score
    return links


def _groups(labels: NDArray[np.int64]) -> list[list[int]]:
    """Return the rows of every group of two or more."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [rows.tolist() for rows in np.split(order, cuts) if rows.size > 1]
