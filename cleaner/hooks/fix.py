"""The hooks on single files: `cleaner fix` mends files in place, `cleaner check` shows what that would change.

pre-commit passes names in batches, several at a time, so each file is dealt with by itself, a file is written only if
it changes, and then whole or not at all. What cannot be mended (a page of HTML, a broken line of JSON, a link, a file
that is gone) is left as it is and named; it never fails the commit, because the commit did not cause it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cleaner.article import Rejected
from cleaner.formats.charset import MARKS
from cleaner.formats.files import replacing
from cleaner.formats.sources import GZIP, LFS_POINTER, MARKDOWN, Source, kind_of
from cleaner.hooks.fix_file import FixedFile, Kind, decoded, fix_bytes
from cleaner.hooks.fix_text import Profiles
from cleaner.report import changes, tell, write
from cleaner.settings.schema import Settings

_WIDE = tuple(mark for mark, charset in MARKS if charset != "utf-8")


class _File(NamedTuple):
    """A file before and after, and its mode."""

    name: str
    kind: Kind
    before: bytes
    mode: int
    fixed: FixedFile

    @property
    def changed(self) -> bool:
        return self.fixed.lines > 0


class _SkippedError(Exception):
    """A file that is not read; the text says why."""


def fix_files(
    names: Iterable[str], settings: Settings, profiles: Profiles | None = None, *, quiet: bool = False
) -> int:
    """Mend files in place; say on standard error what was removed. Return 1 if any file changed, else 0.

    A file that cannot be written counts as changed: it is not clean, and a commit of it must not pass.
    """
    code = 0
    for file in _fixed(names, settings, profiles):
        if file.changed:
            code = 1
            try:
                with replacing(Path(file.name)) as written:
                    written.write(file.fixed.data)
                    Path(written.name).chmod(file.mode)
            except OSError as error:
                tell(f"{file.name}: cannot be written: {error.strerror}")
                continue
        if not quiet:
            tell(*_summary(file))
    return code


def check_files(
    names: Iterable[str], settings: Settings, profiles: Profiles | None = None, *, quiet: bool = False
) -> int:
    """Print what `fix_files` would change, as a patch on standard output. Return 1 if it would change any, else 0."""
    code = 0
    for file in _fixed(names, settings, profiles):
        if file.changed:
            code = 1
            before, after = _utf8(file.before, file.kind), _utf8(file.fixed.data, file.kind)
            # One write a file, so that processes that share an output do not mix their lines.
            write(difference(file.name, before, after))
        if not quiet:
            tell(*_summary(file, verb="would be fixed: "))
    return code


def difference(name: str, before: bytes, after: bytes) -> bytes:
    r"""Return a unified diff that `git apply` and `patch -p1` take.

    >>> print(difference("a.txt", b"Share\nRain fell.", b"Rain fell.").decode())
    --- a/a.txt
    +++ b/a.txt
    @@ -1,2 +1 @@
    -Share
     Rain fell.
    \ No newline at end of file
    <BLANKLINE>
    """
    import difflib

    # Cut at "\n" alone, as git does: `splitlines` would cut at a lone "\r", too.
    old, new = (data.split(b"\n") for data in (before, after))
    lines = difflib.diff_bytes(
        difflib.unified_diff, _ended(old), _ended(new), _header("a", name), _header("b", name), lineterm=b"\n"
    )
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


def _ended(lines: list[bytes]) -> list[bytes]:
    return [line + b"\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def _header(side: str, name: str) -> bytes:
    """Return a file's name in a diff, quoted as git does where it holds what would end or mislead the line."""
    data = os.fsencode(f"{side}/{Path(name).as_posix()}")
    if not re.search(rb'[\x00-\x1f\x7f"\\]', data):
        return data + b"\t" * (b" " in data)  # or what follows the space would be taken for a date
    quoted = re.sub(rb'[\x00-\x1f\x7f"\\]', lambda found: b"\\%03o" % found[0][0], data)
    return b'"' + quoted + b'"'


def _fixed(names: Iterable[str], settings: Settings, profiles: Profiles | None) -> Iterator[_File]:
    """Fix file by file, in memory; files that are not read are named on standard error."""
    for name in names:
        try:
            data, kind, mode = _read(name, settings.read.max_bytes)
        except _SkippedError as error:
            tell(f"{Rejected(name, 'fix', str(error))}; skipped")
            continue
        yield _File(name, kind, data, mode, fix_bytes(data, kind, settings.strip, name, profiles))


def _read(name: str, max_bytes: int) -> tuple[bytes, Kind, int]:
    """Return a file's bytes, kind and mode. Raises _SkippedError for what is no file of articles."""
    path = Path(name)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise _SkippedError("a symbolic link: its target is fixed where it stands, if it is in the repository")
        if not stat.S_ISREG(status.st_mode):
            raise _SkippedError("not a file")
        if status.st_size > max_bytes:
            raise _SkippedError(f"larger than {max_bytes:,} bytes (read.max_bytes)")
        data = path.read_bytes()
    except OSError as error:
        raise _SkippedError(f"cannot be read: {error.strerror}") from None
    if data.startswith(LFS_POINTER):
        raise _SkippedError("a Git LFS pointer: the file itself has not been fetched")
    if data.startswith(GZIP) or path.suffix.lower() == ".gz":
        raise _SkippedError("gzipped: files are fixed in place only where people can read the difference")
    kind = kind_of(Source(path, path.as_posix(), ""), data[:1024])
    if kind == "html":
        raise _SkippedError("HTML, a page and no article: run `cleaner clean` on it")
    if kind is None:
        raise _SkippedError(f"not a kind of file that is fixed ({path.suffix})")
    if kind == "json":
        return data, "json", stat.S_IMODE(status.st_mode)
    return data, "markdown" if path.suffix.lower() in MARKDOWN else "text", stat.S_IMODE(status.st_mode)


def _summary(file: _File, verb: str = "") -> list[str]:
    """Return a line on what was done to a file, if anything, and one on each thing that was left as it is."""
    fixed, name = file.fixed, file.name
    lines = [f"{replace(rejected, source=name)}; left as it is" for rejected in fixed.left]
    if not file.changed:
        return lines
    done = "; ".join(changes(fixed.removed, fixed.repaired)) or "repaired"
    where = f"{fixed.lines:,} line{'' if fixed.lines == 1 else 's'}: " if file.kind == "json" else ""
    return [f"{name}: {verb}{where}{done}", *lines]


def _utf8(data: bytes, kind: Kind) -> bytes:
    """Return text in UTF-8 if its lines cannot be compared as bytes, as in UTF-16."""
    if kind == "json" or not data.startswith(_WIDE):
        return data
    _, text, _ = decoded(data)
    return text.encode()
