"""A phrase of furniture with gaps, and the shelves that phrases are filed on: the matching of `cleaner.phrases`.

There are twelve thousand phrases, and a hook on one file asks for a few of them. So what is done for every phrase is
done for all at once, and a phrase with gaps is made ready when a block has its first word.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple, Self

from cleaner.folding import count_words, is_edge, normalise, normalise_lines, words

_NAME_WORDS = 8

_GAPS = re.compile(r"…|\*|\{name\}")
# A sign that tells a phrase from ordinary words, with the words that it joins.
_TELLING = re.compile(r"[^\W\d]*[:/©(\[»›|>=][^\W\d]*")
_SIGNS = ":/©([»›|>="
_AROUND_SIGNS = re.compile(r"\s*([:/©(\[»›|>=])\s*")
_WIDE_SIGNS = tuple(zip("：／（［【＝", ":/([[=", strict=True))
_WIDE = str.maketrans(dict(_WIDE_SIGNS))
_NOT_PLAIN = re.escape("…*{" + _SIGNS + "".join(wide for wide, _ in _WIDE_SIGNS))
# Lines that are plain, as many as follow each other, or a line that is not.
_LINES = re.compile(rf"((?:[^{_NOT_PLAIN}\n]++\n)++)|([^\n]++)\n")
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


class Source(NamedTuple):
    """Where phrases come from: one list of one table."""

    rule: str
    language: str
    sure: bool

    def match(self, phrase: str) -> Match:
        """Make a match of one of its phrases."""
        return Match(self.rule, self.language, phrase, self.sure)


Line = tuple[str, int, Source]
"""A phrase as it is written, or several, a line each; how many words a block has at most that it fits; its source."""


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
    return _AROUND_SIGNS.sub(r"\1", _GAPS.sub(" # ", text).translate(_WIDE).casefold())


def _opened(line: Line) -> Open:
    """Make a phrase with gaps ready."""
    written, most, source = line
    phrase, most = _capped(written, most)
    parts = normalise_lines(_GAPS.split(_numbered(phrase)))
    return Open(max(parts, key=len), parts, _GAPS.findall(phrase), most, signs_in(phrase), phrase, source)


def _capped(written: str, most: int) -> tuple[str, int]:
    """Return a phrase, and the number of words that stands after it behind a bar, or `most`."""
    phrase, bar, cap = written.rpartition("|")
    return (phrase.rstrip(), int(cap)) if bar and cap.strip().isdecimal() and phrase.strip() else (written, most)


def _has_gap(phrase: str) -> bool:
    return "…" in phrase or "*" in phrase or "{name}" in phrase


def _numbered(phrase: str) -> str:
    return phrase.replace("#", "0")


class _Opens(dict[str, list[Open]]):
    """Phrases with gaps, by one of their words."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Line]] = {}

    def __missing__(self, word: str) -> list[Open]:
        lines = self.lines.get(word)
        if lines is None:
            return []
        self[word] = found = [_opened(line) for line in lines]
        return found


class Shelf(NamedTuple):
    """Phrases of some languages, filed by what a block is asked for: the whole, its first word, last, or any word."""

    exact: dict[str, tuple[str, Source]]
    marked: dict[str, list[tuple[str, Source]]]  # the whole, but only with its signs
    first: _Opens
    last: _Opens
    inside: _Opens

    @classmethod
    def of(cls, lists: Iterable[Line]) -> Self:
        """File lists of phrases, each line ended; of those that say the same, the first counts.

        Nearly all are plain, and of those none is looked at by itself. Raises ValueError for one without words.
        """
        shelf = cls({}, {}, _Opens(), _Opens(), _Opens())
        plain: list[str] = []
        sources: list[Source] = []
        others: list[Line] = []
        for text, most, source in lists:
            found = _LINES.findall(text)
            some = "".join([run for run, _ in found]).split("\n")[:-1]
            plain += some
            sources += [source] * len(some)
            others += [(line, most, source) for _, line in found if line]
        texts = normalise_lines([_numbered(line) for line in plain])
        # A phrase of digits alone would fit every number.
        _require(map(str.strip, texts, repeat("0 ")), zip(plain, repeat(0), sources))
        shelf.exact.update(zip(reversed(texts), zip(reversed(plain), reversed(sources), strict=True), strict=True))
        gapped = [line for line in others if _has_gap(line[0])]
        signed = [line for line in others if not _has_gap(line[0])]
        texts = normalise_lines([_numbered(line) for line, _, _ in signed])
        _require(texts, signed)
        for text, (line, _, source) in zip(texts, signed, strict=True):
            shelf.marked.setdefault(text, []).append((line, source))
        shelf._add_open(gapped)
        return shelf

    def _add_open(self, lines: Sequence[Line]) -> None:
        """File phrases with gaps by the first word before the first gap, or the last after the last, or any."""
        gapped = [_capped(line, most)[0].replace("*", "…").replace("{name}", "…") for line, most, _ in lines]
        for filed, split, at in (
            (self.first, str.partition, 0),
            (self.last, str.rpartition, -1),
            (self.inside, None, 0),
        ):
            texts = normalise_lines([_numbered(split(text, "…")[at] if split else text) for text in gapped])
            for text, line in zip(texts, lines, strict=True):
                if text:
                    filed.lines.setdefault(words(text)[at], []).append(line)
            left = [at for at, text in enumerate(texts) if not text]
            lines, gapped = [lines[at] for at in left], [gapped[at] for at in left]
        _require(repeat(""), lines)

    def whole(self, text: str, block: str) -> Match | None:
        """Find a phrase without gaps."""
        for phrase, source in self.marked.get(text, ()):
            if _tells(phrase, block):
                return source.match(phrase)
        return found[1].match(found[0]) if (found := self.exact.get(text)) else None

    def open(self, text: str, block: str) -> Match | None:
        """Find the phrase with gaps that fits best."""
        keys, size = words(text), count_words(text)
        lists: list[Open] = [*self.first[keys[0]], *self.last[keys[-1]]]
        for key in sorted(self.inside.lines.keys() & keys):
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


def _require(texts: Iterable[str], lines: Iterable[Line]) -> None:
    """Raise ValueError for a line of which nothing is left."""
    for text, (line, _, source) in zip(texts, lines, strict=False):
        if not text:
            raise ValueError(f"{source.language}.toml: [{source.rule}] the phrase '{line}' has no words")
