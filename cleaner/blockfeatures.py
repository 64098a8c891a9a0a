"""Numbers that describe the blocks of a page of plain text, for the block model.

All measures are counted in a few passes of numpy over the page's code points and words, never block by block in
Python: a page of 40 blocks takes about half a millisecond. Nothing here knows a language: what a word is comes from
Unicode, and what a function word is comes from the page itself (the lower-case words that its sentences use most).
Values are counts and shares, not logarithms, because trees only compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

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
    Text,
    read,
    sums,
    tables,
)
from cleaner.phrases import Match, load

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
PLACE: Final = (
    "place",  # 0 first block, near 1 last
    "from_top",
    "from_bottom",
    "blocks",
    "strong_share",  # of blocks that are surely running text (see _strong)
    "strong_words",  # words in strong blocks
    "page_words",
    "strong_word_share",
    "before",  # share of the strong words that stand before the block
    "after",
    "words_before",
    "words_after",
    "last_strong",  # blocks since the last strong one
    "next_strong",
    "short_run",  # length of the run of blocks without a full stop that the block is in
    "since_date",  # blocks since the last short block with a year, a time or a dotted number, at most 99
    "until_date",
    "dates",  # number of such blocks
    "since_headline",  # blocks after the one most like the title or the address, -99 if none is
    "segment_words",  # words in the stretch of strong blocks, at most two others apart, that the block is in or between
    "segment_share",  # of the page's strong words
    "segment_place",  # blocks since its first strong block
    "segments_before",
)
REGION: Final = (
    "in_region",
    "from_start",  # blocks after the region's first one, negative before it
    "from_end",
    "region_share",  # of the page's strong words
    "region_blocks",
    "to_median",  # words by the median of the page's blocks
    "to_region",  # words by the median of the region's strong blocks
    "region_words",
    "outside_words",  # words outside the region by words inside
)
GROUPS: Final = {
    "promotion": ("newsletter", "subscription", "app", "podcast", "follow", "support"),
    "sharing": ("share", "comments", "player"),
    "advert": ("advert",),
    "menu": ("navigation",),
    "related": ("related",),
    "credit": ("caption", "byline", "date_label", "read_time"),
    "notice": ("notice",),
    "legal": ("legal", "copyright", "cookies", "error"),
}
"""Classes of `cleaner.phrases` that are alike in where they stand and what follows them."""
PHRASES: Final = (
    *(f"phrase_{group}" for group in GROUPS),  # 2 for a sure phrase, 1 for an unsure one
    "phrase",  # the same for any class
    "phrases_before",  # number of sure phrases above the block
    "phrases_after",
    "since_phrase",  # blocks since the last sure phrase above, at most 99
    "until_phrase",
    "since_end",  # blocks since the first of the sure phrases behind the region's last strong block
    "since_related",  # blocks since the last heading of related links or promotion above, at most 99
    "strong_since_related",  # strong blocks among those
)
_WINDOW_OF: Final = (
    "strong_words",
    "stop",
    "words",
    "capitalised",
    "lower_words",
    "function_words",
    "known",
    "digits",
    "phrase",
)
_WINDOWS: Final = (2, 5, 12, 30)
_NEAR_OF: Final = (
    "words", "stop", "capitalised", "function_words", "digits", "colon_end", "known", "repeated", "phrase",
)  # fmt: skip
_NEAR: Final = (-2, -1, 1, 2)
NAMES: Final = (
    *OWN,
    *VOCABULARY,
    *PLACE,
    *REGION,
    *PHRASES,
    *(f"{name}_{side}_{width}" for width in _WINDOWS for side in ("before", "after") for name in _WINDOW_OF),
    *(f"{name}_at_{step:+d}" for step in _NEAR for name in _NEAR_OF),
)
"""Names of the features, in the order of the columns."""

_GROUP_OF: Final = {rule: row for row, rules in enumerate(GROUPS.values()) for rule in rules}
_HEADS: Final = [list(GROUPS).index(group) for group in ("promotion", "related", "sharing")]


def _own(text: Text) -> Floats:
    """Describe each block by itself: (OWN, blocks)."""
    classes, points, counts, starts, lengths = text.classes, text.points, text.counts, text.starts, text.lengths
    first = classes[starts]
    capital = np.zeros(len(classes) + 1, np.int64)
    np.cumsum(classes == UPPER, out=capital[1:])
    lower = first == LOWER
    padded = np.append(points, [SPACE, SPACE])
    century = padded[starts] * 256 + padded[starts + 1]
    total, capitalised, capitals, lowers, shorts, numbers, unspaced, years = sums(
        [
            np.ones(len(starts), bool),
            first == UPPER,
            (capital[starts + lengths] - capital[starts] == lengths) & (lengths > 1),
            lower,
            lower & (lengths <= 3),
            first == DIGIT,
            first == UNSPACED,
            (lengths == 4) & ((century == 0x3139) | (century == 0x3230)),  # 19.., 20..
        ],
        text.edges,
    )
    # The class of the next character and of the one after it; every block is followed by two spaces.
    following = np.append(classes, np.array([SPACE, SPACE], np.uint8))
    after, second = following[1:-1], following[2:]
    digit = classes == DIGIT
    between = np.append(False, digit[:-1]) & (after == DIGIT)
    slash = points == 0x2F
    colon = classes == COLON
    opens = (second <= LETTER) & (second != LOWER) | (second == DIGIT) | (second == QUOTE) | (second == BRACKET)
    ends = (classes == STOP) & (
        ((after == SPACE) & opens) | (after == UNSPACED) | ((after == QUOTE) & (second == SPACE))
    )
    clock, dotted, sentences, addresses, exclamations, early = sums(
        [
            colon & between,
            ((points == 0x2E) | slash | (classes == DASH)) & between,
            ends,
            (points == 0x40) | (slash & np.append(slash[1:], False)),
            points == 0x21,
            _early(colon, text),
        ],
        text.begins,
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


def _early(marks: NDArray[np.bool_], text: Text) -> NDArray[np.bool_]:
    """Keep the marked characters that at most four words of their block have begun before."""
    where = np.flatnonzero(marks)
    block = np.searchsorted(text.begins, where, side="right") - 1
    kept = np.zeros(len(marks), bool)
    kept[where[np.searchsorted(text.starts, where) - text.edges[block] <= 4]] = True
    return kept


def _at(values: NDArray[Any], where: Ints, index: Ints) -> Ints:
    """Take values[where[index]]; an index past either end takes the nearest, and no place at all gives OTHER."""
    if not len(where):
        return np.full(len(index), OTHER, np.int64)
    return np.asarray(values[where[np.minimum(np.maximum(index, 0), len(where) - 1)]], np.int64)


def _copies(text: Text, n: int) -> Floats:
    """Find blocks that are the same as others but for case, digits and punctuation: the last four of VOCABULARY."""
    sizes = np.diff(text.edges[: n + 1])
    page = text.hashes[: text.edges[n]]
    _, _, powers = tables()
    place = np.arange(len(page)) - np.repeat(text.edges[:n], sizes)
    terms = page * powers[place & 63]
    running = np.zeros((2, len(page) + 1), np.uint64)
    np.cumsum(terms, out=running[0, 1:])
    np.cumsum(np.where(place < 4, terms, np.uint64(0)), out=running[1, 1:])
    whole, start = np.diff(running[:, text.edges[: n + 1]])
    # A block without words is no copy of anything, and a block of three words has no start of four.
    numbers = np.arange(n, dtype=np.uint64)
    whole = np.where(sizes > 0, whole, numbers)
    start = np.where(sizes > 3, start, numbers)
    _, first, index, copies = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    last = np.zeros(len(first), np.int64)
    last[index] = np.arange(n)
    _, at, starts = np.unique(start, return_inverse=True, return_counts=True)
    return np.stack(
        [
            first[index] < np.arange(n),
            last[index] > np.arange(n),
            np.minimum(copies[index], 5),
            np.minimum(starts[at], 5),
        ]
    ).astype(np.float64)


def _function_words(ids: Ints, kinds: int) -> NDArray[np.bool_]:
    """Mark the forty words that the page's sentences use most, twice or more: (kinds,).

    In every language with cases and spaces those are nearly all articles, prepositions and auxiliaries.
    """
    uses = np.bincount(ids, minlength=kinds)
    least = np.sort(uses)[-40] if kinds >= 40 else 0
    return np.asarray(uses >= max(2, least))


def _vocabulary(text: Text, strong: NDArray[np.bool_], region: NDArray[np.bool_]) -> Floats:
    """Tell how the words of each block occur elsewhere on the page: all of VOCABULARY but the copies."""
    n = len(strong)
    page = int(text.edges[n])
    _, ids = np.unique(text.hashes, return_inverse=True)
    kinds = int(ids.max()) + 1 if len(ids) else 0
    sizes = np.diff(text.edges)
    named = np.zeros((2, kinds), bool)
    named[0, ids[page : text.edges[n + 1]]] = True
    named[1, ids[text.edges[n + 1] :]] = True
    ids, lengths = ids[:page], text.lengths[:page]
    block = np.repeat(np.arange(n), sizes[:n])
    running = strong[block]
    own = _function_words(ids[running & (text.classes[text.starts[:page]] == LOWER)], kinds)[ids]
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
    wanted = np.maximum(sizes[n:], 1)
    return np.stack(
        [
            own_count / total,
            np.minimum(own_count, 20),
            known_count / total,
            known_longs / np.maximum(longs, 1),
            *(other / total for other in others),
            titled / total,
            np.minimum(titled / wanted[0], 1),
            slugged / total,
            np.minimum(slugged / wanted[1], 1),
        ]
    )


def _strong(own: Floats) -> NDArray[np.bool_]:
    """Mark blocks that are surely running text, of the story or of another: long sentences that are not a title."""
    words, stop, ellipsis, capitalised = (own[OWN.index(name)] for name in ("words", "stop", "ellipsis", "capitalised"))
    return np.asarray((stop > 0) & (words >= 12) & (ellipsis == 0) & (capitalised < 0.5))


def _region(own: Floats, strong: NDArray[np.bool_], repeated: Floats) -> tuple[int, int]:
    """Find the stretch with the greatest score, running text for and all else against it (Kadane's algorithm)."""
    words, stop = own[OWN.index("words")], own[OWN.index("stop")]
    score = np.where(strong, np.minimum(words, 60), np.where((stop > 0) & (words >= 6), 3.0, -4.0))
    score[repeated > 0] = -4.0
    running = np.concatenate(([0.0], np.cumsum(score)))
    gain = running - np.minimum.accumulate(running)
    end = int(gain.argmax())
    begin = int(running[: end + 1][::-1].argmin()) if end else 0
    return end - begin, max(end, 1)


def _place(words: Floats, strong: NDArray[np.bool_], stop: Floats) -> Floats:
    """Tell where on the page each block stands: all of PLACE but the landmarks."""
    n = len(words)
    at = np.arange(n)
    flow = np.where(strong, np.minimum(words, 80), 0.0)
    upto, all_upto = np.cumsum(flow), np.cumsum(words)
    whole, all_words = max(upto[-1], 1e-6), max(all_upto[-1], 1e-6)
    full = stop > 0
    run_begin = np.maximum.accumulate(np.where(full, at, -1))
    run_end = np.minimum.accumulate(np.where(full, at, n)[::-1])[::-1]
    fixed = np.broadcast_to(
        np.array([[n], [strong.mean()], [whole], [all_words], [whole / all_words]], np.float64), (5, n)
    )
    return np.concatenate(
        [
            np.stack([at / n, at, n - 1 - at]),
            fixed,
            np.stack(
                [
                    (upto - flow) / whole,
                    1 - upto / whole,
                    all_upto - words,
                    all_words - all_upto,
                    _since(strong),
                    _since(strong[::-1])[::-1],
                    np.where(full, 0, run_end - run_begin - 1),
                ]
            ),
        ]
    )


def _landmarks(own: Floats, vocabulary: Floats, strong: NDArray[np.bool_]) -> Floats:
    """Tell where each block stands to dates, headline and stretches of running text: the last eight of PLACE."""
    n = len(strong)
    at = np.arange(n)
    words, years, clock, dotted = (own[OWN.index(name)] for name in ("words", "years", "clock", "dotted_numbers"))
    date = (words <= 12) & (years + clock + dotted > 0)
    likeness = np.maximum(vocabulary[VOCABULARY.index("title_share")], vocabulary[VOCABULARY.index("slug_share")])
    likeness = np.where(words <= 40, likeness, 0.0)
    headline = n - 1 - int(likeness[::-1].argmax())  # of equals the last one, which the body follows
    since_headline = at - headline if likeness[headline] >= 0.5 else np.full(n, -99)
    where = np.flatnonzero(strong)
    rows = np.zeros((4, n))
    if len(where):
        opening = np.append(True, np.diff(where) > 3)
        number = np.cumsum(opening) - 1
        sizes = np.bincount(number, weights=np.minimum(words[where], 80))
        firsts = where[opening]
        lasts = where[np.append(np.flatnonzero(opening)[1:] - 1, len(where) - 1)]
        segment = np.searchsorted(firsts, at, side="right") - 1
        inside = (segment >= 0) & (at <= lasts[segment])
        rows[0] = np.where(inside, sizes[segment], 0)
        rows[1] = rows[0] / sizes.sum()
        rows[2] = np.where(segment >= 0, at - firsts[segment], -1)
        rows[3] = segment + 1
    return np.concatenate(
        [
            np.stack([_since(date), _since(date[::-1])[::-1], np.full(n, date.sum()), since_headline]),
            rows,
        ]
    )


def _since(marked: NDArray[np.bool_]) -> Ints:
    """Count the blocks since the last marked one above, at most 99."""
    at = np.arange(len(marked))
    last = np.maximum.accumulate(np.where(marked, at, -100))
    return np.asarray(np.minimum(at - np.append(-100, last[:-1]), 99))


def _around(measures: Floats) -> Floats:
    """Average each measure over the blocks before and after each block: windows, sides and measures, (rows, blocks)."""
    kinds, n = measures.shape
    reach = max(_WINDOWS)
    # Sums up to each block, with room on both sides so that every window is a slice.
    running = np.zeros((kinds, n + 1 + 2 * reach))
    np.cumsum(measures, axis=1, out=running[:, reach + 1 : reach + 1 + n])
    running[:, reach + 1 + n :] = running[:, reach + n, None]
    here, beyond = running[:, reach : reach + n], running[:, reach + 1 : reach + 1 + n]
    at = np.arange(n)
    rows = []
    for width in _WINDOWS:
        above, below = (np.minimum(np.maximum(gap, 1), width) for gap in (at, n - 1 - at))
        rows.append((here - running[:, reach - width : reach - width + n]) / above)
        rows.append((running[:, reach + 1 + width : reach + 1 + width + n] - beyond) / below)
    return np.concatenate(rows)


def _neighbours(measures: Floats) -> Floats:
    """Give each measure at the blocks nearby, -1 past the page's ends: steps and measures, (rows, blocks)."""
    kinds, n = measures.shape
    reach = max(_NEAR)
    padded = np.full((kinds, n + 2 * reach), -1.0)
    padded[:, reach : reach + n] = measures
    return np.concatenate([padded[:, reach + step : reach + step + n] for step in _NEAR])


def _phrases(matches: Sequence[Match | None], strong: NDArray[np.bool_], last: int) -> Floats:
    """Tell what the phrases of furniture say of each block and of what stands above it: (PHRASES, blocks)."""
    n = len(matches)
    rows = np.zeros((len(PHRASES), n))
    for block, match in enumerate(matches):
        if match is not None:
            weight = 2 if match.sure else 1
            rows[_GROUP_OF[match.rule], block] = rows[len(GROUPS), block] = weight
    at = np.arange(n)
    sure = rows[len(GROUPS)] == 2
    upto = np.cumsum(sure)
    heads = (rows[_HEADS] > 0).any(0)
    flows = np.cumsum(strong)
    previous_head = np.maximum.accumulate(np.where(heads, at, -100))
    last_strong = max((i for i in range(last) if strong[i]), default=n)
    behind = np.flatnonzero(sure & (at > last_strong))
    rows[-7] = upto - sure
    rows[-6] = upto[-1] - upto
    rows[-5] = _since(sure)
    rows[-4] = _since(sure[::-1])[::-1]
    rows[-3] = at - behind[0] if len(behind) else -99
    rows[-2] = np.minimum(at - previous_head, 99)
    rows[-1] = np.where(previous_head >= 0, flows - flows[np.maximum(previous_head, 0)], -1)
    return rows


def features(
    blocks: Sequence[str],
    url: str | None = None,
    title: str | None = None,
    matches: Sequence[Match | None] | None = None,
) -> Floats:
    """Measure every block of a page: shape (blocks, len(NAMES)), float64, columns as in NAMES.

    Any strings will do, empty ones and lone surrogates too. An unknown `url` or `title` gives shares of 0. `matches`
    spares matching the phrases of furniture a second time.
    """
    n = len(blocks)
    if n == 0:
        return np.zeros((0, len(NAMES)))
    text = read([*blocks, title or "", _slug(url)])
    own = _own(text)[:, :n]
    strong = _strong(own)
    copies = _copies(text, n)
    begin, end = _region(own, strong, copies[0])
    at = np.arange(n)
    inside = (at >= begin) & (at < end)
    vocabulary = np.concatenate([_vocabulary(text, strong, inside), copies])
    words, stop = own[0], own[OWN.index("stop")]
    flow = np.where(strong, np.minimum(words, 80), 0.0)
    inner = words[inside & strong]
    in_words = words[inside].sum()
    region = np.empty((len(REGION), n))
    region[0], region[1], region[2] = inside, at - begin, at - end + 1
    region[3] = flow[inside].sum() / max(flow.sum(), 1e-6)
    region[4] = end - begin
    region[5] = words / max(_middle(words), 1)
    region[6] = words / max(_middle(inner) if len(inner) else 20.0, 1)
    region[7] = in_words
    region[8] = (words.sum() - in_words) / max(in_words, 1)
    if matches is None:
        known_phrases = load()
        matches = [known_phrases.match(block) for block in blocks]
    phrases = _phrases(matches, strong, end)
    known = dict(zip((*OWN, *VOCABULARY, *PHRASES), (*own, *vocabulary, *phrases), strict=True)) | {
        "strong_words": flow
    }
    around = _around(np.stack([known[name] for name in _WINDOW_OF]))
    near = _neighbours(np.stack([known[name] for name in _NEAR_OF]))
    place = np.concatenate([_place(words, strong, stop), _landmarks(own, vocabulary, strong)])
    return np.concatenate([own, vocabulary, place, region, phrases, around, near]).T


def _middle(values: Floats) -> float:
    """Return the upper median; numpy's own takes ten times as long on so few."""
    return float(np.sort(values)[len(values) // 2])


def _slug(url: str | None) -> str:
    """Words of the address's path, which is often the headline."""
    path = (url or "").partition("://")[2].partition("/")[2].partition("?")[0]
    return unquote(path).replace("_", " ").lower()
