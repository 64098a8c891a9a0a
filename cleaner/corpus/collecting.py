"""Consecutive articles to a chunk: their records and all that grouping will ask of them, in one file.

A chunk depends on its block and on the texts that were seen before it, and on nothing else. So any process can make it,
and chunks that a crash has left need not be made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.spilling import stacked
from cleaner.article import Article, Page, Rejected
from cleaner.canonical import marks_of
from cleaner.corpus.article_chunk import Arrays, Facts, write_chunk
from cleaner.corpus.rows import PendingRecord, row_of, rows_of, rows_of_lines
from cleaner.dates.parsing import day_of
from cleaner.formats.json_lines import Lines
from cleaner.minhash.shingles import text_hashes
from cleaner.near_duplicates.fingerprints import Fingerprints, SeenTexts, fingerprints
from cleaner.report import Report
from cleaner.settings.schema import NearDuplicateSettings, StorySettings
from cleaner.stories.terms import Terms, terms_of
from cleaner.words.tokenising import BYTES_PER_BATCH, batches, words

Item = TypeVar("Item", bound=Article | Rejected)
Block = Lines | Sequence[Article | Page | Rejected]
BYTES_PER_CHUNK = 1 << 22
"""Bytes of input: a file costs nothing beside this number, and in a small corpus all processes have work."""


class Wanted(NamedTuple):
    """What is to be found among articles, with the settings for it; None for what is not asked for."""

    near: NearDuplicateSettings | None = None
    stories: StorySettings | None = None


def collect(path: Path, block: Block, wanted: Wanted, seen: SeenTexts | None = None) -> None:
    """Write the chunk of a block, with what is wanted of its texts; those `seen` are not fingerprinted again."""
    seen = seen or SeenTexts()
    rows: list[PendingRecord] = []
    rejected: list[Rejected] = []
    for item in _rows(block):
        if isinstance(item, Rejected):
            rejected.append(item)
        else:
            rows.append(item)
    sizes: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    texts = [np.zeros(0, np.uint64)]
    made: list[Fingerprints] = []
    terms: list[Terms] = []
    if wanted.near:
        made.append(fingerprints(words([]), np.zeros(0, bool), wanted.near))
    if wanted.stories:
        terms.append(Terms.none(0, wanted.stories.kept_terms))
    for batch in batches(rows, BYTES_PER_BATCH, lambda row: len(row.text)):
        found = words([row.text for row in batch])
        sizes.append(found.sizes())
        texts.append(text_hashes(found))
        if wanted.near:
            made.append(fingerprints(found, seen.add(texts[-1]), wanted.near))
        if wanted.stories:
            terms.append(terms_of([(row.title, row.text) for row in batch], found, wanted.stories))
    arrays = Arrays(
        sizes=np.concatenate(sizes).astype(np.int32),
        texts=np.concatenate(texts),
        days=np.array([day_of(row.published) for row in rows], np.int32),
        marks=np.array([marks_of(row.article) if row.article else 0 for row in rows], np.uint8),
        middles=np.array([len(row.before) for row in rows], np.int64),
        lengths=np.array([len(row.before) + len(row.after) for row in rows], np.int64),
        records=np.frombuffer(b"".join(half for row in rows for half in (row.before, row.after)), np.uint8),
    )
    joined = Fingerprints.join(made) if wanted.near else None
    write_chunk(path, _facts(rows, rejected), arrays, joined, stacked(terms) if wanted.stories else None)


def _rows(block: Block) -> Iterator[PendingRecord | Rejected]:
    if isinstance(block, Lines):
        yield from rows_of_lines(block)
        return
    for item in block:
        if isinstance(item, Article):
            yield row_of(item)
        else:
            yield from rows_of([item])


def _facts(rows: Sequence[PendingRecord], rejected: Sequence[Rejected]) -> Facts:
    report = Report()
    for _ in report.count(row.article for row in rows if row.article):
        pass
    return Facts(
        ids=[row.id for row in rows],
        dates=[row.published for row in rows],
        sites=[row.site for row in rows] if any(row.site for row in rows) else [],
        rejected=rejected,
        counts=(report.removed, report.repaired, report.flags),
    )


def count_chunk(report: Report, facts: Facts) -> None:
    """Count what a chunk holds."""
    report.articles += len(facts.ids)
    report.rejected += facts.rejected
    for counter, counts in zip((report.removed, report.repaired, report.flags), facts.counts, strict=True):
        counter.update(counts)
    if report.progress:
        report.progress.show(report.pages)


def blocks_of(outcomes: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut articles, and inputs that gave none, into blocks."""
    return batches(outcomes, BYTES_PER_CHUNK, lambda one: len(one.text) if isinstance(one, Article) else 0)
