"""What tells prose from other text: words, ends of sentences, writing without spaces."""

from __future__ import annotations

import functools
import re

_ENDS = tuple(".!?…。！？؟।")
_CLOSING = "\"'”’»)]」』"
_PROSE_WORDS = 12


def words(text: str) -> int:
    """Count words; two characters count as one in scripts that are written without spaces."""
    if not spaceless(text):
        return _spaced_words(text)
    characters = spaceless_characters()
    return len(characters.sub(" ", text).split()) + len(characters.findall(text)) // 2


def _spaced_words(text: str) -> int:
    return len(text.split())


def ends_sentence(text: str) -> bool:
    """Tell whether a text ends as a sentence does, quotation marks and brackets aside."""
    return text.rstrip().rstrip(_CLOSING).endswith(_ENDS)


def is_prose(text: str) -> bool:
    """Tell whether a text reads like a paragraph: a dozen words or more that end as a sentence does."""
    return ends_sentence(text) and words(text) >= _PROSE_WORDS


# Most of what is not ASCII in English text; without it the short way is open. Replacing beats a table tenfold.
_TYPOGRAPHIC = {"’": "", "‘": "", "“": " ", "”": " ", "–": " ", "—": " ", "…": " ", "\u00a0": " "}
_FIRST_SPACELESS = "\u0e00"


@functools.cache
def spaceless_characters() -> re.Pattern[str]:
    """Return what finds Thai, Lao, Myanmar, Khmer, kana and Han, written without spaces. Hangul has spaces.

    Ranges as wide as that of Han take 4 ms to compile, so it is done when a text may hold some.
    """
    return re.compile(
        "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
    )


def spaceless(text: str) -> bool:
    """Tell whether a text holds a character of a script that is written without spaces."""
    return not _is_western(text) and spaceless_characters().search(text) is not None


def _is_western(text: str) -> bool:
    """Tell quickly that a text has nothing but letters of the west of Europe and typographic signs, as most have."""
    if text.isascii():
        return True
    for sign in _TYPOGRAPHIC:
        text = text.replace(sign, "")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
