"""Which blocks of a page's plain text are the article's body: boosted trees on `cleaner.blockfeatures`.

Two regimes. Of a full page, menus and all, the set of blocks with the greatest expected F1 is kept: that weighs a
leftover line against a lost one evenly. Where nearly all of the text is body, only sure things go, because a reader
forgives a leftover line but not a lost paragraph; and where a second, small model takes the page for a clean article,
next to nothing does. Which regime a page is in follows from the scores themselves.

The model is data: `configs/blockmodel.json`, made by `tests/bench/train_blockmodel.py`, which also writes into it what
it was trained on and how well it did on sites that it had not seen. numpy alone evaluates it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from cleaner.blockfeatures import NAMES, features
from cleaner.resources import configs

if TYPE_CHECKING:
    from cleaner.phrases import Match

FORMAT: Final = 1
"""Version of the file's layout; one that is not ours is refused."""

LONG: Final = 20
"""Words from which a block is long: a paragraph, whatever the trees think of it."""

Floats = NDArray[np.float64]


class Tree(msgspec.Struct, frozen=True, array_like=True):
    """A tree as LightGBM's own arrays: a child from 0 on is a split, -1 is leaf 0, -2 is leaf 1 and so on."""

    feature: list[int]
    threshold: list[float]  # left if the value is at most this; all digits, or equal values would change sides
    left: list[int]
    right: list[int]
    value: list[float]


class Decision(msgspec.Struct, frozen=True):
    """When a block goes. All are shares or probabilities from 0 to 1, chosen by cross-validation."""

    page_share: float  # a page is full of furniture if the expected share of body words is below this
    long_share: float  # and if long blocks hold less than this share of the words: menus and lists are short
    remove_below: float  # in nearly pure text a block goes only if its probability of being body is below this,
    budget: float  # only while the body words expected to be lost stay below this share of the body,
    long_budget: (
        float  # and only while the long blocks that go hold at most this share of the words of all long blocks,
    )
    sure_below: float  # unless its probability is below this
    clean: float  # from this probability on a page is taken for a clean article,
    clean_remove_below: float  # of which a block goes only below this


class Data(msgspec.Struct, frozen=True):
    """The model's file."""

    format: int
    features: list[str]
    page_features: list[str]
    blocks: list[Tree]
    clean: list[Tree]
    decision: Decision
    recipe: dict[str, object]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model thinks of the blocks of one page."""

    body: Floats
    """(blocks,) probability that the block belongs to the story's body."""
    keep: NDArray[np.bool_]
    """(blocks,) the set of blocks decided for."""
    regime: Literal["page", "body"]
    """`page`: menus and all; `body`: nearly all body, so that only sure things went."""
    expected_f1: float
    """The F1, by words, that the kept set would have if the probabilities were right: from 0 to 1."""


class Trees:
    """Boosted trees in flat arrays, evaluated level by level for all rows and all trees at once."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        offset, nodes = 0, []
        self._depth = 0
        for tree in trees:
            splits, leaves = len(tree.feature), len(tree.value)
            inner = np.array([tree.left, tree.right], np.int64)
            children = np.where(inner >= 0, inner, splits - 1 - inner) + offset
            own = np.arange(splits, splits + leaves) + offset  # a leaf is its own child, on both sides
            nodes.append(
                (
                    np.append(np.array(tree.feature, np.int64), np.zeros(leaves, np.int64)),
                    np.append(np.array(tree.threshold), np.full(leaves, np.inf)),
                    np.concatenate([children, np.stack([own, own])], axis=1),
                    np.append(np.zeros(splits), np.array(tree.value)),
                    offset,
                )
            )
            offset += splits + leaves
            self._depth = max(self._depth, _depth(tree))
        feature, threshold, children, value, root = zip(*nodes, strict=True)
        self._feature = np.concatenate(feature)
        self._threshold = np.concatenate(threshold)
        self._children = np.concatenate(children, axis=1).T.ravel()
        self._value = np.concatenate(value)
        self._root = np.array(root)

    def sums(self, values: Floats) -> Floats:
        """Return the sum of the trees' leaves for each row of (rows, features): log odds, (rows,)."""
        rows, width = values.shape
        flat = np.ascontiguousarray(values).ravel()
        base = (np.arange(rows) * width)[:, None]
        node = np.broadcast_to(self._root, (rows, len(self._root)))
        for _ in range(self._depth):
            right = flat[base + self._feature[node]] > self._threshold[node]
            node = self._children[2 * node + right]
        return np.asarray(self._value[node].sum(axis=1))


def _depth(tree: Tree) -> int:
    level = [0] * len(tree.feature)
    for node in range(len(tree.feature)):  # children come after their parents
        for child in (tree.left[node], tree.right[node]):
            if child >= 0:
                level[child] = level[node] + 1
    return max(level, default=-1) + 1


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


