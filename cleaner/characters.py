"""Characters as words see them: which belong to words, which stand alone, and which forms count as the same.

Unicode's own properties decide, through `str.isalnum` and the general category; the blocks of scripts written without
spaces are listed here, because the standard library does not know scripts.
"""

from __future__ import annotations

import re
import sys
import unicodedata

import numpy as np
from numpy.typing import NDArray

# Classes of characters. A mark belongs to the character before it. A `SINGLE` is a word of its own: a character of a
# script that is written without spaces.
SEPARATOR, LETTER, DIGIT, MARK, SINGLE, SINGLE_MARK = range(6)

_SINGLES = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x303B),  # Han iteration marks and numerals
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana for Ainu
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),  # Han
    (0x1AFF0, 0x1B16F),  # Kana
    (0x20000, 0x3FFFF),  # Han
)
_SELECTORS = 0x20000  # from here on, no mark is part of a word
_VARIATION_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f]")

# Most of the characters in news that are not ASCII. All of them separate words, so one space will do for each; a text
# that has no others is then spared the slow normalisation.
_TYPOGRAPHY = "\u2019\u201c\u201d\u2018\u2013\u2014\u2026\u00a0\u20ac\u2022\u00b4"
# Characters without width that stand inside words for some writers and not for others.
_INVISIBLE = "\u00ad\u200c\u200d\u2060\ufeff"

# Western European text has a short way too: a table of its 256 characters, unless it holds one that the table cannot
# fold to a single other one or that is invisible.
_LATIN = bytes(range(256)).decode("latin-1")
_LATIN_HARD = bytes(
    at
    for at, character in enumerate(_LATIN)
    if unicodedata.normalize("NFKC", character) != character or len(character.casefold()) > 1 or character == "\u00ad"
)
_LATIN_FOLDED = _LATIN.lower().encode("latin-1")


def normalise(text: str) -> str:
    """Return a text as it is compared: compatibility forms and case folded, typographic marks as spaces.

    Unicode normalisation is for text that is still not ASCII after the marks of typography are gone, because few
    articles in English have any other such character.
    """
    if text.isascii():
        return text.lower()
    for mark in _TYPOGRAPHY:
        if mark in text:
            text = text.replace(mark, " ")
    if text.isascii():
        return text.lower()
    try:
        latin = text.encode("latin-1")
    except UnicodeEncodeError:
        latin = _LATIN_HARD
    if len(latin.translate(None, _LATIN_HARD)) == len(latin):
        return latin.translate(_LATIN_FOLDED).decode("latin-1")
    for mark in _INVISIBLE:
        if mark in text:
            text = text.replace(mark, "")
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)  # folding takes apart a few letters


_UNKNOWN = 255
_classes = np.full(sys.maxunicode + 1, _UNKNOWN, np.uint8)  # filled page by page, as pages are met
_PAGE = 256  # code points: asking Unicode for all of them would take longer than a thousand articles


def code_point_classes(points: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the class of each code point."""
    found = _classes[points]
    if (found == _UNKNOWN).any():
        for page in np.flatnonzero(np.bincount(points[found == _UNKNOWN] // _PAGE)).tolist():
            _classes[page * _PAGE : (page + 1) * _PAGE] = _page_classes(page * _PAGE)
        found = _classes[points]
    return found


def _page_classes(begin: int) -> NDArray[np.uint8]:
    """Return the classes of a page of code points."""
    characters = "".join(map(chr, range(begin, begin + _PAGE)))
    classes = np.zeros(_PAGE, np.uint8)
    for run in re.finditer(r"[^\W_]+", characters):
        classes[run.start() : run.end()] = LETTER
    for run in re.finditer(r"\d+", characters):
        classes[run.start() : run.end()] = DIGIT
    if begin < _SELECTORS:
        for at in np.flatnonzero(classes == SEPARATOR):
            if unicodedata.category(characters[at]).startswith("M"):
                classes[at] = MARK
    for run in _VARIATION_SELECTORS.finditer(characters):  # they choose a glyph, often of an emoji, and are no word
        classes[run.start() : run.end()] = SEPARATOR
    for first, last in _SINGLES:
        block = classes[max(0, first - begin) : max(0, last + 1 - begin)]
        block[block == LETTER] = SINGLE
        block[block == MARK] = SINGLE_MARK
    return classes
