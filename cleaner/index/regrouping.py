"""Groups of an index that grows: the connected piece that an article touches is grouped anew, and ids stay.

A piece is grouped by `grouping.stars`, as in a batch. Of the new sets each takes over the group that most of its
members were in; a set that takes over none begins a group, and a group that no set takes over was merged: an alias
says into which.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from cleaner.arrays.pairs import Pairs
from cleaner.index.articles import Store
from cleaner.index.keys import KINDS, Kind, Row
from cleaner.index.near_duplicates import APART, ONE_LEADS, OTHER_LEADS
from cleaner.near_duplicates.star_clustering import Links, stars


def regroup(store: Store, seeds: Sequence[int], most: int, new: int | None = None) -> None:
    """Group anew the pieces that some nodes are in, all that is linked to them.

    `most`: texts of a piece that is still grouped anew for one article more. `new`: the node that has come, which was
    in no group before; its row says that it is in a group of its own.
    """
    piece = _piece(store, seeds, most)
    if piece is None:
        if new is not None:
            _attach(store, new)
        return
    rows = store.rows(sorted(piece))
    for copy in store.copies(sorted(piece)):
        if new is None or copy.row < new:  # those after it are stored already and come later
            rows[copy.row] = copy
    rank = store.records.ranks(sorted(rows))
    best: dict[int, tuple[str, int, str]] = {}
    for row in rows.values():
        best[row.node] = min(best.get(row.node, rank[row.row]), rank[row.row])
    nodes = sorted(piece, key=lambda node: (best[node], node))
    labels = _stars(nodes, piece)
    sets: dict[int, list[Row]] = {}
    place = {node: at for at, node in enumerate(nodes)}
    for row in sorted(rows.values(), key=lambda row: row.row):
        sets.setdefault(labels[place[row.node]], []).append(row)
    settle(store, "near", list(sets.values()), new)
    settle_stories(store, list(sets.values()), new)


def _piece(store: Store, seeds: Iterable[int], most: int) -> dict[int, list[tuple[int, float, int]]] | None:
    """Return the links of every node that is connected with the seeds; None if there are more than `most`."""
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


def _stars(nodes: Sequence[int], piece: Mapping[int, list[tuple[int, float, int]]]) -> list[int]:
    """Return the label of each node, the place of a centre."""
    place = {node: at for at, node in enumerate(nodes)}
    links: list[tuple[int, int, float, bool, bool]] = []
    apart: list[tuple[int, int]] = []
    for node in nodes:
        for other, score, verdict in piece[node]:
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
    """Put a node into the group of the one most like it that may stand for it."""
    able = [
        (-score, other)
        for other, score, verdict in store.links(new)
        if verdict & (ONE_LEADS if other < new else OTHER_LEADS)
    ]
    if able:
        other = store.rows([min(able)[1]])
        for row in other.values():
            store.move("near", [new], row.near)
            store.move("story", [new], row.story)


def settle(store: Store, kind: Kind, sets: Sequence[Sequence[Row]], new: int | None = None) -> None:
    """Make these sets the groups of a kind, with as few changes of ids as can be.

    All members of the groups concerned are among the sets, but for `new`, which was in none.
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


def settle_stories(store: Store, sets: Sequence[Sequence[Row]], new: int | None = None) -> None:
    """Give all members of each set the story that most of them have; a story that loses all was merged."""
    for rows in sets:
        told = Counter(row.story for row in rows if row.row != new)
        if not told:
            if store.names.used and not store.names.free("story", rows[0]):
                store.move("story", [rows[0].row], store.names.fresh(rows[0]))
            continue
        story = min(told, key=lambda group: (-told[group], group))
        moved = [row for row in rows if row.story != story]
        store.move("story", [row.row for row in moved], story)
        for left in sorted({row.story for row in moved if row.row != new}):
            if not store.members("story", left):
                store.names.alias("story", left, story)


def begin_alone(store: Store, new: int) -> None:
    """Give a new article without links a group of its own, under another name where its id is taken."""
    row = store.rows([new])[new]
    for kind in KINDS:
        if not store.names.free(kind, row):
            store.move(kind, [new], store.names.fresh(row))


def _begin(store: Store, kind: Kind, rows: Sequence[Row]) -> int:
    """Return the number of a new group of some articles: that of the first, if it is free."""
    for row in rows:
        if store.names.free(kind, row):
            return row.row
    return store.names.fresh(rows[0])
