"""The shelves that phrases are filed on, for `library` to match blocks with.

There are thousands of phrases, and a hook on one file asks for a few of them. So what is done for every phrase is
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
    GappedPhrase,
    Match,
    PhraseList,
    WrittenPhrases,
    capped,
    has_gap,
    numbered,
    opened,
    signs_in,
    tells,
)
from cleaner.text.folding import count_phrase_words, fold_phrases, phrase_words

_NOT_PLAIN = re.escape("…*{" + SIGNS + "".join(wide for wide, _ in WIDE_SIGNS))
# Lines that are plain, as many as follow each other, or a line that is not.
_LINES = re.compile(rf"((?:[^{_NOT_PLAIN}\n]++\n)++)|([^\n]++)\n")


class _GappedPhrases(dict[str, list[GappedPhrase]]):
    """Phrases with gaps, by one of their words."""

    def __init__(self) -> None:
        self.lines: dict[str, list[WrittenPhrases]] = {}

    def __missing__(self, word: str) -> list[GappedPhrase]:
        lines = self.lines.get(word)
        if lines is None:
            return []
        self[word] = found = [opened(line) for line in lines]
        return found


class Shelf(NamedTuple):
    """Phrases of some languages, filed by what a block is asked for: the whole, its first word, last, or any word."""

    exact: dict[str, tuple[str, PhraseList]]
    marked: dict[str, list[tuple[str, PhraseList]]]  # the whole, but only with its signs
    first: _GappedPhrases
    last: _GappedPhrases
    inside: _GappedPhrases

    @classmethod
    def of(cls, lists: Iterable[WrittenPhrases]) -> Self:
        """File lists of phrases, each line ended; of phrases that are the same once folded, the first counts.

        Nearly all are plain, and plain ones are folded all at once. Raises ValueError for a phrase without words.
        """
        shelf = cls({}, {}, _GappedPhrases(), _GappedPhrases(), _GappedPhrases())
        plain: list[str] = []
        sources: list[PhraseList] = []
        others: list[WrittenPhrases] = []
        for text, most, source in lists:
            found = _LINES.findall(text)
            simple = "".join([run for run, _ in found]).split("\n")[:-1]
            plain += simple
            sources += [source] * len(simple)
            others += [(line, most, source) for _, line in found if line]
        texts = fold_phrases([numbered(line) for line in plain])
        # A phrase of digits alone would fit every number.
        _require(map(str.strip, texts, repeat("0 ")), zip(plain, repeat(0), sources))
        shelf.exact.update(zip(reversed(texts), zip(reversed(plain), reversed(sources), strict=True), strict=True))
        gapped = [line for line in others if has_gap(line[0])]
        signed = [line for line in others if not has_gap(line[0])]
        texts = fold_phrases([numbered(line) for line, _, _ in signed])
        _require(texts, signed)
        for text, (line, _, source) in zip(texts, signed, strict=True):
            shelf.marked.setdefault(text, []).append((line, source))
        shelf._add_open(gapped)
        return shelf

    def _add_open(self, lines: Sequence[WrittenPhrases]) -> None:
        """File phrases with gaps by the first word before the first gap, or the last after the last, or any."""
        gapped = [capped(line, most)[0].replace("*", "…").replace("{name}", "…") for line, most, _ in lines]
        for filed, split, at in (
            (self.first, str.partition, 0),
            (self.last, str.rpartition, -1),
            (self.inside, None, 0),
        ):
            texts = fold_phrases([numbered(split(text, "…")[at] if split else text) for text in gapped])
            for text, line in zip(texts, lines, strict=True):
                if text:
                    filed.lines.setdefault(phrase_words(text)[at], []).append(line)
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
        keys, size = phrase_words(text), count_phrase_words(text)
        lists: list[GappedPhrase] = [*self.first[keys[0]], *self.last[keys[-1]]]
        for key in sorted(self.inside.lines.keys() & keys):
            lists += self.inside[key]
        likely = [each for each in lists if size <= each.most and each.core in text]
        if not likely:
            return None
        signs = signs_in(block)
        fitting = [each for each in likely if each.signs <= signs and each.fits(text, block)]
        if not fitting:
            return None
        best: GappedPhrase = max(fitting, key=lambda each: each.rank)
        return best.source.match(best.phrase)


def _require(texts: Iterable[str], lines: Iterable[WrittenPhrases]) -> None:
    """Raise ValueError for a phrase that folding leaves nothing of."""
    for text, (line, _, source) in zip(texts, lines, strict=False):
        if not text:
            raise ValueError(f"{source.language}.toml: [{source.rule}] the phrase '{line}' has no words")
