"""What grouping found out: the groups of a corpus, ready to be written or asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.arrays.pairs import Grouping, Pairs
from cleaner.article import KINDS, Id, Kind
from cleaner.corpus.articles import ArticleTable
from cleaner.corpus.canonical_groups import CanonicalGroups, template_records
from cleaner.corpus.spool import Fields
from cleaner.corpus.summaries import StorySummaries
from cleaner.settings.schema import CanonicalSettings

_ROWS = 4096
"""Rows looked up at once."""


class Groups:
    """Both groupings and the canonical member of every group."""

    def __init__(
        self,
        articles: ArticleTable,
        near: Grouping | None,
        stories: StorySummaries | None,
        settings: CanonicalSettings,
        templates: Pairs | None = None,
    ) -> None:
        self._articles = articles
        self._summaries = stories
        self._templates = templates
        self._ids = articles.ids
        self._near = None if near is None else CanonicalGroups(articles, near, settings)
        self._stories = (
            None if stories is None else CanonicalGroups(articles, stories.grouping, settings, stories.copies)
        )
        deciding = {
            "story": (self._stories, self._near),
            "near-duplicates": (self._near, self._stories),
            "article": (),
        }[settings.per]
        self._canonical = next(
            (groups.canonical for groups in deciding if groups is not None), np.ones(len(articles), bool)
        )

    def fields(self, rows: Sequence[int]) -> Iterator[Fields]:
        """Yield near-duplicate group, story and canonical mark of the rows."""
        for first in range(0, len(rows), _ROWS):
            asked = np.array(rows[first : first + _ROWS])
            marks = self._canonical[asked].tolist()
            yield from zip(self._heads(self._near, asked), self._heads(self._stories, asked), marks, strict=True)

    def _heads(self, groups: CanonicalGroups | None, rows: NDArray[np.int64]) -> list[Id] | list[None]:
        return [None] * rows.size if groups is None else [self._ids[head] for head in groups.heads[rows].tolist()]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each group of two or more: members, scores, weakest link, and why this canonical.

        The record of a story also says what holds it together, which is read from its articles: ask before the corpus
        is closed. Last comes a record for each set of articles that have their words in common and not their figures
        ("same_template"): no group, because they report different things.
        """
        for kind in KINDS:
            if (groups := self._of_kind(kind)) is not None:
                yield from groups.records(kind, self._summaries if kind == "story" else None)
        if self._templates is not None:
            yield from template_records(self._articles, self._templates)

    def score(self, kind: Kind, one: int, other: int) -> float | None:
        """Return the similarity of two rows of one group, None if it was too low to be stored."""
        groups = self._of_kind(kind)
        return None if groups is None else groups.score(one, other)

    def _of_kind(self, kind: Kind) -> CanonicalGroups | None:
        return self._near if kind == "near_duplicates" else self._stories

    @property
    def canonical(self) -> int:
        """How many articles are canonical."""
        return int(np.count_nonzero(self._canonical))

    @property
    def counts(self) -> dict[str, int]:
        """How many groups of two or more there are of each kind."""
        named = {"near_duplicates": self._near, "stories": self._stories}
        return {kind: len(found) for kind, found in named.items() if found is not None}
