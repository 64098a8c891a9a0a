"""What a block looks like by itself. What a word is comes from Unicode."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.judging.page_arrays import (
    BRACKET,
    BULLET,
    COLON,
    COMMA,
    DASH,
    DIGIT,
    LETTER,
    LOWER,
    OTHER,
    QUOTE,
    SEPARATOR,
    SPACE,
    STOP,
    SYMBOL,
    UNSPACED,
    UPPER,
    Floats,
    Ints,
    Text,
    sums,
)

OWN: Final = (
    "words",  # in the block; characters of unspaced scripts count half
    "characters",
    "word_length",  # characters of words by words
    "stop",  # ends a sentence, closing quotes and brackets aside
    "colon_end",
    "ellipsis",
    "question_end",
    "exclamations",
    "quote_start",
    "quote_end",
    "lower_start",
    "digit_start",
    "bullet",  # a list mark before the first word
    "capitalised",  # share of words with letters that start upper-case
    "capitals",  # share of words all in capitals
    "upper",  # share of letters
    "lower_words",  # share of words that start lower-case
    "short_words",  # share of words of at most three letters that start lower-case
    "digits",  # share of characters
    "numbers",  # share of words that start with a digit
    "years",  # 1900 to 2099
    "clock",  # digits on both sides of a colon
    "dotted_numbers",  # digits on both sides of . / or -
    "commas",  # by words
    "sentences",  # ends of sentences inside the block
    "separators",
    "symbols",
    "at_or_url",  # @, // or www
    "colons",
    "early_colon",  # a colon within the first four words
    "brackets",
    "quotes",
    "dashes",
    "punctuation",  # share of characters that are neither letter, digit nor space
    "unspaced",  # share of characters
    "no_case",  # share of letters without case, or with an unspaced script
    "longest",  # characters of the longest word
)


def own_measures(text: Text) -> Floats:
    """Describe each block by itself: (OWN, blocks)."""
    classes, points, counts, starts, lengths = text.classes, text.points, text.counts, text.starts, text.lengths
    first = classes[starts]
    lower, upper, long = first == LOWER, first == UPPER, lengths > 1
    # Few words begin with a capital, so only those are looked through.
    capital = np.flatnonzero(upper & long)
    large = np.flatnonzero(classes == UPPER)
    begun = starts[capital]
    whole = large.searchsorted(begun + lengths[capital]) - large.searchsorted(begun) == lengths[capital]
    four = np.flatnonzero((first == DIGIT) & (lengths == 4))
    century = points[starts[four]] * 256 + points[starts[four] + 1]
    capitalised, lowers, shorts, numbers, unspaced = sums(
        [upper, lower, lower & (lengths <= 3), first == DIGIT, first == UNSPACED], text.edges
    )
    total = np.diff(text.edges)
    capitals, years = (
        np.diff(where.searchsorted(text.edges))
        for where in (capital[whole], four[(century == 0x3139) | (century == 0x3230)])  # 19.., 20..
    )
    dots = np.flatnonzero(classes == STOP)
    colons = np.flatnonzero(classes == COLON)
    slashes = np.flatnonzero(points == 0x2F)
    joints = np.concatenate([dots[points[dots] == 0x2E], slashes, np.flatnonzero(classes == DASH)])
    joints.sort()
    clock, dotted, sentences, addresses, exclamations, early = (
        np.diff(where.searchsorted(text.begins))
        for where in (
            _between_digits(classes, colons),
            _between_digits(classes, joints),
            _sentence_ends(classes, dots),
            np.sort(np.append(np.flatnonzero(points == 0x40), slashes[points[slashes + 1] == 0x2F])),
            dots[points[dots] == 0x21],
            _early(colons, text),
        )
    )
    solid = np.flatnonzero(classes != SPACE)
    core = np.flatnonzero((classes != SPACE) & (classes != QUOTE) & (classes != BRACKET))
    begin = _at(classes, solid, np.searchsorted(solid, text.begins[:-1]))
    mark = _at(classes, core, np.searchsorted(core, text.begins[:-1]))
    close = _at(classes, solid, np.searchsorted(solid, text.ends) - 1)
    at_end = np.searchsorted(core, text.ends) - 1
    end = _at(classes, core, at_end)
    end_point, before_end = _at(points, core, at_end), _at(points, core, at_end - 1)
    begin, mark, close, end = (np.where(total > 0, kind, OTHER) for kind in (begin, mark, close, end))
    words = total - unspaced / 2
    divisor = np.maximum(total, 1)
    size = np.maximum(text.ends - text.begins[:-1], 1)
    letters = np.maximum(counts[:, LOWER] + counts[:, UPPER] + counts[:, LETTER] + counts[:, UNSPACED], 1)
    uncased = counts[:, LETTER] + counts[:, UNSPACED]
    longest = np.zeros(len(total), np.int64)
    some = np.flatnonzero(total)
    if len(some):
        longest[some] = np.maximum.reduceat(lengths, text.edges[some])
    return np.stack(
        [
            words,
            size,
            (size - counts[:, SPACE:].sum(1)) / divisor,
            end == STOP,
            end == COLON,
            (end_point == 0x2026) | ((end_point == 0x2E) & (before_end == 0x2E)),
            (end_point == 0x3F) | (end_point == 0xFF1F) | (end_point == 0x61F),
            exclamations,
            begin == QUOTE,
            close == QUOTE,
            begin == LOWER,
            begin == DIGIT,
            (mark == BULLET) | (mark == DASH),
            capitalised / divisor,
            capitals / divisor,
            counts[:, UPPER] / letters,
            lowers / divisor,
            shorts / divisor,
            counts[:, DIGIT] / size,
            numbers / divisor,
            years,
            clock,
            dotted,
            counts[:, COMMA] / divisor,
            sentences,
            counts[:, SEPARATOR],
            counts[:, SYMBOL],
            addresses,
            counts[:, COLON],
            early,
            counts[:, BRACKET],
            counts[:, QUOTE],
            counts[:, DASH],
            counts[:, STOP:].sum(1) / size,
            counts[:, UNSPACED] / size,
            uncased / letters,
            longest,
        ]
    )


def _between_digits(classes: NDArray[np.uint8], where: Ints) -> Ints:
    """Keep the places that have a digit on both sides. Two spaces stand after every block."""
    return np.asarray(where[(where > 0) & (classes[where - 1] == DIGIT) & (classes[where + 1] == DIGIT)])


def _sentence_ends(classes: NDArray[np.uint8], stops: Ints) -> Ints:
    """Keep the full stops inside a block that another sentence seems to follow."""
    after, second = classes[stops + 1], classes[stops + 2]
    opens = (second <= LETTER) & (second != LOWER) | (second == DIGIT) | (second == QUOTE) | (second == BRACKET)
    return np.asarray(stops[((after == SPACE) & opens) | (after == UNSPACED) | ((after == QUOTE) & (second == SPACE))])


def _early(where: Ints, text: Text) -> Ints:
    """Keep the places that at most four words of their block have begun before."""
    block = np.searchsorted(text.begins, where, side="right") - 1
    return np.asarray(where[np.searchsorted(text.starts, where) - text.edges[block] <= 4])


def _at(values: NDArray[Any], where: Ints, index: Ints) -> Ints:
    """Take values[where[index]]; an index past either end takes the nearest, and no place at all gives OTHER."""
    if not len(where):
        return np.full(len(index), OTHER, np.int64)
    return np.asarray(values[where[np.minimum(np.maximum(index, 0), len(where) - 1)]], np.int64)
