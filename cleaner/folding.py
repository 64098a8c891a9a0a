"""Text as phrases are compared: what of a block's writing counts, and where its words begin and end.

Case, accents, punctuation and the kind of apostrophe differ between sites and between pages of one site, so none of
them counts. Scripts without spaces (Han, kana, Thai) have a word boundary at every character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han. Hangul has spaces.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
# Vowel signs and the like are part of their word, though no "word characters" to `re`: of Hebrew, Arabic, the Indic
# scripts (but not U+0964 and U+0965, their full stops), Thai, Lao, Myanmar, Khmer, and the kana's voicing marks.
_MARKS = (
    "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f"
    "\u1780-\u17d3\u3099\u309a"
)
_BETWEEN_WORDS = re.compile(rf"(?:[^\w\n{_MARKS}]|_)+")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_DROPPED = re.compile("[\u0300-\u036f'’‘ʼʻ`´′＇\u00ad\ufeff]+")
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
# Most of what is not ASCII in English text; without it the short way is open. Replacing beats a table tenfold.
_TYPOGRAPHIC = (("’", ""), ("‘", ""), ("“", " "), ("”", " "), ("–", " "), ("—", " "), ("…", " "), ("\u00a0", " "))
_SPACES = re.compile(r" *\n *")


def normalise(text: str) -> str:
    """Return a text as phrases are compared: lower case, no accents, numbers as `0`, one space between words.

    A second pass changes nothing.

    >>> normalise("  SHARE: 1,200 people’s “Cafés” ")
    'share 0 peoples cafes'
    """
    return " ".join(_folded(text).split())


def normalise_lines(lines: Sequence[str]) -> list[str]:
    """Normalise many short texts at once, in a quarter of the time. None of them may hold a line break."""
    ascii_lines = _many([line for line in lines if line.isascii()])
    other_lines = _many([line for line in lines if not line.isascii()])
    ascii_texts, other_texts = iter(ascii_lines), iter(other_lines)
    return [next(ascii_texts) if line.isascii() else next(other_texts) for line in lines]


def _many(lines: list[str]) -> list[str]:
    folded = _folded("\n".join(lines))
    if "  " in folded:
        folded = re.sub("  +", " ", folded)
    return _SPACES.sub("\n", folded).strip(" ").split("\n")


def _folded(text: str) -> str:
    if not text.isascii():
        for sign, plain in _TYPOGRAPHIC:
            text = text.replace(sign, plain)
    if text.isascii():
        return _DIGITS.sub("0", text.lower().replace("'", "").replace("`", "")).translate(_ASCII)
    # Accents go because capitals are often written without ("ACTUALITES"), and dotted and dotless i are one.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = unicodedata.normalize("NFKC", _DROPPED.sub("", text).replace("ı", "i"))
    return _BETWEEN_WORDS.sub(" ", _DIGITS.sub("0", text))


def spaceless(text: str) -> bool:
    """Tell whether a text holds a character of a script that is written without spaces."""
    return not text.isascii() and _SPACELESS.search(text) is not None


def count_words(text: str) -> int:
    """Count the words of a normalised text. Each character of a script without spaces counts as one."""
    words = text.count(" ") + 1
    return words if text.isascii() else words + len(_SPACELESS.findall(text))


def words(text: str) -> list[str]:
    """Split a normalised text into words; where a script has no spaces, into characters."""
    if not spaceless(text):
        return text.split()
    return [word for chunk in text.split() for word in (chunk if spaceless(chunk) else (chunk,))]


def is_edge(text: str, at: int) -> bool:
    """Tell whether a word may begin or end before the character `at` of a normalised text."""
    if at in (0, len(text)) or text[at - 1] == " " or text[at] == " ":
        return True
    return spaceless(text[at - 1 : at + 1])
