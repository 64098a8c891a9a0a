"""The one codec of an article: whatever knows how the keys of a record stand as bytes is here.

A record is the JSON object of an article: the head (the keys before the group fields), the group fields, the tail (the
provenance and the input's own keys). Head and tail are written as two halves, because an article that waits to be
grouped needs its group fields between them later, and should then neither be parsed nor written anew. The two halves
joined by a comma are a record without group fields. Every reader here takes records of all three forms: whole, without
group fields, and packed. Lone surrogates are dealt with by `json_values` alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from cleaner.article import ALIASES, KEYS, Article, Id, Outcome, Page, Rejected, Removed
from cleaner.dates.parsing import parse_date, with_dates
from cleaner.formats import json_values

GROUP_KEYS = ("near_duplicates", "story", "canonical")
_MARKS = {True: b"true", False: b"false", None: b"null"}


class Head(msgspec.Struct):
    """The keys of a record that stand before its group fields, in their order."""

    id: Id
    text: str
    title: str | None = None
    url: str | None = None
    site: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] | None = None
    language: str | None = None
    agency: str | None = None
    flags: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()


def encode(article: Article) -> bytes:
    """Return an article's record as one line."""
    before, after = halves(article)
    return whole(before, after, article.near_duplicates, article.story, article.canonical)


def halves(article: Article) -> tuple[bytes, bytes]:
    """Return an article's record as JSON in two pieces, between which its group fields are to stand."""
    a = article
    head = Head(
        *(a.id, a.text, a.title, a.url, a.site, a.published, a.modified),
        *(a.authors, a.language, a.agency, a.flags, a.removed),
    )
    return json_values.encode(head)[:-1], json_values.encode({"provenance": a.provenance, **a.extra})[1:]


def whole(before: bytes, after: bytes, near_duplicates: Id | None, story: Id | None, canonical: bool | None) -> bytes:
    """Put the pieces of `halves` together around the group fields, as one line."""
    return b"".join((before, group_fields(near_duplicates, story, canonical), after, b"\n"))


def group_fields(near_duplicates: Id | None, story: Id | None, canonical: bool | None) -> bytes:
    """Return what stands between the pieces of `halves`."""
    fields = json_values.encode(near_duplicates), json_values.encode(story), _MARKS[canonical]
    return b',"near_duplicates":%s,"story":%s,"canonical":%s,' % fields


def renamed(before: bytes, old: Id, new: Id) -> bytes:
    """Give the first piece of `halves` another id."""
    beginning = b'{"id":%s'
    return beginning % json_values.encode(new) + before[len(beginning % json_values.encode(old)) :]


def ungrouped(before: bytes, after: bytes) -> bytes:
    """Put the pieces of `halves` together as a record without group fields."""
    return b"%s,%s" % (before, after)


def packed(article: Article) -> bytes:
    """Return the shortest record: without group fields, and without keys of ours that say nothing."""
    own = {key: getattr(article, key) for key in KEYS if key not in GROUP_KEYS}
    said = {key: value for key, value in own.items() if value or key in {"id", "text"}}
    return json_values.encode(said | dict(article.extra))


def decode(record: bytes) -> Article:
    """Return the article of a record that one of the functions above wrote."""
    fields = json_values.parse(record)
    own = {key: fields.pop(key) for key in KEYS if key in fields}
    if own.get("authors") is not None:
        own["authors"] = tuple(own["authors"])
    own["flags"] = tuple(own.get("flags", ()))
    own["removed"] = tuple(Removed(**removed) for removed in own.get("removed", ()))
    return Article(**own, extra=fields)


class _Title(msgspec.Struct):
    title: str | None = None


class _Text(msgspec.Struct):
    text: str
    title: str | None = None


class _Choosable(msgspec.Struct):
    id: Any  # true is an int to Python, and not to msgspec
    site: str | None = None
    published: str | None = None
    flags: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = {}


_decoded_title = json_values.decoder(_Title)
_decoded_text = json_values.decoder(_Text)
_decoded_choosable = json_values.decoder(_Choosable)


