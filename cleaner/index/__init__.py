"""A corpus that grows: one SQLite file in which each new article meets all that came before it.

`intake` takes a batch in and compares it, `near_duplicates` and `stories` find mates in `postings`, `placement` puts
each article into its groups, `regrouping` and `story_joining` mend the groups it touches, `answers` says what was
found. Group names never change their meaning. Only `database` speaks to SQLite, and no error of SQLite leaves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cleaner.index.database import IndexMismatchError, IndexUnusableError
    from cleaner.index.index import Index

__all__ = ["Index", "IndexMismatchError", "IndexUnusableError"]


def __getattr__(name: str) -> Any:
    """Import numpy and what else is heavy only if the index itself is asked for."""
    if name == "Index":
        from cleaner.index.index import Index

        return Index
    if name in __all__:
        from cleaner.index import database

        return getattr(database, name)
    raise AttributeError(f"module 'cleaner.index' has no attribute {name!r}")
