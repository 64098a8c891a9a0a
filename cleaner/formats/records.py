"""Articles out: JSON lines, and files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from cleaner.article import KEYS, Article, Id, Outcome, Page, Rejected
from cleaner.dates.parsing import with_dates
from cleaner.formats.json_values import encode

_MARKS = {True: b"true", False: b"false", None: b"null"}
_BEFORE, _AFTER = KEYS[: KEYS.index("near_duplicates")], KEYS[KEYS.index("canonical") + 1 :]


def line(article: Article) -> bytes:
    """Return an article's record as one line."""
    before, after = halves(article)
    return whole(before, after, article.near_duplicates, article.story, article.canonical)


def halves(article: Article) -> tuple[bytes, bytes]:
    """Return an article's record as JSON in two pieces, between which its group fields are to stand.

    So that a record waiting to be grouped need not be parsed and written anew.
    """
    try:
        data, extra = msgspec.json.encode(article), msgspec.json.encode(article.extra)
    except (UnicodeEncodeError, msgspec.MsgspecError):
        before = encode({name: getattr(article, name) for name in _BEFORE})
        after = encode({name: getattr(article, name) for name in _AFTER} | dict(article.extra))
        return before[:-1], after[1:]
    # An article is written as its fields stand, so it can be cut at their names: inside of a string a quote never
    # follows a comma without a backslash between them.
    end = data.index(b',"near_duplicates":', len(article.text))
    begin = data.index(b',"provenance":', end) + 1
    last = len(data) - len(extra) - len(b',"extra":}')
    return data[:end], data[begin:last] + (b"," + extra[1:] if article.extra else b"}")


def whole(before: bytes, after: bytes, near_duplicates: Id | None, story: Id | None, canonical: bool | None) -> bytes:
    """Put the pieces of `halves` together around the group fields, as one line."""
    return b"".join((before, group_fields(near_duplicates, story, canonical), after, b"\n"))


def group_fields(near_duplicates: Id | None, story: Id | None, canonical: bool | None) -> bytes:
    """Return what stands between the pieces of `halves`."""
    fields = encode(near_duplicates), encode(story), _MARKS[canonical]
    return b',"near_duplicates":%s,"story":%s,"canonical":%s,' % fields


def as_articles(pages: Iterable[Page | Rejected]) -> Iterator[Outcome]:
    """Take pages that are articles already as they are, but for their dates, which are brought into one form."""
    for page in pages:
        if isinstance(page, Rejected):
            yield page
        elif page.html:
            yield Rejected(page.source, "read", "HTML, not an article: run `cleaner clean` first", page.line, page.id)
        else:
            yield with_dates(Article.from_fields(page.id, page.content, page.fields))
