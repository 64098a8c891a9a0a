"""The trained model of blocks: its file, and how probable each block of many pages is."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from cleaner.boilerplate.model.decision import LONG, PAGE_FEATURES, Decision, page_features, sure_only
from cleaner.boilerplate.model.features import NAMES, PageBlocks, features
from cleaner.judging.choice import expected_best, probabilities
from cleaner.judging.page_arrays import Floats, Layout
from cleaner.judging.trees import Tree, Trees
from cleaner.resources import configs

FORMAT: Final = 1
"""Version of the file's layout; one that is not ours is refused."""
MOST_BLOCKS: Final = 5000
"""Blocks of a page that are judged; what stands behind them is kept. No article is as long; a list may be endless."""
CHUNK_BLOCKS: Final = 2000
"""Blocks that are judged at once, of pages together: more would not fit the processor's cache, fewer cost calls."""


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

    def extended(self, blocks: int) -> Judgement:
        """Keep the blocks of the page that were too many to be judged."""
        if blocks == len(self.keep):
            return self
        rest = blocks - len(self.keep)
        return replace(self, body=np.append(self.body, np.ones(rest)), keep=np.append(self.keep, np.ones(rest, bool)))


_NOTHING: Final = Judgement(np.zeros(0), np.zeros(0, bool), "body", 1.0)


class BlockModel:
    """The trees and the way of deciding on a page."""

    def __init__(self, data: Data) -> None:
        if data.format != FORMAT or tuple(data.features) != NAMES or tuple(data.page_features) != PAGE_FEATURES:
            raise ValueError(
                "blockmodel.json does not fit this version of cleaner: install both together, or train it anew with "
                "tests/bench/train_blockmodel.py"
            )
        self._blocks, self._clean, self._decision = Trees(data.blocks), Trees(data.clean), data.decision

    def judge(self, page: PageBlocks) -> Judgement:
        """Decide which blocks of a page are the article's body."""
        return self.judge_all([page])[0]

    def judge_all(self, pages: Sequence[PageBlocks]) -> list[Judgement]:
        """Decide which blocks of each page are the article's body, the same as for each page alone but sooner."""
        judged = [_NOTHING] * len(pages)
        for numbers in _chunks(pages):
            parts = [pages[number].cut(MOST_BLOCKS) for number in numbers]
            values = features(parts)
            layout = Layout.of([len(part.texts) for part in parts])
            extracted = np.array([part.extracted for part in parts])
            found = self.decide(layout, probabilities(self._blocks.sums(values)), words_of(values), extracted)
            for number, judgement in zip(numbers, found, strict=True):
                judged[number] = judgement.extended(len(pages[number].texts))
        return judged

    def decide(
        self, layout: Layout, body: Floats, words: Floats, extracted: NDArray[np.bool_] | None = None
    ) -> list[Judgement]:
        """Choose the blocks to keep by the probability and the words of each, both (blocks,), as `features` counts.

        Of what was extracted from HTML, (pages,), as little goes as of a clean article.
        """
        rule = self._decision
        pages = page_features(layout, body, words)
        long_share = layout.total(np.where(words >= LONG, words, 0.0)) / pages[PAGE_FEATURES.index("words")]
        full = (pages[0] < rule.page_share) & (long_share < rule.long_share)
        clean = probabilities(self._clean.sums(pages)) >= rule.clean
        if extracted is not None:
            full, clean = full & ~extracted, clean | extracted
        keep = np.where(
            full[layout.page], expected_best(layout, body, words), sure_only(layout, body, words, rule, clean)
        )
        hits, kept, all_hits = layout.total(np.stack([body * words * keep, words * keep, body * words]))
        expected = (2 * hits / (kept + all_hits + 1e-9)).tolist()
        return [
            Judgement(body[start : start + size], keep[start : start + size], "page" if menus else "body", f1)
            for start, size, menus, f1 in zip(
                layout.starts.tolist(), layout.sizes.tolist(), full.tolist(), expected, strict=True
            )
        ]


def words_of(values: Floats) -> Floats:
    """Return the words of each block of `features`, (blocks,); one without any counts as next to nothing."""
    return np.asarray(np.maximum(values[0], 2.0**-10))


def _chunks(pages: Sequence[PageBlocks]) -> Iterator[list[int]]:
    """Share out the pages that have blocks: numbers of pages that are judged together, few enough for the cache."""
    chunk: list[int] = []
    blocks = 0
    for number, page in enumerate(pages):
        size = min(len(page.texts), MOST_BLOCKS)
        if chunk and blocks + size > CHUNK_BLOCKS:
            yield chunk
            chunk, blocks = [], 0
        if size:
            chunk.append(number)
            blocks += size
    if chunk:
        yield chunk


@functools.cache
def load() -> BlockModel:
    """Read the model that ships with `cleaner`. Raises ValueError if it does not fit the code."""
    return BlockModel(msgspec.json.decode((configs() / "blockmodel.json").read_bytes(), type=Data))
