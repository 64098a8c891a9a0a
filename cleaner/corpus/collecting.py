"""Consecutive articles to a chunk: their records and all that grouping will ask of them, in one file.

A pure function of the block it is given, but for what it is told of texts that were seen before; so any process can do
it, and what a crash has left need not be done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.chunk_files import Chunk, save
from cleaner.arrays.spilling import stacked
from cleaner.article import Article, Page, Rejected
from cleaner.canonical import marks_of
from cleaner.corpus.rows import PendingRecord, row_of, rows_of, rows_of_lines
from cleaner.dates.parsing import day_of
from cleaner.formats.json_lines import Lines
from cleaner.minhash.shingles import text_hashes
from cleaner.near_duplicates.fingerprints import Fingerprints, Seen, fingerprints
from cleaner.report import Report
from cleaner.settings.schema import NearDuplicateSettings, StorySettings
from cleaner.stories.terms import Terms, terms_of
from cleaner.words.tokenising import BYTES_PER_BATCH, batches, words

Block = Lines | Sequence[Article | Page | Rejected]
_TERMS = ("term_keys", "term_counts", "term_lead")  # the columns of `Terms`
BYTES_PER_CHUNK = 1 << 22
"""Of input: enough that a file costs nothing beside it, and little enough that a few processes all have work."""


class Wanted(NamedTuple):
    """What is wanted of texts, beside what is always kept: to find near-duplicates, and to find stories."""

    near: NearDuplicateSettings | None = None
    stories: StorySettings | None = None


def collect(path: Path, block: Block, wanted: Wanted, seen: Seen | None = None) -> None:
    """Write the chunk of a block, with what is wanted of its texts; those `seen` are not fingerprinted again."""
    seen = seen or Seen()
    rows: list[PendingRecord] = []
    rejected: list[Rejected] = []
    for item in _rows(block):
        if isinstance(item, Rejected):
            rejected.append(item)
        else:
            rows.append(item)
    sizes: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    texts = [np.zeros(0, np.uint64)]
    prints: list[Fingerprints] = []
    terms: list[Terms] = []
    for batch in batches(rows, BYTES_PER_BATCH, lambda row: len(row.text)):
        found = words([row.text for row in batch])
        sizes.append(found.sizes())
        texts.append(text_hashes(found))
        if wanted.near:
            prints.append(fingerprints(found, texts[-1], seen.add(texts[-1]), wanted.near))
        if wanted.stories:
            terms.append(terms_of([(row.title, row.text) for row in batch], found, wanted.stories))
    arrays = _of_rows(rows) | {"sizes": np.concatenate(sizes).astype(np.int32), "texts": np.concatenate(texts)}
    if wanted.near:
        none = fingerprints(words([]), np.zeros(0, np.uint64), np.zeros(0, bool), wanted.near)
        arrays |= Fingerprints.join([none, *prints]).arrays()
    if wanted.stories:
        whole = stacked([Terms.none(0, wanted.stories.kept_terms), *terms])
        arrays |= dict(zip(_TERMS, whole.arrays, strict=True))
        arrays["days"] = np.array([day_of(row.published) for row in rows], np.int32)
    save(path, _facts(rows, rejected), arrays)


def terms_in(chunk: Chunk) -> Terms:
    """Read the terms of the articles of a chunk."""
    return Terms(*(chunk.array(name) for name in _TERMS))


def _rows(block: Block) -> Iterator[PendingRecord | Rejected]:
    if isinstance(block, Lines):
        yield from rows_of_lines(block)
        return
    for item in block:
        if isinstance(item, Article):
            yield row_of(item)
        else:
            yield from rows_of([item])


def _of_rows(rows: Sequence[PendingRecord]) -> dict[str, NDArray[Any]]:
    records = b"".join(piece for row in rows for piece in (row.before, row.after))
    return {
        "marks": np.array([marks_of(row.article) if row.article else 0 for row in rows], np.uint8),
        "middles": np.array([len(row.before) for row in rows], np.int64),
        "lengths": np.array([len(row.before) + len(row.after) for row in rows], np.int64),
        "records": np.frombuffer(records, np.uint8),
    }


def _facts(rows: Sequence[PendingRecord], rejected: Sequence[Rejected]) -> dict[str, Any]:
    told = Report()
    for _ in told.count(row.article for row in rows if row.article):
        pass
    return {
        "ids": [row.id for row in rows],
        "dates": [row.published for row in rows],
        "sites": [row.site for row in rows] if any(row.site for row in rows) else [],
        "rejected": [[r.source, r.stage, r.reason, r.line, r.id] for r in rejected],
        "counts": [told.removed, told.repaired, told.flags],
    }


def tell(report: Report, facts: Mapping[str, Any]) -> None:
    """Count what a chunk holds."""
    report.articles += len(facts["ids"])
    report.rejected += [Rejected(*values) for values in facts["rejected"]]
    for counter, counts in zip((report.removed, report.repaired, report.flags), facts["counts"], strict=True):
        counter.update(counts)
    if report.progress:
        report.progress.show(report.pages)


def blocks_of(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Cut articles into blocks."""
    return batches(articles, BYTES_PER_CHUNK, lambda article: len(article.text))
