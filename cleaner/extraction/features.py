"""What the judge sees of a block of HTML: its words, its links, and its place in the page's tree.

All numbers that are summed over blocks are whole, or whole parts of a power of two: so a page's features are the same
alone and among others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.extraction.attributes import ElementWords, numberless
from cleaner.extraction.segmenting import TAGS, Blocks
from cleaner.judging.copies import find_copies, number, page_keys
from cleaner.judging.page_arrays import (
    BRACKET,
    LETTER,
    LOWER,
    QUOTE,
    SPACE,
    STOP,
    UNSPACED,
    UPPER,
    Floats,
    Ints,
    Layout,
    read,
)

_KINDS: Final = {
    "p": 1,
    "li": 2,
    "h1": 3,
    "h2": 4,
    "h3": 5,
    "h4": 6,
    "h5": 7,
    "h6": 8,
    "div": 9,
    "section": 9,
    "article": 9,
    "main": 9,
    "body": 9,
    "td": 10,
    "th": 10,
    "figcaption": 11,
    "blockquote": 12,
    "ul": 13,
    "header": 14,
    "tr": 10,
    "footer": 15,
    "nav": 15,
    "aside": 15,
    "dd": 16,
    "dt": 16,
}
_KIND_OF: Final = np.array([float(_KINDS.get(tag, 0)) for tag in (*TAGS, "?")])
_REPEATED = 0.2  # share of the running text from which a second element like one before is another article
_LEVELS: Final = 5  # the block's own element and four around it
_RUNNING_WORDS = 10  # words of a block that counts as running text, if it ends as a sentence does
_MOST_WORDS = 80  # of a block, that count
_PARTS: Final = (0.45, 0.75)  # shares of the running text
TEXT: Final = ("words", "stop", "upper", "repeated", "copies", "title_share")
COLUMNS: Final = (
    # Words; ends a sentence; share of capitals; an earlier block is the same; how many are; share of the title's words.
    *TEXT,
    *("linked", "bold", "kind"),  # share of links, of bold type; what the block's element is
    *("all_words", "near_words", "words_of0", "words_of1", "words_of2"),  # weights of class names and ids
    *("furniture0", "furniture1", "furniture_around", "comments_around", "named", "hidden"),  # marks in them
    "level",
    # Of the block's own element and four around: share of the page's running text, of links, words, share of blocks
    # that are running text, blocks.
    *(f"{name}{level}" for level in range(_LEVELS) for name in ("share", "density", "size", "running", "blocks")),
    *("group_share", "group_share_of_best", "group_count"),  # running text beside the block, in one element
    *("alike_share", "alike_count", "alike_words", "alike_density"),  # in elements with the same attributes
    *(f"{name}{int(part * 100)}" for part in _PARTS for name in ("in_part", "level_part", "place_part")),
    *("in_best", "is_best", "level_best"),
    *("since_title", "text_since_title", "headings_before", "repeats_part", "text_before", "text_after"),
)
"""Names of the features, in their order."""


def features(blocks: Blocks, titles: Sequence[str], words: ElementWords) -> Floats:
    """Describe the blocks of pages: (COLUMNS, blocks). `titles`: of the pages that have blocks, at least one."""
    layout = Layout.of(blocks.sizes[blocks.sizes > 0].tolist())
    text = text_measures(blocks.texts, titles, layout)
    return np.concatenate([text, _Page(blocks, layout, text, words).measures()])


def text_measures(texts: Sequence[str], titles: Sequence[str], layout: Layout) -> Floats:
    """Return the rows of TEXT for blocks and their pages' titles: (rows, blocks)."""
    n = layout.blocks
    text = read([*texts, *titles])
    total = np.diff(text.edges)
    counts = text.counts[:n]
    words = total[:n] - counts[:, UNSPACED] / 2
    letters = counts[:, LOWER] + counts[:, UPPER] + counts[:, LETTER] + counts[:, UNSPACED]
    core = np.flatnonzero((text.classes != SPACE) & (text.classes != QUOTE) & (text.classes != BRACKET))
    stop = np.zeros(n, bool)
    if len(core):
        last = core[np.maximum(core.searchsorted(text.ends[:n]) - 1, 0)]
        stop = (text.classes[last] == STOP) & (total[:n] > 0)
    repeated, _, copies, _ = find_copies(text, layout)
    short = words <= _SHORT
    everywhere = np.concatenate([layout.page, np.arange(len(layout.sizes))])
    ids, _ = number(page_keys(text.hashes, np.repeat(everywhere, total)))
    split = int(text.edges[n])
    titled = np.zeros(int(ids.max(initial=0)) + 1, bool)
    titled[ids[split:]] = True
    found = np.concatenate([[0], np.cumsum(titled[ids[:split]])])[text.edges[: n + 1]]
    share = np.minimum(np.diff(found) / np.maximum(total[n:], 1)[layout.page], 1.0)
    return np.stack(
        [
            words,
            stop,
            counts[:, UPPER] / np.maximum(letters, 1),
            repeated,
            copies,
            np.where(short, share, 0.0),
        ]
    )


