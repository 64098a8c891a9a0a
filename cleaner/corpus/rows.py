"""Articles as grouping needs them: their record as it will be written, and the little that is looked at.

A record of JSON lines that is an article already goes a short way, past `Article`: reading and writing would otherwise
take longer than comparing. What is unusual in it (two keys for one thing, findings of an earlier pass) goes the long
way; both give the same bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from cleaner.article import ALIASES, KEYS, Article, Id, Page, Rejected
from cleaner.formats.json_lines import Lines, parsed
from cleaner.formats.pages import pages_of
from cleaner.formats.records import halves


class Row(NamedTuple):
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


class _Head(msgspec.Struct):
    """The keys of a record that stand before its group fields, in their order."""

    id: Id
    text: str
    title: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: None = None
    language: str | None = None
    agency: str | None = None
    flags: tuple[()] = ()
    removed: tuple[()] = ()


_PLAIN, _DATE, _EMPTY, _TAKEN, _OTHER = range(5)
_KINDS: Mapping[str, tuple[int, str]] = {
    key: (kind, name)
    for kind, names in (
        (_PLAIN, ("title", "url", "site", "language", "agency")),
        (_DATE, ("published", "modified")),
        (_EMPTY, ("authors", "flags", "removed", "provenance")),
        (_TAKEN, ("id", "text", "near_duplicates", "story", "canonical")),
    )
    for name in names
    for key in (ALIASES.get(name, (name,)) if kind in {_PLAIN, _DATE} else (name,))
} | {"metadata": (_OTHER, ""), "author": (_OTHER, "")}
_HEAD = tuple(KEYS[: KEYS.index("near_duplicates")])
assert tuple(_Head.__struct_fields__) == _HEAD


def row_of(article: Article) -> Row:
    """Return the row of an article."""
    before, after = halves(article)
    counted = article if article.removed or article.flags or article.provenance else None
    return Row(article.id, article.text, article.title, article.site, article.published, before, after, counted)


def rows_of(pages: Iterable[Page | Rejected]) -> Iterator[Row | Rejected]:
    """Yield the rows of pages that are articles already, the long way."""
    from cleaner.formats.records import as_articles

    for outcome in as_articles(pages):
        yield outcome if isinstance(outcome, Rejected) else row_of(outcome)


def rows_of_lines(lines: Lines) -> Iterator[Row | Rejected]:
    """Yield the row of each line of JSON."""
    for number, record in parsed(lines):
        row = _short(record, f"{lines.source.id}#{number}") if type(record) is dict else None
        if row is not None:
            yield row
        else:
            yield from rows_of(pages_of(lines.source, record, number))


def _short(record: dict[str, Any], place: str) -> Row | None:
    """Return the row of a record in which nothing is unusual. `place`: its id if it has none."""
    text, own = record.get("text"), record.get("id")
    if type(text) is not str or not text or text.isspace():
        return None
    head = _Head(own if isinstance(own, str | int) and own != "" else place, text)
    extra = {}
    for key, value in record.items():
        kind, name = _KINDS.get(key, (None, ""))
        if kind is None:
            extra[key] = value
        elif not _usual(kind, value):
            return None
        elif kind in (_PLAIN, _DATE) and (value is not None or key != name):
            if value is None or getattr(head, name) is not None:
                return None  # of keys that mean the same the best one that has a value counts
            setattr(head, name, value)
    try:
        before = msgspec.json.encode(head)[:-1]
        after = b'"provenance":{},' + msgspec.json.encode(extra)[1:] if extra else b'"provenance":{}}'
    except (UnicodeEncodeError, msgspec.MsgspecError):
        return None
    return Row(head.id, text, head.title, head.site, head.published, before, after)


def _usual(kind: int, value: object) -> bool:
    """Tell whether a value of our own key stays as it is."""
    if kind == _TAKEN:
        return True
    if kind == _EMPTY or value is None:
        return not value and kind != _OTHER
    if not isinstance(value, str) or not value or value.strip() != value:
        return False
    return kind == _PLAIN or (kind == _DATE and _is_iso(value))


@functools.lru_cache(1 << 12)
def _is_iso(value: str) -> bool:
    from cleaner.dates.parsing import parse_date

    return parse_date(value) == value
