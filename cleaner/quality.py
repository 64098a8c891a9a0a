"""Quality measures of C4, Gopher and FineWeb on an article's text, and which of their published limits it fails.

People who make corpora for language models know these filters by name and want to see them applied or reported. They
were made for pages of every kind; of clean news they say little, so none is on unless asked for.

What is counted, and where that differs from datatrove, which most people compare with:
- A line is a block (`blocks.py`) with single spaces: what stands between line breaks and is not blank, or a paragraph
  where line breaks fall inside sentences, as in wire copy. Articles have blank lines between paragraphs, so a paragraph
  is usually one line. (datatrove takes every line break, and in some versions counts blank lines as lines.)
- A paragraph is what stands between blank lines.
- A word is what stands between white space, without the punctuation around it, and two characters of a script that is
  written without spaces. (datatrove takes a tokeniser, for which punctuation marks are words of their own: it counts
  more words, and fewer of them have a letter.)
- Characters of n-grams and of whole texts are those of words, without spaces. (datatrove counts spaces too.)
- Typographic quotes and marks of other scripts end a sentence like `.`, `!`, `?` and `"` do.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cleaner.blocks import split

_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_SCRIPT = re.compile(f"[{_SPACELESS}]")
_WORDS = re.compile(rf"[{_SPACELESS}]{{1,2}}|[^\s{_SPACELESS}]+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_ENDS = tuple(".!?\"'”’»」』。！？؟।")
_SENTENCE_ENDS = re.compile(r"[.!?][\"'”’»)\]]*(?=\s+[^\sa-z]|\s*$)|[。！？؟।]")
_ELLIPSES = ("...", "…")
_BULLETS = ("•", "-", "–", "—", "*", "‣", "▪", "●")
_AROUND = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’«»„…–—•"
_POLICY = re.compile(r"terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies")
_REQUIRED = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_FEW_WORDS, _LONG_WORD, _SHORT_LINE = 5, 1000, 30


@dataclass(frozen=True, slots=True)
class Measure:
    """What a measure is: its unit, whose it is, and its definition in words."""

    unit: str
    source: str
    says: str


_C4 = "C4 (Raffel et al. 2020, section 2.2)"
_GOPHER = "Gopher (Rae et al. 2021, appendix A.1.1)"
_REPETITION = "Gopher (Rae et al. 2021, table A1)"
_FINEWEB = "FineWeb (Penedo et al. 2024, section 3.6)"

MEASURES: Mapping[str, Measure] = {
    "dropped_line_ratio": Measure("share of lines", _C4, "dropped by any of the four rules below; no limit on it"),
    "no_terminal_ratio": Measure("share of lines", _C4, "no end of a sentence at its end, or an ellipsis"),
    "few_words_ratio": Measure("share of lines", _C4, "under five words (datatrove: under three)"),
    "javascript_ratio": Measure("share of lines", _C4, "the word javascript in it"),
    "policy_ratio": Measure("share of lines", _C4, "on cookies or terms, or a word over 1,000 long (its code)"),
    "kept_sentences": Measure("sentences", _C4, "in the lines that are kept; under three fail (datatrove: under five)"),
    "lorem_ipsum": Measure("occurrences", _C4, "of lorem ipsum anywhere"),
    "curly_bracket": Measure("occurrences", _C4, "of { anywhere"),
    "word_count": Measure("words", _GOPHER, "words with a letter or figure"),
    "mean_word_length": Measure("characters", _GOPHER, "mean length of those words"),
    "symbol_word_ratio": Measure("per word", _GOPHER, "number signs or ellipses, whichever are more"),
    "bullet_line_ratio": Measure("share of lines", _GOPHER, "begins with a bullet"),
    "ellipsis_line_ratio": Measure("share of lines", _GOPHER, "ends with an ellipsis"),
    "alpha_word_ratio": Measure("share of words", _GOPHER, "a letter in it, of all that stands between white space"),
    "stop_words": Measure("words", _GOPHER, "how many of the, be, to, of, and, that, have, with occur at all"),
    "dup_line_frac": Measure("share of lines", _REPETITION, "stood above already"),
    "dup_line_char_frac": Measure("share of characters", _REPETITION, "in lines that stood above already"),
    "dup_para_frac": Measure("share of paragraphs", _REPETITION, "stood above already"),
    "dup_para_char_frac": Measure("share of characters", _REPETITION, "in paragraphs that stood above already"),
    **{
        f"top_{n}_gram": Measure("share of characters", _REPETITION, f"in the most frequent {n} words, if they recur")
        for n in (2, 3, 4)
    },
    **{
        f"dup_{n}_gram": Measure("share of characters", _REPETITION, f"in {n} words that stood before, none twice")
        for n in range(5, 11)
    },
    "line_punct_ratio": Measure("share of lines", _FINEWEB, "ends as a sentence does"),
    "short_line_ratio": Measure("share of lines", _FINEWEB, "shorter than 30 characters"),
    "char_dup_ratio": Measure("share of characters", _FINEWEB, "in lines that stood above; the paper's limit is 0.1"),
    "list_ratio": Measure("per word", "datatrove (FineWeb's code, not its paper)", "line breaks; a blank line is one"),
}  # fmt: skip
"""Every measure by its name: those of C4 and of the papers, under datatrove's names where it has one."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """A text fails where the measure stands in that relation to the bound. `english`: means nothing elsewhere."""

    measure: str
    relation: str
    bound: float
    english: bool = False


_RELATIONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_LIMITS: Mapping[str, tuple[_Limit, ...]] = {
    "c4": (_Limit("kept_sentences", "<", 3), _Limit("lorem_ipsum", ">", 0), _Limit("curly_bracket", ">", 0)),
    "gopher": (
        _Limit("word_count", "<", 50),
        _Limit("word_count", ">", 100_000),
        _Limit("mean_word_length", "<", 3, english=True),
        _Limit("mean_word_length", ">", 10, english=True),
        _Limit("symbol_word_ratio", ">", 0.1),
        _Limit("bullet_line_ratio", ">", 0.9),
        _Limit("ellipsis_line_ratio", ">", 0.3),
        _Limit("alpha_word_ratio", "<", 0.8),
        _Limit("stop_words", "<", 2, english=True),
    ),
    "gopher_repetition": (
        _Limit("dup_line_frac", ">", 0.3),
        _Limit("dup_para_frac", ">", 0.3),
        _Limit("dup_line_char_frac", ">", 0.2),
        _Limit("dup_para_char_frac", ">", 0.2),
        *(_Limit(f"top_{n}_gram", ">", bound) for n, bound in ((2, 0.2), (3, 0.18), (4, 0.16))),
        *(_Limit(f"dup_{n}_gram", ">", (20 - n) / 100) for n in range(5, 11)),
    ),
    "fineweb": (
        _Limit("line_punct_ratio", "<=", 0.12),
        _Limit("short_line_ratio", ">=", 0.67),
        _Limit("char_dup_ratio", ">=", 0.1),
        _Limit("list_ratio", ">", 0.3),
    ),
}
FILTERS: tuple[str, ...] = tuple(_LIMITS)
"""The names that `failures` knows."""


def measures(text: str) -> dict[str, float]:
    r"""Return every measure of a text by its name; `MEASURES` says what each is. All are 0 for an empty text.

    >>> found = measures("Rain fell on Monday. Rivers rose.\n\nShare\n\nShare")
    >>> found["word_count"], found["dup_line_frac"], found["line_punct_ratio"]
    (8.0, 0.3333333333333333, 0.3333333333333333)
    """
    looked = _Looked.at(text)
    return {name: value for family in _FAMILIES.values() for name, value in family(looked).items()}


def failures(text: str, filters: Sequence[str], *, english: bool = True) -> tuple[str, ...]:
    """Return which limits of the filters a text fails, each with its value; empty if none.

    `english`: limits that mean nothing in other languages (word lengths, English function words) hold. Thresholds are
    those that were published. Raises ValueError for a filter that is not in `FILTERS`.

    >>> failures("Rain fell. " * 30, ["gopher"])
    ('gopher: stop_words 0 < 2',)
    """
    if unknown := sorted(set(filters) - set(FILTERS)):
        raise ValueError(f"there is no quality filter '{unknown[0]}'; there are: {', '.join(FILTERS)}")
    looked = _Looked.at(text)
    found = []
    for name in dict.fromkeys(filters):
        values = _FAMILIES[name](looked)
        found += [
            f"{name}: {limit.measure} {_shown(values[limit.measure])} {limit.relation} {limit.bound:g}"
            for limit in _LIMITS[name]
            if (english or not limit.english) and _RELATIONS[limit.relation](values[limit.measure], limit.bound)
        ]
    return tuple(found)


