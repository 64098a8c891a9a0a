"""Articles that a program rewrote word by word, so that they pass for new: the flag `machine_spun`.

Such programs replace words by synonyms without looking at what stands beside them, and so write what people do not:
"suicide auto bombers", "the federal choose", "missiles that Russian Federation fired". `configs/spun.toml` lists what
they are known to leave in English news, each with points; one pass of look-ups finds it. Other reports of the story
tell more: where one has the same words around another one, again and again, the odd phrases are no accident.

Each sign is worth a point at most for each place, and it takes more than one point to be flagged: one odd phrase may be
a slip or a quotation. A spun text that was lucky with its synonyms is therefore not found, and texts in other languages
never are.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.stages.spun_table import Phrase, may_hold, table

_TOKENS = re.compile(r"\w+(?:'\w+)*|[^\w\s-]|\n")
_PER_PHRASE, _PER_NAME = 2, 3
_JOINING = frozenset({"and", "as", "but", "by", "for", "from", "in", "of", "on", "or", "that", "to", "when", "with"})
"""Directly behind one of these a name has no article, whatever stands before it."""
_ARTICLES = frozenset({"a", "an", "her", "his", "its", "my", "our", "the", "their", "this", "today's", "whole", "your"})
# Of English alone, and quotation marks of both sides: a name behind one of these begins a sentence or what is said.
_ENDS = frozenset('.!?"“”\n')
_SIBLINGS = 8
"""Reports that an article is compared with, at most. A copy is found among few, and a story may have hundreds."""
_COPIED, _SWAPPED = 20, 0.25
"""Places with the same word, and share of places with another one, from which on a text copies a report by synonyms.

