"""A corpus that grows: one SQLite file in which each new article meets all that came before it.

`intake` takes a batch in, `near_duplicates` and `stories` find its mates in `postings`, `regrouping` and
`story_joining` mend the groups it touches, `answers` says what was found. Group names never change their meaning. No
error of SQLite leaves this room.
"""

from cleaner.index.database import IndexMismatchError
from cleaner.index.index import Index

__all__ = ["Index", "IndexMismatchError"]
