"""The names of people in a byline, and nothing else of it.

What introduces them is the phrase's own ("By", "作者："); what stands beside them (a date, an office, a place) has
figures, a small letter or a single word, or is a phrase itself.
"""

from __future__ import annotations

import re

from cleaner.boilerplate.phrases.library import load
from cleaner.boilerplate.phrases.pattern import GAP, Match
from cleaner.dates.vocabulary import date_words, fold_date

_PIECES = re.compile(r"\s*[|•·●;,/&、，／＆\n]\s*|\s+[–—+-]\s+")
# "and"; where it is a letter or stands inside names too ("Ortega y Gasset"), only between names of two words or more.
_AND = re.compile(r"\s+(?:and|und|et|och|og|dan|ve|and|или|та|और|و)\s+|、", re.IGNORECASE)
_SHORT_AND = re.compile(r"(?<=\S\s\S)(\S*)\s+(?:y|e|i|en|ja|и|і|с)\s+(?=\S+\s+\S)", re.IGNORECASE)
_PARTICLES = frozenset(
    {
        "al",
        "af",
        "ap",
        "bin",
        "da",
        "das",
        "de",
        "dei",
        "del",
        "della",
        "den",
        "der",
        "di",
        "do",
        "dos",
        "du",
        "e",
        "el",
    }
    | {"ibn", "la", "le", "les", "lo", "los", "san", "ten", "ter", "van", "vom", "von", "y", "zu", "zum", "zur"}
)
_EDGES = " \t*_.:“”\"'()[]（）【】<>"
_WORDS = range(1, 7)


def names_in(byline: str, match: Match) -> tuple[str, ...]:
    """Return the names of people in a block that was recognised as a byline, in order, each once.

    >>> from cleaner.boilerplate.phrases.library import load
    >>> line = "By Ines Aldo and Bo Marsh | 3 March 2024"
    >>> names_in(line, load().match(line))
    ('Ines Aldo', 'Bo Marsh')
    """
    if not GAP.search(match.phrase):
        return ()  # an agency, an office or a heading
    names = [
        name
        for piece in _PIECES.split(_introduced(byline.strip(_EDGES), match.phrase))
        for part in _AND.split(_SHORT_AND.sub(r"\1 and ", piece))
        if (name := _name(part))
    ]
    # Beside whole names a single word is a place or a paper.
    whole = [name for name in names if " " in name]
    return tuple(dict.fromkeys(whole or names))


def _introduced(byline: str, phrase: str) -> str:
    """Return what fills the first gap of a phrase: it begins behind the words before, and ends where others follow."""
    before, *behind = (part.strip() for part in GAP.split(phrase))
    before = before.strip(_EDGES + ":：/／=＝")
    if before and (found := re.match(_literal(before) + r"\s*[:：=＝/／]?", byline, re.IGNORECASE)):
        byline = byline[found.end() :]
    for words in behind:
        if words and not _AND.fullmatch(f" {words} ") and (found := re.search(_literal(words), byline, re.IGNORECASE)):
            return byline[: found.start()]
    return byline


def _literal(words: str) -> str:
    """Return what finds words whole, whatever the space between them."""
    edge = r"(?!\w)" if words[-1].isascii() else ""
    return (r"(?<!\w)" if words[0].isascii() else "") + r"\s+".join(map(re.escape, words.split())) + edge


def _name(text: str) -> str:
    """Return the name at the beginning of a text, "" if there is none."""
    found: list[str] = []
    words = date_words()
    for word in text.strip(_EDGES).split():
        plain = fold_date(word)
        if any(map(str.isdecimal, word)) or plain.strip(":,") in words.labels or "@" in word:
            break
        if ":" in word or (word[:1].islower() and plain not in _PARTICLES):
            break
        found.append(word)
    while found and found[-1].lower() in _PARTICLES:
        found.pop()
    name = " ".join(found).strip(_EDGES)
    office = load().match(name) or load().match(f"By {name}")
    if len(found) not in _WORDS or not any(map(str.isalpha, name)) or (office and not GAP.search(office.phrase)):
        return ""
    return name
