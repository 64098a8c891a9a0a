"""Pages' blocks as arrays of characters and words: what judges of blocks count in.

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

from cleaner.text.scripts import SENTENCE_ENDS
from cleaner.text.scripts import UNSPACED as UNSPACED_RANGES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Classes of characters; those up to UNSPACED make words.
LOWER, UPPER, LETTER, DIGIT, UNSPACED = range(5)
SPACE, STOP, COMMA, COLON, QUOTE, BRACKET, DASH, SEPARATOR, BULLET, SYMBOL, OTHER = range(5, 16)
CLASSES: Final = 16
_CHARACTERS: Final = {
    STOP: SENTENCE_ENDS,
    COMMA: ",;،、，；؛፣",
    COLON: ":：",
    QUOTE: "\"'“”‘’„«»「」『』`´",
    DASH: "-–—‒―−",
    SEPARATOR: "|/\\>→⟩›‹_",
    BULLET: "•·*●▪◦‣■►▶",
    SYMBOL: "@#©®™&+=%$€£¥₹",
}


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
    points: NDArray[np.uint32]  # (characters,) code points
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
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Return the class of every code point of the Basic Multilingual Plane, and its number in the hash of a word.

    That number is the code point's in lower case, 0 for what is in no word; every digit has the number of 0.
    """
    of = {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER, "Lo": LETTER, "Lm": LETTER, "Nd": DIGIT, "Nl": LETTER, "No": SYMBOL}
    of |= {"Mn": LETTER, "Mc": LETTER, "Me": LETTER, "Cc": SPACE, "Ps": BRACKET, "Pe": BRACKET, "Pd": DASH}
    of |= {"Zs": SPACE, "Zl": SPACE, "Zp": SPACE}
    classes = np.fromiter((of.get(unicodedata.category(chr(c)), OTHER) for c in range(0x10000)), np.uint8, 0x10000)
    for kind, characters in _CHARACTERS.items():
        classes[[ord(c) for c in characters]] = kind
    for first, last in UNSPACED_RANGES:
        part = classes[first : last + 1]
        part[part == LETTER] = UNSPACED
    numbers = np.arange(0x10000, dtype=np.uint64)
    for c in np.flatnonzero(classes == UPPER).tolist():
        small = chr(c).lower()
        if len(small) == 1 and ord(small) < 0x10000:
            numbers[c] = ord(small)
    numbers[classes == DIGIT] = ord("0")
    numbers[classes > UNSPACED] = 0
    return classes, numbers


_BASE: Final = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE: Final = pow(_BASE, -1, 1 << 64)


@functools.cache
def _powers(bits: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the first 2^bits powers, modulo 2^64, of the hash's base and of its inverse."""
    both = (np.full(1 << bits, base, np.uint64) for base in (_BASE, _INVERSE))
    up, down = (np.cumprod(np.append(np.uint64(1), each[1:]), dtype=np.uint64) for each in both)
    return up, down


def hash_runs(numbers: NDArray[np.uint64], starts: Ints, ends: Ints) -> NDArray[np.uint64]:
    """Hash the runs starts[i]:ends[i] of some numbers, each as a polynomial: equal runs alike wherever they stand."""
    up, down = _powers(max(len(numbers), 1 << 12).bit_length())
    running = np.zeros(len(numbers) + 1, np.uint64)
    np.cumsum(numbers * up[: len(numbers)], out=running[1:])
    hashes = (running[ends] - running[starts]) * down[starts]
    return np.asarray((hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9))


def read(texts: Sequence[str]) -> Text:
    """Lay out any strings, at least one, as arrays. Lone surrogates are letters like others."""
    classes_of, number_of = tables()
    points = np.frombuffer(("  ".join(texts) + "  ").encode("utf-32-le", "surrogatepass"), np.uint32)
    near = points.astype(np.uint16)
    classes, numbers = classes_of[near], number_of[near]
    if points.max() > 0xFFFF:
        # Past the first plane: pictures from 0x1F000 on, rare letters before and behind.
        far = np.flatnonzero(points > 0xFFFF)
        beyond = points[far]
        classes[far] = np.where((beyond >= 0x1F000) & (beyond < 0x20000), SYMBOL, LETTER)
        for low, high in UNSPACED_RANGES:
            classes[far[(beyond >= low) & (beyond <= high)]] = UNSPACED
        numbers[far] = np.where(classes[far] == SYMBOL, 0, beyond)
    begins = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 2, out=begins[1:])
    counts = np.zeros((len(texts), CLASSES), np.int64)
    for kind in range(1, CLASSES):
        counts[:, kind] = np.diff(np.flatnonzero(classes == kind).searchsorted(begins))
    counts[:, LOWER] = np.diff(begins) - counts.sum(axis=1)  # the most, and so found as the rest
    counts[:, SPACE] -= 2  # those after the block
    inside = classes <= UNSPACED
    joined = inside[1:] & inside[:-1]  # to the character before
    alone = classes == UNSPACED
    if alone.any():
        joined &= ~(alone[1:] | alone[:-1])
    first, last = inside.copy(), inside.copy()
    first[1:] &= ~joined
    last[:-1] &= ~joined
    starts, ends = np.flatnonzero(first), np.flatnonzero(last) + 1
    return Text(
        classes, points, begins, counts, starts, ends - starts, starts.searchsorted(begins),
        hash_runs(numbers, starts, ends),
    )  # fmt: skip


def sums(rows: Sequence[NDArray[np.bool_]], edges: Ints) -> Ints:
    """Count what is marked in each row among the items edges[b]:edges[b + 1] of every block: (rows, blocks)."""
    found = np.stack([np.flatnonzero(row).searchsorted(edges) for row in rows])
    return np.asarray(found[:, 1:] - found[:, :-1])
