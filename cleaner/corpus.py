"""Articles to groups: what both groupings need is collected batch by batch, then all rows get their group fields.

The texts themselves wait on disk (`spool.py`); in memory stay fingerprints and a line of facts an article.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id
from cleaner.canonical import choose
from cleaner.choices import Choices, Members, template_records
from cleaner.duplicates import NearDuplicates
from cleaner.evidence import Accounts
from cleaner.grouping import Grouping
from cleaner.lsh import Pairs
from cleaner.pool import Done, Pool
from cleaner.ranking import Keys
from cleaner.settings import CanonicalSettings, Settings
from cleaner.spool import Spool
from cleaner.stories import Stories
from cleaner.words import BYTES_PER_BATCH, batches, words

_ROWS = 4096  # looked up at once
Fields = tuple[Id | None, Id | None, bool | None]


@dataclass(slots=True)
class Corpus:
    """Collects articles, then groups them. Use as a context manager: it holds temporary files."""

    settings: Settings
    jobs: int = 1
    """Processes that make fingerprints, this one included. Another number gives the same groups."""
    spool: Spool = field(default_factory=Spool)
    _members: Members = field(default_factory=Members)
    _keys: Keys = field(default_factory=Keys)
    _batch: list[Article] = field(default_factory=list)
    _batched: int = 0
    _pool: Pool | None = None
    _near: NearDuplicates | None = None
    _stories: Stories | None = None

    def __post_init__(self) -> None:
        _keep_freed_memory()
        only = self.settings.group.only
        if only != "stories":
            self._near = NearDuplicates(self.settings.near_duplicates)
            self._pool = Pool(self.settings.near_duplicates, self.jobs - 1) if self.jobs > 1 else None
        if only != "near-duplicates":
            self._stories = Stories(self.settings.stories)

    def add(self, article: Article) -> None:
        """Take an article; rows are numbered in the order added."""
        self._batch.append(article)
        self._batched += len(article.text)
        if self._batched >= BYTES_PER_BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._batch:
            return
        articles, self._batch, self._batched = self._batch, [], 0
        self.spool.extend(articles)
        self._keys.add(articles)
        if self._near is not None and self._pool is not None:
            self._take(self._pool.submit(articles))
        if self._pool is None or self._stories is not None:
            texts = words([article.text for article in articles])
        if self._pool is None:
            self._members.extend(articles, texts.sizes().tolist())
        if self._near is not None and self._pool is None:
            self._near.add(texts)
        if self._stories is not None:
            titles = [_title(article) for article in articles]
            days = np.array([_day(article.published) for article in articles], np.int32)
            self._stories.add(words(titles), texts, days)

    def _take(self, done: Iterable[Done]) -> None:
        """Take what other processes made."""
        for articles, sizes, fingerprints in done:
            self._members.extend(articles, sizes)
            if self._near is not None:
                self._near.take(fingerprints)

    def groups(self) -> Groups:
        """Group everything that was added."""
        self._flush()
        if self._pool is not None:
            self._take(self._pool.finish())
        rank = self._keys.rank(self._members.ids)
        near = self._near.groups(rank) if self._near is not None else None
        stories = self._stories.groups(rank, None if near is None else near.labels) if self._stories else None
        templates = None
        if near is not None and self._near is not None:
            left, right = self._near.templates
            apart = near.labels[left] != near.labels[right]  # not so where each is a copy of a third text
            templates = left[apart], right[apart]
        copies = None if near is None else near.labels
        accounts = None if stories is None else Accounts(stories, copies, self.spool, self.settings.stories)
        return Groups(self._members, near, accounts, self.settings.canonical, templates)

    @property
    def order(self) -> list[int]:
        """Rows sorted by id, so that files do not depend on the order of input."""
        self._flush()
        return self._keys.order(self._members.ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.__exit__()
        if self._pool is not None:
            self._pool.close()
        if self._near is not None:
            self._near.close()


def _keep_freed_memory() -> None:
    """Spare the system handing out and taking back the memory of every batch's arrays, a seventh of all time.

    The allocator of glibc returns freed blocks at once until it has seen one of their size freed ("dynamic mmap
    threshold" in mallopt(3)); a large block that is never written to shows it that, and costs nothing elsewhere.
    """
    np.empty(1 << 24, np.uint8)


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
        self,
        members: Members,
        near: Grouping | None,
        stories: Accounts | None,
        settings: CanonicalSettings,
        templates: Pairs | None = None,
    ) -> None:
        self._members = members
        self._accounts = stories
        self._templates = templates
        self._ids = members.ids
        self._near = None if near is None else Choices(members, near, settings)
        self._stories = None if stories is None else Choices(members, stories.grouping, settings, stories.copies)
        heads = {
            "story": (self._stories, self._near),
            "near-duplicates": (self._near, self._stories),
            "article": (),
        }[settings.per]
        self._deciding = next((choices.heads for choices in heads if choices is not None), None)

    def fields(self, rows: Sequence[int]) -> Iterator[Fields]:
        """Yield near-duplicate group, story and canonical mark of the rows."""
        for first in range(0, len(rows), _ROWS):
            some = np.array(rows[first : first + _ROWS])
            marks = [True] * some.size if self._deciding is None else (self._deciding[some] == some).tolist()
            yield from zip(self._heads(self._near, some), self._heads(self._stories, some), marks, strict=True)

    def _heads(self, choices: Choices | None, rows: NDArray[np.int64]) -> list[Id] | list[None]:
        return [None] * rows.size if choices is None else [self._ids[head] for head in choices.heads[rows].tolist()]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical.

        A story's also says what holds it together, which is read from its articles: ask before the corpus is closed.
        Then one for each set of articles that have their words in common and not their figures ("same_template"): no
        group, for they tell different things.
        """
        for kind, choices in (("near_duplicates", self._near), ("story", self._stories)):
            if choices is not None:
                yield from choices.records(kind, self._accounts if kind == "story" else None)
        if self._templates is not None:
            yield from template_records(self._members, *self._templates)

    def score(self, kind: str, one: int, other: int) -> float | None:
        """Return the similarity of two rows of one group ("near-duplicates" or "story"), None if none was kept."""
        named = self._near if kind == "near-duplicates" else self._stories
        return None if named is None else named.score(one, other)

    @property
    def canonical(self) -> int:
        """How many articles are canonical."""
        heads = self._deciding
        return len(self._ids) if heads is None else int(np.count_nonzero(heads == np.arange(heads.size)))

    @property
    def counts(self) -> dict[str, int]:
        """How many groups of two or more there are of each kind."""
        named = {"near_duplicates": self._near, "stories": self._stories}
        return {kind: len(found) for kind, found in named.items() if found is not None}


def choose_again(articles: Iterable[Article], settings: CanonicalSettings) -> Iterator[bytes]:
    """Yield the lines of the canonical members of groups that were told before, in the order of the articles.

    An article without group stands for itself. Links between members are not known here, so any of them can be chosen.
    """
    groups: dict[str, list[int]] = {}
    fields: list[Fields] = []
    members = Members()
    with Spool() as spool:
        for batch in batches(articles, size=lambda article: len(article.text)):
            for row, article in enumerate(batch, len(spool)):
                told = {"story": article.story, "near-duplicates": article.near_duplicates, "article": None}
                group = told[settings.per]
                groups.setdefault(f"alone {row}" if group is None else f"group {group}", []).append(row)
            spool.extend(batch)
            members.extend(batch, words([article.text for article in batch]).sizes().tolist())
            fields += [(article.near_duplicates, article.story, True) for article in batch]
        chosen = sorted(rows[choose([members[row] for row in rows], settings).place] for rows in groups.values())
        yield from spool.lines(chosen, [fields[row] for row in chosen])
