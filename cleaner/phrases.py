"""Phrases of page furniture ("Share", "3 min read", "Sign up for our newsletter") in many languages.

The phrases are data: `configs/boilerplate/<language>.toml`, a table for each class with two lists of lines, `sure` and
`unsure`. A sure phrase may be removed even from text that is nearly all body; an unsure one ("World", "Published")
is only a hint, to be believed when its neighbours or its place say the same. Every language is matched at once,
because the language of a page is often not known yet, and because pages mix them.

A phrase is written as it stands on a page, one a line. Case, accents, punctuation, emoji and apostrophes do not
matter, except that `:`, `/`, `|`, `»`, `>`, `=`, `©` and brackets written at a word of a phrase must stand at that
word of the block too ("Photo: …" is a credit, "Photo albums" is not). Placeholders:

- `#` is a number of any digits;
- `*` is any one word;
- `…` is any words, also none; with it a phrase fits blocks of at most `max_words` words, or of the number after a
  bar: `Sign up for … newsletter | 20`. Each character counts as a word in scripts that are written without spaces;
- `{name}` is a person's or a firm's name: up to eight words that are capitalised, where the script has capitals.
"""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.folding import count_words, is_edge, normalise, normalise_lines, words
from cleaner.resources import configs

__all__ = ["CLASSES", "Match", "Phrases", "load", "normalise"]

CLASSES = (
    *("share", "advert", "newsletter", "subscription", "cookies", "app", "podcast", "related", "navigation"),
    *("read_time", "date_label", "caption", "copyright", "comments", "notice", "byline", "follow", "support"),
    *("player", "error", "legal"),
)
"""The classes of furniture: the names of the tables, and of the rules in explanations."""

_MAX_CHARS = 700
_MAX_CHAIN_CHARS = 200
_MAX_WORDS = 12
_NAME_WORDS = 8

_GAPS = re.compile(r"…|\*|\{name\}")
_CAP = re.compile(r"(.*\S)\s*\|\s*(\d+)$")  # a phrase, and after a bar the number of words
_BARS = re.compile(r"\s*[|•·»›▪●]\s*|\s+[>/–—-]\s+")
# A sign that tells a phrase from ordinary words, with the words that it joins.
_TELLING = re.compile(r"[^\W\d]*[:/©(\[»›|>=][^\W\d]*")
_SIGNS = re.compile(r"[:/©(\[»›|>=：／（［【＝]")
_AROUND_SIGNS = re.compile(r"\s*([:/©(\[»›|>=])\s*")
_WIDE = str.maketrans("：／（［【＝", ":/([[=")
# Small words inside names, and between two names.
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "and und et y e i en og och ja da do dos das del della di du des la le los las van von der den zu zum ten ter "
        "bin ibn al el for of the at with mit avec con com z и і та в для ve",
    )
)

