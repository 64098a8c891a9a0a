"""Articles to groups: what both groupings need is collected batch by batch, then all rows get their group fields.

The texts themselves wait on disk (`spool.py`); in memory stay fingerprints and a line of facts an article.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Id
from cleaner.canonical import Choice
from cleaner.choices import Choices, template_records
from cleaner.chunks import Chunk, load
from cleaner.collect import BYTES_PER_CHUNK, Block, Wanted, blocks_of, collect, tell, terms_in
from cleaner.duplicates import NearDuplicates
from cleaner.evidence import Accounts
from cleaner.grouping import Grouping
from cleaner.jsonlines import Lines
from cleaner.lsh import Pairs
from cleaner.members import Members
from cleaner.pool import Pool, Share, keep_freed_memory
from cleaner.prints import Seen
from cleaner.report import Report
from cleaner.settings import CanonicalSettings, Settings
from cleaner.spool import Fields, Spool
from cleaner.stories import Known, story_groups

_ROWS = 4096  # looked up at once


class Corpus:
    """Collects articles, then groups them. Use as a context manager: it holds temporary files.

    `jobs`: processes; another number gives the same groups. `folder`: where chunks are kept and, if they are there
    already, taken as they are; by default in a temporary folder.
    """

    def __init__(self, settings: Settings, jobs: int = 1, folder: Path | None = None) -> None:
        keep_freed_memory()
        self.settings = settings
        self.spool = Spool()
        self._members = Members(self.spool)
        self._pool = Pool(jobs) if jobs > 1 else None
        self._share: Share = map if self._pool is None else self._pool.map
        self._temporary = tempfile.TemporaryDirectory(prefix="cleaner-")
        self._folder = folder or Path(self._temporary.name)
        self._number = 0  # of the next chunk
        self._waiting: list[Article] = []
        self._waiting_size = 0
        self._seen = Seen()
        only, memory = settings.group.only, settings.group.bytes
        here = Path(self._temporary.name)
        self._near = NearDuplicates(settings.near_duplicates, here, memory) if only != "stories" else None
        self._stories: list[Chunk] = []
        self._wanted = Wanted(
            None if only == "stories" else settings.near_duplicates,
            None if only == "near-duplicates" else settings.stories,
        )

    def add(self, article: Article) -> None:
        """Take an article; rows are numbered in the order added."""
        self._waiting.append(article)
        self._waiting_size += len(article.text)
        if self._waiting_size >= BYTES_PER_CHUNK:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            articles, self._waiting, self._waiting_size = self._waiting, [], 0
            self.extend([articles])

    def extend(self, blocks: Iterable[Block], report: Report | None = None) -> None:
        """Take blocks of articles; `report` counts what they hold."""
        tasks = self._tasks(blocks)
        if self._pool is None:
            for task in tasks:
                made = not task.path.exists()
                if made:
                    collect(*task, self._seen)
                chunk = load(task.path)
                self._take(chunk, report)
                if self._near is not None and not made:
                    self._seen.add(chunk.array("texts"))
        else:
            for path in self._pool.map(_collected, tasks):
                self._take(load(path), report)

    def _tasks(self, blocks: Iterable[Block]) -> Iterator[_Task]:
        for block in blocks:
            told = block.apart() if isinstance(block, Lines) and self._pool is not None else block
            yield _Task(self._folder / f"{self._number:06}", told, self._wanted)
            self._number += 1

    def _take(self, chunk: Chunk, report: Report | None) -> None:
        if report is not None:
            tell(report, chunk.facts)
        self.spool.take(chunk)
        self._members.take(chunk)
        if self._near is not None:
            self._near.take(chunk)
        if self._wanted.stories:
            self._stories.append(chunk)

    def groups(self) -> Groups:
        """Group everything that was added."""
        self._flush()
        rank = self._members.rank()
        near = self._near.groups(rank, self._share) if self._near is not None else None
        copies = None if near is None else near.labels
        stories = None
        if how := self._wanted.stories:
            days = np.concatenate([np.zeros(0, np.int32), *(chunk.array("days") for chunk in self._stories)])
            known = Known(days, rank, copies)
            stories = story_groups(map(terms_in, self._stories), known, how, self.settings.group.bytes)
        templates = None
        if near is not None and self._near is not None:
            left, right = self._near.templates
            apart = near.labels[left] != near.labels[right]  # not so where each is a copy of a third text
            templates = left[apart], right[apart]
        accounts = None if stories is None else Accounts(stories, copies, self.spool, self.settings.stories)
        return Groups(self._members, near, accounts, self.settings.canonical, templates)

    def lines(self, groups: Groups) -> Iterator[bytes]:
        """Yield the lines of all articles in the order added, many at a time, with their group fields."""
        return self.spool.all_lines(groups.fields(range(len(self.spool))))

    @property
    def order(self) -> list[int]:
        """Rows sorted by id, so that files do not depend on the order of input."""
        self._flush()
        return self._members.by_id(range(len(self.spool)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
        self.spool.close()
        self._temporary.cleanup()


class _Task(NamedTuple):
    """A block, and where its chunk is to be written."""

    path: Path
    block: Block
    wanted: Wanted


def _collected(task: _Task) -> Path:
    """Write a chunk, unless it is there."""
    if not task.path.exists():
        collect(*task)
    return task.path


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
    spool = Spool()
    members = Members(spool)
    with tempfile.TemporaryDirectory(prefix="cleaner-") as folder, contextlib.closing(spool):
        for number, block in enumerate(blocks_of(articles)):
            for row, article in enumerate(block, len(spool)):
                told = {"story": article.story, "near-duplicates": article.near_duplicates, "article": None}
                group = told[settings.per]
                groups.setdefault(f"alone {row}" if group is None else f"group {group}", []).append(row)
                fields.append((article.near_duplicates, article.story, True))
            path = Path(folder, str(number))
            collect(path, block, Wanted())
            spool.take(load(path))
            members.take(load(path))
        rows = np.array([row for group in groups.values() for row in group], np.int64)
        numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups.values()])
        chosen = np.sort(rows[Choice(members.candidates(rows, numbers), settings).best]).tolist()
        yield from spool.lines(chosen, [fields[row] for row in chosen])