_SHORT: Final = 40  # words of a block that may be the headline


class _Page:
    """The tree's measures of some pages' blocks."""

    def __init__(self, blocks: Blocks, layout: Layout, text: Floats, words: ElementWords) -> None:
        self.blocks, self.layout, self.text = blocks, layout, text
        self.elements = dict(zip(ElementWords.ROWS, words.measure(blocks), strict=True))
        self.some = blocks.end > blocks.first
        self.levels = [blocks.element]
        for _ in range(_LEVELS - 1):
            self.levels.append(blocks.parent[self.levels[-1]])
        self.words = text[TEXT.index("words")]
        self.linked = np.rint(blocks.linked * 1024) / 1024
        running = (text[TEXT.index("stop")] > 0) & (self.words >= _RUNNING_WORDS) & (self.linked < 0.4)
        self.running = running & (text[TEXT.index("repeated")] == 0)
        self.mass = np.where(self.running, np.minimum(self.words, _MOST_WORDS), 0.0)
        self.total = np.maximum(layout.total(self.mass), 1e-6)
        self.kind = _KIND_OF[blocks.tag]
        self.page = np.append(layout.page, len(layout.sizes) - 1)[np.minimum(blocks.first, layout.blocks - 1)]

    def measures(self) -> Floats:
        """Return the rows of COLUMNS behind those of TEXT."""
        return np.stack([*self.links(), *self.names(), *self.places(), *self.groups(), *self.parts(), *self.order()])

    def around(self, mask: NDArray[np.bool_], weights: Floats | None = None) -> Floats:
        """Sum over the marked elements that each block stands in: (blocks,)."""
        where = np.flatnonzero(mask & self.some)
        part = None if weights is None else weights[where]
        n = self.layout.blocks + 1
        change = np.bincount(self.blocks.first[where], part, n) - np.bincount(self.blocks.end[where], part, n)
        return np.asarray(np.cumsum(change)[:-1])

    def most(self, values: NDArray[Any]) -> Floats:
        """Give every block the greatest value of its page."""
        return np.asarray(np.maximum.reduceat(values, self.layout.starts)[self.layout.page])

    def inside(self, values: Floats) -> Floats:
        """Sum the blocks' values inside each element: (elements,)."""
        running = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(running[self.blocks.end] - running[self.blocks.first])

    def links(self) -> list[NDArray[Any]]:
        return [self.blocks.linked, self.blocks.bold, self.kind[self.blocks.element]]

    def names(self) -> list[NDArray[Any]]:
        of, near = self.elements, self.levels[:3]
        weights = [of["near"][level] for level in near]
        return [
            self.around(self.some, of["all"]),
            weights[0] + weights[1] + weights[2],
            *weights,
            *(of["furniture"][level] for level in near[:2]),
            *(self.around(self.some, of[name]) for name in ("furniture", "comments")),
            of["named"][near[0]],
            (self.around(of["hidden"] > 0) > 0).astype(float),
        ]

    def places(self) -> list[NDArray[Any]]:
        blocks = self.blocks
        size, count = self.inside(self.words), blocks.end - blocks.first
        self.share = self.inside(self.mass) / self.total[self.page]
        density = self.inside(self.words * self.linked) / np.maximum(size, 1)
        running = self.inside(self.running.astype(float)) / np.maximum(count, 1)
        rows = (self.share, density, size, running, count)
        return [blocks.level[blocks.element], *(row[level] for level in self.levels for row in rows)]

    def groups(self) -> list[NDArray[Any]]:
        """Measure the blocks together that share an element around theirs, and those whose elements are alike."""
        blocks, page = self.blocks, self.layout.page
        self.group = self.levels[1]
        self.group_mass = np.bincount(self.group, self.mass, len(blocks.tag))
        mass, counts = self.group_mass[self.group], np.bincount(self.group, self.running, len(blocks.tag))
        known: dict[tuple[int, int, bytes], int] = {}
        keys = zip(page.tolist(), blocks.tag[blocks.element].tolist(), blocks.element.tolist(), strict=True)
        alike = np.array([known.setdefault((p, tag, blocks.attributes[e]), len(known)) for p, tag, e in keys])
        count, words, likes = (np.bincount(alike, weights) for weights in (None, self.words, self.mass))
        linked = np.bincount(alike, self.words * self.linked)
        return [
            mass / self.total[page],
            mass / (self.most(mass) + 1e-6),
            counts[self.group],
            likes[alike] / self.total[page],
            count[alike],
            (words / count)[alike],
            (linked / np.maximum(words, 1))[alike],
        ]

    def parts(self) -> list[NDArray[Any]]:
        """Place the blocks in the smallest elements that hold most of the running text, and in the best group."""
        blocks, page = self.blocks, self.layout.page
        level = blocks.level[blocks.element]
        everywhere = np.arange(self.layout.blocks)
        deep = np.flatnonzero(self.some)
        found: list[NDArray[Any]] = []
        for least in _PARTS:
            order = np.lexsort((np.where(self.share[deep] >= least, blocks.level[deep], -1), self.page[deep]))
            part = self._last(self.page[deep][order], deep[order])[page]  # the deepest of each page
            first, end = blocks.first[part], blocks.end[part]
            place = np.clip((everywhere - first) / np.maximum(end - first, 1), -1, 2)
            found += [self._within(part), level - blocks.level[part], place]
        order = np.lexsort((-self.group, self.group_mass[self.group], page))
        best = self._last(page[order], self.group[order])[page]
        return [*found, self._within(best), (self.group == best).astype(float), level - blocks.level[best]]

    def _last(self, page: Ints, elements: Ints) -> Ints:
        found = np.zeros(len(self.layout.sizes), np.int64)
        found[page] = elements  # where a page occurs repeatedly, its last element stands
        return found

    def _within(self, element: Ints) -> Floats:
        everywhere = np.arange(self.layout.blocks)
        return ((everywhere >= self.blocks.first[element]) & (everywhere < self.blocks.end[element])).astype(float)

    def order(self) -> list[NDArray[Any]]:
        """Tell how far below the headline a block stands, and what of the page is above it."""
        layout, page = self.layout, self.layout.page
        everywhere = np.arange(layout.blocks)
        heading = self.kind[self.blocks.element] == _KINDS["h1"]
        named = self.text[TEXT.index("title_share")]
        likely = heading + np.where(named > 0.6, 2 * named, 0.0)
        most = self.most(likely)
        title = layout.first_of((likely == most) & (most > 0))
        title = np.where(title < layout.blocks, title, -1)[page]
        running = np.concatenate([[0.0], np.cumsum(self.mass)])
        since = np.where(title >= 0, np.clip(everywhere - title, -60, 200), -99)
        above = layout.upto(self.mass) - self.mass
        return [
            since,
            np.where(title >= 0, (running[:-1] - running[title]) / self.total[page], 0.0),
            np.minimum(layout.upto(heading.astype(np.int64)) - heading, 5),
            self._repeats(),
            above / self.total[page],
            (self.total[page] - above - self.mass) / self.total[page],
        ]

    def _repeats(self) -> Floats:
        """Mark what stands in a large element like one before: the next article of a page that goes on and on."""
        blocks = self.blocks
        large = np.flatnonzero(self.some & (self.share >= _REPEATED))
        seen: dict[tuple[int, int, int, bytes], int] = {}
        again = np.zeros(len(blocks.tag), bool)
        for element in large.tolist():
            key = (
                self.page[element],
                blocks.level[element],
                blocks.tag[element],
                numberless(blocks.attributes[element]),
            )
            holder = seen.setdefault(key, element)
            again[element] = holder != element and blocks.tag[element] != _P
        return (self.around(again) > 0).astype(float)


_P: Final = TAGS.index("p")
