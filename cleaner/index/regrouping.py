"""Groups of an index that grows: the connected component that an article touches is grouped anew, and ids stay.

A component is grouped by `star_clustering.stars`, as in a batch. Each of the new sets takes over the group that most of
its members were in. A set that takes over none begins a group; a group that no set takes over was merged, and becomes
an alias of the group that has most of its members.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from cleaner.arrays.pairs import Pairs
from cleaner.article import KINDS, Kind
from cleaner.index.articles import Store
from cleaner.index.keys import ArticleRow
from cleaner.index.near_duplicates import APART, ONE_LEADS, OTHER_LEADS
from cleaner.near_duplicates.star_clustering import Links, stars


def regroup(store: Store, seeds: Sequence[int], most: int, new: int | None = None) -> None:
    """Group anew the component of each seed: all nodes that are linked with it, directly or not.

    `most`: the texts of the largest component that is grouped anew. `new`: the node that has come, which was in no
    group before; its row says that it is in a group of its own.
    """
    component = _component(store, seeds, most)
    if component is None:
        if new is not None:
            _attach(store, new)
        return
    rows = store.rows(sorted(component))
    for copy in store.copies(sorted(component)):
        if new is None or copy.row < new:  # those after it are stored already and come later
            rows[copy.row] = copy
    rank = store.records.ranks(sorted(rows))
    best: dict[int, tuple[str, int, str]] = {}
    for row in rows.values():
        best[row.node] = min(best.get(row.node, rank[row.row]), rank[row.row])
    nodes = sorted(component, key=lambda node: (best[node], node))
    labels = _stars(nodes, component)
    sets: dict[int, list[ArticleRow]] = {}
    place = {node: at for at, node in enumerate(nodes)}
    for row in sorted(rows.values(), key=lambda row: row.row):
        sets.setdefault(labels[place[row.node]], []).append(row)
    assign_group_ids(store, "near_duplicates", list(sets.values()), new)
    keep_stories_whole(store, list(sets.values()), new)


def _component(store: Store, seeds: Iterable[int], most: int) -> dict[int, list[tuple[int, float, int]]] | None:
    """Return the links of every node that is connected with a seed; None if more than `most` nodes are."""
    found: dict[int, list[tuple[int, float, int]]] = {}
    waiting = deque(seeds)
    seen = set(waiting)
    while waiting:
        node = waiting.popleft()
        found[node] = store.links(node)
        for other, _, verdict in found[node]:
            if other not in seen and verdict & (ONE_LEADS | OTHER_LEADS):
                seen.add(other)
                waiting.append(other)
        if len(seen) > most:
            return None
    return found


def _stars(nodes: Sequence[int], component: Mapping[int, list[tuple[int, float, int]]]) -> list[int]:
    """Return the label of each node, the place of a centre."""
    place = {node: at for at, node in enumerate(nodes)}
    links: list[tuple[int, int, float, bool, bool]] = []
    apart: list[tuple[int, int]] = []
    for node in nodes:
        for other, score, verdict in component[node]:
            if other > node and other in place:
                one, two = place[node], place[other]
                leads, follows = bool(verdict & ONE_LEADS), bool(verdict & OTHER_LEADS)
                if one > two:
                    one, two, leads, follows = two, one, follows, leads
                if leads or follows:
                    links.append((one, two, score, leads, follows))
                elif verdict & APART:
                    apart.append((one, two))
    links.sort()
    apart.sort()
    columns = [np.array(column) for column in zip(*links, strict=True)] or [np.zeros(0)] * 5
    types = (np.int64, np.int64, np.float32, np.bool_, np.bool_)
    pairs = np.array(apart, np.int64).reshape(-1, 2)
    held = Links(*(column.astype(kind) for column, kind in zip(columns, types, strict=True)))
    belongs: list[int] = stars(len(nodes), held, Pairs(pairs[:, 0], pairs[:, 1])).tolist()
    return belongs


def _attach(store: Store, new: int) -> None:
    """Put a node into the group of the node that is most like it among those that may stand for it."""
    able = [
        (-score, other)
        for other, score, verdict in store.links(new)
        if verdict & (ONE_LEADS if other < new else OTHER_LEADS)
    ]
    if able:
        other = store.rows([min(able)[1]])
        for row in other.values():
            store.move("near_duplicates", [new], row.near_duplicates)
            store.move("story", [new], row.story)


def assign_group_ids(store: Store, kind: Kind, sets: Sequence[Sequence[ArticleRow]], new: int | None = None) -> None:
    """Make these sets the groups of a kind, with as few changes of ids as can be.

    The sets hold all members of each group that any of their articles is in. `new`: an article that was in no group.
    """
    claims = sorted(
        (-count, group, at)
        for at, rows in enumerate(sets)
        for group, count in Counter(row.group(kind) for row in rows if row.row != new).items()
    )
    names: dict[int, int] = {}
    heirs: dict[int, int] = {}
    for _, group, at in claims:
        if at not in names and group not in heirs:
            names[at], heirs[group] = group, at
    for at, rows in enumerate(sets):
        if at not in names:
            names[at] = _begin(store, kind, rows)
    for _, group, at in claims:
        if group not in heirs:
            heirs[group] = at
            store.names.alias(kind, group, names[at])
    for at, rows in enumerate(sets):
        store.move(kind, [row.row for row in rows if row.group(kind) != names[at]], names[at])


def keep_stories_whole(store: Store, sets: Sequence[Sequence[ArticleRow]], new: int | None = None) -> None:
    """Give all members of each set the story that most of them have; a story that loses all was merged."""
    for rows in sets:
        counts = Counter(row.story for row in rows if row.row != new)
        if not counts:
            if store.names.used and not store.names.is_free("story", rows[0]):
                store.move("story", [rows[0].row], store.names.new_number(rows[0]))
            continue
        story = min(counts, key=lambda group: (-counts[group], group))
        moved = [row for row in rows if row.story != story]
        store.move("story", [row.row for row in moved], story)
        for left in sorted({row.story for row in moved if row.row != new}):
            if not store.members("story", left):
                store.names.alias("story", left, story)


def begin_alone(store: Store, new: int) -> None:
    """Give a new article without links a group of its own, under another name where its id is taken."""
    row = store.rows([new])[new]
    for kind in KINDS:
        if not store.names.is_free(kind, row):
            store.move(kind, [new], store.names.new_number(row))


def _begin(store: Store, kind: Kind, rows: Sequence[ArticleRow]) -> int:
    """Return the number of a new group of these articles: the first one's that is free, or a new number."""
    for row in rows:
        if store.names.is_free(kind, row):
            return row.row
    return store.names.new_number(rows[0])
