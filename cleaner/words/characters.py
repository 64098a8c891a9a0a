"""Characters as words see them: which belong to words, which stand alone, and which forms count as the same.

Unicode's own properties decide, through `str.isalnum` and the general category; the standard library does not know
scripts, so those that are written without spaces stand in `cleaner.text.scripts`.
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata

import numpy as np
from numpy.typing import NDArray

from cleaner.text.scripts import TYPOGRAPHIC, UNSPACED

# Classes of characters. A mark belongs to the character before it. A `SINGLE` is a word of its own: a character of a
# script that is written without spaces.
SEPARATOR, LETTER, DIGIT, MARK, SINGLE, SINGLE_MARK = range(6)
_SELECTORS = 0x20000  # from here on, no mark is part of a word
_VARIATION_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f]")
_TYPOGRAPHY = frozenset(TYPOGRAPHIC + "\u00a0€•´")
"""Most of the characters in news that are not ASCII. All of them separate words, whatever Unicode folds them to."""
_INVISIBLE = "\u00ad\u200c\u200d\u2060\ufeff"
"""Characters without width that stand inside words for some writers and not for others."""
_ASCII = bytes(range(0x80))
_FEW = 8
"""Characters to be folded, up to which it is quicker to replace one after the other than to fold a text as a whole."""
_COMPOSING = ((0x1100, 0x11FF), (0xA960, 0xA97F), (0xD7B0, 0xD7FF))  # Hangul letters, which make syllables


def fold_for_comparison(text: str) -> bytes:
    """Return a text as it is compared, in UTF-8: compatibility forms and case folded, nothing invisible in words.

    Characters that fold to themselves wherever they stand are most of those of any text, and those of typography all
    separate words; so a text is folded as a whole only if it has marks that combine or many capitals beyond ASCII.
    """
    raw = text.encode("utf-8", "replace").lower()
    if len(raw) == len(text):
        return raw
    beyond = raw.translate(None, _ASCII)
    if 2 * len(beyond) < len(raw):
        folded = {character: _folded(character) for character in set(beyond.decode()) - _TYPOGRAPHY}
        changed = {character: fold for character, fold in folded.items() if fold is not None and fold != character}
        if len(changed) <= _FEW and None not in folded.values():
            for character, fold in sorted(changed.items()):
                raw = raw.replace(character.encode(), fold.encode())
            return raw
    for separator in _TYPOGRAPHY:
        text = text.replace(separator, " ")
    for invisible in _INVISIBLE:
        text = text.replace(invisible, "")
    return _fold(text).encode("utf-8", "replace")


@functools.cache
def _folded(character: str) -> str | None:
    """Return what a character folds to; None if that depends on its neighbours."""
    if character in _INVISIBLE:
        return ""
    folded = _fold(character)
    for one in character + folded:
        if unicodedata.category(one).startswith("M") or any(first <= ord(one) <= last for first, last in _COMPOSING):
            return None
    return folded


def _fold(text: str) -> str:
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
    for first, last in UNSPACED:
        block = classes[max(0, first - begin) : max(0, last + 1 - begin)]
        block[block == LETTER] = SINGLE
        block[block == MARK] = SINGLE_MARK
    return classes
