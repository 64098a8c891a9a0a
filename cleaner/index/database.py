"""The file of an index: its format, its settings and its pragmas."""

from __future__ import annotations

import hashlib

import msgspec

from cleaner.settings.schema import Settings

FORMAT = 2
"""Of the file. Raise it with any change to what is stored or to how texts are compared."""
_PATIENCE = 120.0  # seconds to wait for another process; its transactions take less than one
_PRAGMAS = (
    # Of a new file. Records of a KiB leave an eighth of smaller pages empty. An article changes a few bytes here and
    # there, and the pages that are so changed are written: with 16 KiB that took four times as long in a large file.
    "page_size = 8192",
    "synchronous = NORMAL",
    "cache_size = -65536",
)


class IndexMismatchError(ValueError):
    """An index that was made by another version or with other settings; the text says what rebuilds it."""


def digest(settings: Settings) -> str:
    """Return a hash of the settings that decide what is in an index."""
    how = msgspec.structs.replace(settings.index, batch=0, follow_seconds=0)
    matter = (settings.near_duplicates, settings.stories, settings.group, how)
    return hashlib.sha256(msgspec.json.encode(matter)).hexdigest()
