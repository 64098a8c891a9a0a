"""What an index looks up of an article all the time, and ids as SQLite can hold them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from cleaner.article import Id
from cleaner.formats.json_values import encode, parse

Kind = Literal["near", "story"]
ROW_BITS = 28
MOST_ROWS = 1 << ROW_BITS
"""Articles that an index can number in all, from 1."""
_ASKED_AT_ONCE = 500  # numbers that one SELECT asks for
KINDS: tuple[Kind, ...] = ("near", "story")


def selected(db: sqlite3.Connection, query: str, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield what a query gives for many numbers, which stand for its `IN (?)`: some hundred at a time."""
    for start in range(0, len(numbers), _ASKED_AT_ONCE):
        some = numbers[start : start + _ASKED_AT_ONCE]
        yield from db.execute(query.replace("IN (?)", f"IN ({','.join('?' * len(some))})"), some)


class Row(NamedTuple):
    """A row of the table of articles. `node`: the number of the first article with the same words."""

    row: int
    id: Id
    node: int
    day: int
    near: int
    story: int

    def group(self, kind: Kind) -> int:
        """Return the number of its group of a kind."""
        return self.near if kind == "near" else self.story


def key_of(id_: Id) -> Id | bytes:
    """Return an id as SQLite can hold it: a number over 64 bits or half a surrogate pair as JSON."""
    if isinstance(id_, int):
        return id_ if -(1 << 63) <= id_ < 1 << 63 else encode(id_)
    return encode(id_) if any("\ud800" <= c <= "\udfff" for c in id_) and not id_.isascii() else id_


def id_of(key: Id | bytes) -> Id:
    """Return the id that `key_of` made a key of."""
    return parse(key) if isinstance(key, bytes) else key