Of 1,777 pairs of people's reports of one story with as many places in common none has more than 0.22 replaced; the only
pair found of a report and its spun copy has 0.32.
"""
_COMMON = 0.3
"""Share of news articles from which on a word is too common to be taken for a synonym."""
_SHOWN = 5
_POINTS_OF_COPY = 1.0


@dataclass(frozen=True, slots=True)
class Sign:
    """What was found: the odd words, those that were probably replaced, and the points that it gives."""

    odd: str
    usual: str
    places: int
    points: float

    def __str__(self) -> str:
        return f"{self.odd} ({self.usual}) × {self.places}"


@dataclass(frozen=True, slots=True)
class Spun:
    """The points of a text and what they were given for, heaviest first."""

    points: float
    signs: tuple[Sign, ...]


def is_spun(text: str, siblings: Sequence[str] = ()) -> Spun:
    """Return what tells that a text was rewritten by a program, and how many points that makes.

    `siblings`: other reports of the same story, likeliest copies first; the first eight are compared. They make it
    surer but never tell alone, because of two copies either may be the first.

    >>> spun = is_spun("Suicide auto bombers struck. A suicide auto bomb went off.")
    >>> spun.points, [str(sign) for sign in spun.signs]
    (2.0, ['auto bomb* (car bomb) × 2'])
    """
    if not may_hold(text):
        return Spun(0.0, ())
    tokens = _tokens(text)
    signs = [*_phrases(tokens), *_names(tokens, text)]
    if signs:  # else the text may as well be the one that was copied
        signs += _replaced(tokens, siblings)
    signs.sort(key=lambda sign: (-sign.points, sign.odd, sign.usual))
    return Spun(sum(sign.points for sign in signs), tuple(signs))


def _tokens(text: str) -> list[str]:
    return _TOKENS.findall(text.replace("’", "'"))


def _phrases(tokens: Sequence[str]) -> Iterator[Sign]:
    """Find the phrases of the table, of those at one place the longest."""
    phrases = table().phrases
    low = [token.lower() for token in tokens]
    found: Counter[Phrase] = Counter()
    free = 0
    for at, key in enumerate(zip(low, (token[:3] for token in low[1:]), strict=False)):
        if key in phrases and at >= free:
            for phrase in phrases[key]:
                end = at + len(phrase.words)
                if _stands(phrase, (tokens if phrase.cased else low)[at:end]):
                    found[phrase] += 1
                    free = end
                    break
    for phrase, places in found.items():
        odd = " ".join(phrase.words) + "*" * phrase.open_end
        yield Sign(odd, phrase.usual, places, phrase.points * min(places, _PER_PHRASE))


def _stands(phrase: Phrase, words: Sequence[str]) -> bool:
    if phrase.open_end and len(words) == len(phrase.words):
        return tuple(words[:-1]) == phrase.words[:-1] and words[-1].startswith(phrase.words[-1])
    return tuple(words) == phrase.words


def _names(tokens: Sequence[str], text: str) -> Iterator[Sign]:
    """Find full names without their article, and "USA" where newsrooms write "US"."""
    spun = table()
    for name, usual in spun.names:
        places = sum(_bare(tokens, at, name) for at in _where(tokens, name[0]))
        if places:
            yield _named(" ".join(name), usual, places, text)
    for short, usual in spun.modifiers.items():
        places = sum(_modifies(tokens, at, spun.nouns) for at in _where(tokens, short))
        if places:
            yield _named(f"{short} as an adjective", usual, places, text)


def _where(tokens: Sequence[str], token: str) -> Iterator[int]:
    at = -1
    try:
        while True:
            at = tokens.index(token, at + 1)
            yield at
    except ValueError:
        return


def _bare(tokens: Sequence[str], at: int, words: Sequence[str]) -> bool:
    """Tell whether a name stands in a running sentence without the article that it needs."""
    end = at + len(words)
    if [*tokens[at : end - 1], *(token.removesuffix("'s") for token in tokens[end - 1 : end])] != list(words):
        return False
    two = ["\n", "\n", *tokens[max(at - 2, 0) : at]][-2:]
    if two[1] in _ENDS:
        return end < len(tokens) and (tokens[end][0].islower() or tokens[end - 1].endswith("'s"))
    return two[1] in _JOINING or (two[1].islower() and _ARTICLES.isdisjoint(two))


def _modifies(tokens: Sequence[str], at: int, nouns: frozenset[str]) -> bool:
    before = tokens[at - 1] if at else "\n"
    return (
        at + 1 < len(tokens)
        and tokens[at + 1] in nouns
        and (before[0].islower() or before in _ENDS or before in {"The", "A", "An"})
    )


def _named(odd: str, usual: Sequence[str], places: int, text: str) -> Sign:
    mixed = any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in usual)
    return Sign(odd, usual[0], places, (1.0 if mixed else 0.5) * min(places, _PER_NAME))


def _replaced(tokens: Sequence[str], siblings: Sequence[str]) -> Iterator[Sign]:
    """Find a report that the text copies but for single words here and there.

    Places match where the words on both sides are the same: two before and one behind, or one before and two behind.
    What stands between them is the same, too, where editors were at work; a program replaces whatever it has a synonym
    for. A word that the other report has elsewhere replaced nothing, nor did a form of the same word, and the commonest
    words are as often another turn of phrase. Which of two was there first cannot be told from this.
    """
    here = _contexts(tokens)
    for sibling in siblings[:_SIBLINGS]:
        other = _tokens(sibling)
        known = {token.lower() for token in other}
        same: set[int] = set()
        swapped: dict[int, str] = {}
        for context, place in _contexts(other).items():
            at = here.get(context, -1)
            if at >= 0 and tokens[at] == other[place]:
                same.add(at)
            elif at >= 0 and tokens[at] not in known and tokens[at][:3] != other[place][:3]:
                swapped[at] = other[place]
        swapped = {at: word for at, word in swapped.items() if max(_share(word), _share(tokens[at])) < _COMMON}
        if len(same) >= _COPIED and len(swapped) >= _SWAPPED * (len(same) + len(swapped)):
            first = [(tokens[at], swapped[at]) for at in sorted(swapped)]
            some = list(dict.fromkeys(first))[:_SHOWN]
            odd, usual = (", ".join(pair[side] for pair in some) for side in (0, 1))
            yield Sign(odd, usual, len(swapped), _POINTS_OF_COPY)
            return


def _contexts(tokens: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """Map (two words before, one behind) and (one, two) to the place of the lower-case word between.

    Punctuation never counts as a word.
    """
    low = [token.lower() for token in tokens]
    word = [token.isalpha() for token in tokens]
    found: dict[tuple[str, str, str], int] = {}
    for at in range(2, len(tokens) - 1):
        if word[at - 2] and word[at - 1] and word[at] and word[at + 1]:
            if tokens[at].islower():
                found[f"{low[at - 2]} {low[at - 1]}", "", low[at + 1]] = at
            if tokens[at - 1].islower():
                found[low[at - 2], "", f"{low[at]} {low[at + 1]}"] = at - 1
    return found


@functools.lru_cache(maxsize=4096)
def _share(word: str) -> float:
    """Return the share of news articles that hold a word."""
    from cleaner.words.background import background
    from cleaner.words.term_keys import term_keys
    from cleaner.words.tokenising import words

    key = term_keys(words([word]))[0]
    return float(background().shares(key)[0]) if key.size else 1.0