def title_of(record: bytes) -> str | None:
    """Read the title of a record and nothing else."""
    return _decoded_title(record).title


def text_of(record: bytes) -> tuple[str, str]:
    """Read title ("" if there is none) and text of a record and nothing else."""
    found = _decoded_text(record)
    return found.title or "", found.text


def choosable_of(record: bytes) -> Article:
    """Read what the choice of a canonical article looks at; the article that is returned knows nothing else."""
    found = _decoded_choosable(record)
    return Article(
        found.id, "", site=found.site, published=found.published, flags=found.flags, provenance=found.provenance
    )


class Plain(NamedTuple):
    """A record of JSON lines that is an article as it stands: its head, and its halves."""

    head: Head
    before: bytes
    after: bytes


_SAME, _DATE, _EMPTY, _ID, _MARK, _TEXT, _OTHER = range(7)
_HANDLING: Mapping[str, tuple[int, str]] = {
    key: (handling, name)
    for handling, names in (
        (_SAME, ("title", "url", "site", "language", "agency")),
        (_DATE, ("published", "modified")),
        (_EMPTY, ("authors", "flags", "removed", "provenance")),
        (_ID, ("id", "near_duplicates", "story")),
        (_MARK, ("canonical",)),
        (_TEXT, ("text",)),
    )
    for name in names
    for key in (ALIASES.get(name, (name,)) if handling in {_SAME, _DATE} else (name,))
} | {"metadata": (_OTHER, ""), "author": (_OTHER, "")}
"""What `decode_plain` does with each key that means one of ours, and the key that it means."""


def decode_plain(fields: dict[str, Any], place: str) -> Plain | None:
    """Encode an ordinary JSON object directly, without building an `Article`; None if something in it is unusual.

    Reading and writing would otherwise take longer than comparing. Unusual are two keys for one thing, findings of an
    earlier pass, values that are not stripped, and lone surrogates. `as_articles` and `halves` give the same bytes for
    every object. `place`: the id of an object that has none.
    """
    text, own = fields.get("text"), fields.get("id")
    if type(text) is not str or not text or text.isspace():
        return None
    head = Head(own if isinstance(own, str | int) and own != "" else place, text)
    extra = {}
    for key, value in fields.items():
        handling, name = _HANDLING.get(key, (None, ""))
        if handling is None:
            extra[key] = value
        elif not _usual(handling, value):
            return None
        elif handling in (_SAME, _DATE) and (value is not None or key != name):
            if value is None or getattr(head, name) is not None:
                return None  # of keys that mean the same the best one that has a value counts
            setattr(head, name, value)
    try:
        before = msgspec.json.encode(head)[:-1]
        after = b'"provenance":{},' + msgspec.json.encode(extra)[1:] if extra else b'"provenance":{}}'
    except (UnicodeEncodeError, msgspec.MsgspecError):
        return None
    return Plain(head, before, after)


def _usual(handling: int, value: object) -> bool:
    """Tell whether a value of our own key stays as it is."""
    if handling in (_ID, _MARK, _TEXT):
        return value is None or handling == _TEXT or type(value) in ({bool} if handling == _MARK else {str, int})
    if handling == _EMPTY or value is None:
        return not value and handling != _OTHER
    if not isinstance(value, str) or not value or value.strip() != value:
        return False
    return handling == _SAME or (handling == _DATE and _is_iso(value))


@functools.lru_cache(1 << 12)
def _is_iso(value: str) -> bool:
    return parse_date(value) == value


def as_articles(pages: Iterable[Page | Rejected]) -> Iterator[Outcome]:
    """Take pages that are articles already as they are, but for their dates, which are brought into one form."""
    for page in pages:
        if isinstance(page, Rejected):
            yield page
        elif page.html:
            yield Rejected(page.source, "read", "HTML, not an article: run `cleaner clean` first", page.line, page.id)
        else:
            yield with_dates(Article.from_fields(page.id, page.content, page.fields))
