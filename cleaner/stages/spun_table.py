"""The odd phrases of `configs/spun.toml`, and a quick test whether a text may hold one of them.

Hardly any article does, so the test decides what the flag `machine_spun` costs: it compares the
ASCII letters and figures of a text, as bytes, and may be wrong only in saying "perhaps".
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cleaner.resources import configs

_LETTERS = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256)).lower()


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a program wrote and what probably stood there. `open_end`: the last word may go on (bomb, bomber)."""

    words: tuple[str, ...]
    usual: str
    points: float
    open_end: bool
    cased: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The file. `phrases` are filed by their first word and the first letters of their second."""

    phrases: Mapping[tuple[str, str], tuple[Phrase, ...]]
    names: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    modifiers: Mapping[str, tuple[str, ...]]
    nouns: frozenset[str]


@functools.cache
def table() -> Table:
    """Read the file that ships."""
    with (configs() / "spun.toml").open("rb") as file:
        tables = tomllib.load(file)
    phrases: dict[tuple[str, str], list[Phrase]] = {}
    for section in ("sure", "likely"):
        for line in tables[section]["phrases"].splitlines():
            odd, _, usual = (part.strip() for part in line.partition("="))
            if odd:
                parts = tuple(odd.removesuffix("*").split())
                phrase = Phrase(parts, usual, tables[section]["points"], odd.endswith("*"), odd != odd.lower())
                phrases.setdefault(_key(parts), []).append(phrase)
    return Table(
        {key: tuple(sorted(found, key=lambda p: -len(p.words))) for key, found in phrases.items()},
        tuple((tuple(name.split()), tuple(usual)) for name, usual in tables["names"].items()),
        {name: tuple(usual) for name, usual in tables["modifiers"].items()},
        frozenset(tables["nouns"]["words"].split()),
    )


def _key(words: Sequence[str]) -> tuple[str, str]:
    """Return what a phrase is looked up by: its first word and the first letters of its second."""
    return words[0].lower(), words[1][:3].lower()


def may_hold(text: str) -> bool:
    """Tell whether a text may hold an odd phrase, name or modifier; if not, it does not.

    >>> may_hold("A suicide auto-bomber struck."), may_hold("Rain fell.")
    (True, False)
    """
    words = _folded(text).split()
    line = b" ".join((b"", *words, b""))
    anchors, always = _anchors()
    found = anchors.keys() & set(words)
    return any(phrase in line for phrase in always) or any(phrase in line for word in found for phrase in anchors[word])


def _folded(text: str) -> bytes:
    return text.encode("utf-8", "replace").translate(_LETTERS)


@functools.cache
def _anchors() -> tuple[Mapping[bytes, tuple[bytes, ...]], tuple[bytes, ...]]:
    """Return the phrases, folded, by the longest of the words that must stand whole, and the names and modifiers."""
    anchors: dict[bytes, tuple[bytes, ...]] = {}
    spun = table()
    for phrase in (phrase for phrases in spun.phrases.values() for phrase in phrases):
        words = _folded(" ".join(phrase.words)).split()
        line = b" ".join((b"", *words)) + b" " * (not phrase.open_end)
        anchor = max(words[: len(words) - phrase.open_end], key=len)
        anchors[anchor] = (*anchors.get(anchor, ()), line)
    names = (" ".join(words) for words, _ in spun.names)
    always = tuple(b" " + b" ".join(_folded(name).split()) + b" " for name in (*names, *spun.modifiers))
    return anchors, always
