"""Quality measures of C4, Gopher and FineWeb on an article's text, and which of their published limits it fails.

People who make corpora for language models know these filters by name and want to see them applied or reported. They
were made for pages of every kind; of clean news they say little, so none is on unless asked for.

What is counted, and where that differs from datatrove, which most people compare with:
- A line is a block of `text.blocks` with single spaces: what stands between line breaks and is not blank, or a
  paragraph where line breaks fall inside sentences, as in wire copy. Articles have blank lines between paragraphs, so
  a paragraph is usually one line. (datatrove takes every line break, and in some versions counts blank lines as lines.)
- A paragraph is what stands between blank lines.
- A word is what stands between white space, without the punctuation around it, and two characters of a script that is
  written without spaces. (datatrove takes a tokeniser, for which punctuation marks are words of their own: it counts
  more words, and fewer of them have a letter.)
- Characters of n-grams and of whole texts are those of words, without spaces. (datatrove counts spaces too.)
- Typographic quotes and marks of other scripts end a sentence like `.`, `!`, `?` and `"` do.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cleaner.stages.quality_measures import FAMILIES, TextCounts


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
    counts = TextCounts.of(text)
    return {name: value for family in FAMILIES.values() for name, value in family(counts).items()}


def failures(text: str, filters: Sequence[str], *, english: bool = True) -> tuple[str, ...]:
    """Return which limits of the filters a text fails, each with its value; empty if none.

    `english`: limits that mean nothing in other languages (word lengths, English function words) hold. Thresholds are
    those that were published. Raises ValueError for a filter that is not in `FILTERS`.

    >>> failures("Rain fell. " * 30, ["gopher"])
    ('gopher: stop_words 0 < 2',)
    """
    if unknown := sorted(set(filters) - set(FILTERS)):
        raise ValueError(f"there is no quality filter '{unknown[0]}'; there are: {', '.join(FILTERS)}")
    counts = TextCounts.of(text)
    found = []
    for name in dict.fromkeys(filters):
        values = FAMILIES[name](counts)
        found += [
            f"{name}: {limit.measure} {_shown(values[limit.measure])} {limit.relation} {limit.bound:g}"
            for limit in _LIMITS[name]
            if (english or not limit.english) and _RELATIONS[limit.relation](values[limit.measure], limit.bound)
        ]
    return tuple(found)


def _shown(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}"
