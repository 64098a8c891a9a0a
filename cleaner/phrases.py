"""Phrases of page furniture ("Share", "3 min read", "Sign up for our newsletter") in many languages.

The phrases are data: `configs/boilerplate/<language>.toml`, a table for each class with two lists of lines, `sure` and
`unsure`. A sure phrase may be removed even from text that is nearly all body; an unsure one ("World", "Published")
is only a hint, to be believed when its neighbours or its place say the same. Every language is matched at once,
because the language of a page is often not known yet, and because pages mix them.

A phrase is written as it stands on a page. Case, accents, punctuation, emoji and apostrophes do not matter, except
that `:`, `/`, `©` and brackets written in a phrase must stand in the block too ("Photo: …" is a credit, "Photo
albums" is not). Placeholders:

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
import unicodedata
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.resources import configs

CLASSES = (
    "share",
    "advert",
    "newsletter",
    "subscription",
    "cookies",
    "app",
    "podcast",
    "related",
    "navigation",
    "read_time",
    "date_label",
    "caption",
    "copyright",
    "comments",
    "notice",
    "byline",
    "follow",
    "support",
    "player",
    "error",
    "legal",
)
"""The classes of furniture: the names of the tables, and of the rules in explanations."""

_MAX_CHARS = 700
_MAX_WORDS = 12
_NAME_WORDS = 8

# Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Han. Hangul has spaces.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
# Vowel signs and the like are part of their word, though no "word characters" to `re`. U+0964 and U+0965 are full stops.
_MARKS = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3099\u309a"
_BETWEEN_WORDS = re.compile(rf"(?:[^\w\n{_MARKS}]|_)+")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘ʼʻ`´′＇\u00ad\ufeff"))
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
# Most of what is not ASCII in English text; without it the short way is open. Replacing beats a table tenfold.
_TYPOGRAPHIC = (("’", ""), ("‘", ""), ("“", " "), ("”", " "), ("–", " "), ("—", " "), ("…", " "), ("\u00a0", " "))

_GAPS = re.compile(r"…|\*|\{name\}")
_BAR = re.compile(r"(.*\S)\s*\|\s*(\d+)$")  # the number of words after a phrase
_BARS = re.compile(r"\s*[|•·»›▪●]\s*|\s+[>/–—-]\s+")
# A sign that tells a phrase from ordinary words, with the words that it joins.
_TELLING = re.compile(r"[^\W\d]*[:/©(\[»›|][^\W\d]*")
_WIDE = str.maketrans("：／（［【", ":/([[")
_SMALL_WORDS = frozenset(
    "and und et y e i en og och och ja und de da do dos das del della di du des la le los las van von der den zu zum ten "
    "ter bin ibn al el for of in the at & with mit avec con com z и і та в для ve".split()
)


def normalise(text: str) -> str:
    """Return a text as phrases are compared: lower case, no accents, numbers as `0`, one space between words.

    Line breaks stay, so that many phrases can be normalised in one go. A second pass changes nothing.

    >>> normalise("  SHARE: 1,200 people’s “Cafés” ")
    'share 0 peoples cafes'
    """
    if not text.isascii():
        for sign, plain in _TYPOGRAPHIC:
            text = text.replace(sign, plain)
    if text.isascii():
        text = _DIGITS.sub("0", text.lower().replace("'", "").replace("`", "")).translate(_ASCII)
    else:
        # Accents go because capitals are often written without ("ACTUALITES"), and dotted and dotless i are one.
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        text = _ACCENTS.sub("", text).replace("ı", "i").translate(_APOSTROPHES)
        text = _BETWEEN_WORDS.sub(" ", _DIGITS.sub("0", unicodedata.normalize("NFKC", text)))
    return "\n".join([" ".join(line.split()) for line in text.split("\n")])


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
        if not (_edge(text, len(first)) and _edge(text, end)):
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
        for gap, words in zip(self.gaps, filled, strict=True):
            count = 0 if gap == "…" else len(words.split())
            if (gap == "*" and count != 1) or (gap == "{name}" and not 0 < count <= _NAME_WORDS):
                return False
        return "{name}" not in self.gaps or _capitalised(block, self.parts)

    @property
    def rank(self) -> tuple[bool, int]:
        """The sure phrase before the unsure, then the one with more fixed letters."""
        return self.source.sure, sum(map(len, self.parts))


def _find(text: str, part: str, start: int, end: int) -> int:
    found = text.find(part, start, end)
    while found >= 0 and not (_edge(text, found) and _edge(text, found + len(part))):
        found = text.find(part, found + 1, end)
    return found


def _edge(text: str, at: int) -> bool:
    """Tell whether a word may begin or end between two characters of a normalised text."""
    if at in (0, len(text)) or text[at - 1] == " " or text[at] == " ":
        return True
    return _SPACELESS.match(text[at]) is not None or _SPACELESS.match(text[at - 1]) is not None


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
    text = _GAPS.sub(" # ", text).translate(_WIDE).casefold()
    return re.sub(r"\s*([:/©(\[»›|])\s*", r"\1", text)


def _size(text: str) -> int:
    words = text.count(" ") + 1
    return words if text.isascii() else words + len(_SPACELESS.findall(text))


def _keys(text: str) -> list[str]:
    """Return the keys under which phrases that start, or end, with a word of the text are filed."""
    words = text.split()
    if text.isascii() or not _SPACELESS.search(text):
        return words
    return [key for word in words for key in (word if _SPACELESS.search(word) else (word,))]


@dataclass(frozen=True, slots=True)
class Phrases:
    """All phrases, filed by what a block is asked for: the whole, its first word, its last, or any word."""

    exact: dict[str, tuple[str, _List]] = field(default_factory=dict)
    first: dict[str, list[_Open]] = field(default_factory=dict)
    last: dict[str, list[_Open]] = field(default_factory=dict)
    inside: dict[str, list[_Open]] = field(default_factory=dict)

    def match(self, block: str) -> Match | None:
        """Tell what a whole block is, or None if no phrase covers it. A phrase inside a sentence is no match.

        >>> load().match("SHARE:").rule, load().match("Share prices fell")
        ('share', None)
        """
        if len(block) > _MAX_CHARS:
            return None
        block = " ".join(block.split())
        text = normalise(block)
        if not text:
            return None
        return self._exact(text, block) or self._open(text, block) or self._chain(block)

    def _exact(self, text: str, block: str) -> Match | None:
        phrase, source = self.exact.get(text, ("", None))
        return source.match(phrase) if source and _tells(phrase, block) else None

    def _open(self, text: str, block: str) -> Match | None:
        size = _size(text)
        keys = _keys(text)
        lists = [self.first.get(keys[0], []), self.last.get(keys[-1], [])]
        lists += [self.inside[key] for key in sorted(self.inside.keys() & set(keys))]
        fitting = [each for phrases in lists for each in phrases if size <= each.most and each.fits(text, block)]
        if not fitting:
            return None
        best = max(fitting, key=lambda each: each.rank)
        return best.source.match(best.phrase)

    def _chain(self, block: str) -> Match | None:
        """Recognise a bar of whole phrases: "Home | News | Sport"."""
        pieces = [piece for piece in _BARS.split(block) if piece]
        if not 2 <= len(pieces) <= 12:
            return None
        found = [self._exact(normalise(piece), piece) for piece in pieces]
        matches = [match for match in found if match]
        if len(matches) < len(found):
            return None
        first = matches[0]
        return Match(first.rule, first.language, " | ".join(m.phrase for m in matches), all(m.sure for m in matches))


@functools.cache
def load(folder: Traversable | Path | None = None) -> Phrases:
    """Read and compile the phrases of every language; by default those that ship. English comes first.

    Where languages share a phrase, the file read first decides. Raises ValueError for a file that is no TOML, a table
    that is no class, a key that is not known, or a phrase without words.
    """
    phrases = Phrases()
    root = folder if folder is not None else configs() / "boilerplate"
    files = [file for file in root.iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda file: (file.name != "en.toml", file.name)):
        try:
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            for rule, table in tables.items():
                _add_table(phrases, rule, file.name.removesuffix(".toml"), table)
        except ValueError as error:
            raise ValueError(f"{file.name}: {error}") from None
    return phrases


def _add_table(phrases: Phrases, rule: str, language: str, table: dict[str, Any]) -> None:
    if rule not in CLASSES:
        raise ValueError(f"there is no class [{rule}]; there are: {', '.join(CLASSES)}")
    if unknown := table.keys() - {"sure", "unsure", "max_words"}:
        raise ValueError(f"[{rule}] has no key '{min(unknown)}'; there are: sure, unsure, max_words")
    for sure in (True, False):
        source = _List(rule, language, sure)
        lines = _lines(table.get("sure" if sure else "unsure", ""))
        _add_exact(phrases, [line for line in lines if not _GAPS.search(line)], source)
        _add_open(phrases, [line for line in lines if _GAPS.search(line)], table.get("max_words", _MAX_WORDS), source)


def _lines(value: str | list[str]) -> list[str]:
    """Split a list of phrases: one a line, or a TOML array. Lines cost a tenth of the time to read."""
    lines = value.split("\n") if isinstance(value, str) else value
    return [line.strip() for line in lines if line.strip()]


def _texts(lines: list[str]) -> list[str]:
    """Normalise many phrases in one go, which takes a third of the time."""
    return normalise("\n".join(lines).replace("#", "0")).split("\n")


def _add_exact(phrases: Phrases, lines: list[str], source: _List) -> None:
    for line, text in zip(lines, _texts(lines), strict=bool(lines)):
        if not text:
            raise ValueError(f"the phrase '{line}' has no words")
        phrases.exact.setdefault(text, (line, source))


def _add_open(phrases: Phrases, lines: list[str], max_words: int, source: _List) -> None:
    split = [_BAR.match(line) for line in lines]
    written = [found[1] if found else line for found, line in zip(split, lines, strict=True)]
    texts = iter(_texts([part for line in written for part in _GAPS.split(line)]))
    for line, found in zip(written, split, strict=True):
        gaps = _GAPS.findall(line)
        parts = [next(texts) for _ in range(len(gaps) + 1)]
        phrase = _Open(parts, gaps, int(found[2]) if found else max_words, line, source)
        if not any(parts):
            raise ValueError(f"the phrase '{line}' has no words")
        if parts[0]:
            phrases.first.setdefault(_keys(parts[0])[0], []).append(phrase)
        elif parts[-1]:
            phrases.last.setdefault(_keys(parts[-1])[-1], []).append(phrase)
        else:
            phrases.inside.setdefault(_keys(next(filter(None, parts)))[0], []).append(phrase)
