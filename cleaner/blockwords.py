"""What a block looks like by itself, and how its words occur elsewhere on the page.

What a word is comes from Unicode, and what a function word is comes from the page itself: the lower-case words that its
sentences use most.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cleaner.blocktext import (
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
    Layout,
    Text,
    hash_runs,
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
VOCABULARY: Final = (
    "function_words",  # share of words that are the page's own function words
    "function_count",  # how many
    "known",  # share of words that other blocks of the best region use too
    "known_long",  # the same, of words over three characters that are no function words
    "earlier",  # share of words that an earlier block used
    "later",  # share of words that a later block uses
    "only_here",  # share of words that no other block uses
    "title",  # share of words that are in the title
    "title_share",  # share of the title's words that are in the block
    "slug",  # share of words that are in the address's path
    "slug_share",
    "repeated",  # an earlier block is the same but for digits and case
    "repeats",  # a later block is the same
    "copies",  # number of blocks that are the same
    "same_start",  # number of blocks that start with the same four words
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


def find_copies(text: Text, layout: Layout) -> Floats:
    """Find blocks that are the same as others of the page but for case, digits and punctuation: the last of VOCABULARY.

    The last four, (4, blocks).
    """
    n = layout.blocks
    sizes = np.diff(text.edges[: n + 1])
    words = text.hashes[: text.edges[n]]
    begins, ends = text.edges[:n], text.edges[1 : n + 1]
    whole = hash_runs(words, begins, ends)
    start = hash_runs(words, begins, np.minimum(ends, begins + 4))
    opening, _ = _number(_keys(start, layout.page))
    copy, members = _number(_keys(whole, layout.page))
    everywhere = np.arange(n)
    first, last = np.zeros((2, len(members)), np.int64)
    first[copy[::-1]], last[copy] = everywhere[::-1], everywhere
    # A block without words is no copy of anything, and a block of three words has no start of four.
    full, four = sizes > 0, sizes > 3
    starts = np.bincount(opening[four], minlength=n)[opening]
    return np.stack(
        [
            full & (first[copy] < everywhere),
            full & (last[copy] > everywhere),
            np.where(full, np.minimum(members[copy], 5), 1),
            np.where(four, np.minimum(starts, 5), 1),
        ]
    ).astype(np.float64)


def _keys(hashes: NDArray[np.uint64], page: Ints) -> NDArray[np.uint64]:
    """Tell the pages apart in hashes: 48 bits of the hash after the page's number, which must be below 65,536."""
    return np.asarray((page.astype(np.uint64) << np.uint64(48)) | (hashes >> np.uint64(16)))


def _number(keys: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Give equal keys the same number, from 0 in the order of the keys; also, how often each of them occurs."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.append(True, ordered[1:] != ordered[:-1])[: len(keys)]
    numbers = np.empty(len(keys), np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers, np.diff(np.append(np.flatnonzero(new), len(keys)))


def _function_words(ids: Ints, of: Ints, pages: int) -> NDArray[np.bool_]:
    """Mark the forty words that each page's sentences use most, twice or more: (kinds,).

    In every language with cases and spaces those are nearly all articles, prepositions and auxiliaries. `of` is the
    page of each kind of word, in order.
    """
    uses = np.bincount(ids, minlength=len(of))
    often = np.flatnonzero(uses >= 2)  # of the rest none can be a function word
    order = often[np.lexsort((uses[often], of[often]))]
    counts = np.bincount(of[often], minlength=pages)
    fortieth = np.append(uses[order], 0)[np.maximum(np.cumsum(counts) - 40, 0)]
    least = np.where(counts >= 40, fortieth, 2)
    return np.asarray(uses >= least[of])


def vocabulary_measures(text: Text, layout: Layout, strong: NDArray[np.bool_], region: NDArray[np.bool_]) -> Floats:
    """Tell how the words of each block occur elsewhere on its page: all of VOCABULARY but the copies, (..., blocks)."""
    n, pages = layout.blocks, len(layout.sizes)
    words = int(text.edges[n])
    sizes = np.diff(text.edges)
    page_of = np.repeat(np.concatenate([layout.page, np.arange(pages), np.arange(pages)]), sizes)
    ids, uses = _number(_keys(text.hashes, page_of))
    kinds = len(uses)
    of = np.zeros(kinds, np.int64)
    of[ids] = page_of
    named = np.zeros((2, kinds), bool)
    named[0, ids[words : text.edges[n + pages]]] = True
    named[1, ids[text.edges[n + pages] :]] = True
    ids, lengths = ids[:words], text.lengths[:words]
    block = np.repeat(np.arange(n), sizes[:n])
    running = strong[block]
    own = _function_words(ids[running & (text.classes[text.starts[:words]] == LOWER)], of, pages)[ids]
    # First and last block that uses each word, on the page and in the region's running text. Where an assignment
    # names an index repeatedly, the last value stands.
    seen = np.full((4, kinds), -1, np.int64)
    inner = np.flatnonzero(running & region[block])
    seen[0, ids[::-1]], seen[1, ids] = block[::-1], block
    seen[2, ids[inner[::-1]]], seen[3, ids[inner]] = block[inner[::-1]], block[inner]
    first, last, first_inner, last_inner = seen[:, ids]
    known = (first_inner >= 0) & ((first_inner != block) | (last_inner != block))
    long = (lengths > 3) & ~own
    earlier, later = first < block, last > block
    rows = [own, known, long, long & known, earlier, later, ~(earlier | later), named[0, ids], named[1, ids]]
    own_count, known_count, longs, known_longs, *others, titled, slugged = sums(rows, text.edges[: n + 1])
    total = np.maximum(sizes[:n], 1)
    title, slug = np.maximum(sizes[n:], 1).reshape(2, pages)[:, layout.page]
    return np.stack(
        [
            own_count / total,
            np.minimum(own_count, 20),
            known_count / total,
            known_longs / np.maximum(longs, 1),
            *(other / total for other in others),
            titled / total,
            np.minimum(titled / title, 1),
            slugged / total,
            np.minimum(slugged / slug, 1),
        ]
    )