# Files of languages that do not use Latin letters are read when a block first shows their script: reading all takes
# 60 ms, too long for a hook that looks at a few English files.
_SCRIPTS: tuple[tuple[frozenset[str], re.Pattern[str]], ...] = (
    (frozenset({"ar", "fa", "ur"}), re.compile("[\u0600-\u06ff]")),
    (frozenset({"ru", "uk", "bg", "sr"}), re.compile("[\u0400-\u04ff]")),
    (frozenset({"hi", "mr", "ne"}), re.compile("[\u0900-\u097f]")),
    (frozenset({"zh", "ja"}), re.compile("[\u3040-\u30ff\u3400-\u9fff]")),
    (frozenset({"ko"}), re.compile("[\uac00-\ud7af]")),
    (frozenset({"bn"}), re.compile("[\u0980-\u09ff]")),
    (frozenset({"th"}), re.compile("[\u0e00-\u0e7f]")),
    (frozenset({"el"}), re.compile("[\u0370-\u03ff]")),
    (frozenset({"he"}), re.compile("[\u0590-\u05ff]")),
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a block was recognised as: the class, the language file and the phrase as it stands there."""

    rule: str
    language: str
    phrase: str
    sure: bool


class _List(NamedTuple):
    """Where phrases come from: one list of one table."""

    rule: str
    language: str
    sure: bool

    def match(self, phrase: str) -> Match:
        return Match(self.rule, self.language, phrase, self.sure)


class _Open(NamedTuple):
    """A phrase with gaps: `parts` are the fixed words around them, the first or last of which may be empty."""

    core: str  # the longest of the parts: where it does not stand, the phrase does not fit
    parts: list[str]
    gaps: list[str]
    most: int
    phrase: str
    source: _List

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
    signs = _TELLING.findall(_squeezed(phrase))
    return not signs or all(sign in _squeezed(block) for sign in signs)


def _squeezed(text: str) -> str:
    return _AROUND_SIGNS.sub(r"\1", _GAPS.sub(" # ", text).translate(_WIDE).casefold())


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Phrases of some languages, filed by what a block is asked for: the whole, its first word, last, or any word."""

    exact: dict[str, tuple[str, _List]] = field(default_factory=dict)
    marked: dict[str, list[tuple[str, _List]]] = field(default_factory=dict)  # the whole, but only with its signs
    first: dict[str, list[_Open]] = field(default_factory=dict)
    last: dict[str, list[_Open]] = field(default_factory=dict)
    inside: dict[str, list[_Open]] = field(default_factory=dict)

    def whole(self, text: str, block: str) -> Match | None:
        for phrase, source in self.marked.get(text, ()):
            if _tells(phrase, block):
                return source.match(phrase)
        return found[1].match(found[0]) if (found := self.exact.get(text)) else None

    def open(self, text: str, block: str) -> Match | None:
        size = count_words(text)
        keys = words(text)
        lists = [self.first.get(keys[0], []), self.last.get(keys[-1], [])]
        lists += [self.inside[key] for key in sorted(self.inside.keys() & set(keys))]
        fitting = [
            each
            for phrases in lists
            for each in phrases
            if size <= each.most and each.core in text and each.fits(text, block)
        ]
        if not fitting:
            return None
        best = max(fitting, key=lambda each: each.rank)
        return best.source.match(best.phrase)


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a folder of language files."""

    folder: Path

    def match(self, block: str) -> Match | None:
        """Tell what a whole block is, or None if no phrase covers it. A phrase inside a sentence is no match.

        >>> load().match("SHARE:").rule, load().match("Share prices fell")
        ('share', None)
        """
        if len(block) > _MAX_CHARS:
            return None
        text = normalise(block)
        if not text:
            return None
        shelves = self._shelves(text)
        for shelf in shelves:
            if found := shelf.whole(text, block):
                return found
        for shelf in shelves:
            if found := shelf.open(text, block):
                return found
        return _chain(shelves, block)

    def _shelves(self, text: str) -> list[_Shelf]:
        shelves = [_shelf(self.folder, -1)]
        if not text.isascii():
            shelves += [_shelf(self.folder, at) for at, (_, script) in enumerate(_SCRIPTS) if script.search(text)]
        return shelves


def _chain(shelves: list[_Shelf], block: str) -> Match | None:
    """Recognise a bar of whole phrases: "Home | News | Sport"."""
    pieces = [piece for piece in _BARS.split(block) if piece] if len(block) <= _MAX_CHAIN_CHARS else []
    if not 2 <= len(pieces) <= 12:
        return None
    matches: list[Match] = []
    for piece in pieces:
        text = normalise(piece)
        found = next((match for shelf in shelves if (match := shelf.whole(text, piece))), None)
        if found is None:
            return None
        matches.append(found)
    first = matches[0]
    return Match(first.rule, first.language, " | ".join(m.phrase for m in matches), all(m.sure for m in matches))


@functools.cache
def load(folder: Path | None = None) -> Phrases:
    """Return the phrases of a folder; by default those that ship. English comes first.

    Where languages share a phrase, the file read first decides. Raises ValueError, here or at the first block in
    another script, for a file that is no TOML, a table that is no class, an unknown key, or a phrase without words.
    """
    root = folder if folder is not None else configs() / "boilerplate"
    _shelf(root, -1)
    return Phrases(root)


@functools.cache
def _shelf(folder: Path, script: int) -> _Shelf:
    """Read the files of one script, numbered as in `_SCRIPTS`, or those of Latin letters and all others (-1)."""
    elsewhere = frozenset[str]().union(*(languages for languages, _ in _SCRIPTS))
    shelf = _Shelf()
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda file: (file.name != "en.toml", file.name)):
        language = file.name.removesuffix(".toml")
        if language not in _SCRIPTS[script][0] if script >= 0 else language in elsewhere:
            continue
        try:
            _add_language(shelf, language, tomllib.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{file.name}: {error}") from None
    return shelf


def _add_language(shelf: _Shelf, language: str, tables: dict[str, Any]) -> None:
    """File the phrases of a language. All are normalised in one go."""
    whole: list[tuple[str, _List]] = []
    gapped: list[tuple[str, int, _List]] = []
    for rule, table in tables.items():
        if rule not in CLASSES:
            raise ValueError(f"there is no class [{rule}]; there are: {', '.join(CLASSES)}")
        if unknown := table.keys() - {"sure", "unsure", "max_words"}:
            raise ValueError(f"[{rule}] has no key '{min(unknown)}'; there are: sure, unsure, max_words")
        most = table.get("max_words", _MAX_WORDS)
        for source in (_List(rule, language, sure=True), _List(rule, language, sure=False)):
            for line in _lines(table.get("sure" if source.sure else "unsure", "")):
                if "…" in line or "*" in line or "{" in line:
                    gapped.append((line, most, source))
                else:
                    whole.append((line, source))
    for (line, source), text in zip(whole, normalise_lines([_numbered(line) for line, _ in whole]), strict=True):
        if _SIGNS.search(line):
            _require(text, line, source)
            shelf.marked.setdefault(text, []).append((line, source))
        else:
            _require(text.strip("0 "), line, source)  # a phrase of digits alone would fit every number
            shelf.exact.setdefault(text, (line, source))
    _add_open(shelf, gapped)


def _lines(value: str | list[str]) -> list[str]:
    """Return a list of phrases: lines of a text, which TOML parses in a tenth of the time, or an array."""
    lines = value.split("\n") if isinstance(value, str) else value
    return [line for line in lines if line]


def _numbered(phrase: str) -> str:
    return phrase.replace("#", "0")


def _require(text: str, phrase: str, source: _List) -> None:
    if not text:
        raise ValueError(f"[{source.rule}] the phrase '{phrase}' has no words")


def _add_open(shelf: _Shelf, lines: list[tuple[str, int, _List]]) -> None:
    capped = [(cap[1], int(cap[2]), source) if (cap := _CAP.match(line)) else (line, most, source)
              for line, most, source in lines]  # fmt: skip
    split = [_GAPS.split(_numbered(line)) for line, _, _ in capped]
    texts = iter(normalise_lines([part for parts in split for part in parts]))
    for (line, most, source), written in zip(capped, split, strict=True):
        parts = [next(texts) for _ in written]
        phrase = _Open(max(parts, key=len), parts, _GAPS.findall(line), most, line, source)
        if parts[0]:
            shelf.first.setdefault(words(parts[0])[0], []).append(phrase)
        elif parts[-1]:
            shelf.last.setdefault(words(parts[-1])[-1], []).append(phrase)
        else:
            inner = " ".join(parts).strip()
            _require(inner, line, source)
            shelf.inside.setdefault(words(inner)[0], []).append(phrase)
