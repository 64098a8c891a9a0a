"""A folder in which a grouping that was broken off finds what it had done, and goes on from there.

It holds a journal, which says what the work is, and the chunks that are finished. Chunks are numbered by their place in
the input and appear whole or not at all; so those that are there need not be made again if nothing else has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.corpus.article_chunk import FORMAT
from cleaner.formats.files import write_json
from cleaner.formats.json_values import encode, parse
from cleaner.formats.sources import Source
from cleaner.settings.schema import Settings

_JOURNAL = "journal.json"


class StateError(ValueError):
    """The folder cannot be used for this work; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a grouping is made from: chunks of other work cannot be used."""

    command: str
    sources: Sequence[Source]
    settings: Settings
    profiles: Mapping[str, object] = field(default_factory=dict)
    """What is known of sites, where pages are cleaned by it."""

    def record(self) -> dict[str, Any]:
        """Return what the journal says of it."""
        return {
            "format": f"{__version__}, chunks {FORMAT}",
            "command": self.command,
            "settings_sha256": self.settings.digest(),
            "profiles_sha256": hashlib.sha256(encode(self.profiles)).hexdigest(),
            "inputs": [_stamp(source) for source in self.sources],
        }


_KINDS = {
    "format": "version of cleaner",
    "command": "command",
    "settings_sha256": "settings",
    "profiles_sha256": "site profiles",
    "inputs": "inputs",
}
"""What people call the keys of a journal."""


@contextmanager
def journaled(folder: Path | None, work: Begun) -> Iterator[None]:
    """Begin in an empty folder, or go on in one where the same was begun; empty it when the work is done.

    Without a folder nothing is done. Raises `StateError` if other work was begun there or if it cannot be gone on
    with, and OSError if the folder or an input cannot be used.
    """
    if folder is not None:
        _begin(folder, work)
    yield
    if folder is not None:  # the journal goes last
        for path in sorted(folder.iterdir(), key=lambda path: (path.name == _JOURNAL, path.name)):
            path.unlink()


def _begin(folder: Path, work: Begun) -> None:
    if any(source.path is None for source in work.sources):
        raise StateError("standard input cannot be read again after a crash: name files to use --state")
    wanted = work.record()
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / _JOURNAL
    if not journal.exists():
        if any(folder.iterdir()):
            raise StateError(f"{folder}: is not empty, and no grouping was begun there; name another folder")
        write_json(journal, wanted)
        return
    try:
        begun = parse(journal.read_bytes())
    except ValueError:
        begun = {}
    if other := [kind for key, kind in _KINDS.items() if not isinstance(begun, dict) or begun.get(key) != wanted[key]]:
        raise StateError(f"{folder}: was begun with other {' and '.join(other)}; use the same, or empty the folder")
    for unfinished in folder.glob(".*.tmp"):
        unfinished.unlink()


def _stamp(source: Source) -> dict[str, Any]:
    path = source.path or Path()
    status = path.stat()
    return {"name": source.name, "bytes": status.st_size, "modified_ns": status.st_mtime_ns}
