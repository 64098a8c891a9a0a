"""What an index looks up of an article all the time, and ids as SQLite can hold them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from cleaner.article import Id
from cleaner.jsonlines import parse
from cleaner.write import encode

Kind = Literal["near", "story"]
ROW_BITS = 28
MOST_ROWS = 1 << ROW_BITS
"""Articles that an index can number in all, from 1."""
KINDS: tuple[Kind, ...] = ("near", "story")


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
