"""What is asked of a block again and again, looked at once: its phrase, date, size and whether it is a paragraph."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cleaner.blocks import Block, split
from cleaner.dates import DateLine, date_line
from cleaner.phrases import Match, load

TERMINAL = re.compile(r"[.!?…。！？؟।][\"'”’»)\]」』]*\s*$")
WORDS = re.compile(r"[^\W_]+")
HEAD_BLOCKS = 12
"""A headline stands among a page's first blocks, if the page has been taken out of its menus."""

_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SPEECH = re.compile(r"[.!?…][\"”»」]\s*$")
_HEADLINE_CHARS = 500
_PROSE_WORDS = 12


@dataclass(frozen=True, slots=True)
class Traits(Block):
    """A block of a page. `number` counts blocks in the page's text as it came.

    `match` is the phrase of furniture that the block is, `key` what two lines must share to be the same headline,
    `size` its words, and `prose` tells a paragraph that is no phrase.
    """

    number: int
    match: Match | None
    date: DateLine | None
    key: str
    size: int
    prose: bool


def look(text: str) -> list[Traits]:
    """Cut a text into blocks and look at each."""
    phrases = load()
    found = []
    for number, block in enumerate(split(text)):
        # What somebody says is the story's, whatever the words.
        match = None if _SPEECH.search(block.text) else phrases.match(block.text)
        size = words(block.text)
        prose = match is None and size >= _PROSE_WORDS and TERMINAL.search(block.text) is not None
        date = date_line(block.text)
        found.append(Traits(block.text, block.gap, number, match, date, headline_key(block.text), size, prose))
    return found


def words(text: str) -> int:
    """Count words; two characters count as one in scripts that are written without spaces."""
    if text.isascii() or not _SPACELESS.search(text):
        return len(text.split())
    return len(_SPACELESS.sub(" ", text).split()) + len(_SPACELESS.findall(text)) // 2


def is_prose(text: str) -> bool:
    """Tell whether a text reads like a paragraph: a dozen words or more that end as a sentence does."""
    return TERMINAL.search(text) is not None and words(text) >= _PROSE_WORDS


def headline_key(text: str) -> str:
    """Return what two lines must share to be the same headline: letters and figures, whatever the case and marks."""
    return " ".join(WORDS.findall(text.casefold())) if len(text) < _HEADLINE_CHARS else ""


def body_start(blocks: Sequence[Traits]) -> int:
    """Return where the story begins: at the first of two paragraphs that follow each other, else at the first of all.

    A single paragraph above date and pictures is a standfirst. Without any, this is how many blocks there are.
    """
    prose = [i for i, block in enumerate(blocks) if block.prose]
    pairs = (i for i, j in itertools.pairwise(prose) if j == i + 1 and i < HEAD_BLOCKS)
    return next(pairs, prose[0] if prose else len(blocks))