def page_features(body: Floats, words: Floats) -> Floats:
    """Describe a page by the probabilities and word counts of its blocks, each (blocks,): (len(PAGE_FEATURES),)."""
    n = len(body)
    order = np.sort(body)
    below = [np.count_nonzero(body < limit) for limit in (0.05, 0.15, 0.3, 0.5)]
    long = body[words >= 8]
    furniture = 1 - body
    total = max(words.sum(), 1e-6)
    return np.array(
        [
            (body * words).sum() / total,
            body[0],
            body[-1],
            body[:3].min(),
            body[-3:].min(),
            order[0],
            order[min(1, n - 1)],
            order[min(2, n - 1)],
            order[n // 2],
            *below,
            below[1] / n,
            below[3] / n,
            np.count_nonzero(body > 0.95) / n,
            n,
            total,
            (furniture * words).sum(),
            long.min() if len(long) else 1.0,
            furniture.sum(),
        ]
    )


def expected_best(body: Floats, words: Floats) -> NDArray[np.bool_]:
    """Choose the blocks with the greatest expected F1 by words: (blocks,).

    The best set of every size takes the likeliest blocks, so only as many sets as blocks need be tried (Jansche 2007,
    "A maximum expected utility framework for binary sequence labeling"). The expectation of the ratio is taken as the
    ratio of expectations. Ties go to the earlier block.
    """
    order = np.argsort(-body, kind="stable")
    hits = np.cumsum((body * words)[order])
    sizes = np.cumsum(words[order])
    best = int(np.argmax(hits / (sizes + hits[-1] + 1e-9)))
    keep = np.zeros(len(body), bool)
    keep[order[: best + 1]] = True
    return keep


def sure_only(body: Floats, words: Floats, rule: Decision, *, clean: bool) -> NDArray[np.bool_]:
    """Keep all blocks but the least likely, which go one by one until the rule's limits are reached: (blocks,).

    The limit on long blocks is a guard against pages that the model misunderstands: whatever the probabilities, most
    of the running text of a page that is nearly all text stays.
    """
    order = np.argsort(body, kind="stable")
    likely, sizes = body[order], words[order]
    lost = np.cumsum(likely * sizes)
    long = np.cumsum(np.where(sizes >= LONG, sizes, 0.0))
    goes = (likely < (rule.clean_remove_below if clean else rule.remove_below)) & (lost <= rule.budget * lost[-1])
    goes &= (likely < rule.sure_below) | (long <= rule.long_budget * long[-1])
    keep = np.ones(len(body), bool)
    keep[order[goes]] = False
    return keep


class BlockModel:
    """The trees and the way of deciding on a page."""

    def __init__(self, data: Data) -> None:
        if data.format != FORMAT or tuple(data.features) != NAMES or tuple(data.page_features) != PAGE_FEATURES:
            raise ValueError(
                "blockmodel.json does not fit this version of cleaner: install both together, or train it anew with "
                "tests/bench/train_blockmodel.py"
            )
        self._blocks, self._clean, self._decision = Trees(data.blocks), Trees(data.clean), data.decision

    def judge(
        self,
        blocks: Sequence[str],
        url: str | None = None,
        title: str | None = None,
        matches: Sequence[Match | None] | None = None,
    ) -> Judgement:
        """Decide which blocks are the article's body.

        Takes any strings. `url` and `title` help to know the headline, if they are known; `matches` are those of
        `cleaner.phrases` for each block, if they have been found already.
        """
        if not blocks:
            return Judgement(np.zeros(0), np.zeros(0, bool), "body", 1.0)
        values = features(blocks, url, title, matches)
        body = 1 / (1 + np.exp(-self._blocks.sums(values)))
        words = np.maximum(values[:, 0], 1e-3)
        return self.decide(body, words)

    def decide(self, body: Floats, words: Floats) -> Judgement:
        """Choose the blocks to keep by the probability and the words of each, both (blocks,), of at least one block."""
        rule = self._decision
        page = page_features(body, words)
        long_share = words[words >= LONG].sum() / words.sum()
        if page[0] < rule.page_share and long_share < rule.long_share:
            keep = expected_best(body, words)
            regime: Literal["page", "body"] = "page"
        else:
            clean = 1 / (1 + np.exp(-self._clean.sums(page[None])[0])) >= rule.clean
            keep = sure_only(body, words, rule, clean=bool(clean))
            regime = "body"
        hits = (body * words)[keep].sum()
        return Judgement(body, keep, regime, float(2 * hits / (words[keep].sum() + (body * words).sum() + 1e-9)))


@functools.cache
def load() -> BlockModel:
    """Read the model that ships with `cleaner`. Raises ValueError if it does not fit the code."""
    return BlockModel(msgspec.json.decode((configs() / "blockmodel.json").read_bytes(), type=Data))
