"""What an index looks up of an article all the time, and ids as SQLite can hold them."""

from __future__ import annotations

from typing import NamedTuple

from cleaner.article import Id, Kind
from cleaner.formats.json_values import encode, parse

ROW_BITS = 28
MOST_ROWS = 1 << ROW_BITS
"""Articles that an index can number in all, from 1."""


class ArticleRow(NamedTuple):
    """A row of the table of articles."""

    row: int
    """The article's number."""
    id: Id
    node: int
    """Number of the first article with the same words; its own if there is none before it."""
    day: int
    """Day of publication as `day_of` counts them, 0 if it is not known."""
    near_duplicates: int
    """Number of its group of near-duplicates."""
    story: int
    """Number of its story."""

    def group(self, kind: Kind) -> int:
        """Return the number of its group of a kind."""
        return self.near_duplicates if kind == "near_duplicates" else self.story


def key_of(id_: Id) -> Id | bytes:
    """Return an id as SQLite can hold it: a number over 64 bits or half a surrogate pair as JSON."""
    if isinstance(id_, int):
        return id_ if -(1 << 63) <= id_ < 1 << 63 else encode(id_)
    return encode(id_) if any("\ud800" <= c <= "\udfff" for c in id_) and not id_.isascii() else id_


def id_of(key: Id | bytes) -> Id:
    """Return the id that `key_of` made a key of."""
    return parse(key) if isinstance(key, bytes) else key
