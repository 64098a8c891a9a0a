"""The shelves that phrases are filed on: the matching of `cleaner.phrases`.

There are twelve thousand phrases, and a hook on one file asks for a few of them. So what is done for every phrase is
done for all at once, and a phrase with gaps is made ready when a block has its first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple, Self

from cleaner.boilerplate.phrases.pattern import (
    SIGNS,
    WIDE_SIGNS,
    Line,
    Match,
    Open,
    Source,
    capped,
    has_gap,
    numbered,
    opened,
    signs_in,
    tells,
)
from cleaner.text.folding import count_words, normalise_lines, words

_NOT_PLAIN = re.escape("…*{" + SIGNS + "".join(wide for wide, _ in WIDE_SIGNS))
# Lines that are plain, as many as follow each other, or a line that is not.
_LINES = re.compile(rf"((?:[^{_NOT_PLAIN}\n]++\n)++)|([^\n]++)\n")


class _Opens(dict[str, list[Open]]):
    """Phrases with gaps, by one of their words."""

    def __init__(self) -> None:
        self.lines: dict[str, list[Line]] = {}

    def __missing__(self, word: str) -> list[Open]:
        lines = self.lines.get(word)
        if lines is None:
            return []
        self[word] = found = [opened(line) for line in lines]
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
        texts = normalise_lines([numbered(line) for line in plain])
        # A phrase of digits alone would fit every number.
        _require(map(str.strip, texts, repeat("0 ")), zip(plain, repeat(0), sources))
        shelf.exact.update(zip(reversed(texts), zip(reversed(plain), reversed(sources), strict=True), strict=True))
        gapped = [line for line in others if has_gap(line[0])]
        signed = [line for line in others if not has_gap(line[0])]
        texts = normalise_lines([numbered(line) for line, _, _ in signed])
        _require(texts, signed)
        for text, (line, _, source) in zip(texts, signed, strict=True):
            shelf.marked.setdefault(text, []).append((line, source))
        shelf._add_open(gapped)
        return shelf

    def _add_open(self, lines: Sequence[Line]) -> None:
        """File phrases with gaps by the first word before the first gap, or the last after the last, or any."""
        gapped = [capped(line, most)[0].replace("*", "…").replace("{name}", "…") for line, most, _ in lines]
        for filed, split, at in (
            (self.first, str.partition, 0),
            (self.last, str.rpartition, -1),
            (self.inside, None, 0),
        ):
            texts = normalise_lines([numbered(split(text, "…")[at] if split else text) for text in gapped])
            for text, line in zip(texts, lines, strict=True):
                if text:
                    filed.lines.setdefault(words(text)[at], []).append(line)
            left = [at for at, text in enumerate(texts) if not text]
            lines, gapped = [lines[at] for at in left], [gapped[at] for at in left]
        _require(repeat(""), lines)

    def whole(self, text: str, block: str) -> Match | None:
        """Find a phrase without gaps."""
        for phrase, source in self.marked.get(text, ()):
            if tells(phrase, block):
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