def _shown(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class _Looked:
    """A text, and what more than one measure asks of it. `words` are without the punctuation around them."""

    text: str
    lines: tuple[str, ...]
    words: tuple[str, ...]
    tokens: int
    characters: int

    @classmethod
    def at(cls, text: str) -> _Looked:
        lines = tuple(" ".join(block.text.split()) for block in split(text) if block.text.strip())
        tokens = _WORDS.findall(text) if _SCRIPT.search(text) else text.split()
        words = tuple(word for word in (token.strip(_AROUND) for token in tokens) if word)
        return cls(text, lines, words, len(tokens), sum(map(len, words)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _c4(looked: _Looked) -> dict[str, float]:
    """Raffel et al. drop lines, then judge the page by what is left; their list of bad words is not used here."""
    flaws = [_line_flaws(line) for line in looked.lines]
    lines = len(flaws)
    folded = looked.text.casefold()
    kept = (line for line, found in zip(looked.lines, flaws, strict=True) if not any(found))
    shares = [_share(sum(column), lines) for column in zip(*flaws, strict=True)] or [0.0] * 4
    return {
        "dropped_line_ratio": _share(sum(map(any, flaws)), lines),
        **dict(zip(("no_terminal_ratio", "few_words_ratio", "javascript_ratio", "policy_ratio"), shares, strict=True)),
        "kept_sentences": float(sum(len(_SENTENCE_ENDS.findall(line)) for line in kept)),
        "lorem_ipsum": float(folded.count("lorem ipsum")),
        "curly_bracket": float(folded.count("{")),
    }


def _line_flaws(line: str) -> tuple[bool, bool, bool, bool]:
    words = _WORDS.findall(line)
    folded = line.casefold()
    return (
        not line.endswith(_ENDS) or line.endswith(_ELLIPSES),
        len(words) < _FEW_WORDS,
        "javascript" in folded,
        _POLICY.search(folded) is not None or max(map(len, words), default=0) > _LONG_WORD,
    )


def _gopher(looked: _Looked) -> dict[str, float]:
    words, lines = looked.words, len(looked.lines)
    ellipses = sum(map(looked.text.count, _ELLIPSES))
    alpha = sum(word.isalpha() or any(map(str.isalpha, word)) for word in words)
    return {
        "word_count": float(len(words)),
        "mean_word_length": _share(looked.characters, len(words)),
        "symbol_word_ratio": _share(max(looked.text.count("#"), ellipses), len(words)),
        "bullet_line_ratio": _share(sum(line.startswith(_BULLETS) for line in looked.lines), lines),
        "ellipsis_line_ratio": _share(sum(line.endswith(_ELLIPSES) for line in looked.lines), lines),
        "alpha_word_ratio": _share(alpha, looked.tokens),
        "stop_words": float(len(_REQUIRED.intersection(map(str.lower, words)))),
    }


def _gopher_repetition(looked: _Looked) -> dict[str, float]:
    paragraphs = [part.strip() for part in _PARAGRAPHS.split(looked.text) if part.strip()]
    found = {}
    for name, parts in (("line", looked.lines), ("para", paragraphs)):
        repeated = _repeated(parts)
        found[f"dup_{name}_frac"] = _share(len(repeated), len(parts))
        found[f"dup_{name}_char_frac"] = _share(sum(map(len, repeated)), sum(map(len, parts)))
    return found | _n_grams(looked)


def _n_grams(looked: _Looked) -> dict[str, float]:
    """Measure n words that recur, for growing n: only where n words recur can one more word make n + 1 that do."""
    words = looked.words
    found = {}
    places: Sequence[int] = range(len(words))
    for n in range(2, 11):
        grams = [(at, words[at : at + n]) for at in places if at + n <= len(words)]
        counts = Counter(gram for _, gram in grams)
        recurring = [(at, gram) for at, gram in grams if counts[gram] > 1]
        places = [at for at, _ in recurring]
        if n < 5:
            found[f"top_{n}_gram"] = min(_share(_top(counts), looked.characters), 1.0)
        else:
            found[f"dup_{n}_gram"] = _share(_covered(recurring, n), looked.characters)
    return found


def _repeated(parts: Iterable[str]) -> list[str]:
    """Return the parts that equal an earlier one."""
    seen: set[str] = set()
    repeated = []
    for part in parts:
        if part in seen:
            repeated.append(part)
        seen.add(part)
    return repeated


def _top(counts: Counter[tuple[str, ...]]) -> int:
    """Return the characters in all occurrences of the most frequent n-gram (the longest of them if several are).

    Those that occur once repeat nothing, so then it is 0 (datatrove: the length of one). Occurrences that overlap
    ("ha ha ha") count as often as they occur.
    """
    most = max(counts.values(), default=0)
    longest = max((sum(map(len, gram)) for gram, count in counts.items() if count == most), default=0)
    return most * longest if most > 1 else 0


def _covered(recurring: Iterable[tuple[int, tuple[str, ...]]], n: int) -> int:
    """Return the characters in n-grams that stood before, read from the left; what is counted is passed over."""
    seen: set[tuple[str, ...]] = set()
    covered = free = 0
    for at, gram in recurring:
        if at < free:
            continue
        if gram in seen:
            covered += sum(map(len, gram))
            free = at + n
        seen.add(gram)
    return covered


def _fineweb(looked: _Looked) -> dict[str, float]:
    lines = looked.lines
    return {
        "line_punct_ratio": _share(sum(line.endswith(_ENDS) for line in lines), len(lines)),
        "short_line_ratio": _share(sum(len(line) < _SHORT_LINE for line in lines), len(lines)),
        "char_dup_ratio": _share(sum(map(len, _repeated(lines))), sum(map(len, lines))),
        "list_ratio": _share(max(len(lines) - 1, 0), len(looked.words)),
    }


_FAMILIES: Mapping[str, Callable[[_Looked], dict[str, float]]] = {
    "c4": _c4, "gopher": _gopher, "gopher_repetition": _gopher_repetition, "fineweb": _fineweb,
}  # fmt: skip
