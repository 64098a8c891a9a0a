"""Files that come into being whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import msgspec

from cleaner.formats.json_values import encode


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
def naming(path: Path) -> Iterator[None]:
    """Have an error of writing a file name it, which the system does at opening alone."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or os.fspath(path)
        raise


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of `path` when all of it has been written, and vanishes on an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:20]}.{os.getpid()}.tmp")  # of names of any length
    try:
        with naming(path), temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write one JSON object, indented for people."""
    data = encode(value)
    try:
        data = msgspec.json.format(data, indent=2)
    except msgspec.DecodeError:  # names of files that are no UTF-8
        data = json.dumps(json.loads(data), indent=2).encode()
    with replacing(path) as file:
        file.write(data + b"\n")


def write_lines(file: IO[bytes], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a record a line."""
    file.writelines(encode(row) + b"\n" for row in rows)
