"""Every format in: files, folders and standard input become pages, one at a time.

Text, Markdown, HTML, JSON and JSON lines, each also gzipped. The suffix decides what a file holds and, where that
says nothing, its first bytes do. An input that cannot be read becomes a `Rejected` that names it; the rest goes on.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import IO, Any, overload

from cleaner.article import ALIASES, Id, Page, Rejected
from cleaner.formats.charset import NotTextError, decode
from cleaner.formats.hashing import Digests
from cleaner.formats.json_lines import Lines, blocks, is_whole, noted, too_long, value_of
from cleaner.formats.json_values import parse_damaged
from cleaner.formats.sources import _PEEK, BUFFER, GZIP, LFS_POINTER, MARK, POINTED, Source, kind_of


def read(
    sources: Iterable[Source], stdin: IO[bytes], *, max_bytes: int, digests: Digests | None = None
) -> Iterator[Page | Rejected]:
    """Yield every page of the sources, and a `Rejected` for each input that holds none.

    `max_bytes` limits a file, or a line of JSON lines, after decompression. `digests` takes the hash of each source.
    """
    return _read_all(sources, stdin, max_bytes, digests=digests)


def read_blocks(
    sources: Iterable[Source], stdin: IO[bytes], *, max_bytes: int, size: int
) -> Iterator[Lines | list[Page | Rejected]]:
    """Yield what `read` yields in blocks of about `size` bytes, those of JSON lines as lines, for others to parse.

    The same files give the same blocks.
    """
    pages: list[Page | Rejected] = []
    held = 0
    for item in _read_all(sources, stdin, max_bytes, size):
        if isinstance(item, Lines) or held >= size:
            if pages:
                yield pages
            pages, held = [], 0
        if isinstance(item, Lines):
            yield item
        else:
            pages.append(item)
            held += len(item.content) if isinstance(item, Page) else 0
    if pages:
        yield pages


@overload
def _read_all(
    sources: Iterable[Source], stdin: IO[bytes], max_bytes: int, *, digests: Digests | None
) -> Iterator[Page | Rejected]: ...


@overload
def _read_all(
    sources: Iterable[Source], stdin: IO[bytes], max_bytes: int, size: int
) -> Iterator[Lines | Page | Rejected]: ...


def _read_all(
    sources: Iterable[Source], stdin: IO[bytes], max_bytes: int, size: int = 0, digests: Digests | None = None
) -> Iterator[Lines | Page | Rejected]:
    """Yield what the sources hold; JSON lines in blocks of about `size` bytes if that is given, else page by page."""
    for source in sources:
        if source.problem is not None:
            yield Rejected(source.name, "read", source.problem)
            continue
        try:
            with _opened(source, stdin, digests) as file:
                yield from _read(source, file, max_bytes, size)
        except (OSError, EOFError, zlib.error) as error:
            yield Rejected(source.name, "read", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _opened(source: Source, stdin: IO[bytes], digests: Digests | None) -> AbstractContextManager[Any]:
    if digests is not None:
        return digests.opened(source, stdin)
    return nullcontext(stdin) if source.path is None else source.path.open("rb", BUFFER)


def _read(source: Source, file: Any, max_bytes: int, size: int) -> Iterator[Lines | Page | Rejected]:
    with ExitStack() as stack:
        start = file.peek(_PEEK)
        if start.startswith(GZIP):
            file = stack.enter_context(gzip.GzipFile(fileobj=file))
            start = file.peek(_PEEK)
        kind = kind_of(source, start)
        if start.startswith(LFS_POINTER):
            yield Rejected(source.name, "read", POINTED)
        elif kind is None:
            suffix = Path(source.name.removesuffix(".gz")).suffix
            yield Rejected(source.name, "read", f"not a kind of file that is read ({suffix})")
        elif kind == "json" and size and not is_whole(start.removeprefix(MARK).lstrip().split(b"\n", 1)[0]):
            yield from blocks(source, file, max_bytes, size)
        elif kind == "json":
            yield from _json_lines(source, file, max_bytes)
        else:
            yield _whole(source, file.read(max_bytes + 1), max_bytes, html=kind == "html")


def _whole(source: Source, data: bytes, max_bytes: int, *, html: bool) -> Page | Rejected:
    if len(data) > max_bytes:
        return Rejected(source.name, "read", f"larger than {max_bytes:,} bytes (read.max_bytes)")
    if not data.strip():
        return Rejected(source.name, "read", "empty")
    try:
        text, charset, bad = decode(data, html=html)
    except NotTextError as error:
        return Rejected(source.name, "read", str(error))
    return Page(source.id, text, html=html, source=source.name, charset=charset, bad=bad)


def _json_lines(source: Source, file: IO[bytes], max_bytes: int) -> Iterator[Page | Rejected]:
    """Yield a page a line. A file that is one JSON value over many lines (an array, an object) is taken as a whole."""
    number, any_line = 0, False
    while line := file.readline(max_bytes + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(MARK)
        if not any_line and is_whole(line):
            yield from _json_whole(source, line + file.read(max_bytes + 1 - len(line)), max_bytes)
            return
        if len(line) > max_bytes:
            while line and not line.endswith(b"\n"):
                line = file.readline(max_bytes)  # the rest of it
            yield too_long(source, max_bytes, number)
        elif line.strip():
            yield from pages_of(source, value_of(source, line.removesuffix(b"\n"), number), number)
        else:
            continue
        any_line = True
    if not any_line:
        yield Rejected(source.name, "read", "empty")


def pages_of(source: Source, record: object, number: int) -> list[Page | Rejected]:
    """Return the page of a value that `parsed` gave."""
    return [record if isinstance(record, Rejected) else _page(source, record, number)]


def _json_whole(source: Source, data: bytes, max_bytes: int) -> Iterator[Page | Rejected]:
    if len(data) > max_bytes:
        yield Rejected(source.name, "read", f"larger than {max_bytes:,} bytes (read.max_bytes); use JSON lines")
        return
    try:
        value, bad = parse_damaged(data)
    except ValueError as error:
        yield Rejected(source.name, "read", f"not JSON: {error}")
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield _page(source, noted(item, bad), number)


def _page(source: Source, record: object, number: int) -> Page | Rejected:
    if not isinstance(record, Mapping):
        return Rejected(source.name, "read", "a JSON value that is no object", number)
    own = record.get("id")
    named = isinstance(own, str | int) and not isinstance(own, bool) and own != ""
    id_: Id = own if named else f"{source.id}#{number}"  # type: ignore[assignment]
    for html in (False, True):
        for key in ALIASES["html" if html else "text"]:
            if isinstance(record.get(key), str) and record[key].strip():
                fields = {k: v for k, v in record.items() if k != key and (k != "id" or not named)}
                return Page(id_, record[key], html=html, source=source.name, line=number, fields=fields)
    reason = f"no text: none of {', '.join(ALIASES['text'] + ALIASES['html'])} holds any"
    return Rejected(source.name, "read", reason, number, id_)


def page_of(given: str | bytes | Mapping[str, Any], number: int = 1) -> Page | Rejected:
    """Make a page of what a program holds: HTML or text, as its beginning says, or a record (`number`: from 1).

    A record without an id is called by its number.
    """
    source = Source(None, "", "article")
    if isinstance(given, Mapping):
        return _page(source, given, number)
    if isinstance(given, bytes):
        return _whole(source, given, len(given), html=kind_of(source, given[:_PEEK]) == "html")
    start = given[:_PEEK].encode("utf-8", "replace")
    return Page(source.id, given, html=kind_of(source, start) == "html")
