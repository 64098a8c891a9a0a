"""What the groups of an index are called, for good.

A group's number is that of the article that began it, so most groups need no row of their own: a group bears the id of
its first article. Names that this cannot give (the article was removed, or left the group) stand in one table, and
merged groups with the groups they are part of now in another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cleaner.article import KINDS, Id, Kind
from cleaner.index.keys import MOST_ROWS, ArticleRow, id_of, key_of

if TYPE_CHECKING:
    from cleaner.index.articles import Store

NAMES = """
CREATE TABLE alias (kind TEXT NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL,
    PRIMARY KEY (kind, old)) WITHOUT ROWID;
CREATE TABLE name (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE)
"""


class Names:
    """Names and aliases of groups, by number."""

    used = False
    """Whether any group bears a name that its first article does not give it."""

    def __init__(self, store: Store) -> None:
        self._store, self._db = store, store.db

    def load(self) -> None:
        """Read what is kept in memory."""
        self.used = self._db.value("SELECT 1 FROM name") is not None

    def alias(self, kind: Kind, old: int, new: int) -> None:
        """Record that a group was merged into another."""
        self._db.run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", (kind, old, new))

    def resolve(self, kind: Kind, group: int) -> int:
        """Return the group that a number stands for now."""
        while (found := self._db.value("SELECT new FROM alias WHERE kind = ? AND old = ?", (kind, group))) is not None:
            group = found
        return group

    def number(self, name: Id) -> int | None:
        """Return the number of the group that bears a name, of either kind."""
        found = self._db.value("SELECT number FROM name WHERE name = ?", (key_of(name),))
        return self._store.row(name) if found is None else int(found)

    def of(self, groups: Sequence[int]) -> dict[int, Id]:
        """Return the names of groups by number."""
        ids = {number: row.id for number, row in self._store.rows(groups).items()}
        for number in groups if self.used else ():
            found = self._db.value("SELECT name FROM name WHERE number = ?", (number,))
            if found is not None:
                ids[number] = id_of(found)
        return ids

    def keep_name(self, row: ArticleRow) -> None:
        """Keep the name of the groups that an article began, before it is removed, if anything still bears it."""
        alias = "SELECT 1 FROM alias WHERE old = ? OR new = ?"
        if any(member.row != row.row for kind in KINDS for member in self._store.members(kind, row.row)) or (
            self._db.value(alias, (row.row, row.row))
        ):
            self._db.run("INSERT OR IGNORE INTO name VALUES (?, ?)", (row.row, key_of(row.id)))
            self.used = True

    def is_free(self, kind: Kind, row: ArticleRow) -> bool:
        """Return whether a group that an article begins may bear its number and its id: no other group ever did."""
        return not (
            self._db.value("SELECT 1 FROM name WHERE name = ?", (key_of(row.id),))
            or self._db.value("SELECT 1 FROM alias WHERE kind = ? AND old = ?", (kind, row.row))
            or any(member.row != row.row for member in self._store.members(kind, row.row))
        )

    def new_number(self, row: ArticleRow) -> int:
        """Return the number of a new group that cannot bear an article's id: it is called ID#2, or the next free."""
        last = self._db.value("SELECT max(number) FROM name") or 0
        number = max(last + 1, MOST_ROWS)  # the numbers of articles, and so when words are counted, do not depend on it
        turn = 2
        while self.number(f"{row.id}#{turn}") is not None:
            turn += 1
        self._db.run("INSERT INTO name VALUES (?, ?)", (number, key_of(f"{row.id}#{turn}")))
        self.used = True
        return number
