"""What the page's tree says for sure, whatever the trees think of single blocks.

A list or a table that stands between an article's paragraphs is part of it, and so is a short answer between two
questions; what an element like the first article's holds, with a headline of its own, is another article.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.extraction.attributes import numberless
from cleaner.extraction.segmenting import TAGS, Blocks
from cleaner.judging.page_arrays import Floats, Layout

Marks = NDArray[np.bool_]
_ANCHOR_WORDS = 10  # of a kept block that stands for the article's body
_CLIMB = 5  # elements around a block in which its neighbours in the body are looked for
_TABLE, _P, _H1 = (TAGS.index(tag) for tag in ("table", "p", "h1"))
_PARTS: Final = frozenset(map(TAGS.index, ("ul", "ol", "table", "blockquote", "pre")))
_HEADINGS: Final = frozenset(map(TAGS.index, ("h2", "h3", "h4", "h5", "h6")))
_TABLE_LINKED, _PART_LINKED = 0.7, 0.4
"""Share of links below which a table is no menu, since names may be links; and anything else."""
_PLAIN_LINKED = 0.1
_NAMED: Final = 0.6  # share of the title's words that stand in its headline
_SEEN_WORDS = 80  # words that are to be seen from which on what is hidden is no article
_COPY_WORDS: Final = 10  # shorter lines may well stand twice in an article


@dataclass(frozen=True, slots=True)
class Page:
    """Blocks of some pages with the rows of their features that are asked for here, each (blocks,)."""

    blocks: Blocks
    layout: Layout
    words: Floats
    stop: Floats
    furniture: Floats
    title_share: Floats
    hidden: Floats
    since_title: Floats


def settle(page: Page, keep: Marks) -> Marks:
    """Return the blocks to be kept, by those that the trees are for: (blocks,)."""
    keep = keep & ~_other_articles(page) & ~_hidden(page, keep)
    keep |= _paragraphs(page, keep)
    keep |= _parts(page, keep)
    return keep & ~_copies(page, keep)


def _other_articles(page: Page) -> Marks:
    """Mark what an element holds that is like one before, both with an h1, of which only the first is the title."""
    blocks, named = page.blocks, page.title_share
    found = np.zeros(len(named), bool)
    known: dict[tuple[int, int, int, bytes], tuple[int, int]] = {}
    for heading in np.flatnonzero(blocks.tag[blocks.element] == _H1).tolist():
        element = int(blocks.parent[blocks.element[heading]])
        for _ in range(_CLIMB):
            above = int(blocks.parent[element])
            if above == element:
                break
            key = (above, int(blocks.level[element]), int(blocks.tag[element]), numberless(blocks.attributes[element]))
            holder, title = known.setdefault(key, (element, heading))
            if holder != element and named[title] > max(named[heading], _NAMED):
                found[blocks.first[element] : blocks.end[element]] = True
            element = above
    return found


def _hidden(page: Page, keep: Marks) -> Marks:
    """Mark what is hidden above the headline, on pages that keep enough to be seen: below it, articles are hidden."""
    seen = page.layout.total(page.words * (keep & (page.hidden == 0)))
    return np.asarray((page.hidden > 0) & (page.since_title < 0) & (seen >= _SEEN_WORDS)[page.layout.page])


def _holders(page: Page, keep: Marks) -> tuple[dict[int, tuple[int, int]], Marks]:
    """Return the elements that kept paragraphs stand in, with the first and last of those, and mark all inside them."""
    blocks = page.blocks
    held: dict[int, tuple[int, int]] = {}
    anchors = np.flatnonzero(keep & (page.words >= _ANCHOR_WORDS))
    for anchor, holder in zip(anchors.tolist(), blocks.parent[blocks.element[anchors]].tolist(), strict=True):
        held[holder] = held.get(holder, (anchor,))[0], anchor
    # What mostly goes is another article, of which a block or two were kept.
    taken, size = (
        np.concatenate([[0.0], np.cumsum(page.words * part)]) for part in (keep, blocks.linked < _PART_LINKED)
    )
    held = {
        holder: place
        for holder, place in held.items()
        for first, end in [(blocks.first[holder], blocks.end[holder])]
        if taken[end] - taken[first] >= (size[end] - size[first]) / 3
    }
    every = np.array(list(held), np.int64)
    n = len(keep) + 1
    inside = np.cumsum(np.bincount(blocks.first[every], None, n) - np.bincount(blocks.end[every], None, n))
    return held, inside[:-1] > 0


def _paragraphs(page: Page, keep: Marks) -> Marks:
    """Mark paragraphs like the kept ones beside them: those between two, and those that end as a sentence does."""
    blocks, element = page.blocks, page.blocks.element
    held, inside = _holders(page, keep)
    found = np.zeros(len(keep), bool)
    plain = (blocks.tag[element] == _P) & (blocks.linked <= _PLAIN_LINKED)
    for block in np.flatnonzero(inside & plain & ~keep).tolist():
        if (place := held.get(int(blocks.parent[element[block]]))) is not None:
            alike = blocks.attributes[element[block]] == blocks.attributes[element[place[1]]]
            found[block] = alike and (page.stop[block] > 0 or place[0] < block < place[1])
    return found


def _parts(page: Page, keep: Marks) -> Marks:
    """Mark lists and tables between two kept paragraphs of one element, and headings right above one."""
    blocks, parent = page.blocks, page.blocks.parent
    held, inside = _holders(page, keep)
    found = np.zeros(len(keep), bool)
    linked = np.concatenate([[0.0], np.cumsum(page.words * np.rint(blocks.linked * 1024) / 1024)])
    size = np.concatenate([[0.0], np.cumsum(page.words)])
    for block in np.flatnonzero(inside & ~keep).tolist():
        part = int(blocks.element[block])
        for _ in range(_CLIMB):
            if int(parent[part]) in held:
                break
            part = int(parent[part])
        tag = int(blocks.tag[part])
        first, last = held.get(int(parent[part]), (block, block))
        if tag in _HEADINGS:
            found[block] = first < block and block + 1 < len(keep) and keep[block + 1] and blocks.linked[block] == 0
            found[block] &= parent[blocks.element[block + 1]] == parent[part] if found[block] else False
        elif tag in _PARTS and first < block < last and page.furniture[block] <= page.furniture[last]:
            begin, end = blocks.first[part], blocks.end[part]
            most = _TABLE_LINKED if tag == _TABLE else _PART_LINKED
            found[block] = linked[end] - linked[begin] < most * (size[end] - size[begin])
    return found


def _copies(page: Page, keep: Marks) -> Marks:
    """Mark blocks whose very text is kept further up on the page: one that holds its article for two screens."""
    found = np.zeros(len(keep), bool)
    seen: set[tuple[int, str]] = set()
    for block in np.flatnonzero(keep & (page.words >= _COPY_WORDS)).tolist():
        key = int(page.layout.page[block]), page.blocks.texts[block]
        found[block] = key in seen
        seen.add(key)
    return found
