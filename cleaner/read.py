"""Every format in: files, folders and standard input become pages, one at a time.

Text, Markdown, HTML, JSON and JSON lines, each also gzipped. What a file holds is told from its suffix and, where that
says nothing, from its first bytes. An input that cannot be read becomes a `Rejected` that names it; the rest goes on.
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, overload

import msgspec

from cleaner.article import ALIASES, Id, Page, Rejected
from cleaner.charset import NotTextError, decode
from cleaner.jsonlines import BUFFER, LFS_POINTER, MARK, POINTED, Lines, blocks, is_whole, parse, too_long, value_of

MARKDOWN = frozenset({".md", ".markdown"})
JSON = frozenset({".json", ".jsonl", ".ndjson"})
_KINDS = {
    **dict.fromkeys((".txt", ".text", *MARKDOWN), "text"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys(JSON, "json"),
}
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
GZIP = b"\x1f\x8b"
_PEEK = 1024


class Source(msgspec.Struct, frozen=True):
    """A file to read: where it is (None: standard input), how it is named in messages, and its page's id."""

    path: Path | None
    name: str
    id: str


def find(paths: Iterable[str | os.PathLike[str]], *, leave_out: Path | None = None) -> list[Source]:
    """Return the files below `paths`, sorted by name; "-" is standard input, and so is no path at all.

    Folders are searched to the bottom; hidden files and folders and the folder `leave_out` are passed over. An id is
    the file's path below the folder that was named, without suffix; where two files would share it, both keep theirs.
    Raises FileNotFoundError if a path does not exist.
    """
    found: dict[str, Source] = {}
    for given in sorted({os.fspath(p) for p in paths} or {"-"}):
        if given == "-":
            found["-"] = Source(None, "-", "stdin")
            continue
        root = Path(given)
        if not root.exists():
            raise FileNotFoundError(given)
        for path in _below(root, leave_out) if root.is_dir() else [root]:
            within = path.relative_to(root) if root.is_dir() else Path(path.name)
            found.setdefault(path.as_posix(), Source(path, path.as_posix(), _without_suffix(within.as_posix())))
    shared = {id_ for id_, n in Counter(source.id for source in found.values()).items() if n > 1}
    return [
        Source(source.path, name, name) if source.id in shared else source for name, source in sorted(found.items())
    ]


def _below(folder: Path, leave_out: Path | None) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [n for n in folders if not n.startswith(".") and not _same(Path(parent, n), leave_out)]
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _same(path: Path, other: Path | None) -> bool:
    return other is not None and other.exists() and path.samefile(other)


def _without_suffix(name: str) -> str:
    stem = name.removesuffix(".gz")
    suffix = Path(stem).suffix.lower()
    return stem[: -len(suffix)] if suffix in _KINDS else stem


def read(sources: Iterable[Source], stdin: IO[bytes], *, max_bytes: int) -> Iterator[Page | Rejected]:
    """Yield every page of the sources, and a `Rejected` for each input that holds none.

    `max_bytes` limits a file, or a line of JSON lines, after decompression.
    """
    return _read_all(sources, stdin, max_bytes)


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
def _read_all(sources: Iterable[Source], stdin: IO[bytes], max_bytes: int) -> Iterator[Page | Rejected]: ...
@overload
def _read_all(
    sources: Iterable[Source], stdin: IO[bytes], max_bytes: int, size: int
) -> Iterator[Lines | Page | Rejected]: ...
def _read_all(
    sources: Iterable[Source], stdin: IO[bytes], max_bytes: int, size: int = 0
) -> Iterator[Lines | Page | Rejected]:
    """Yield what the sources hold; JSON lines in blocks of about `size` bytes if that is given, else page by page."""
    for source in sources:
        try:
            yield from _read(source, stdin, max_bytes, size)
        except (OSError, EOFError, zlib.error) as error:
            yield Rejected(source.name, "read", f"cannot be read: {getattr(error, 'strerror', None) or error}")


def _read(source: Source, stdin: IO[bytes], max_bytes: int, size: int) -> Iterator[Lines | Page | Rejected]:
    with ExitStack() as stack:
        file: Any = stdin if source.path is None else stack.enter_context(source.path.open("rb", BUFFER))
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
        elif kind == "json" and size and not is_whole(start.removeprefix(MARK).split(b"\n", 1)[0]):
            yield from blocks(source, file, max_bytes, size)
        elif kind == "json":
            yield from _json_lines(source, file, max_bytes)
        else:
            yield _whole(source, file.read(max_bytes + 1), max_bytes, html=kind == "html")


def kind_of(source: Source, start: bytes) -> str | None:
    """Return what a file holds ("text", "html", "json"), told from its suffix and first bytes; None: no such thing."""
    suffix = Path(source.name.removesuffix(".gz")).suffix.lower()
    kind = _KINDS.get(suffix)
    if kind in {"json", "html"}:
        return kind
    if _HTML.match(start):
        return "html"
    if kind is None and start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return "json"
    if kind is None and source.path is not None and _is_suffix(suffix):
        return None
    return "text"


def _is_suffix(suffix: str) -> bool:
    """Tell a file type from a name that happens to hold a dot ("article no. 5")."""
    return re.fullmatch(r"\.[a-z][a-z0-9]{0,7}", suffix) is not None


def _whole(source: Source, data: bytes, max_bytes: int, *, html: bool) -> Page | Rejected:
    if len(data) > max_bytes:
        return Rejected(source.name, "read", f"larger than {max_bytes:,} bytes (read.max_bytes)")
    if not data.strip():
        return Rejected(source.name, "read", "empty")
    try:
        text, charset = decode(data, html=html)
    except NotTextError as error:
        return Rejected(source.name, "read", str(error))
    return Page(source.id, text, html=html, source=source.name, charset=charset)


def _json_lines(source: Source, file: IO[bytes], max_bytes: int) -> Iterator[Page | Rejected]:
    """Yield a page a line. A file that is one JSON value over many lines (an array, an object) is taken as a whole."""
    number, any_line = 0, False
    while line := file.readline(max_bytes + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(MARK)
            if is_whole(line):
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
        value = parse(data)
    except ValueError as error:
        yield Rejected(source.name, "read", f"not JSON: {error}")
        return
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        yield _page(source, item, number)


def _page(source: Source, record: object, number: int) -> Page | Rejected:
    if not isinstance(record, Mapping):
        return Rejected(source.name, "read", "a JSON value that is no object", number)
    own = record.get("id")
    id_: Id = own if isinstance(own, str | int) and own != "" else f"{source.id}#{number}"
    for html in (False, True):
        for key in ALIASES["html" if html else "text"]:
            if isinstance(record.get(key), str) and record[key].strip():
                fields = {k: v for k, v in record.items() if k not in ("id", key)}
                return Page(id_, record[key], html=html, source=source.name, line=number, fields=fields)
    reason = f"no text: none of {', '.join(ALIASES['text'] + ALIASES['html'])} holds any"
    return Rejected(source.name, "read", reason, number, id_)
