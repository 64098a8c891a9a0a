"""Telling HTML that comes under another name (`content` of a feed, `text` of an export) from text about tags."""

from __future__ import annotations

import re

_BLOCKS = "p|div|br|hr|h[1-6]|ul|ol|li|blockquote|article|section|main|aside|figure|figcaption|table|tr|td|th|pre"
_TAG = re.compile(rf"<(/?)({_BLOCKS})\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"<[a-z]{1,10} [a-z-]{1,20}=[^<>]*>", re.IGNORECASE)
_WHOLE = re.compile(r"\s*+<(?:!doctype|html|head|body|\?xml)\b", re.IGNORECASE)
_LOOKED_AT = 1 << 16  # characters
_ENDS = frozenset(".!?…:;\"'”’»)]>。！？」』،؟।")


def is_markup(text: str) -> bool:
    """Tell whether a text is HTML, and not a text that speaks of tags or has one left over in it.

    In HTML the tags of blocks stand where a block ends, behind the end of a sentence or another tag, and lines that
    have none are fewer; in a text about HTML a tag is a word of a sentence.

    >>> is_markup("<p>Rain fell.</p>"), is_markup("Rain fell.<br><br>It is over."), is_markup("<img src='a.jpg'> Rain.")
    (True, True, True)
    >>> is_markup("The sign <p> begins a paragraph."), is_markup("<p> begins a paragraph."), is_markup("a < b, c > d.")
    (False, False, False)
    """
    start = text[:_LOOKED_AT]
    if "<" not in start:
        return False
    if _WHOLE.match(start):
        return True
    lines = [line for line in map(str.strip, start.split("\n")) if line]
    if len(lines) == 1 and _ATTRIBUTE.search(start):
        return True
    opened: set[str] = set()
    ends = 0
    for found in _TAG.finditer(start):
        name = found[2].lower()
        ends += (name in {"br", "hr"} or (found[1] == "/" and name in opened)) and _is_end(start, found.start())
        opened.add(name)
    return ends * 2 >= sum(not (line.startswith("<") or line.endswith(">")) for line in lines) and ends > 0


def _is_end(text: str, at: int) -> bool:
    """Tell whether a sentence or a tag ends before a place, or nothing but space stands before it."""
    before = text[max(0, at - 40) : at].rstrip()
    return not before or before[-1] in _ENDS
