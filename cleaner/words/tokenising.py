"""Texts to word hashes, a whole batch at a time and without a list of tokens.

Everything that compares articles starts here: near-duplicates from runs of words, stories from single ones. A batch
becomes one UTF-8 buffer; a table of 256 byte classes (and one of code points, for what is not ASCII) marks where words
begin and end; eight bytes at a time are then hashed for all words at once. Arithmetic is on unsigned integers modulo
2^64 and bytes are read as little-endian, so every machine gives the same numbers.

The normalisation here serves comparison alone; the text of an article is never changed by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from cleaner.words.characters import DIGIT, LETTER, SEPARATOR, SINGLE, code_point_classes, fold_for_comparison
from cleaner.words.hashing import _CHUNK, _hashes

Item = TypeVar("Item")
Number = TypeVar("Number", bound=np.generic)
Spans = NDArray[np.int64]
BYTES_PER_BATCH = 256 * 1024
"""Where the arrays of a batch still fit the processor's cache and the cost of each call no longer shows."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch of texts, in reading order. Text `t` has the words `offsets[t]` to `offsets[t + 1]`."""

    hashes: NDArray[np.uint64]
    """(words,) 64-bit hash of each normalised word, the same wherever it stands."""
    offsets: NDArray[np.int64]
    """(texts + 1,) where the words of each text begin."""
    lengths: NDArray[np.int64]
    """(words,) characters of the normalised word."""
    numeric: NDArray[np.bool_]
    """(words,) whether the word begins with a digit, of any script."""
    single: NDArray[np.bool_]
    """(words,) whether the word is one character of a script that is written without spaces."""
    buffer: bytes
    """The normalised texts in UTF-8, with what separates words still in place."""
    begins: NDArray[np.int64]
    """(words,) first byte of each word in the buffer."""
    ends: NDArray[np.int64]
    """(words,) the byte after its last."""

    def __len__(self) -> int:
        """Return the number of texts."""
        return self.offsets.size - 1

    def name(self, word: int) -> str:
        """Return a word as it stands in the buffer: `word` counts from the beginning of the batch."""
        return self.buffer[self.begins[word] : self.ends[word]].decode()

    def beginnings(self, which: NDArray[np.int64], characters: int) -> NDArray[np.uint64]:
        """Return the hashes of the first characters of some words, none of them shorter, (words,) uint64.

        They are those of words that end there.
        """
        begins = self.begins[which]
        if self.buffer.isascii():
            return _hashes(self.buffer, begins, begins + characters)
        starts = np.flatnonzero((np.frombuffer(self.buffer, np.uint8) & 0xC0) != 0x80)
        return _hashes(self.buffer, begins, starts[np.searchsorted(starts, begins) + characters])

    def sizes(self) -> NDArray[np.int64]:
        """Return the (texts,) number of words, where two characters of a script without spaces count as one word."""
        sizes: NDArray[np.int64] = np.diff(self.offsets)
        if self.single.any():
            singles = np.concatenate([[0], np.cumsum(self.single)])[self.offsets]
            sizes -= (np.diff(singles) + 1) // 2
        return sizes

    def bare(self) -> Words:
        """Return the words without buffer, spans and lengths, which comparisons do not need."""
        none = np.zeros(0, np.int64)
        return Words(self.hashes, self.offsets, none, self.numeric, self.single, b"", none, none)

    def select(self, texts: NDArray[np.bool_]) -> Words:
        """Return the words of some of the texts, by a (texts,) flag; the buffer stays whole."""
        runs = np.flatnonzero(np.diff(texts, prepend=False, append=False)).reshape(-1, 2)
        spans = self.offsets[runs].tolist()

        def kept(values: NDArray[Number]) -> NDArray[Number]:
            return np.concatenate([values[:0], *(values[begin:end] for begin, end in spans)])

        return Words(
            hashes=kept(self.hashes),
            offsets=np.concatenate([[0], np.cumsum(np.diff(self.offsets)[texts])]),
            lengths=kept(self.lengths),
            numeric=kept(self.numeric),
            single=kept(self.single),
            buffer=self.buffer,
            begins=kept(self.begins),
            ends=kept(self.ends),
        )


