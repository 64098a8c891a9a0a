"""The bodies of pages, as lexbor writes them, as blocks of text with their place in the tree.

Everything but the texts themselves is found by array operations over the bytes of several pages at once. A block is
what stands between two tags that break a line; a row of a table whose cells hold nothing but words is one block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.judging.page_arrays import Floats, Ints

TAGS: Final = (
    *("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "div", "td", "figcaption", "blockquote", "span", "pre", "dd"),
    *("dt", "section", "article", "main", "aside", "footer", "header", "nav", "figure", "ul", "ol", "table", "tr"),
    *("tbody", "thead", "form", "body", "address", "details", "summary", "a", "b", "strong", "em", "i", "br", "hr"),
    "th",
)
"""Tags that are told apart; the number of a tag is its place, and that of every other one is `len(TAGS)`."""
_VOID: Final = (
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"),
    *("keygen", "basefont", "bgsound", "frame"),
)
_INLINE: Final = (
    *("a", "b", "i", "em", "strong", "span", "font", "u", "s", "small", "big", "sub", "sup", "mark", "abbr", "cite"),
    *("code", "q", "time", "label", "ins", "del", "strike", "kbd", "var", "samp", "tt", "dfn", "acronym", "bdi", "bdo"),
    *("data", "nobr", "amp-link", "picture", "ruby", "rb", "rtc"),
)
_ROW_BYTES: Final = 400  # of the text of a table's row that is one block; longer ones are layout
_LT, _GT, _SLASH, _QUESTION = b"<>/?"
_TAG: Final = re.compile(rb"<[^>]*>")
_CELL: Final = re.compile(rb"</t[dh]>")
_LINK_BESIDE: Final = re.compile(rb"</(?:a|span|time|label|small)>(?=<a )")
_EIGHT: Final = 8  # bytes of a tag's name that are looked at


def _word(name: str) -> int:
    return int.from_bytes(name.encode()[:_EIGHT].ljust(_EIGHT, b"\0"), "little")


def _words(names: Sequence[str]) -> NDArray[np.uint64]:
    return np.array(sorted(map(_word, names)), np.uint64)


_VOIDS, _INLINES, _NAMES = _words(_VOID), _words(_INLINE), _words(TAGS)
_NUMBERS: Final = np.array([number for _, number in sorted((_word(tag), i) for i, tag in enumerate(TAGS))])
_A, _B, _STRONG, _BR, _HR, _TD, _TH, _TR = (
    TAGS.index(tag) for tag in ("a", "b", "strong", "br", "hr", "td", "th", "tr")
)


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks and the block elements of some pages, in the order in which they begin."""

    texts: list[str]  # of the blocks, without line breaks
    sizes: Ints  # (pages,) blocks of each page
    element: Ints  # (blocks,) the innermost element that the block stands in
    linked: Floats  # (blocks,) share of the characters that stand in links
    bold: Floats  # (blocks,) share of the characters
    starts: Ints  # (blocks,) first byte, of all pages joined
    tag: Ints  # (elements,) number in TAGS
    parent: Ints  # (elements,) number of the element around it; a body is its own parent
    level: Ints  # (elements,) 1 for a body
    first: Ints  # (elements,) first block inside
    end: Ints  # (elements,) the block behind the last inside
    opens: Ints  # (elements,) byte of its first tag
    closes: Ints  # (elements,) byte behind its last tag
    attributes: list[bytes]  # (elements,) name and attributes as written; b"" without attributes or without a block


@dataclass(frozen=True, slots=True)
class _Tags:
    """All tags of the bytes, in order; arrays are (tags,)."""

    begins: Ints  # byte of the "<"
    ends: Ints  # byte of the ">"
    closing: NDArray[np.bool_]
    number: Ints  # in TAGS
    void: NDArray[np.bool_]
    inline: NDArray[np.bool_]


