"""Articles to groups: what both groupings need is collected batch by batch, then all rows get their group fields.

The texts themselves wait on disk (`spool.py`); in memory stay fingerprints and a line of facts an article.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from cleaner.article import Article, Id
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.articles import ArticleTable
from cleaner.corpus.collecting import BYTES_PER_CHUNK, Block, Wanted, collect, count_chunk
from cleaner.corpus.groups import Groups
from cleaner.corpus.spool import Spool
from cleaner.corpus.summaries import StorySummaries
from cleaner.formats.json_lines import Lines
from cleaner.formats.records import text_of
from cleaner.formats.scratch import Scratch
from cleaner.minhash.exchange import write_signatures
from cleaner.near_duplicates.fingerprints import SeenTexts
from cleaner.near_duplicates.grouping import NearDuplicates
from cleaner.pool import OrderedMap, Pool, keep_freed_memory
from cleaner.report import Report
from cleaner.settings.schema import Settings
from cleaner.stories.grouping import ArticleFacts, story_groups


class Corpus:
    """Collects articles, then groups them. Use as a context manager: it holds temporary files.

    `jobs`: processes; another number gives the same groups. `folder`: where chunks are kept and, if they are there
    already, taken as they are; by default in a temporary folder.
    """

    def __init__(self, settings: Settings, jobs: int = 1, folder: Path | None = None) -> None:
        keep_freed_memory()
        self.settings = settings
        self.spool = Spool()
        self._articles = ArticleTable(self.spool)
        self._pool = Pool(jobs) if jobs > 1 else None
        self._share: OrderedMap = map if self._pool is None else self._pool.map
        self._scratch = Scratch()
        self._folder = folder or self._scratch.path
        self.renamed: list[Id] = []
        """Ids that articles were given because another one has theirs."""
        self._number = 0  # of the next chunk
        self._waiting: list[Article] = []
        self._waiting_size = 0
        self._seen = SeenTexts()
        only, memory = settings.group.only, settings.group.bytes
        here = self._scratch.path
        self._near = NearDuplicates(settings.near_duplicates, here, memory) if only != "stories" else None
        self._stories: list[ArticleChunk] = []
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

    def resume(self, report: Report | None = None) -> Done:
        """Take the chunks that stand in the folder already, up to the first that does not; return what they are.

        Others that are there are taken by `extend`, in place of making them again.
        """
        inputs = 0
        while (path := self._path()).exists():
            chunk = ArticleChunk.load(path)
            self._take(chunk, report)
            inputs += chunk.inputs
            self._number += 1
        return Done(self._number, inputs)

    def extend(self, blocks: Iterable[Block], report: Report | None = None) -> None:
        """Take blocks of articles; `report` counts what they hold."""
        tasks = self._tasks(blocks)
        made = map(self._collected, tasks) if self._pool is None else self._pool.map(_collected, tasks)
        for path in made:
            self._take(ArticleChunk.load(path), report)

    def _collected(self, task: _Task) -> Path:
        """Write a chunk in this process, which knows what texts went by before."""
        return _collected(task, self._seen)

    def _tasks(self, blocks: Iterable[Block]) -> Iterator[_Task]:
        for block in blocks:
            away = block.apart() if isinstance(block, Lines) and self._pool is not None else block
            yield _Task(self._path(), away, self._wanted)
            self._number += 1

    def _path(self) -> Path:
        """Return where the next chunk is, or is to be."""
        return self._folder / f"{self._number:06}"

    def _take(self, chunk: ArticleChunk, report: Report | None) -> None:
        if report is not None:
            count_chunk(report, chunk.facts)
        self.spool.take(chunk)
        self._articles.take(chunk)
        if self._near is not None:
            self._near.take(chunk.texts, chunk.fingerprints())
        if self._wanted.stories:
            self._stories.append(chunk)

    def groups(self) -> Groups:
        """Group everything that was added; an id that several articles have stays that of one of them."""
        self._flush()
        self.renamed += self._articles.tell_apart()
        rank = self._articles.rank()
        share = self._share if self._number > 1 else map  # one chunk is grouped sooner than other processes start
        near = self._near.groups(rank, share) if self._near is not None else None
        copies = None if near is None else near.labels
        stories = None
        if how := self._wanted.stories:
            days = np.concatenate([np.zeros(0, np.int32), *(chunk.days for chunk in self._stories)])
            known = ArticleFacts(days, rank, copies, self._articles.sites())
            stories = story_groups((chunk.terms() for chunk in self._stories), known, how, self.settings.group.bytes)
        templates = None
        if near is not None and self._near is not None:
            found = self._near.templates  # where each is a copy of a third text, they are in one group all the same
            templates = found.take(near.labels[found.left] != near.labels[found.right])
        summaries = None if stories is None else StorySummaries(stories, copies, self.spool, self.settings.stories)
        return Groups(self._articles, near, summaries, self.settings.canonical, templates)

    def lines(self, groups: Groups) -> Iterator[bytes]:
        """Yield the lines of all articles in the order added, many at a time, with their group fields."""
        return self.spool.all_lines(groups.fields(range(len(self.spool))))

    def write_signatures(self, path: Path) -> None:
        """Write datasketch's MinHash signatures of all articles, in the order added, for other programs.

        See `minhash.exchange`: they are of the word shingles that near-duplicates are found by, and made now. Raises
        OSError if the file cannot be written.
        """
        self._flush()
        how = self.settings.near_duplicates
        records = map(self.spool.record, range(len(self.spool)))
        texts = ((id_, text_of(record)[1]) for id_, record in zip(self._articles.ids, records, strict=True))
        write_signatures(path, texts, len(self.spool), how.shingle_words, how.shingle_characters)

    @property
    def order(self) -> list[int]:
        """Rows sorted by id, so that files do not depend on the order of input."""
        self._flush()
        return self._articles.by_id(range(len(self.spool)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()
        self.spool.close()
        self._scratch.close()


class Done(NamedTuple):
    """What an earlier run has left."""

    chunks: int
    inputs: int
    """Articles and rejected inputs in these chunks."""


class _Task(NamedTuple):
    """A block, and where its chunk is to be written."""

    path: Path
    block: Block
    wanted: Wanted


def _collected(task: _Task, seen: SeenTexts | None = None) -> Path:
    """Write a chunk, unless it is there. `seen`: texts that went by, to which those of the chunk are added."""
    if not task.path.exists():
        collect(*task, seen)
    elif seen is not None:
        seen.add(ArticleChunk.load(task.path).texts)
    return task.path


@contextmanager
def grouped(
    blocks: Callable[[Done], Iterable[Block]],
    settings: Settings,
    jobs: int,
    report: Report,
    folder: Path | None = None,
) -> Iterator[tuple[Corpus, Groups]]:
    """Group articles, give the groups, and count in `report` what went by.

    `blocks` returns the blocks behind those that are done; with a `folder` of chunks that another run has left these
    are not made again. `jobs`: processes, which change nothing in the result. Raises `WorkerDiedError` if one is
    killed, and OSError if there is no room for temporary files.
    """
    with Corpus(settings, jobs, folder) as corpus:
        corpus.extend(blocks(corpus.resume(report)), report)
        if report.progress:
            report.progress.done()
        groups = corpus.groups()
        report.renamed += corpus.renamed
        yield corpus, groups
