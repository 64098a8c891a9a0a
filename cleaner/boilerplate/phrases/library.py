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
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.boilerplate.phrases.pattern import Match, PhraseList, WrittenPhrases
from cleaner.boilerplate.phrases.shelf import Shelf
from cleaner.resources import configs
from cleaner.text.folding import fold_phrase

__all__ = ["CLASSES", "MAX_CHARS", "Match", "Phrases", "fold_phrase", "load"]
CLASSES = (
    *("share", "advert", "newsletter", "subscription", "cookies", "app", "podcast", "related", "navigation"),
    *("read_time", "date_label", "caption", "copyright", "comments", "notice", "byline", "follow", "support"),
    *("player", "error", "legal"),
)
"""The classes of furniture: the names of the tables, and of the rules in explanations."""
MAX_CHARS = 700
"""A longer block is no phrase."""
_MAX_CHAIN_CHARS = 200
_MAX_WORDS = 12
_BAR = re.compile(r"[|•·»›▪●]|\s[>/–—-]\s")
_BARS = re.compile(r"\s*[|•·»›▪●]\s*|\s+[>/–—-]\s+")
# Files of languages that do not use Latin letters are read when a block first shows their script: reading all takes
# 60 ms, too long for a hook that looks at a few English files.
_SCRIPTS = (
    (frozenset({"ar", "fa", "ur"}), "[\u0600-\u06ff]"),
    (frozenset({"ru", "uk", "bg", "sr"}), "[\u0400-\u04ff]"),
    (frozenset({"hi", "mr", "ne"}), "[\u0900-\u097f]"),
    (frozenset({"zh", "ja"}), "[\u3040-\u30ff\u3400-\u9fff]"),
    (frozenset({"ko"}), "[\uac00-\ud7af]"),
    (frozenset({"bn"}), "[\u0980-\u09ff]"),
    (frozenset({"th"}), "[\u0e00-\u0e7f]"),
    (frozenset({"el"}), "[\u0370-\u03ff]"),
    (frozenset({"he"}), "[\u0590-\u05ff]"),
)
_AFTER_LATIN = "\u0370"


@functools.cache
def _scripts() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(letters) for _, letters in _SCRIPTS)


class Phrases(NamedTuple):
    """The phrases of a folder of language files."""

    folder: Path
    shelf: Shelf
    """Those in Latin letters; the others are read when they are needed."""

    def match(self, block: str) -> Match | None:
        """Tell what a whole block is, or None if no phrase covers it. A phrase inside a sentence is no match.

        >>> load().match("SHARE:").rule, load().match("Share prices fell")
        ('share', None)
        """
        return self.match_folded(block, fold_phrase(block)) if len(block) <= MAX_CHARS else None

    def match_folded(self, block: str, text: str) -> Match | None:
        """Match a whole block of at most `MAX_CHARS` characters; `text` is the block as `fold_phrase` gives it."""
        if not text:
            return None
        shelves = self._shelves(text)
        for shelf in shelves:
            if found := shelf.whole(text, block):
                return found
        for shelf in shelves:
            if found := shelf.open(text, block):
                return found
        return _chain(shelves, block) if len(block) <= _MAX_CHAIN_CHARS and _BAR.search(block) else None

    def _shelves(self, text: str) -> list[Shelf]:
        shelves = [self.shelf]
        if not text.isascii() and max(text) >= _AFTER_LATIN:
            shelves += [_shelf(self.folder, at) for at, script in enumerate(_scripts()) if script.search(text)]
        return shelves


def _chain(shelves: list[Shelf], block: str) -> Match | None:
    """Recognise a bar of whole phrases: "Home | News | Sport"."""
    pieces = [piece for piece in _BARS.split(block) if piece]
    if not 2 <= len(pieces) <= 12:
        return None
    matches: list[Match] = []
    for piece in pieces:
        text = fold_phrase(piece)
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
    return Phrases(root, _shelf(root, -1))


@functools.cache
def _shelf(folder: Path, script: int) -> Shelf:
    """Read the files of one script, numbered as in `_SCRIPTS`, or those of Latin letters and all others (-1)."""
    elsewhere = frozenset[str]().union(*(languages for languages, _ in _SCRIPTS))
    lists: list[WrittenPhrases] = []
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    for file in sorted(files, key=lambda file: (file.name != "en.toml", file.name)):
        language = file.name.removesuffix(".toml")
        if language not in _SCRIPTS[script][0] if script >= 0 else language in elsewhere:
            continue
        try:
            lists += _lists_of(language, tomllib.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{file.name}: {error}") from None
    return Shelf.of(lists)


def _lists_of(language: str, tables: dict[str, Any]) -> Iterator[WrittenPhrases]:
    """Yield the phrases of each list of a file, each on a line that is ended."""
    for rule, table in tables.items():
        if rule not in CLASSES:
            raise ValueError(f"there is no class [{rule}]; there are: {', '.join(CLASSES)}")
        if unknown := table.keys() - {"sure", "unsure", "max_words"}:
            raise ValueError(f"[{rule}] has no key '{min(unknown)}'; there are: sure, unsure, max_words")
        most = table.get("max_words", _MAX_WORDS)
        for name in ("sure", "unsure"):
            phrases = table.get(name, "")
            # Lines of a text, which TOML parses in a tenth of the time, or an array.
            text = phrases if isinstance(phrases, str) else "\n".join(phrases)
            yield f"{text}\n", most, PhraseList(rule, language, name == "sure")
