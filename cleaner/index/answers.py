"""What an index says of an article: its groups, whether it stands for them, and what it matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cleaner.article import Article, Id, Kind
from cleaner.canonical import Candidates, Choice
from cleaner.index.articles import Store
from cleaner.index.keys import ArticleRow
from cleaner.index.near_duplicates import LEADS, RowLinks
from cleaner.settings.schema import Settings
from cleaner.stories.scoring import LINKED

Change = Literal["added", "unchanged", "replaced", ""]


@dataclass(frozen=True, slots=True)
class Mate:
    """Another article that is alike: a near-duplicate, or a report that is likely to be of the same story."""

    id: Id
    score: float
    """How alike the two are, 0 to 1."""
    kind: Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """An article with its groups, what it matches, and what became of it."""

    article: Article
    matches: tuple[Mate, ...]
    """Near-duplicates first, then reports of the same story; the best ones first."""
    change: Change
    """What became of it. "unchanged": it was known with the same text, "replaced": with another; "": a query."""


class Answers:
    """Reads answers from the file."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._with_near_duplicates = settings.group.only != "stories"
        self._with_stories = settings.group.only != "near-duplicates"

    def with_groups(self, article: Article, row: int) -> Article:
        """Fill in the groups of a stored article as they stand now."""
        stored = self._store.rows([row])[row]
        return self.with_numbers(article, stored.near_duplicates, stored.story, canonical=self._is_canonical(stored))

    def with_numbers(
        self, article: Article, near_duplicates: int | None, story: int | None, *, canonical: bool | None
    ) -> Article:
        """Fill in groups that are given by their numbers."""
        near_duplicates = near_duplicates if self._with_near_duplicates else None
        story = story if self._with_stories else None
        names = self._store.names.of([group for group in (near_duplicates, story) if group is not None])
        return replace(
            article,
            near_duplicates=None if near_duplicates is None else names[near_duplicates],
            story=None if story is None else names[story],
            canonical=canonical,
        )

    def alone(self, article: Article) -> Article:
        """Fill in the groups of an article that has begun both and is their only member."""
        near_duplicates, story = (
            article.id if wanted else None for wanted in (self._with_near_duplicates, self._with_stories)
        )
        return replace(article, near_duplicates=near_duplicates, story=story, canonical=True)

    def matches(self, links: RowLinks, alike: Mapping[int, float]) -> tuple[Mate, ...]:
        """Return the near-duplicates among the links, and the other articles that are likely to be one story."""
        same = {row: score for row, (score, flag) in links.items() if flag & LEADS}
        likely = {row: score for row, score in alike.items() if score >= LINKED and row not in same}
        ids = {row.row: row.id for row in self._store.rows([*same, *likely]).values()}
        by_kind: tuple[tuple[Kind, dict[int, float]], ...] = (("near_duplicates", same), ("story", likely))
        return tuple(
            Mate(ids[row], round(score, 4), kind)
            for kind, scores in by_kind
            for row, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
            if row in ids
        )

    def unchanged(self, article: Article, row: int) -> Answer:
        """Answer for an article that is there already."""
        links = self.links(self._store.rows([row])[row])
        return Answer(self.with_groups(article, row), self.matches(links, {}), "unchanged")

    def links(self, stored: ArticleRow) -> RowLinks:
        """Return all links of a stored article, and its link to the article that it is a copy of."""
        links: RowLinks = {other: (score, flag) for other, score, flag in self._store.links(stored.node)}
        if stored.node != stored.row:
            links[stored.node] = (1.0, LEADS)
        return links

    def _is_canonical(self, row: ArticleRow) -> bool:
        """Return whether an article stands for its group."""
        per = self._settings.canonical.per
        kind: Kind = "story" if per == "story" and self._with_stories else "near_duplicates"
        if per == "article" or (kind == "near_duplicates" and not self._with_near_duplicates):
            return True
        rows = sorted(member.row for member in self._store.members(kind, row.group(kind)))
        if len(rows) == 1:
            return True
        found = Candidates.of([self._store.records.members(rows)])
        full = found.words.max(keepdims=True) if kind == "near_duplicates" else None
        return rows[int(Choice(found, self._settings.canonical, full=full).best[0])] == row.row
