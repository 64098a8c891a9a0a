"""The story that an article of an index joins: the stories of the articles it is alike are linked anew, as in a batch.

Ids stay as `regrouping.assign_group_ids` keeps them. What only a batch can tell is how crowded an article's
surroundings are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cleaner.index.articles import Store
from cleaner.index.comparison import Comparison, Neighbours
from cleaner.index.keys import ArticleRow
from cleaner.index.regrouping import assign_group_ids
from cleaner.index.stories import StoryMatcher
from cleaner.stories.scoring import LINKED

_COPIES = 4  # members looked at for each group of near-duplicates of a story


@dataclass(frozen=True, slots=True)
class StoryMerge:
    """The stories that an article touches, linked anew with the article among them."""

    mates: Sequence[ArticleRow] = ()
    """Articles that share the new article's story, without itself."""
    others: Sequence[Sequence[ArticleRow]] = ()
    """Stories after relinking, without the new article's."""
    whole: bool = True
    """False if members of the stories were left out, because a story has too many (`story_groups`)."""
    scores: Mapping[int, float] = field(default_factory=dict)
    """How likely the new article is one story with each text that was looked at, by its number."""

    def story(self) -> int | None:
        """Return the story that most of the mates are in, None if there are none."""
        counts = Counter(row.story for row in self.mates)
        return min(counts, key=lambda story: (-counts[story], story)) if counts else None


def merge_stories(
    matcher: StoryMatcher, comparison: Comparison, at: int, alike: Mapping[int, float], own: int
) -> StoryMerge:
    """Link anew the stories of the articles that one of a batch is likely to be one story with.

    `at`: its place in the batch. `alike`: how likely it is one story with others. `own`: its number, 0 if it is not
    stored.
    """
    members, whole = _members(matcher, _likely(alike), own)
    if not members:
        return StoryMerge(whole=whole)
    days = [min((row.day for row in rows if row.day), default=0) for rows in members]
    nodes = [rows[0].node for rows in members]
    days.append(int(comparison.prepared.days[at]))
    labels, scores = matcher.grouped(nodes, days, comparison, at, alike)
    sets: dict[int, list[ArticleRow]] = {label: [] for label in labels}
    for rows, label in zip(members, labels, strict=False):
        sets[label] += rows
    mates = sets.pop(labels[-1])
    return StoryMerge(mates, list(sets.values()), whole, dict(zip(nodes, scores, strict=True)))


def neighbours(matcher: StoryMatcher, alike: Iterable[Mapping[int, float]]) -> Neighbours:
    """Read at once what `merge_stories` will ask for article after article: that takes a fraction of the time."""
    members, _ = _members(matcher, sorted({row for likely in alike for row in _likely(likely)}), 0)
    nodes = list(dict.fromkeys(rows[0].node for rows in members))
    return Neighbours({node: place for place, node in enumerate(nodes)}, matcher.weighed(nodes))


def _likely(alike: Mapping[int, float]) -> list[int]:
    return [row for row, value in alike.items() if value >= LINKED]


def _members(matcher: StoryMatcher, likely: Sequence[int], own: int) -> tuple[list[list[ArticleRow]], bool]:
    """Return the groups of near-duplicates in the stories of the articles, and whether none was left out."""
    whole = True
    most = matcher.how.story_groups
    groups: dict[int, list[ArticleRow]] = {}
    for story in sorted({row.story for row in matcher.store.rows(likely).values()}):
        rows = matcher.store.latest("story", story, _COPIES * most)
        of_story: dict[int, list[ArticleRow]] = {}
        for row in rows:
            if row.row != own:
                of_story.setdefault(row.near_duplicates, []).append(row)
        whole &= len(rows) < _COPIES * most and len(of_story) <= most
        groups |= dict(list(of_story.items())[:most])
    members = [sorted(rows, key=lambda row: row.row) for rows in groups.values()]
    members.sort(key=lambda rows: rows[0].node)
    return members, whole


def join_story(store: Store, merge: StoryMerge, own: ArticleRow) -> None:
    """Put an article that is in no story yet where `merge_stories` found it to belong."""
    story = merge.story()
    if story is None:
        return
    if merge.whole:
        assign_group_ids(store, "story", [[*merge.mates, own], *merge.others], own.row)
    else:
        store.move("story", [own.row], story)
