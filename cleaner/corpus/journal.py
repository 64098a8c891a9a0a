"""A folder in which a grouping that was broken off finds what it had done, and goes on from there.

It holds a journal, which says what the work was, and the chunks that are finished. Chunks are numbered by their place
in the input and appear whole or not at all; so those that are there need not be made again if nothing else has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cleaner.corpus.article_chunk import FORMAT
from cleaner.formats.files import write_json
from cleaner.formats.json_values import parse
from cleaner.formats.sources import Source
from cleaner.settings.schema import Settings

_JOURNAL = "journal.json"


def begin(folder: Path, sources: Sequence[Source], settings: Settings) -> None:
    """Begin in an empty folder, or go on in one where the same was begun.

    Raises ValueError, with what to do, if other work was begun there or if it cannot be gone on with.
    """
    if any(source.path is None for source in sources):
        raise ValueError("standard input cannot be read again after a crash: name files to use --state")
    work = {"format": FORMAT, "settings_sha256": settings.digest(), "inputs": [_stamp(source) for source in sources]}
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / _JOURNAL
    if not journal.exists():
        if any(folder.iterdir()):
            raise ValueError(f"{folder}: is not empty, and no grouping was begun there; name another folder")
        write_json(journal, work)
        return
    try:
        begun = parse(journal.read_bytes())
    except ValueError:
        begun = {}
    kinds = {"format": "version of cleaner", "settings_sha256": "settings", "inputs": "inputs"}
    if other := [kind for key, kind in kinds.items() if not isinstance(begun, dict) or begun.get(key) != work[key]]:
        raise ValueError(f"{folder}: was begun with other {' and '.join(other)}; use the same, or empty the folder")
    for unfinished in folder.glob(".*.tmp"):
        unfinished.unlink()


def end(folder: Path) -> None:
    """Empty the folder: the work is done. The journal goes last."""
    for path in sorted(folder.iterdir(), key=lambda path: (path.name == _JOURNAL, path.name)):
        path.unlink()


def _stamp(source: Source) -> dict[str, Any]:
    path = source.path or Path()
    status = path.stat()
    return {"name": source.name, "bytes": status.st_size, "modified_ns": status.st_mtime_ns}
