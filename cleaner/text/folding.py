"""Text as phrases are compared: what of a block's writing counts, and where its words begin and end.

Case, accents, punctuation and the kind of apostrophe differ between sites and between pages of one site, so none of
them counts. Scripts without spaces (Han, kana, Thai) have a word boundary at every character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from cleaner.text.scripts import FIRST_UNSPACED, PLAIN_TYPOGRAPHY, has_unspaced, is_western, unspaced_characters

# Vowel signs and the like are part of their word, though no "word characters" to `re`: of Hebrew, Arabic, the Indic
# scripts (but not U+0964 and U+0965, their full stops), Thai, Lao, Myanmar, Khmer, and the kana's voicing marks.
_MARKS = (
    "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f"
    "\u1780-\u17d3\u3099\u309a"
)
_BETWEEN_WORDS = re.compile(rf"(?:[^\w\n{_MARKS}]|_)+")
_NO_LETTERS = re.compile(r"(?:[^\w\n]|_)+")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_DROPPED = re.compile("[\u0300-\u036f'’‘ʼʻ`´′＇\u00ad\ufeff]+")
# In ASCII: letters small, figures 0, signs a space but for those that join figures and the line break.
_ASCII = bytes(
    48 if chr(c).isdigit() else c if chr(c).isalpha() or chr(c) in ".,:\n" else 32 for c in range(128)
).lower() + bytes(128)
_KEY = bytes(c if chr(c).isalnum() or chr(c) == "\n" else 32 for c in range(128)) + bytes(128)
_JOINTS = bytes(32 if chr(c) in ".,:" else c for c in range(256))
_MARKS_APART = dict.fromkeys(PLAIN_TYPOGRAPHY, " ")


def fold_phrase(text: str) -> str:
    """Return a text as phrases are compared: lower case, no accents, numbers as `0`, one space between words.

    A second pass changes nothing.

    >>> fold_phrase("  SHARE: 1,200 people’s “Cafés” ")
    'share 0 peoples cafes'
    """
    return fold_phrases([text])[0]


def fold_phrases(lines: Sequence[str]) -> list[str]:
    """Fold many texts at once. Nearly all of the time goes into those that are not ASCII but for typography."""
    return _fold(lines, PLAIN_TYPOGRAPHY, _folded_ascii, _folded)


def headline_keys(lines: Sequence[str]) -> list[str]:
    """Return of each text what two lines must share to be the same headline: letters and figures in lower case.

    >>> headline_keys(["Rain -- falls!", "RAIN “FALLS”"])
    ['rain falls', 'rain falls']
    """
    return _fold(lines, _MARKS_APART, lambda text: text.lower().encode("ascii").translate(_KEY).decode("ascii"), _key)


def _fold(
    lines: Sequence[str], signs: Mapping[str, str], short: Callable[[str], str], long: Callable[[str], str]
) -> list[str]:
    """Fold many texts at once, the short way where they are ASCII once typographic signs are replaced."""
    if not lines:
        return []
    joined = "\n".join([line.replace("\n", " ") if "\n" in line else line for line in lines])
    if not joined.isascii():
        for sign, plain in signs.items():
            joined = joined.replace(sign, plain)
    if joined.isascii():
        return _spaced(short(joined))
    texts = joined.split("\n")
    ascii_texts = iter(_spaced(short("\n".join([text for text in texts if text.isascii()]))))
    other_texts = iter(_spaced(long("\n".join([text for text in texts if not text.isascii()]))))
    return [next(ascii_texts if text.isascii() else other_texts) for text in texts]


def _spaced(text: str) -> list[str]:
    """Split folded lines, whose words are parted by any number of spaces; replacing takes a fifth of splitting all."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ").replace(" \n", "\n").replace("\n ", "\n").split("\n")


def _folded_ascii(text: str) -> str:
    """Fold by replacing alone: a regular expression for numbers would take ten times as long."""
    folded = text.encode("ascii").translate(_ASCII, b"'`")
    while b"00" in folded:
        folded = folded.replace(b"00", b"0")
    for joint in (b"0.0", b"0,0", b"0:0"):
        while joint in folded:
            folded = folded.replace(joint, b"0")
    return folded.translate(_JOINTS).decode("ascii")


def _folded(text: str) -> str:
    # Accents go because capitals are often written without ("ACTUALITES"), and dotted and dotless i are one.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = unicodedata.normalize("NFKC", _DROPPED.sub("", text).replace("ı", "i"))
    # Without its accents most of what is in Latin letters is ASCII.
    return "\n".join(_fold(text.split("\n"), {}, _folded_ascii, _folded_letters))


def _folded_letters(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", _DIGITS.sub("0", text))


def _key(text: str) -> str:
    return _NO_LETTERS.sub(" ", text.casefold())


def count_phrase_words(text: str) -> int:
    """Count the words of a folded text. Each character of a script without spaces counts as one."""
    words = text.count(" ") + 1
    return words if is_western(text) else words + len(unspaced_characters().findall(text))


def phrase_words(text: str) -> list[str]:
    """Split a folded text into words; where a script has no spaces, into characters."""
    if text.isascii() or max(text) < FIRST_UNSPACED or not has_unspaced(text):
        return text.split()
    return [word for chunk in text.split() for word in (chunk if has_unspaced(chunk) else (chunk,))]


def is_edge(text: str, at: int) -> bool:
    """Tell whether a word may begin or end before the character `at` of a folded text."""
    if at in (0, len(text)) or text[at - 1] == " " or text[at] == " ":
        return True
    return has_unspaced(text[at - 1 : at + 1])
