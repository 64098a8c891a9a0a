"""What an index says of an article: its groups, whether it stands for them, and what it matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cleaner.article import Article, Id
from cleaner.canonical import Candidates, Choice
from cleaner.index.articles import Store
from cleaner.index.keys import Kind, Row
from cleaner.index.near_duplicates import Kept
from cleaner.near_duplicates.verdicts import LEADS
from cleaner.settings.schema import Settings
from cleaner.stories.scoring import LINKED


@dataclass(frozen=True, slots=True)
class Match:
    """Another article that is alike. `kind`: "near-duplicate" or "story"."""

    id: Id
    score: float
    kind: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article with its groups, what it matches, best first, and what became of it.

    `change`: "added", "unchanged" (known with the same text), "replaced" (another text), or "" of a query.
    """

    article: Article
    matches: tuple[Match, ...]
    change: str


class Teller:
    """Reads the answers from the file."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._with_near = settings.group.only != "stories"
        self._with_stories = settings.group.only != "near-duplicates"

    def told(self, article: Article, row: int) -> Article:
        """Fill in the groups of a stored article as they stand now."""
        stored = self._store.rows([row])[row]
        return self.named(article, stored.near, stored.story, canonical=self._is_canonical(stored))

    def named(self, article: Article, near: int | None, story: int | None, *, canonical: bool | None) -> Article:
        """Fill in groups, given by their numbers."""
        near, story = near if self._with_near else None, story if self._with_stories else None
        names = self._store.names.of([group for group in (near, story) if group is not None])
        return replace(
            article,
            near_duplicates=None if near is None else names[near],
            story=None if story is None else names[story],
            canonical=canonical,
        )

    def alone(self, article: Article) -> Article:
        """Fill in the groups of an article that has begun both and is their only member."""
        near, story = article.id if self._with_near else None, article.id if self._with_stories else None
        return replace(article, near_duplicates=near, story=story, canonical=True)

    def matches(self, links: Kept, alike: Mapping[int, float]) -> tuple[Match, ...]:
        """Return the near-duplicates among some links, and the others that are likely to be one story."""
        same = {row: score for row, (score, flag) in links.items() if flag & LEADS}
        likely = {row: score for row, score in alike.items() if score >= LINKED and row not in same}
        ids = {row.row: row.id for row in self._store.rows([*same, *likely]).values()}
        return tuple(
            Match(ids[row], round(score, 4), kind)
            for kind, scores in (("near-duplicate", same), ("story", likely))
            for row, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
            if row in ids
        )

    def known(self, article: Article, row: int) -> Found:
        """Answer for an article that is there already."""
        return Found(self.told(article, row), self.matches(self.links(self._store.rows([row])[row]), {}), "unchanged")

    def links(self, stored: Row) -> Kept:
        """Return the links of an article that is there to those before it, and to what it is a copy of."""
        links: Kept = {other: (score, flag) for other, score, flag in self._store.links(stored.node)}
        if stored.node != stored.row:
            links[stored.node] = (1.0, LEADS)
        return links

    def _is_canonical(self, row: Row) -> bool:
        """Tell whether an article stands for its group."""
        per = self._settings.canonical.per
        kind: Kind = "story" if per == "story" and self._with_stories else "near"
        if per == "article" or (kind == "near" and not self._with_near):
            return True
        rows = sorted(member.row for member in self._store.members(kind, row.group(kind)))
        if len(rows) == 1:
            return True
        found = Candidates.of([self._store.records.members(rows)])
        full = found.words.max(keepdims=True) if kind == "near" else None
        return rows[int(Choice(found, self._settings.canonical, full=full).best[0])] == row.row
