"""The passage that shows two texts to be one: the longest run of words that both have."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from cleaner.text.scripts import UNSPACED_CLASS

# A character of a script that is written without spaces is a word of its own.
_WORD = re.compile(rf"[{UNSPACED_CLASS}]|[^\W_{UNSPACED_CLASS}]+")
_WORDS = 3000
"""Words of each text that are compared: time grows with their square where words repeat; a passage needs no more."""


def longest_passage(text: str, other: str) -> tuple[str, int]:
    """Return the longest passage of `text` that also stands in `other`, and its number of words.

    Case and all that is not a word do not count; of several the first is taken.

    >>> longest_passage("It rained. Rivers rose by a metre in the night.", "“Rivers rose by a metre,” he said.")
    ('Rivers rose by a metre', 5)
    """
    mine, theirs = (list(_WORD.finditer(t))[:_WORDS] for t in (text, other))
    words, others = ([word[0].casefold() for word in found] for found in (mine, theirs))
    start, _, size = SequenceMatcher(None, words, others, autojunk=False).find_longest_match()
    return (text[mine[start].start() : mine[start + size - 1].end()], size) if size else ("", 0)


def shortened(passage: str, characters: int) -> str:
    """Return a passage on one line, with its middle left out if it is longer than `characters`.

    >>> shortened("Rivers rose by a metre in the night.", 26)
    'Rivers rose … in the night.'
    """
    line = " ".join(passage.split())
    if len(line) <= characters:
        return line
    half = characters // 2
    begin, end = line[:half], line[-half:]
    begin = begin.rsplit(" ", 1)[0] if " " in begin and line[half] != " " else begin
    end = end.split(" ", 1)[1] if " " in end and line[-half - 1] != " " else end
    return f"{begin.rstrip()} … {end.lstrip()}"
