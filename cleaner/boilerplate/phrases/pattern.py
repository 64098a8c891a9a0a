"""A phrase of furniture as it is written, with gaps and telling signs, and what it fits: see `library`."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from cleaner.text.folding import fold_phrase, fold_phrases, is_edge

_NAME_WORDS = 8
GAP = re.compile(r"…|\*|\{name\}")
# A sign that tells a phrase from ordinary words, with the words that it joins.
_TELLING = re.compile(r"[^\W\d]*[:/©(\[»›|>=][^\W\d]*")
SIGNS = ":/©([»›|>="
_AROUND_SIGNS = re.compile(r"\s*([:/©(\[»›|>=])\s*")
WIDE_SIGNS = tuple(zip("：／（［【＝", ":/([[=", strict=True))
_WIDE = str.maketrans(dict(WIDE_SIGNS))
# Small words inside names, and between two names.
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "and und et y e i en og och ja da do dos das del della di du des la le los las van von der den zu zum ten ter "
        "bin ibn al el for of the at with mit avec con com z и і та в для ve",
    )
)


class Match(NamedTuple):
    """What a block was recognised as: the class, the language file and the phrase as it stands there."""

    rule: str
    language: str
    phrase: str
    sure: bool


class PhraseList(NamedTuple):
    """Where phrases come from: one list of one table."""

    rule: str
    language: str
    sure: bool

    def match(self, phrase: str) -> Match:
        """Make a match of one of its phrases."""
        return Match(self.rule, self.language, phrase, self.sure)


WrittenPhrases = tuple[str, int, PhraseList]
"""Phrases as they are written, a line each; the most words of a block that fits them; the list they are from."""


class GappedPhrase(NamedTuple):
    """A phrase with gaps: `parts` are the fixed words around them, the first or last of which may be empty."""

    core: str  # the longest of the parts: where it does not stand, the phrase does not fit
    parts: list[str]
    gaps: list[str]
    most: int
    signs: frozenset[str]  # those of `SIGNS` that stand in the phrase, and so in every block that it fits
    phrase: str
    source: PhraseList

    def fits(self, text: str, block: str) -> bool:
        """Tell whether a normalised text of fitting length is this phrase; `block` is the text as it stood."""
        first, last = self.parts[0], self.parts[-1]
        end = len(text) - len(last)
        if end < len(first) or not (text.startswith(first) and text.endswith(last)):
            return False
        if not (is_edge(text, len(first)) and is_edge(text, end)):
            return False
        at, filled = len(first), []
        for part in self.parts[1:-1]:
            found = _find(text, part, at, end)
            if found < 0:
                return False
            filled.append(text[at:found])
            at = found + len(part)
        filled.append(text[at:end])
        return self._filled(filled, block) and tells(self.phrase, block)

    def _filled(self, filled: list[str], block: str) -> bool:
        for gap, filling in zip(self.gaps, filled, strict=True):
            count = 0 if gap == "…" else len(filling.split())
            if (gap == "*" and count != 1) or (gap == "{name}" and not 0 < count <= _NAME_WORDS):
                return False
        return "{name}" not in self.gaps or _capitalised(block, self.parts)

    @property
    def rank(self) -> tuple[bool, int]:
        """The sure phrase before the unsure, then the one with more fixed letters."""
        return self.source.sure, sum(map(len, self.parts))


def _find(text: str, part: str, start: int, end: int) -> int:
    found = text.find(part, start, end)
    while found >= 0 and not (is_edge(text, found) and is_edge(text, found + len(part))):
        found = text.find(part, found + 1, end)
    return found


def _capitalised(block: str, parts: list[str]) -> bool:
    """Tell whether every word of a block, but for a phrase's own and the small words of names, has a capital."""
    if block.rstrip()[-1:] in "?!…。":
        return False
    own = _SMALL_WORDS.union(*(part.split() for part in parts))
    return not any(word[:1].islower() and fold_phrase(word) not in own for word in block.split())


def tells(phrase: str, block: str) -> bool:
    """Tell whether the colons, bars and brackets written in a phrase stand at the same words in the block."""
    signs = _telling(phrase)
    if not signs:
        return True
    squeezed = _squeezed(block)
    return all(sign in squeezed for sign in signs)


@functools.lru_cache(maxsize=4096)
def _telling(phrase: str) -> list[str]:
    return _TELLING.findall(_squeezed(phrase))


def signs_in(text: str) -> frozenset[str]:
    """Return which of the telling signs stand in a text, in whatever width."""
    signs = [sign for sign in SIGNS if sign in text]
    if not text.isascii():
        signs += [sign for wide, sign in WIDE_SIGNS if wide in text]
    return frozenset(signs)


def _squeezed(text: str) -> str:
    return _AROUND_SIGNS.sub(r"\1", GAP.sub(" # ", text).translate(_WIDE).casefold())


def opened(line: WrittenPhrases) -> GappedPhrase:
    """Make a phrase with gaps ready to be compared."""
    written, most, source = line
    phrase, most = capped(written, most)
    parts = fold_phrases(GAP.split(numbered(phrase)))
    return GappedPhrase(max(parts, key=len), parts, GAP.findall(phrase), most, signs_in(phrase), phrase, source)


def capped(written: str, most: int) -> tuple[str, int]:
    """Return a phrase, and the number of words that stands after it behind a bar, or `most`."""
    phrase, bar, cap = written.rpartition("|")
    return (phrase.rstrip(), int(cap)) if bar and cap.strip().isdecimal() and phrase.strip() else (written, most)


def has_gap(phrase: str) -> bool:
    """Tell whether a placeholder for words stands in a phrase."""
    return "…" in phrase or "*" in phrase or "{name}" in phrase


def numbered(phrase: str) -> str:
    """Return a phrase with figures where it has the placeholder for a number."""
    return phrase.replace("#", "0")
