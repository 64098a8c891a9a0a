"""The files of a run as one set: they become visible together, and a reader can tell a whole set from a broken one.

All are written in a folder beside their places first. Then the old manifest goes, the files are moved to their places,
and the new manifest, which holds the hash of each, comes last. So where a manifest stands, the set is whole if the
hashes agree; where none does, a run was broken off, and the next one with the same inputs makes it good.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

from cleaner.formats.files import naming, write_json
from cleaner.formats.json_values import parse
from cleaner.formats.scratch import LockedError, lock

ARTICLES, CANONICAL, GROUPS, REJECTED = "articles.jsonl", "canonical.jsonl", "groups.jsonl", "rejected.jsonl"
FILES = (ARTICLES, CANONICAL, GROUPS, REJECTED)
MANIFEST = "manifest.json"
_LOCK = ".cleaner.lock"
_NEW = ".cleaner.new"


class OutputError(ValueError):
    """The folder cannot be written to; the text says why and what to do."""


class OutputSet:
    """The files of a run in a folder, as a context manager: what is not put in place by `publish` goes away.

    `inputs`: names of the files that are read. Raises OutputError if one of them lies in the folder, if another process
    writes there, or if it holds files of these names that came from other inputs, or from nobody knows what, and not
    `force`.
    """

    def __init__(self, folder: Path, inputs: Collection[str], *, force: bool = False) -> None:
        own = {(folder / name).resolve() for name in (*FILES, MANIFEST)}
        if lies := next((name for name in inputs if name != "-" and Path(name).resolve() in own), None):
            raise OutputError(f"{folder}: the input {lies} would be overwritten; name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._new = folder / _NEW
        begun = (folder / _LOCK).exists()  # by a run that was killed
        try:
            self._lock = lock(folder / _LOCK)
        except LockedError:
            raise OutputError(f"{folder}: another run is writing to it; wait for it, or name another folder") from None
        if not force and (found := self._others(set(inputs), begun=begun)):
            self._let_go()
            raise OutputError(f"{folder}: holds {found}; name another folder, or replace it with --force")
        shutil.rmtree(self._new, ignore_errors=True)
        self._new.mkdir()

    def _others(self, inputs: set[str], *, begun: bool) -> str | None:
        """Return what the folder holds that is not of the same run, None if there is nothing of the kind."""
        if not (self._folder / MANIFEST).exists():
            found = next((name for name in FILES if (self._folder / name).exists()), None)
            return None if begun or found is None else f"a file {found} that no run has left there"
        try:
            before = {told["name"] for told in parse((self._folder / MANIFEST).read_bytes())["inputs"]}
        except (ValueError, KeyError, TypeError):
            return f"a {MANIFEST} that no run has left there"
        return None if before & inputs or not before else "what other inputs gave"

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open one of the files to write it."""
        with naming(self._folder / name), (self._new / name).open("wb") as file:
            yield file

    def publish(self, manifest: Mapping[str, Any]) -> None:
        """Put all files in place; `manifest` is added to what tells of them."""
        outputs = {}
        for name in FILES:
            with (self._new / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                os.fsync(file.fileno())
                outputs[name] = {"bytes": file.tell(), "sha256": digest}
        write_json(self._new / MANIFEST, {**manifest, "outputs": outputs})
        (self._folder / MANIFEST).unlink(missing_ok=True)
        for name in (*FILES, MANIFEST):
            (self._new / name).replace(self._folder / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._new, ignore_errors=True)
        if (self._folder / MANIFEST).exists() or not any((self._folder / name).exists() for name in FILES):
            self._let_go()
        else:  # the mark of a set that is broken
            self._lock.close()

    def _let_go(self) -> None:
        (self._folder / _LOCK).unlink(missing_ok=True)
        self._lock.close()
        with contextlib.suppress(OSError):  # it is not empty
            self._folder.rmdir()


def is_whole(folder: Path) -> bool:
    """Tell whether a folder holds the files of one run as it wrote them."""
    try:
        outputs = parse((folder / MANIFEST).read_bytes())["outputs"]
        for name, told in outputs.items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != told["sha256"]:
                    return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
