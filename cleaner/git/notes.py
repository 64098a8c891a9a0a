"""What the duplicates hook keeps beside its index below git's own folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec

from cleaner.formats.json_values import encode
from cleaner.index.database import Database, IndexDamagedError, IndexUnusableError

_PATIENCE = 3600.0
"""Seconds to wait for another run, which may be the first and read the whole corpus."""
_GLANCE = 5.0
"""Seconds to wait for another run that is just writing down what it found."""


class FileContents(msgspec.Struct, frozen=True, array_like=True):
    """The articles in a file, each by line and key, and what is no article, each by line and reason."""

    articles: tuple[tuple[int, str], ...] = ()
    left: tuple[tuple[int, str], ...] = ()


class Notes:
    """What the last run left for the next, in a file below git's folder. Without it everything is found out anew."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def digest(self) -> str:
        """The digest of the files that the index was last brought to; "" if that is not known."""
        return self._get("digest").decode()

    def known(self, salt: bytes) -> dict[str, FileContents]:
        """Return what was noted about files under the same salt."""
        return (
            msgspec.json.decode(self._get("known"), type=dict[str, FileContents]) if self._get("salt") == salt else {}
        )

    def write(self, digest: str, known: Mapping[str, FileContents], salt: bytes) -> None:
        """Leave these for the next run."""
        rows = {"digest": digest.encode(), "known": encode(known), "salt": salt}
        self._db.run_each("INSERT OR REPLACE INTO notes VALUES (?, ?)", rows.items())

    def _get(self, name: str) -> bytes:
        return bytes(self._db.value("SELECT value FROM notes WHERE name = ?", (name,)) or b"")


@contextmanager
def notes(path: Path) -> Iterator[Notes]:
    """Open the notes and keep other runs out until the end; what is written counts only if no error is raised.

    One transaction is both the lock and the promise: it ends with the process, however that ends. Notes that are no
    longer a database are begun anew.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        db, opened = _locked(path)
    except IndexDamagedError:
        path.unlink()
        db, opened = _locked(path)
    with opened:
        yield Notes(db)


def _locked(path: Path) -> tuple[Database, ExitStack]:
    """Return the file in a transaction, and what ends both."""
    with ExitStack() as stack:
        db = stack.enter_context(closing(Database(path, _PATIENCE)))
        stack.enter_context(db.transaction())
        db.run("CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        return db, stack.pop_all()


def last_digest(path: Path) -> str:
    """Return the digest in the notes without waiting for anyone; "" if there is none."""
    if not path.exists():
        return ""
    try:
        with closing(Database(path, _GLANCE)) as db:
            return Notes(db).digest
    except IndexUnusableError:
        return ""
