"""Consecutive articles to a chunk: their records and all that grouping will ask of them, in one file.

A pure function of the block it is given, but for what it is told of texts that were seen before; so any process can do
it, and what a crash has left need not be done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article, Page, Rejected
from cleaner.canonical import marks_of
from cleaner.chunks import save
from cleaner.fingerprint import text_hashes
from cleaner.jsonlines import Lines
from cleaner.prints import Fingerprints, Seen, fingerprints
from cleaner.report import Report
from cleaner.rows import Row, row_of, rows_of, rows_of_lines
from cleaner.settings import NearDuplicateSettings
from cleaner.words import BYTES_PER_BATCH, Words, batches, words

Block = Lines | Sequence[Article | Page | Rejected]
Each = Callable[[Sequence[Row], Words], None]

BYTES_PER_CHUNK = 1 << 22
"""Of input: enough that a file costs nothing beside it, and little enough that a few processes all have work."""


def collect(
    path: Path,
    block: Block,
    near: NearDuplicateSettings | None,
    seen: Seen | None = None,
    each: Each | None = None,
) -> None:
    """Write the chunk of a block, with fingerprints of the texts not `seen` if they are wanted to find near-duplicates.

    `each` is called with every batch of rows and its words.
    """
    seen = seen or Seen()
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for item in _rows(block):
        if isinstance(item, Rejected):
            rejected.append(item)
        else:
            rows.append(item)
    sizes: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    prints: list[Fingerprints] = []
    texts = [np.zeros(0, np.uint64)]
    for batch in batches(rows, BYTES_PER_BATCH, lambda row: len(row.text)):
        found = words([row.text for row in batch])
        sizes.append(found.sizes())
        texts.append(text_hashes(found))
        if near:
            prints.append(fingerprints(found, texts[-1], seen.add(texts[-1]), near))
        if each:
            each(batch, found)
    arrays = _of_rows(rows) | {"sizes": np.concatenate(sizes).astype(np.int32), "texts": np.concatenate(texts)}
    if near:
        none = fingerprints(words([]), np.zeros(0, np.uint64), np.zeros(0, bool), near)
        arrays |= Fingerprints.join([none, *prints]).arrays()
    save(path, _facts(rows, rejected), arrays)


def _rows(block: Block) -> Iterator[Row | Rejected]:
    if isinstance(block, Lines):
        yield from rows_of_lines(block)
        return
    for item in block:
        if isinstance(item, Article):
            yield row_of(item)
        else:
            yield from rows_of([item])


def _of_rows(rows: Sequence[Row]) -> dict[str, NDArray[Any]]:
    records = b"".join(piece for row in rows for piece in (row.before, row.after))
    return {
        "marks": np.array([marks_of(row.article) if row.article else 0 for row in rows], np.uint8),
        "middles": np.array([len(row.before) for row in rows], np.int64),
        "lengths": np.array([len(row.before) + len(row.after) for row in rows], np.int64),
        "records": np.frombuffer(records, np.uint8),
    }


def _facts(rows: Sequence[Row], rejected: Sequence[Rejected]) -> dict[str, Any]:
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
