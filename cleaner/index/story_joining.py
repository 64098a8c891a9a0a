"""The story that an article of an index joins: the stories of those it is like are linked anew, as in a batch.

Ids stay as `index_groups.settle` keeps them. What only a batch can tell is how crowded an article's surroundings are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cleaner.index.articles import Store
from cleaner.index.intake import Batch
from cleaner.index.keys import Row
from cleaner.index.regrouping import settle
from cleaner.index.stories import Seeker
from cleaner.stories.scoring import LINKED

_COPIES = 4  # members looked at for each group of near-duplicates of a story


@dataclass(frozen=True, slots=True)
class Piece:
    """Stories that an article touches, linked anew."""

    sets: list[list[Row]]
    """Articles that are one story now, but for those of the new one's;"""
    mates: list[Row]
    """those, without itself;"""
    whole: bool
    """whether all members of the stories are among both;"""
    scores: dict[int, float]
    """and how likely it is one story with each of the texts that were looked at."""

    def story(self) -> int | None:
        """Return the story that most of the mates are in, None if there are none."""
        told = Counter(row.story for row in self.mates)
        return min(told, key=lambda story: (-told[story], story)) if told else None


def piece(seeker: Seeker, batch: Batch, at: int, alike: Mapping[int, float], own: int) -> Piece:
    """Link anew the stories of the articles that one of a batch is likely to be one story with.

    `alike`: how likely that is for some. `own`: its number, 0 if it is not stored.
    """
    members, whole = _members(seeker, _likely(alike), own)
    if not members:
        return Piece([], [], whole, {})
    days = [min((row.day for row in rows if row.day), default=0) for rows in members]
    nodes = [rows[0].node for rows in members]
    itself = batch.weighed.take(slice(at, at + 1))
    labels, scores = seeker.grouped(nodes, itself, [*days, int(batch.days[at])], alike)
    sets: dict[int, list[Row]] = {label: [] for label in labels}
    for rows, label in zip(members, labels, strict=False):
        sets[label] += rows
    mates = sets.pop(labels[-1])
    return Piece(list(sets.values()), mates, whole, dict(zip(nodes, scores, strict=True)))


def make_ready(seeker: Seeker, alike: Iterable[Mapping[int, float]]) -> None:
    """Read at once what `piece` will ask for one article after the other: that takes a fraction of the time."""
    members, _ = _members(seeker, sorted({row for some in alike for row in _likely(some)}), 0)
    if members:
        seeker.weighed([rows[0].node for rows in members])


def _likely(alike: Mapping[int, float]) -> list[int]:
    return [row for row, value in alike.items() if value >= LINKED]


def _members(seeker: Seeker, likely: Sequence[int], own: int) -> tuple[list[list[Row]], bool]:
    """Return the groups of near-duplicates in the stories of some articles, and whether these are all there are."""
    whole = True
    most = seeker.how.story_groups
    groups: dict[int, list[Row]] = {}
    for story in sorted({row.story for row in seeker.store.rows(likely).values()}):
        rows = seeker.store.latest("story", story, _COPIES * most)
        some: dict[int, list[Row]] = {}
        for row in rows:
            if row.row != own:
                some.setdefault(row.near, []).append(row)
        whole &= len(rows) < _COPIES * most and len(some) <= most
        groups |= dict(list(some.items())[:most])
    members = [sorted(rows, key=lambda row: row.row) for rows in groups.values()]
    members.sort(key=lambda rows: rows[0].node)
    return members, whole


def join(store: Store, found: Piece, own: Row) -> None:
    """Put an article that is in no story yet where `piece` found it to belong."""
    story = found.story()
    if story is None:
        return
    if found.whole:
        settle(store, "story", [[*found.mates, own], *found.sets], own.row)
    else:
        store.move("story", [own.row], story)
