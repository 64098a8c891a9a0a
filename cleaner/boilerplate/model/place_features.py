"""Where a block stands on its page: between running text, phrases of furniture, dates and the headline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.boilerplate.model.block_features import OWN
from cleaner.boilerplate.model.vocabulary_features import VOCABULARY
from cleaner.boilerplate.phrases.pattern import Match
from cleaner.judging.page_arrays import Floats, Ints, Layout

PLACE: Final = (
    "place",  # 0 first block, near 1 last
    "from_top",
    "from_bottom",
    "blocks",
    "strong_share",  # of blocks that are surely running text (see mark_strong)
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
"""Classes of phrases that are alike in where they stand and what follows them."""
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
WINDOW_OF: Final = (
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
WINDOWS: Final = (2, 5, 12, 30)
NEAR_OF: Final = (
    "words", "stop", "capitalised", "function_words", "digits", "colon_end", "known", "repeated", "phrase",
)  # fmt: skip
NEAR: Final = (-2, -1, 1, 2)
_GROUP_OF: Final = {rule: row for row, rules in enumerate(GROUPS.values()) for rule in rules}
_HEADS: Final = [list(GROUPS).index(group) for group in ("promotion", "related", "sharing")]


def mark_strong(own: Floats) -> NDArray[np.bool_]:
    """Mark blocks that are surely running text, of the story or of another: long sentences that are not a title."""
    words, stop, ellipsis, capitalised = (own[OWN.index(name)] for name in ("words", "stop", "ellipsis", "capitalised"))
    return np.asarray((stop > 0) & (words >= 12) & (ellipsis == 0) & (capitalised < 0.5))


def find_region(layout: Layout, own: Floats, strong: NDArray[np.bool_], repeated: Floats) -> tuple[Ints, Ints]:
    """Find each page's stretch with the greatest score: its first block, and the one behind its last; both (pages,).

    Running text counts for it and all else against it (Kadane's algorithm).
    """
    words, stop = own[OWN.index("words")], own[OWN.index("stop")]
    score = np.where(strong, np.minimum(words, 60), np.where((stop > 0) & (words >= 6), 3.0, -4.0))
    score[repeated > 0] = -4.0
    running = layout.upto(score)
    everywhere = np.arange(layout.blocks)
    # Every page begins deeper than any page before it may fall, so that minima do not reach across.
    depth = (2 * np.abs(score).sum() + 1) * layout.page
    lowest = np.minimum.accumulate(np.minimum(running, 0.0) - depth) + depth
    gain = running - lowest
    most = np.maximum.reduceat(gain, layout.starts)
    end = layout.first_of(gain == most[layout.page])
    # The stretch begins behind the last block at which the sum was lowest, if that is below nothing.
    low = np.maximum.accumulate(np.where(gain == 0, everywhere, -1))
    begin = np.maximum(low[end] + 1, layout.starts)
    none = most <= 0
    begin, end = np.where(none, layout.starts, begin), end + 1
    return begin, np.where(none, layout.starts + 1, end)


def place_measures(layout: Layout, words: Floats, strong: NDArray[np.bool_], stop: Floats) -> Floats:
    """Tell where on its page each block stands: all of PLACE but the landmarks."""
    at, page = layout.at, layout.page
    everywhere, n = np.arange(layout.blocks), layout.sizes[page]
    flow = np.where(strong, np.minimum(words, 80), 0.0)
    upto, all_upto = layout.upto(np.stack([flow, words]))
    whole, all_words = np.maximum(layout.total(np.stack([flow, words])), 1e-6)[:, page]
    share = layout.total(strong.astype(np.int64))[page] / n
    full = stop > 0
    run_begin = np.maximum(np.maximum.accumulate(np.where(full, everywhere, -1)), layout.first - 1)
    run_end = np.minimum(np.minimum.accumulate(np.where(full, everywhere, layout.blocks)[::-1])[::-1], layout.last + 1)
    return np.stack(
        [
            at / n,
            at,
            n - 1 - at,
            n,
            share,
            whole,
            all_words,
            whole / all_words,
            (upto - flow) / whole,
            1 - upto / whole,
            all_upto - words,
            all_words - all_upto,
            layout.since(strong),
            layout.until(strong),
            np.where(full, 0, run_end - run_begin - 1),
        ]
    )


def landmarks(layout: Layout, own: Floats, vocabulary: Floats, strong: NDArray[np.bool_]) -> Floats:
    """Tell where each block stands to dates, headline and stretches of running text: the last eight of PLACE."""
    page, everywhere = layout.page, np.arange(layout.blocks)
    words, years, clock, dotted = (own[OWN.index(name)] for name in ("words", "years", "clock", "dotted_numbers"))
    date = (words <= 12) & (years + clock + dotted > 0)
    likeness = np.maximum(vocabulary[VOCABULARY.index("title_share")], vocabulary[VOCABULARY.index("slug_share")])
    likeness = np.where(words <= 40, likeness, 0.0)
    most = np.maximum.reduceat(likeness, layout.starts)
    headline = layout.last_of(likeness == most[page])  # of equals the last one, which the body follows
    since_headline = np.where(most[page] >= 0.5, everywhere - headline[page], -99)
    where = np.flatnonzero(strong)
    rows = np.zeros((4, layout.blocks))
    rows[2] = -1
    if len(where):
        opening = np.append(True, (np.diff(where) > 3) | (np.diff(page[where]) > 0))
        number = np.cumsum(opening) - 1
        sizes = np.bincount(number, weights=np.minimum(words[where], 80))
        firsts = where[opening]
        lasts = where[np.append(np.flatnonzero(opening)[1:] - 1, len(where) - 1)]
        segment = np.searchsorted(firsts, everywhere, side="right") - 1
        above = np.searchsorted(firsts, layout.first)  # segments on the pages before
        known = segment >= above
        inside = known & (everywhere <= lasts[segment])
        rows[0] = np.where(inside, sizes[segment], 0)
        rows[1] = rows[0] / np.maximum(layout.total(np.where(strong, np.minimum(words, 80), 0.0)), 1e-6)[page]
        rows[2] = np.where(known, everywhere - firsts[segment], -1)
        rows[3] = segment + 1 - above
    return np.concatenate(
        [
            np.stack(
                [
                    layout.since(date),
                    layout.until(date),
                    layout.total(date.astype(np.int64))[page],
                    since_headline,
                ]
            ),
            rows,
        ]
    )


def around(layout: Layout, measures: Floats) -> Floats:
    """Average each measure over the blocks before and after each block: windows, sides and measures, (rows, blocks).

    Summed in whole 65,536ths, so that the same page gives the same numbers among any others.
    """
    kinds, n = measures.shape
    running = np.zeros((n + 1, kinds))
    np.cumsum(np.rint(measures.T * 65536.0), axis=0, out=running[1:])
    everywhere = np.arange(n)
    here, beyond = running[:-1], running[1:]
    rows = []
    for width in WINDOWS:
        top = np.maximum(everywhere - width, layout.first)
        bottom = np.minimum(everywhere + 1 + width, layout.last + 1)
        above, below = everywhere - top, bottom - 1 - everywhere
        rows.append((here - running[top]) / (65536.0 * np.maximum(above, 1))[:, None])
        rows.append((running[bottom] - beyond) / (65536.0 * np.maximum(below, 1))[:, None])
    return np.ascontiguousarray(np.concatenate(rows, axis=1).T)


def neighbours(layout: Layout, measures: Floats) -> Floats:
    """Give each measure at the blocks nearby, -1 past the page's ends: steps and measures, (rows, blocks)."""
    kinds, n = measures.shape
    reach = max(NEAR)
    padded = np.full((kinds, n + 2 * reach), -1.0)
    padded[:, reach : reach + n] = measures
    rows = []
    for step in NEAR:
        part = padded[:, reach + step : reach + step + n].copy()
        place = layout.at + step
        part[:, (place < 0) | (place >= layout.sizes[layout.page])] = -1.0
        rows.append(part)
    return np.concatenate(rows)


def phrase_measures(layout: Layout, matches: Iterable[Match | None], strong: NDArray[np.bool_], ends: Ints) -> Floats:
    """Tell what the phrases of furniture say of each block and of what stands above it: (PHRASES, blocks).

    `ends` is the block behind each page's region of running text.
    """
    n, page, everywhere = layout.blocks, layout.page, np.arange(layout.blocks)
    rows = np.zeros((len(PHRASES), n))
    for block, match in enumerate(matches):
        if match is not None:
            weight = 2 if match.sure else 1
            rows[_GROUP_OF[match.rule], block] = rows[len(GROUPS), block] = weight
    sure = rows[len(GROUPS)] == 2
    heads = (rows[_HEADS] > 0).any(0)
    upto, flows = layout.upto(np.stack([sure, strong]).astype(np.int64))
    head = np.maximum.accumulate(np.where(heads, everywhere, -1))
    headed = head >= layout.first
    last_strong = layout.last_of(strong & (everywhere < ends[page]))
    last_strong = np.where(last_strong < 0, n, last_strong)
    behind = layout.first_of(sure & (everywhere > last_strong[page]))[page]
    rows[-7] = upto - sure
    rows[-6] = layout.total(sure.astype(np.int64))[page] - upto
    rows[-5] = layout.since(sure)
    rows[-4] = layout.until(sure)
    rows[-3] = np.where(behind < n, everywhere - behind, -99)
    rows[-2] = np.where(headed, np.minimum(everywhere - head, 99), 99)
    rows[-1] = np.where(headed, flows - flows[head], -1)
    return rows


def region_measures(layout: Layout, words: Floats, strong: NDArray[np.bool_], begins: Ints, ends: Ints) -> Floats:
    """Tell where each block stands to its page's region of running text, from `begins` to before `ends`."""
    page, everywhere = layout.page, np.arange(layout.blocks)
    begin, end = begins[page], ends[page]
    inside = (everywhere >= begin) & (everywhere < end)
    flow = np.where(strong, np.minimum(words, 80), 0.0)
    flow_in, words_in, all_flow, all_words = layout.total(
        np.stack([np.where(inside, flow, 0), np.where(inside, words, 0), flow, words])
    )
    strong_in = inside & strong
    middle = layout.middle(words, np.ones(layout.blocks, bool))
    middle_in = np.where(layout.total(strong_in.astype(np.int64)) > 0, layout.middle(words, strong_in), 20.0)
    return np.stack(
        [
            inside,
            everywhere - begin,
            everywhere - end + 1,
            (flow_in / np.maximum(all_flow, 1e-6))[page],
            end - begin,
            words / np.maximum(middle, 1)[page],
            words / np.maximum(middle_in, 1)[page],
            words_in[page],
            ((all_words - words_in) / np.maximum(words_in, 1))[page],
        ]
    )
