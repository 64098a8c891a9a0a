"""JSON lines: blocks of a file, as the place where they stand or as their bytes, and the values of their lines."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from cleaner.article import Rejected
from cleaner.formats.json_values import parse_damaged
from cleaner.formats.sources import BUFFER, LFS_POINTER, MARK, POINTED, Source


class Span(NamedTuple):
    """A part of a file that is not compressed."""

    path: Path
    begin: int
    size: int

    def read(self) -> bytes:
        """Return its bytes."""
        with self.path.open("rb", 0) as file:
            file.seek(self.begin)
            return file.read(self.size)


class Lines(msgspec.Struct, frozen=True):
    """Whole lines of a file of JSON lines, not parsed yet.

    `number` is that of the first; they count from 1. Lines of more than `max_bytes` are to be rejected.
    """

    source: Source
    number: int
    data: bytes | Span
    max_bytes: int
    span: Span | None = None
    """Where they can be read again."""

    def read(self) -> bytes:
        """Return the lines themselves. Raises OSError if they are gone."""
        return self.data if isinstance(self.data, bytes) else self.data.read()

    def apart(self) -> Lines:
        """Return these lines for another process: it is quicker to hand over where they stand than what they say."""
        return self if self.span is None else msgspec.structs.replace(self, data=self.span)


def is_whole(first: bytes) -> bool:
    """Tell by its first line whether a file is one JSON value."""
    return first.strip() == b"{" or first.lstrip().startswith(b"[")


def blocks(source: Source, file: Any, max_bytes: int, size: int) -> Iterator[Lines | Rejected]:
    """Yield the lines of a file in blocks; a line that is too long is cut behind its beginning."""
    data, number, any_line, more = b"", 1, False, True
    plain = None  # the file, if it can be read again from anywhere
    if source.path is not None and source.path.is_file() and not isinstance(file, gzip.GzipFile):
        plain = source.path.resolve()  # "/dev/stdin" is another file in another process
    broken: Exception | None = None
    while more:
        parts, total = [data], len(data)
        try:
            while total <= size and (part := file.read1(min(BUFFER, size))):
                parts.append(part)
                total += len(part)
        except (OSError, EOFError, zlib.error) as error:
            broken = error
        more = total > size and broken is None
        data = b"".join(parts)
        begin = 0 if plain is None else file.tell() - len(data)
        cut = data.rfind(b"\n") + 1 if more or broken else len(data)
        if more and not cut:
            rest = file.readline(max_bytes + 1)
            data, cut = data + rest, len(data) + len(rest)
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(max_bytes)
        span = None if plain is None else Span(plain, begin, cut)
        block, data = data[:cut], data[cut:]
        any_line = any_line or not (block.isspace() or not block)
        if block:
            yield Lines(source, number, block, max_bytes, span)
        number += block.count(b"\n") or 1
    if broken:
        raise broken
    if not any_line:
        yield Rejected(source.name, "read", "empty")


def parsed(lines: Lines) -> Iterator[tuple[int, Any]]:
    """Yield the number and the JSON value of each line that is not blank; a `Rejected` where there is none."""
    source, number, max_bytes = lines.source, lines.number, lines.max_bytes
    data = lines.read()
    data = data.removeprefix(MARK) if number == 1 else data
    for line in data.split(b"\n"):
        if len(line) >= max_bytes:
            yield number, too_long(source, max_bytes, number)
        elif line and not line.isspace():
            yield number, value_of(source, line, number)
        number += 1


def too_long(source: Source, max_bytes: int, number: int) -> Rejected:
    """Reject a line that is too long."""
    return Rejected(source.name, "read", f"longer than {max_bytes:,} bytes (read.max_bytes)", number)


def value_of(source: Source, line: bytes, number: int) -> Any:
    """Return the JSON value of a line, or a `Rejected` that says why there is none."""
    if line.startswith(LFS_POINTER):
        return Rejected(source.name, "read", POINTED, number)
    try:
        return noted(*parse_damaged(line))
    except ValueError as error:
        return Rejected(source.name, "read", f"not JSON: {error}", number)


def noted(value: Any, bad: int) -> Any:
    """Return a value that notes, if it is a record, in how many places its bytes could not be read."""
    origin = value.get("provenance") or {} if isinstance(value, dict) else None
    return {**value, "provenance": {**origin, "bad_bytes": bad}} if bad and isinstance(origin, dict) else value
