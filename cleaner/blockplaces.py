"""Where a block stands on its page: between running text, phrases of furniture, dates and the headline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.blocktext import Floats, Ints
from cleaner.blockwords import OWN, VOCABULARY
from cleaner.phrases import Match

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


def find_region(own: Floats, strong: NDArray[np.bool_], repeated: Floats) -> tuple[int, int]:
    """Find the stretch with the greatest score, running text for and all else against it (Kadane's algorithm)."""
    words, stop = own[OWN.index("words")], own[OWN.index("stop")]
    score = np.where(strong, np.minimum(words, 60), np.where((stop > 0) & (words >= 6), 3.0, -4.0))
    score[repeated > 0] = -4.0
    running = np.concatenate(([0.0], np.cumsum(score)))
    gain = running - np.minimum.accumulate(running)
    end = int(gain.argmax())
    begin = int(running[: end + 1][::-1].argmin()) if end else 0
    return end - begin, max(end, 1)


def place_measures(words: Floats, strong: NDArray[np.bool_], stop: Floats) -> Floats:
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


def landmarks(own: Floats, vocabulary: Floats, strong: NDArray[np.bool_]) -> Floats:
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


def around(measures: Floats) -> Floats:
    """Average each measure over the blocks before and after each block: windows, sides and measures, (rows, blocks)."""
    kinds, n = measures.shape
    reach = max(WINDOWS)
    # Sums up to each block, with room on both sides so that every window is a slice.
    running = np.zeros((kinds, n + 1 + 2 * reach))
    np.cumsum(measures, axis=1, out=running[:, reach + 1 : reach + 1 + n])
    running[:, reach + 1 + n :] = running[:, reach + n, None]
    here, beyond = running[:, reach : reach + n], running[:, reach + 1 : reach + 1 + n]
    at = np.arange(n)
    rows = []
    for width in WINDOWS:
        above, below = (np.minimum(np.maximum(gap, 1), width) for gap in (at, n - 1 - at))
        rows.append((here - running[:, reach - width : reach - width + n]) / above)
        rows.append((running[:, reach + 1 + width : reach + 1 + width + n] - beyond) / below)
    return np.concatenate(rows)


def neighbours(measures: Floats) -> Floats:
    """Give each measure at the blocks nearby, -1 past the page's ends: steps and measures, (rows, blocks)."""
    kinds, n = measures.shape
    reach = max(NEAR)
    padded = np.full((kinds, n + 2 * reach), -1.0)
    padded[:, reach : reach + n] = measures
    return np.concatenate([padded[:, reach + step : reach + step + n] for step in NEAR])


def phrase_measures(matches: Sequence[Match | None], strong: NDArray[np.bool_], last: int) -> Floats:
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


def region_measures(words: Floats, strong: NDArray[np.bool_], begin: int, end: int) -> Floats:
    """Tell where each block stands to the region of running text from `begin` to before `end`: (REGION, blocks)."""
    n = len(words)
    at = np.arange(n)
    inside = (at >= begin) & (at < end)
    flow = np.where(strong, np.minimum(words, 80), 0.0)
    inner = words[inside & strong]
    in_words = words[inside].sum()
    rows = np.empty((len(REGION), n))
    rows[0], rows[1], rows[2] = inside, at - begin, at - end + 1
    rows[3] = flow[inside].sum() / max(flow.sum(), 1e-6)
    rows[4] = end - begin
    rows[5] = words / max(_middle(words), 1)
    rows[6] = words / max(_middle(inner) if len(inner) else 20.0, 1)
    rows[7] = in_words
    rows[8] = (words.sum() - in_words) / max(in_words, 1)
    return rows


def _middle(values: Floats) -> float:
    """Return the upper median; numpy's own takes ten times as long on so few."""
    return float(np.sort(values)[len(values) // 2])
