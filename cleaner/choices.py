"""One kind of group with the canonical member of each: what both groupings have in common once they are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.canonical import Choice, choose
from cleaner.evidence import Accounts
from cleaner.grouping import Grouping
from cleaner.lsh import components
from cleaner.members import Members
from cleaner.settings import CanonicalSettings


class Choices:
    """A grouping with the canonical member of each group.

    Of copies of one text a member that matches all the others comes first, and the longest is the full one; of a story,
    which is told by `copies`, the longest may be a live blog. `copies`: (rows,) near-duplicate labels; the links of a
    copy are those of the row that its label names, and copies of each other are alike to 1.
    """

    def __init__(
        self,
        members: Members,
        grouping: Grouping,
        settings: CanonicalSettings,
        copies: NDArray[np.int64] | None = None,
    ) -> None:
        self._members = members
        self._settings = settings
        self._cover = copies is None
        self._copies = np.arange(len(members)) if copies is None else copies
        self._links = _Links(grouping)
        self._groups = _Groups(grouping.labels)
        self.heads: NDArray[np.int64] = np.arange(len(members))
        """(rows,) the row of the canonical member of the group of each row."""
        for rows in self._groups:
            self.heads[rows] = self._choose(rows)[1]

    def __len__(self) -> int:
        """Return the number of groups of two or more."""
        return len(self._groups)

    def records(self, kind: str, accounts: Accounts | None = None) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical.

        With `accounts` also what holds it together.
        """
        ids = self._members.ids
        for rows in self._groups:
            choice, head = self._choose(rows)
            links = [(score, i, j) for i in rows for j, score in self._links.of(i) if i < j]
            ordered = sorted(rows, key=lambda row: (row != head, str(ids[row])))
            links = links or [(1.0, ordered[0], ordered[1])]  # a story told by copies alone
            weakest = min(links, key=lambda link: (link[0], *sorted(str(ids[row]) for row in link[1:])))
            members = [self._members[row] for row in ordered]
            account = accounts.of(ordered, [member.published for member in members]).record() if accounts else {}
            yield {
                "kind": kind,
                "id": ids[head],
                "title": self._members.title(head),
                "why": choice.why,
                "members": [
                    {
                        "id": member.id,
                        "score": 1.0 if row == head else self.score(head, row),
                        "published": member.published,
                        "words": member.words,
                    }
                    for row, member in zip(ordered, members, strict=True)
                ],
                "weakest_link": {
                    "ids": sorted((ids[row] for row in weakest[1:]), key=str),
                    "score": round(float(weakest[0]), 4),
                },
                **account,
            }

    def score(self, one: int, other: int) -> float | None:
        """Return the similarity of two members, None if it was too low to be kept."""
        one, other = self._copies[[one, other]].tolist()
        if one == other:
            return 1.0
        return next((round(float(score), 4) for row, score in self._links.of(one) if row == other), None)

    def _choose(self, rows: list[int]) -> tuple[Choice, int]:
        """Return the choice among the rows of a group, and the row that was chosen."""
        able = [row for row in rows if self._links.number(row) == len(rows) - 1] if self._cover else []
        able = sorted(able or rows, key=lambda row: str(self._members.ids[row]))
        if self._cover and len(able) == 1:
            return Choice(0, "the only member that matches all the others"), able[0]
        members = [self._members[row] for row in able]
        means = {place: self._links.total(self._copies[row]) / (len(rows) - 1) for place, row in enumerate(able)}
        full = max(member.words for member in members) if self._cover else None
        choice = choose(members, self._settings, full=full, centrality=means)
        return choice, able[choice.place]


def template_records(members: Members, left: NDArray[np.int64], right: NDArray[np.int64]) -> Iterator[dict[str, Any]]:
    """Yield a record for each set of rows that such pairs connect, without a canonical member: none can stand for all.

    The id is that of the first member, so that the record can be told from others.
    """
    rows = np.unique(np.concatenate([left, right]))
    labels = components(rows.size, np.searchsorted(rows, left), np.searchsorted(rows, right))
    for places in _Groups(labels):
        ordered = sorted(rows[places].tolist(), key=lambda row: str(members.ids[row]))
        found = [members[row] for row in ordered]
        yield {
            "kind": "same_template",
            "id": found[0].id,
            "title": members.title(ordered[0]),
            "why": "the same words with other figures: kept apart (near_duplicates.templates_apart)",
            "members": [{"id": m.id, "published": m.published, "words": m.words} for m in found],
        }


class _Groups:
    """The rows of every label that two or more have."""

    def __init__(self, labels: NDArray[np.int64]) -> None:
        self._order = np.argsort(labels, kind="stable")
        cuts = np.flatnonzero(np.diff(labels[self._order], prepend=-1, append=-1))
        many = np.diff(cuts) > 1
        self._begins, self._ends = cuts[:-1][many], cuts[1:][many]

    def __len__(self) -> int:
        return self._begins.size

    def __iter__(self) -> Iterator[list[int]]:
        for begin, end in zip(self._begins.tolist(), self._ends.tolist(), strict=True):
            yield self._order[begin:end].tolist()


class _Links:
    """The links of every row, both ways: those of row r stand at `begins[r]` to `begins[r + 1]`."""

    def __init__(self, grouping: Grouping) -> None:
        size = grouping.labels.size
        rows = np.concatenate([grouping.left, grouping.right])
        order = np.argsort(rows, kind="stable")
        self._others = np.concatenate([grouping.right, grouping.left])[order]
        self._scores = np.concatenate([grouping.scores, grouping.scores])[order]
        self._begins = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))])
        self._totals = np.bincount(rows[order], self._scores, size)

    def of(self, row: int) -> list[tuple[int, float]]:
        """Return the other end and the score of each link of a row."""
        part = slice(self._begins[row], self._begins[row + 1])
        return list(zip(self._others[part].tolist(), self._scores[part].tolist(), strict=True))

    def number(self, row: int) -> int:
        """Return how many links a row has."""
        return int(self._begins[row + 1] - self._begins[row])

    def total(self, row: int) -> float:
        """Return the sum of the scores of a row's links."""
        return float(self._totals[row])
