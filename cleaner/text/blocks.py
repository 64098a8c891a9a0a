"""Text to blocks and back: the units that are judged, and the white space between them.

A block is a line, or a paragraph where lines are wrapped. What stands between two blocks is kept as the author had it,
but for runs of blank lines; a text whose paragraphs are separated by single line breaks alone gets blank lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TypeVar

import msgspec

PARAGRAPH = "\n\n"
LINE = "\n"
_WIDTH = 100  # characters: no program wraps text wider
_INDENTED = re.compile(r"(?:  |\t)\s*\S")


class Block(msgspec.Struct, frozen=True):
    """A piece of text, and the white space that separates it from the one before ("" for the first)."""

    text: str
    gap: str


B = TypeVar("B", bound=Block)


def split(text: str) -> list[Block]:
    r"""Cut a text into blocks.

    >>> [block.text for block in split("Title\n\n\xa0\nRain fell.  \nMuch of it.")]
    ['Title', 'Rain fell.', 'Much of it.']
    """
    return [Block(block, gap) for block, gap in cut(text)]


def cut(text: str) -> list[tuple[str, str]]:
    """Cut a text into blocks as plain pairs of text and gap, for those who make something else of them."""
    lines = [line.rstrip() for line in text.split("\n")]
    filled = [line for line in lines if line]
    if _is_wrapped(filled):
        return _paragraphs(lines)
    # Indents throughout are left over from the page's source; here and there they are the author's, as in a list.
    if sum([line[0].isspace() for line in filled]) > len(filled) / 2:
        lines = [line.strip() for line in lines]
    gap = LINE if "\n\n" in "\n".join(lines).strip() else PARAGRAPH
    blocks: list[tuple[str, str]] = []
    blank = False
    for line in lines:
        if line:
            blocks.append((line, "" if not blocks else PARAGRAPH if blank else gap))
        blank = not line
    return blocks


def join(blocks: Sequence[Block]) -> str:
    """Put blocks together again."""
    return "".join([part for block in blocks for part in (block.gap, block.text)])


def without(blocks: Sequence[B], gone: Collection[int]) -> list[B]:
    """Leave out the blocks at the numbers given; of the gaps around them the widest stays."""
    kept: list[B] = []
    gap = ""
    for number, block in enumerate(blocks):
        gap = max(gap, block.gap, key=len)
        if number not in gone:
            gap = gap if kept else ""
            kept.append(block if gap == block.gap else msgspec.structs.replace(block, gap=gap))
            gap = ""
    return kept


def _is_wrapped(lines: list[str]) -> bool:
    """Tell whether line breaks fall inside sentences, or lines are set like a typescript, as wire copy is.

    Such a layout means something (paragraphs begin with an indent, figures stand in columns), so it stays.
    """
    if len(lines) < 2 or max(map(len, lines)) > _WIDTH:
        return False
    going_on = sum(line.lstrip()[0].islower() for line in lines[1:])
    return going_on >= 0.25 * (len(lines) - 1) or any(map(_INDENTED.match, lines))


def _paragraphs(lines: list[str]) -> list[tuple[str, str]]:
    """Cut where a blank line stands or the next line is indented."""
    blocks: list[tuple[str, str]] = []
    current: list[str] = []
    gap, blank = "", False

    def end() -> None:
        nonlocal current
        if current:
            blocks.append(("\n".join(current), gap))
        current = []

    for line in lines:
        if not line:
            blank = True
            continue
        if blank or _INDENTED.match(line) or not current:
            end()
            gap = "" if not blocks else PARAGRAPH if blank else LINE
        current.append(line)
        blank = False
    end()
    return blocks