def words(texts: Sequence[str]) -> Words:
    """Split texts into words and hash each word.

    A word is a run of letters, digits and combining marks; an apostrophe separates, so that "don't" is two words
    however it is set. In scripts without spaces (Han, kana, Thai, Lao, Khmer, Myanmar) every character is a word, with
    its marks. Any string will do: empty, with lone surrogates (they separate), with any control character.

    >>> batch = words(["Don’t panic!", "", "百年 2°C"])
    >>> [batch.name(word) for word in range(batch.hashes.size)]
    ['don', 't', 'panic', '百', '年', '2', 'c']
    >>> batch.offsets.tolist()
    [0, 3, 3, 7]
    """
    parts = [fold_for_comparison(text) for text in texts]
    # A newline stands around every text, and zeros behind the last let eight bytes be read at the end of any word.
    buffer = b"\n".join([b"", *parts, bytes(_CHUNK)])
    raw = np.frombuffer(buffer, np.uint8)
    # Arithmetic on bytes takes a tenth of the time of a table: a byte below its range wraps around to above it.
    digit = raw - np.uint8(ord("0")) < 10
    word = (raw - np.uint8(ord("a")) < 26) | digit
    if buffer.isascii():
        begins, ends, lengths, single = _spans(word)
    else:
        begins, ends, lengths, single = _spans_beyond(raw, word, digit)
    numeric = digit.take(begins)
    starts = np.cumsum([1] + [len(part) + 1 for part in parts])
    return Words(
        hashes=_hashes(buffer, begins, ends),
        offsets=np.searchsorted(begins, starts).astype(np.int64),
        lengths=lengths,
        numeric=numeric,
        single=single,
        buffer=buffer,
        begins=begins,
        ends=ends,
    )


def batches(
    items: Iterable[Item],
    bytes_per_batch: int = BYTES_PER_BATCH,
    size: Callable[[Item], int] = len,  # type: ignore[assignment]
) -> Iterator[list[Item]]:
    """Group consecutive items until a batch holds `bytes_per_batch`, by the size of each; an item is never split.

    >>> list(batches(["aaa", "bbb", "c", "dddddd"], 6))
    [['aaa', 'bbb'], ['c', 'dddddd']]
    """
    batch: list[Item] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if total >= bytes_per_batch:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def _spans(word: NDArray[np.bool_]) -> tuple[Spans, Spans, Spans, NDArray[np.bool_]]:
    """Find the runs of flags; return where they begin and end, their lengths, and that none is a single character."""
    edges = np.flatnonzero(word[1:] != word[:-1])
    edges += 1
    begins, ends = edges[::2].copy(), edges[1::2].copy()
    return begins, ends, ends - begins, np.zeros(begins.size, bool)


def _spans_beyond(
    raw: NDArray[np.uint8], word: NDArray[np.bool_], digit: NDArray[np.bool_]
) -> tuple[Spans, Spans, Spans, NDArray[np.bool_]]:
    """Find the words of a buffer that is not all ASCII; return where they begin and end, lengths, and which are single.

    `word` and `digit` flag the bytes of words and of digits; they come with ASCII alone and are completed in place.
    Lengths are in characters; a single word is a character of a script that is written without spaces.
    """
    lead = np.flatnonzero(raw >= 0xC2)
    width = _WIDTH.take(raw.take(lead))
    points = raw.take(lead).astype(np.int64) & _LEAD_BITS.take(width)
    longer, more = np.arange(lead.size), []
    for at in range(1, 4):
        longer = longer[width.take(longer) > at]
        more.append((longer, lead.take(longer) + at))
        points[longer] = points.take(longer) << 6 | raw.take(more[-1][1]) & 63
    found = code_point_classes(points)
    digit[lead] = found == DIGIT
    word[lead] = found != SEPARATOR
    for longer, places in more:
        word[places] = found.take(longer) != SEPARATOR
    if (found >= SINGLE).any():
        classes = word.view(np.uint8) * np.uint8(LETTER)
        classes[lead] = found
        for longer, places in more:
            classes[places] = found.take(longer)
        here, before = classes[1:], classes[:-1]
        apart = (here == SINGLE) | ((here == LETTER) | (here == DIGIT)) & (before >= SINGLE)
        begin = word[1:] & ~word[:-1] | apart & ((raw[1:] & 0xC0) != 0x80)  # what continues a character begins nothing
        begins = np.flatnonzero(begin) + 1
        ends = np.flatnonzero(word[:-1] & (begin | ~word[1:])) + 1
        lengths, single = ends - begins, classes.take(begins) >= SINGLE
    else:
        begins, ends, lengths, single = _spans(word)
    wide = np.flatnonzero(found != SEPARATOR)
    owner = np.searchsorted(begins, lead.take(wide), "right") - 1
    np.subtract.at(lengths, owner, width.take(wide) - 1)  # bytes that are no characters of their own
    return begins, ends, lengths, single


_WIDTH = np.array([1] * 0xC0 + [2] * 0x20 + [3] * 0x10 + [4] * 0x10, np.int64)
_LEAD_BITS = np.array([0, 0x7F, 0x1F, 0x0F, 0x07], np.int64)
