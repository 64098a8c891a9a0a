"""Articles as grouping needs them: their record as it will be written, and the little that is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cleaner.article import Article, Id, Page, Rejected
from cleaner.formats.json_lines import Lines, parsed
from cleaner.formats.pages import pages_of
from cleaner.formats.records import as_articles, decode_plain, halves


class PendingRecord(NamedTuple):
    """An article waiting to be grouped. Its record is `before`, the group fields, and `after`."""

    id: Id
    text: str
    title: str | None
    site: str | None
    published: str | None
    before: bytes
    after: bytes
    article: Article | None = None
    """Where there is something to count in it."""


def row_of(article: Article) -> PendingRecord:
    """Return the row of an article."""
    before, after = halves(article)
    counted = article if article.removed or article.flags or article.provenance else None
    return PendingRecord(
        article.id, article.text, article.title, article.site, article.published, before, after, counted
    )


def rows_of(pages: Iterable[Page | Rejected]) -> Iterator[PendingRecord | Rejected]:
    """Yield the rows of pages that are articles already."""
    for outcome in as_articles(pages):
        yield outcome if isinstance(outcome, Rejected) else row_of(outcome)


def rows_of_lines(lines: Lines) -> Iterator[PendingRecord | Rejected]:
    """Yield the row of each line of JSON, by the short way where that gives the same."""
    for number, record in parsed(lines):
        plain = decode_plain(record, f"{lines.source.id}#{number}") if type(record) is dict else None
        if plain is not None:
            head, before, after = plain
            yield PendingRecord(head.id, head.text, head.title, head.site, head.published, before, after)
        else:
            yield from rows_of(pages_of(lines.source, record, number))
