"""Which blocks of a page's plain text are the article's body: boosted trees on the numbers of `features`.

Two regimes. Of a full page, menus and all, the set of blocks with the greatest expected F1 is kept: that weighs a
leftover line against a lost one evenly. Where nearly all of the text is body, only sure things go, because a reader
forgives a leftover line but not a lost paragraph; and where a second, small model takes the page for a clean article,
next to nothing does. Which regime a page is in follows from the scores themselves.

The model is data: `configs/blockmodel.json`, made by `tests/bench/train_blockmodel.py`, which also writes into it what
it was trained on and how well it did on sites that it had not seen. numpy alone evaluates it.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cleaner.judging.page_arrays import Floats, Layout

LONG: Final = 20
"""Words from which a block is long: a paragraph, whatever the trees think of it."""


class Decision(msgspec.Struct, frozen=True):
    """When a block goes. All are shares or probabilities from 0 to 1, chosen by cross-validation."""

    page_share: float
    """Expected share of body words below which a page may be full of furniture."""
    long_share: float
    """Share of words in long blocks below which it is: menus and lists are short."""
    remove_below: float
    """Probability of being body below which a block of nearly pure text may go."""
    budget: float
    """Share of the body's words that may be expected to be lost with the blocks that go."""
    long_budget: float
    """Share of the words of all long blocks that the long blocks that go may hold."""
    sure_below: float
    """Probability of being body below which `long_budget` does not count."""
    clean: float
    """Probability from which on a page is taken for a clean article."""
    clean_remove_below: float
    """Probability of being body below which a block of a clean article goes."""


PAGE_FEATURES: Final = (
    "body_share",  # expected, of the words
    "first",  # probability of the first block
    "last",
    "first_three",  # least of the first three blocks
    "last_three",
    "least",
    "second_least",
    "third_least",
    "median",
    "below_05",  # number of blocks whose probability is below .05
    "below_15",
    "below_30",
    "below_50",
    "share_below_15",  # of blocks
    "share_below_50",
    "share_above_95",
    "blocks",
    "words",
    "furniture_words",  # expected
    "least_long",  # least probability of a block of eight words or more
    "furniture_blocks",  # expected
)
"""Names of what the model of clean pages sees, in order."""


def page_features(layout: Layout, body: Floats, words: Floats) -> Floats:
    """Describe pages by the probabilities and word counts of their blocks, each (blocks,): (PAGE_FEATURES, pages)."""
    sizes, starts = layout.sizes, layout.starts
    ends = starts + sizes - 1
    order = body[np.lexsort((body, layout.page))]
    limits = np.array([0.05, 0.15, 0.3, 0.5])[:, None]
    below = layout.total((body < limits).astype(np.int64))
    share, total, doubt, doubts = layout.total(np.stack([body * words, words, (1 - body) * words, 1 - body]))
    return np.stack(
        [
            share / total,
            body[starts],
            body[ends],
            np.min([body[np.minimum(starts + k, ends)] for k in range(3)], axis=0),
            np.min([body[np.maximum(ends - k, starts)] for k in range(3)], axis=0),
            *(order[np.minimum(starts + k, ends)] for k in range(3)),
            order[starts + sizes // 2],
            *below,
            below[1] / sizes,
            below[3] / sizes,
            layout.total((body > 0.95).astype(np.int64)) / sizes,
            sizes,
            total,
            doubt,
            np.minimum.reduceat(np.where(words >= 8, body, 1.0), starts),
            doubts,
        ]
    )


def sure_only(
    layout: Layout, body: Floats, words: Floats, rule: Decision, clean: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Keep all blocks but the least likely, which go one by one until the rule's limits are reached: (blocks,).

    `clean`, (pages,), marks the pages taken for clean. The limit on long blocks is a guard against pages that the model
    misunderstands: whatever the probabilities, most of the running text of a page that is nearly all text stays.
    """
    page = layout.page
    order = np.lexsort((body, page))
    likely = body[order]
    sums = np.stack([body * words, np.where(words >= LONG, words, 0.0)])
    (lost, long), (all_lost, all_long) = layout.upto(sums[:, order]), layout.total(sums)[:, page]
    limit = np.where(clean, rule.clean_remove_below, rule.remove_below)[page]
    goes = (likely < limit) & (lost <= rule.budget * all_lost)
    goes &= (likely < rule.sure_below) | (long <= rule.long_budget * all_long)
    keep = np.ones(layout.blocks, bool)
    keep[order[goes]] = False
    return keep
