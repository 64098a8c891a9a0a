"""What grouping found out: the groups of a corpus, ready to be written or asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.pairs import Grouping, Pairs
from cleaner.article import Id
from cleaner.corpus.articles import Members
from cleaner.corpus.canonicals import Choices, template_records
from cleaner.corpus.spool import Fields
from cleaner.corpus.summaries import Accounts
from cleaner.settings.schema import CanonicalSettings

_ROWS = 4096  # looked up at once


class Groups:
    """Both groupings and the canonical member of every group."""

    def __init__(
        self,
        members: Members,
        near: Grouping | None,
        stories: Accounts | None,
        settings: CanonicalSettings,
        templates: Pairs | None = None,
    ) -> None:
        self._members = members
        self._accounts = stories
        self._templates = templates
        self._ids = members.ids
        self._near = None if near is None else Choices(members, near, settings)
        self._stories = None if stories is None else Choices(members, stories.grouping, settings, stories.copies)
        heads = {
            "story": (self._stories, self._near),
            "near-duplicates": (self._near, self._stories),
            "article": (),
        }[settings.per]
        self._deciding = next((choices.heads for choices in heads if choices is not None), None)

    def fields(self, rows: Sequence[int]) -> Iterator[Fields]:
        """Yield near-duplicate group, story and canonical mark of the rows."""
        for first in range(0, len(rows), _ROWS):
            some = np.array(rows[first : first + _ROWS])
            marks = [True] * some.size if self._deciding is None else (self._deciding[some] == some).tolist()
            yield from zip(self._heads(self._near, some), self._heads(self._stories, some), marks, strict=True)

    def _heads(self, choices: Choices | None, rows: NDArray[np.int64]) -> list[Id] | list[None]:
        return [None] * rows.size if choices is None else [self._ids[head] for head in choices.heads[rows].tolist()]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical.

        A story's also says what holds it together, which is read from its articles: ask before the corpus is closed.
        Then one for each set of articles that have their words in common and not their figures ("same_template"): no
        group, for they tell different things.
        """
        for kind, choices in (("near_duplicates", self._near), ("story", self._stories)):
            if choices is not None:
                yield from choices.records(kind, self._accounts if kind == "story" else None)
        if self._templates is not None:
            yield from template_records(self._members, self._templates)

    def score(self, kind: str, one: int, other: int) -> float | None:
        """Return the similarity of two rows of one group ("near-duplicates" or "story"), None if none was kept."""
        named = self._near if kind == "near-duplicates" else self._stories
        return None if named is None else named.score(one, other)

    @property
    def canonical(self) -> int:
        """How many articles are canonical."""
        heads = self._deciding
        return len(self._ids) if heads is None else int(np.count_nonzero(heads == np.arange(heads.size)))

    @property
    def counts(self) -> dict[str, int]:
        """How many groups of two or more there are of each kind."""
        named = {"near_duplicates": self._near, "stories": self._stories}
        return {kind: len(found) for kind, found in named.items() if found is not None}
