"""Pages' blocks as arrays of characters and words: what `cleaner.blockfeatures` counts in.

One pass over the code points of all pages gives the class of every character, one more the words and their hashes.
Nothing is done block by block in Python, nor page by page: `Layout` tells the pages apart.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Classes of characters; those up to UNSPACED make words.
LOWER, UPPER, LETTER, DIGIT, UNSPACED = range(5)
SPACE, STOP, COMMA, COLON, QUOTE, BRACKET, DASH, SEPARATOR, BULLET, SYMBOL, OTHER = range(5, 16)
CLASSES: Final = 16

_CHARACTERS: Final = {
    STOP: ".!?…。！？؟।۔։።｡‼⁇⁈⁉",
    COMMA: ",;،、，；؛፣",
    COLON: ":：",
    QUOTE: "\"'“”‘’„«»「」『』`´",
    DASH: "-–—‒―−",
    SEPARATOR: "|/\\>→⟩›‹_",
    BULLET: "•·*●▪◦‣■►▶",
    SYMBOL: "@#©®™&+=%$€£¥₹",
}
# Han, kana, Thai, Lao, Myanmar, Khmer: every character counts as a word of its own. Hangul has spaces.
_UNSPACED: Final = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x30FF))
_HAN: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0xFF66, 0xFF9F))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the pages begin and end among the blocks of all. Every page has a block."""

    sizes: Ints  # (pages,) blocks of each page
    starts: Ints  # (pages,) first block of each
    page: Ints  # (blocks,) page of each block
    at: Ints  # (blocks,) place of each block on its page, from 0
    first: Ints  # (blocks,) first block of the page that the block is on
    last: Ints  # (blocks,) last block of that page

    @classmethod
    def of(cls, sizes: Sequence[int]) -> Layout:
        """Lay out pages of as many blocks, at least one each."""
        each = np.array(sizes, np.int64)
        starts = np.cumsum(each) - each
        page = np.repeat(np.arange(len(each)), each)
        first = starts[page]
        return cls(each, starts, page, np.arange(len(page)) - first, first, first + each[page] - 1)

    @property
    def blocks(self) -> int:
        """Number of blocks on all pages."""
        return len(self.page)

    def upto(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum what stands on the page up to each block and in it: as `values`, (..., blocks).

        Exact, and so the same for a page alone and among others, for whole numbers and halves.
        """
        running = np.cumsum(values, axis=-1)
        before = running[..., self.starts] - values[..., self.starts]
        return np.asarray(running - before[..., self.page])

    def total(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sum each page's values, exactly for whole numbers and halves: (..., pages)."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=-1))

    def first_of(self, marked: NDArray[np.bool_]) -> Ints:
        """Find each page's first marked block, or the number of all blocks if it has none: (pages,)."""
        return np.asarray(np.minimum.reduceat(np.where(marked, np.arange(self.blocks), self.blocks), self.starts))

    def last_of(self, marked: NDArray[np.bool_]) -> Ints:
        """Find each page's last marked block, or -1 if it has none: (pages,)."""
        return np.asarray(np.maximum.reduceat(np.where(marked, np.arange(self.blocks), -1), self.starts))

    def since(self, marked: NDArray[np.bool_]) -> Ints:
        """Count the blocks since the last marked one above on the page, at most 99: (blocks,)."""
        everywhere = np.arange(self.blocks)
        last = np.append(-100, np.maximum.accumulate(np.where(marked, everywhere, -100))[:-1])
        return np.asarray(np.where(last >= self.first, np.minimum(everywhere - last, 99), 99))

    def until(self, marked: NDArray[np.bool_]) -> Ints:
        """Count the blocks until the next marked one below on the page, at most 99: (blocks,)."""
        everywhere, beyond = np.arange(self.blocks), self.blocks + 100
        following = np.minimum.accumulate(np.where(marked, everywhere, beyond)[::-1])[::-1]
        following = np.append(following[1:], beyond)
        return np.asarray(np.where(following <= self.last, np.minimum(following - everywhere, 99), 99))

    def middle(self, values: Floats, among: NDArray[np.bool_]) -> Floats:
        """Give the upper median of each page's marked blocks, 0 for none: (pages,)."""
        where = np.flatnonzero(among)
        counts = np.bincount(self.page[where], minlength=len(self.sizes))
        order = np.lexsort((values[where], self.page[where]))
        found = np.append(values[where][order], 0.0)
        return np.where(counts > 0, found[np.minimum(np.cumsum(counts) - counts + counts // 2, len(where))], 0.0)


@dataclass(frozen=True, slots=True)
class Text:
    """Blocks as arrays: those of all pages, then the pages' titles, then the words of their addresses."""

    classes: NDArray[np.uint8]  # (characters,) class of each code point; two spaces stand after every block
    points: NDArray[np.uint32]  # (characters,) code points in lower case
    begins: Ints  # (blocks + 1,) first character of each block, and the end of the text
    counts: Ints  # (blocks, CLASSES) characters of each class
    starts: Ints  # (words,) first character of each word
    lengths: Ints  # (words,) characters
    edges: Ints  # (blocks + 1,) block b has words edges[b]:edges[b + 1]
    hashes: NDArray[np.uint64]  # (words,) in lower case and with every digit as 0

    @property
    def ends(self) -> Ints:
        """The first space after each block, shape (blocks,)."""
        return self.begins[1:] - 2


@functools.cache
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint16], NDArray[np.uint64]]:
    """Return class and lower case of every code point of the Basic Multilingual Plane, and powers for the hash."""
    of = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": LETTER, "Lm": LETTER, "Nd": DIGIT, "Nl": LETTER, "No": SYMBOL}
    of |= {"Mn": LETTER, "Mc": LETTER, "Me": LETTER, "Cc": SPACE, "Ps": BRACKET, "Pe": BRACKET, "Pd": DASH}
    of |= {"Zs": SPACE, "Zl": SPACE, "Zp": SPACE}
    classes = np.fromiter((of.get(unicodedata.category(chr(c)), OTHER) for c in range(0x10000)), np.uint8, 0x10000)
    for kind, characters in _CHARACTERS.items():
        classes[[ord(c) for c in characters]] = kind
    for first, last in (*_UNSPACED, *_HAN):
        part = classes[first : last + 1]
        part[part == LETTER] = UNSPACED
    lower = np.arange(0x10000, dtype=np.uint16)
    for c in np.flatnonzero(classes == UPPER).tolist():
        small = chr(c).lower()
        if len(small) == 1 and ord(small) < 0x10000:
            lower[c] = ord(small)
    powers = np.cumprod(np.full(64, 0x9E3779B97F4A7C15, np.uint64), dtype=np.uint64)
    return classes, lower, powers


def read(texts: Sequence[str]) -> Text:
    """Lay out any strings, at least one, as arrays. Lone surrogates are letters like others."""
    classes_of, lower_of, powers = tables()
    raw = np.frombuffer(("  ".join(texts) + "  ").encode("utf-32-le", "surrogatepass"), np.uint32)
    flat = raw.astype(np.uint16)
    classes, points = classes_of[flat], lower_of[flat].astype(np.uint32)
    if raw.max() > 0xFFFF:
        # Past the first plane: CJK from 0x20000 on, pictures from 0x1F000 on, rare letters before.
        far = raw > 0xFFFF
        classes[far] = np.where(raw[far] >= 0x20000, UNSPACED, np.where(raw[far] >= 0x1F000, SYMBOL, LETTER))
        points[far] = raw[far]
    begins = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 2, out=begins[1:])
    block = np.repeat(np.arange(len(texts)) * CLASSES, np.diff(begins))
    counts = np.bincount(block + classes, minlength=len(texts) * CLASSES).reshape(len(texts), CLASSES)
    counts[:, SPACE] -= 2  # those after the block
    inside = classes <= UNSPACED
    alone = classes == UNSPACED
    first = inside.copy()
    first[1:] &= ~inside[:-1] | alone[1:] | alone[:-1]
    starts = np.flatnonzero(first)
    upto = np.zeros(len(classes) + 1, np.int64)
    np.cumsum(inside, out=upto[1:])
    lengths = np.diff(upto[np.append(starts, len(classes))])
    hashes = np.zeros(0, np.uint64)
    if len(starts):
        letters = np.flatnonzero(inside)
        place = np.arange(len(letters)) - np.repeat(upto[starts], lengths)
        folded = np.where(classes[letters] == DIGIT, 48, points[letters]).astype(np.uint64)
        hashes = np.add.reduceat(folded * powers[place & 63], upto[starts])
        hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return Text(classes, points, begins, counts, starts, lengths, np.searchsorted(starts, begins), hashes)


def sums(rows: Sequence[NDArray[np.bool_]], edges: Ints) -> Ints:
    """Count what is marked in each row among the items edges[b]:edges[b + 1] of every block: (rows, blocks)."""
    found = np.stack([np.flatnonzero(row).searchsorted(edges) for row in rows])
    return np.asarray(found[:, 1:] - found[:, :-1])