def segment(pages: Sequence[bytes]) -> Blocks:
    """Find the blocks of some pages' bodies."""
    raw = b"".join(pages) + b" " * _EIGHT
    octets = np.frombuffer(raw, np.uint8)
    tags = _tags(raw, octets)
    solid = np.cumsum(octets > ord(" "), dtype=np.int32)
    following = np.append(tags.begins[1:], tags.ends[-1] + 1)
    characters = solid[following - 1] - solid[tags.ends]  # behind each tag, up to the next
    inline = tags.inline | _plain_cells(tags, characters)
    elements = np.flatnonzero(~tags.void & ~inline)  # tags that open or close one
    closes = tags.closing[elements]
    level, closed_by, parent = _tree(closes)
    opens = np.flatnonzero(~closes)

    breaks = (~tags.void & ~inline) | (tags.number == _BR) | (tags.number == _HR)
    broken = np.flatnonzero(breaks)
    run = np.cumsum(breaks) - 1  # the run of text that each tag, or what stands behind it, belongs to
    delta = np.where(tags.void, 0, np.where(tags.closing, -1, 1))
    in_link = np.cumsum(delta * (tags.number == _A)) > 0
    in_bold = np.cumsum(delta * ((tags.number == _B) | (tags.number == _STRONG))) > 0
    size, linked, bold = (
        np.bincount(run, weights, len(broken)) for weights in (characters, characters * in_link, characters * in_bold)
    )
    marked = np.bincount(run, ~breaks & ~tags.closing, len(broken))

    begins, ends = tags.ends[broken] + 1, np.append(tags.begins[broken[1:]], tags.ends[-1] + 1)
    some = np.flatnonzero(size > 1)
    texts, kept = _texts(raw, begins[some], ends[some], marked[some])
    some = some[kept]
    before = np.zeros(len(broken) + 1, np.int64)  # blocks before each run
    before[some + 1] = 1
    before = np.cumsum(before)

    current = np.empty(len(elements), np.int64)  # the element that what stands behind each of those tags is in
    current[opens] = np.arange(len(opens))
    current[closed_by] = parent
    opening, closing = elements[opens], elements[closed_by]
    first, end = before[run[opening]], before[run[closing]]
    roots = np.flatnonzero(level == 1)
    attributes = [b""] * len(opens)
    begin, stop = tags.begins[opening], tags.ends[opening]
    for element in np.flatnonzero((end > first) & (stop - begin > len('<p id="">'))).tolist():
        attributes[element] = raw[begin[element] + 1 : stop[element]]
    return Blocks(
        texts=texts,
        sizes=end[roots] - first[roots],
        element=current[elements.searchsorted(broken[some], side="right") - 1],
        linked=linked[some] / size[some],
        bold=bold[some] / size[some],
        starts=begins[some],
        tag=tags.number[opening],
        parent=parent,
        level=level,
        first=first,
        end=end,
        opens=begin,
        closes=tags.ends[closing] + 1,
        attributes=attributes,
    )


def _tags(raw: bytes, octets: NDArray[np.uint8]) -> _Tags:
    begins, ends = np.flatnonzero(octets == _LT), np.flatnonzero(octets == _GT)
    if len(begins) != len(ends):  # a "<" in the name of an attribute is written as it is: the only place it is left
        behind = ends.searchsorted(begins)
        begins = begins[np.append(True, behind[1:] != behind[:-1])]
    closing = octets[begins + 1] == _SLASH
    at = begins + 1 + closing
    # The name is the bytes before the first space or ">" among the next eight; the first zero byte of an exclusive or
    # tells where that is (Mycroft's test, as in Hacker's Delight, 6-1).
    eight = np.ndarray((len(raw) - _EIGHT + 1,), "<u8", raw, 0, (1,))[at]
    stops = _zero_bytes(eight ^ (_ONES * np.uint64(ord(" ")))) | _zero_bytes(eight ^ (_ONES * np.uint64(_GT)))
    lowest = stops & (~stops + np.uint64(1))
    name = eight & ((lowest >> np.uint64(7)) - np.uint64(1))
    place = np.minimum(_NAMES.searchsorted(name), len(_NAMES) - 1)
    number = np.where(_NAMES[place] == name, _NUMBERS[place], len(TAGS))
    # "<?php" is written as it came, a tag without an end.
    void = _among(name, _VOIDS) | (octets[at] == _QUESTION)
    return _Tags(begins, ends, closing, number, void, _among(name, _INLINES))


