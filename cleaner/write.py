"""Articles out: JSON lines, and files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from cleaner.article import KEYS, Article, Id

_MARKS = {True: b"true", False: b"false", None: b"null"}
_BEFORE, _AFTER = KEYS[: KEYS.index("near_duplicates")], KEYS[KEYS.index("canonical") + 1 :]


def encode(value: object) -> bytes:
    r"""Return compact JSON in UTF-8, without a line break.

    Lone surrogates, which Python's parser takes from scraped JSON and no encoder can write, become `\ud800` again.
    """
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, msgspec.MsgspecError):
        import json

        return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


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


def blocks(lines: Iterable[bytes], size: int = 1 << 18) -> Iterator[bytes]:
    """Join lines to blocks of about `size` bytes: a call of the system for each line would take longer than the line.

    >>> list(blocks([b"Rain", b"fell", b"."], 8))
    [b'Rainfell', b'.']
    """
    waiting: list[bytes] = []
    total = 0
    for data in lines:
        waiting.append(data)
        total += len(data)
        if total >= size:
            yield b"".join(waiting)
            waiting, total = [], 0
    if waiting:
        yield b"".join(waiting)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when all of it has been written, and vanishes on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:20]}.{os.getpid()}.tmp")  # of names of any length
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object, indented for people."""
    with replacing(path) as file:
        file.write(msgspec.json.format(encode(value), indent=2) + b"\n")


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a record a line."""
    with replacing(path) as file:
        file.writelines(encode(row) + b"\n" for row in rows)
