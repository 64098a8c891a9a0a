"""Folders for work that is under way: gone when it ends, and swept by the next run if a process was killed.

Each has a lock that the system lets go with the process, so that a folder whose lock can be had is nobody's any more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import IO, Self

LOCK = "lock"
_PREFIX = "cleaner-"


class LockedError(Exception):
    """Another process holds the lock."""


def lock(path: Path) -> IO[bytes]:
    """Open a file, made if it is not there, and hold it alone until it is closed or this process ends.

    Raises LockedError if another process holds it, OSError if it cannot be made.
    """
    while True:
        file = path.open("ab")
        try:
            _hold(file)
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except OSError as error:
            file.close()
            raise LockedError(str(path)) from error
        file.close()  # whoever held it has removed it meanwhile


def _hold(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Scratch:
    """A folder of one's own below the system's folder for temporary files. Use as a context manager, or close it."""

    def __init__(self) -> None:
        parent = Path(tempfile.gettempdir())
        sweep(parent, f"{_PREFIX}*")
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        self._lock = lock(self.path / LOCK)

    def close(self) -> None:
        """Remove the folder and all that is in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sweep(parent: Path, pattern: str) -> None:
    """Remove the folders of this name that a killed process has left."""
    for folder in parent.glob(pattern):
        with contextlib.suppress(OSError, LockedError):
            if (folder / LOCK).is_file():
                with lock(folder / LOCK):
                    shutil.rmtree(folder, ignore_errors=True)
