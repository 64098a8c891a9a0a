"""Where pages come from: files, folders and standard input, and what kind each is."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
POINTED = "a Git LFS pointer: the file itself has not been fetched"
MARK = b"\xef\xbb\xbf"  # of byte order
BUFFER = 1 << 18
MARKDOWN = frozenset({".md", ".markdown"})
JSON = frozenset({".json", ".jsonl", ".ndjson"})
_KINDS = {
    **dict.fromkeys((".txt", ".text", *MARKDOWN), "text"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys(JSON, "json"),
}
# Atomic groups: whatever stands at the beginning of a file, it is looked at once.
_HTML = re.compile(
    rb"(?>\s+|<\?[^>]*+>|<!--(?>[^-]+|-(?!->))*+-->)*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE
)
_OBJECTS = re.compile(rb"\s*+\[\s*+[\]{]")  # the beginning of a JSON array of objects
GZIP = b"\x1f\x8b"
_PEEK = 1024


class Source(msgspec.Struct, frozen=True):
    """A file to read: where it is (None: standard input), how it is named in messages, and its page's id."""

    path: Path | None
    name: str
    id: str
    problem: str | None = None
    """Why it cannot be read at all, if that is known."""

    @property
    def is_regular(self) -> bool:
        """Whether it is a file that ends and can be read again, and no pipe or device."""
        return self.path is not None and self.path.is_file()


def find(paths: Iterable[str | os.PathLike[str]], *, leave_out: Sequence[Path] = ()) -> list[Source]:
    """Return the files below `paths`, sorted by name; "-" is standard input, and so is no path at all.

    Folders are searched to the bottom, behind links too; hidden files and folders, what is no file (a named pipe, a
    device) and those in `leave_out` are passed over. A folder that cannot be listed is a source with a `problem`. An id
    is the file's path below the folder that was named, without suffix; where two files would share it, both keep
    theirs. Raises FileNotFoundError if a path does not exist.
    """
    found: dict[str, Source] = {}
    for given in sorted({os.fspath(p) for p in paths} or {"-"}):
        if given == "-":
            found["-"] = Source(None, "-", "stdin")
            continue
        root = Path(given)
        if not root.exists():
            raise FileNotFoundError(given)
        for path, problem in _below(root, leave_out) if root.is_dir() else [(root, None)]:
            within = path.relative_to(root) if root.is_dir() else Path(path.name)
            name = path.as_posix()
            found.setdefault(name, Source(path, name, _without_suffix(within.as_posix()), problem))
    shared = {id_ for id_, n in Counter(source.id for source in found.values()).items() if n > 1}
    return [
        Source(source.path, name, name) if source.id in shared else source for name, source in sorted(found.items())
    ]


def _below(folder: Path, leave_out: Sequence[Path]) -> Iterator[tuple[Path, str | None]]:
    """Yield the files below a folder, and the folders that cannot be listed with the reason."""
    problems: list[OSError] = []
    entered: set[tuple[int, int]] = set()  # links can lead in circles
    for parent, folders, names in os.walk(folder, onerror=problems.append, followlinks=True):
        status = Path(parent).stat()
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        folders[:] = sorted(n for n in folders if not n.startswith(".") and not _same(Path(parent, n), leave_out))
        paths = (Path(parent, name) for name in names if not name.startswith("."))
        yield from ((path, None) for path in paths if not _is_special(path))
    for error in problems:
        yield Path(os.fsdecode(error.filename)), f"a folder that cannot be listed: {error.strerror}"


def _is_special(path: Path) -> bool:
    """Tell a named pipe, a socket or a device from a file; a link that leads nowhere is a file that cannot be read."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode)


def _same(path: Path, others: Sequence[Path]) -> bool:
    return any(other.exists() and path.samefile(other) for other in others)


def _without_suffix(name: str) -> str:
    stem = name.removesuffix(".gz")
    suffix = Path(stem).suffix.lower()
    return stem[: -len(suffix)] if suffix in _KINDS else stem


def kind_of(source: Source, start: bytes) -> str | None:
    """Return what a file holds ("text", "html", "json") by its suffix and first bytes; None: none of these."""
    suffix = Path(source.name.removesuffix(".gz")).suffix.lower()
    kind = _KINDS.get(suffix)
    if kind in {"json", "html"}:
        return kind
    if _HTML.match(start):
        return "html"
    bare = start.removeprefix(MARK).lstrip()
    if kind is None and (bare.startswith(b"{") or _OBJECTS.match(bare)):
        return "json"
    if kind is None and source.path is not None and _is_suffix(suffix):
        return None
    return "text"


def _is_suffix(suffix: str) -> bool:
    """Tell a file type from a name that happens to hold a dot ("article no. 5")."""
    return re.fullmatch(r"\.[a-z][a-z0-9]{0,7}", suffix) is not None