_ONES, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)


def _zero_bytes(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.asarray((words - _ONES) & ~words & _HIGH)


def _among(values: NDArray[np.uint64], table: NDArray[np.uint64]) -> NDArray[np.bool_]:
    return np.asarray(table[np.minimum(table.searchsorted(values), len(table) - 1)] == values)


def _plain_cells(tags: _Tags, characters: Ints) -> NDArray[np.bool_]:
    """Mark the cells' tags of rows that are one block: two cells or more, all words, and few of those: (tags,)."""
    found = np.zeros(len(tags.begins), bool)
    cell = (tags.number == _TD) | (tags.number == _TH)
    rows = np.flatnonzero(tags.number == _TR)
    if not len(rows):
        return found
    # A row without a row inside: its closing tag is the next one of a row.
    opens = np.flatnonzero(~tags.closing[rows[:-1]] & tags.closing[rows[1:]])
    first, last = rows[opens], rows[opens + 1]
    other = (~tags.inline & ~cell & ~tags.void) | (tags.number == _BR) | (tags.number == _HR)
    cells, others, size = (np.cumsum(each) for each in (cell & ~tags.closing, other, characters))
    plain = (cells[last] - cells[first] > 1) & (others[last] - 1 == others[first])
    plain &= size[last] - size[first] <= _ROW_BYTES
    inside = np.zeros(len(found) + 1, np.int64)
    inside[first[plain]] += 1
    inside[last[plain]] -= 1
    return np.asarray(cell & (np.cumsum(inside[:-1]) > 0))


def _tree(closes: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Pair the tags that open and close elements: level, tag that closes it and parent of each element."""
    level = np.cumsum(np.where(closes, -1, 1)) + closes
    if level.max() < 1 << 15:
        level = level.astype(np.int16)  # is sorted in a fraction of the time
    order = np.argsort(level, kind="stable")  # on a level, tags open and close by turns
    opens = np.flatnonzero(~closes)
    number = np.cumsum(~closes) - 1
    closed_by = np.empty(len(opens), np.int64)
    closed_by[number[order[0::2]]] = order[1::2]
    level = level[opens].astype(np.int64)
    # The parent is the last element of the level above that opened before.
    span = np.int64(len(closes) + 1)
    keys = level * span + opens
    ascending = np.argsort(keys)
    above = keys[ascending].searchsorted(keys - span) - 1
    return level, closed_by, np.where(level == 1, np.arange(len(opens)), ascending[np.maximum(above, 0)])


def _texts(raw: bytes, begins: Ints, ends: Ints, tags: Ints) -> tuple[list[str], list[int]]:
    """Return the texts of runs, and which of the runs have any."""
    texts: list[str] = []
    kept: list[int] = []
    for number, (begin, end, marked) in enumerate(zip(begins.tolist(), ends.tolist(), tags.tolist(), strict=True)):
        part = raw[begin:end]
        if b"<" in part:
            if b"</t" in part:
                part = _CELL.sub(b" | ", part)
            if b"><a " in part:
                part = _LINK_BESIDE.sub(b" ", part)
            part = _TAG.sub(b"", part)
        text = " ".join(part.decode("utf-8", "replace").split())
        if text.endswith("|") and marked:
            text = _joined(text)
        if "\xad" in text:
            text = text.replace("\xad", "")  # says where a word may be broken, and is no part of it
        if "&" in text:
            text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if len(text) > 1:
            texts.append(text)
            kept.append(number)
    return texts, kept


def _joined(row: str) -> str:
    """Leave out a table row's empty cells."""
    return " | ".join(cell for cell in (part.strip() for part in row.split(" |")) if cell)
