"""A phrase of furniture with gaps, and the shelves that phrases are filed on: the matching of `cleaner.phrases`."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from cleaner.folding import count_words, is_edge, normalise, words

_NAME_WORDS = 8

GAPS = re.compile(r"…|\*|\{name\}")
# A sign that tells a phrase from ordinary words, with the words that it joins.
_TELLING = re.compile(r"[^\W\d]*[:/©(\[»›|>=][^\W\d]*")
_SIGNS = ":/©([»›|>="
_AROUND_SIGNS = re.compile(r"\s*([:/©(\[»›|>=])\s*")
_WIDE_SIGNS = tuple(zip("：／（［【＝", ":/([[=", strict=True))
_WIDE = str.maketrans(dict(_WIDE_SIGNS))
# Small words inside names, and between two names.
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "and und et y e i en og och ja da do dos das del della di du des la le los las van von der den zu zum ten ter "
        "bin ibn al el for of the at with mit avec con com z и і та в для ve",
    )
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a block was recognised as: the class, the language file and the phrase as it stands there."""

    rule: str
    language: str
    phrase: str
    sure: bool


class Source(NamedTuple):
    """Where phrases come from: one list of one table."""

    rule: str
    language: str
    sure: bool

    def match(self, phrase: str) -> Match:
        """Make a match of one of its phrases."""
        return Match(self.rule, self.language, phrase, self.sure)


class Open(NamedTuple):
    """A phrase with gaps: `parts` are the fixed words around them, the first or last of which may be empty."""

    core: str  # the longest of the parts: where it does not stand, the phrase does not fit
    parts: list[str]
    gaps: list[str]
    most: int
    signs: frozenset[str]  # those of `_SIGNS` that stand in the phrase, and so in every block that it fits
    phrase: str
    source: Source

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
        return self._filled(filled, block) and _tells(self.phrase, block)

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
    return not any(word[:1].islower() and normalise(word) not in own for word in block.split())


def _tells(phrase: str, block: str) -> bool:
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
    signs = [sign for sign in _SIGNS if sign in text]
    if not text.isascii():
        signs += [sign for wide, sign in _WIDE_SIGNS if wide in text]
    return frozenset(signs)


def _squeezed(text: str) -> str:
    return _AROUND_SIGNS.sub(r"\1", GAPS.sub(" # ", text).translate(_WIDE).casefold())


@dataclass(frozen=True, slots=True)
class Shelf:
    """Phrases of some languages, filed by what a block is asked for: the whole, its first word, last, or any word."""

    exact: dict[str, tuple[str, Source]] = field(default_factory=dict)
    marked: dict[str, list[tuple[str, Source]]] = field(default_factory=dict)  # the whole, but only with its signs
    first: dict[str, list[Open]] = field(default_factory=dict)
    last: dict[str, list[Open]] = field(default_factory=dict)
    inside: dict[str, list[Open]] = field(default_factory=dict)

    def whole(self, text: str, block: str) -> Match | None:
        """Find a phrase without gaps."""
        for phrase, source in self.marked.get(text, ()):
            if _tells(phrase, block):
                return source.match(phrase)
        return found[1].match(found[0]) if (found := self.exact.get(text)) else None

    def open(self, text: str, block: str) -> Match | None:
        """Find the phrase with gaps that fits best."""
        keys, size = words(text), count_words(text)
        lists: list[Open] = [*self.first.get(keys[0], ()), *self.last.get(keys[-1], ())]
        for key in sorted(self.inside.keys() & keys):
            lists += self.inside[key]
        likely = [each for each in lists if size <= each.most and each.core in text]
        if not likely:
            return None
        signs = signs_in(block)
        fitting = [each for each in likely if each.signs <= signs and each.fits(text, block)]
        if not fitting:
            return None
        best: Open = max(fitting, key=lambda each: each.rank)
        return best.source.match(best.phrase)
