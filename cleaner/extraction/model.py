"""The trained judge of HTML blocks: its file, and which blocks of a page it takes for the article.

The model is data: `configs/extraction.json`, made by `tests/bench/train_extraction.py`, which also writes into it what
it was trained on and how well it did on sites that it had not seen. numpy alone evaluates it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from cleaner.extraction.attributes import ElementWords
from cleaner.extraction.features import COLUMNS, features
from cleaner.extraction.parsing import ParsedPage
from cleaner.extraction.segmenting import Blocks, segment
from cleaner.extraction.structure import Page, settle
from cleaner.judging.choice import expected_best, probabilities
from cleaner.judging.page_arrays import Floats, Layout
from cleaner.judging.trees import Tree, Trees
from cleaner.resources import configs

FORMAT: Final = 1
"""Version of the file's layout; one that is not ours is refused."""
TOGETHER: Final = 8
"""Pages that are judged at once: more would not fit the processor's cache, fewer cost calls."""
_WORDS, _LINKED = COLUMNS.index("words"), COLUMNS.index("linked")
_STRUCTURE: Final = [
    COLUMNS.index(name) for name in ("stop", "furniture_around", "title_share", "hidden", "since_title")
]
_MENU_WORDS, _MENU_LINKED = 5, 0.9
"""A block of fewer words than these, nearly all of it a link, is menu whatever the trees think: half of all blocks."""
_MENU_BODY: Final = 2.0**-8  # its probability of being body
_SURE, _UNLIKELY = 0.6, 0.2
"""Probabilities from which on a block always stays, and below which it always goes, whatever the page."""


class Data(msgspec.Struct, frozen=True):
    """The model's file."""

    format: int
    features: list[str]  # COLUMNS
    words: tuple[dict[str, float], dict[str, float]]  # of class names and ids: of any element around, of a near one
    trees: list[Tree]
    recipe: dict[str, object]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the model thinks of one page."""

    blocks: list[str]
    """All the page's blocks."""
    linked: Floats
    """(blocks,) share of each block's characters that stand in links."""
    body: Floats
    """(blocks,) probability that the block belongs to the article, as the trees and the page's structure have it."""
    keep: NDArray[np.bool_]
    """(blocks,) those decided for."""
    expected_f1: float
    """The F1, by words, that these would have if the probabilities were right: from 0 to 1."""

    @property
    def text(self) -> str:
        """The article: the blocks that are kept, with a blank line between two."""
        return "\n\n".join([block for block, kept in zip(self.blocks, self.keep.tolist(), strict=True) if kept])


_NOTHING: Final = Judgement([], np.zeros(0), np.zeros(0), np.zeros(0, bool), 0.0)


class ExtractionModel:
    """The trees, what they see, and the way of deciding on a page."""

    def __init__(self, data: Data) -> None:
        if data.format != FORMAT or tuple(data.features) != COLUMNS:
            raise ValueError(
                "extraction.json does not fit this version of cleaner: install both together, or train it anew with "
                "tests/bench/train_extraction.py"
            )
        self._trees, self._words = Trees(data.trees), ElementWords(*data.words)

    def judge(self, page: ParsedPage) -> Judgement:
        """Decide which blocks of a page are the article."""
        return self.judge_all([page])[0]

    def judge_all(self, pages: Sequence[ParsedPage]) -> list[Judgement]:
        """Decide on each page, the same as for each alone but sooner."""
        return [
            judgement
            for start in range(0, len(pages), TOGETHER)
            for judgement in self._judge_some(pages[start : start + TOGETHER])
        ]

    def _judge_some(self, pages: Sequence[ParsedPage]) -> list[Judgement]:
        return self.judge_blocks(segment([page.body for page in pages]), [page.title for page in pages])

    def judge_blocks(self, blocks: Blocks, titles: Sequence[str]) -> list[Judgement]:
        """Decide on pages by their blocks and titles."""
        sizes = blocks.sizes.tolist()
        if not blocks.texts:
            return [_NOTHING] * len(sizes)
        values = features(blocks, [title for title, size in zip(titles, sizes, strict=True) if size], self._words)
        made = iter(self.decide(blocks, self.probabilities(values), values))
        return [next(made) if size else _NOTHING for size in sizes]

    def probabilities(self, values: Floats) -> Floats:
        """Return how probable each block is body, by its features, (COLUMNS, blocks)."""
        judged = np.flatnonzero((values[_LINKED] <= _MENU_LINKED) | (values[_WORDS] >= _MENU_WORDS))
        body = np.full(values.shape[1], _MENU_BODY)
        body[judged] = probabilities(self._trees.sums(values[:, judged]))
        return body

    def decide(self, blocks: Blocks, body: Floats, values: Floats) -> list[Judgement]:
        """Choose the blocks to keep of each page that has any, by the blocks' probabilities and features."""
        layout = Layout.of(blocks.sizes[blocks.sizes > 0].tolist())
        words = np.maximum(values[_WORDS], 0.5)
        likely = (expected_best(layout, body, words) | (body >= _SURE)) & (body >= _UNLIKELY)
        keep = settle(Page(blocks, layout, words, *values[_STRUCTURE]), likely)
        body = np.where(keep == likely, body, np.where(keep, np.maximum(body, _SURE), _MENU_BODY))
        hits, kept, all_hits = layout.total(np.stack([body * words * keep, words * keep, body * words]))
        expected = (2 * hits / (kept + all_hits + 1e-9)).tolist()
        return [
            Judgement(blocks.texts[part], blocks.linked[part], body[part], keep[part], f1)
            for part, f1 in zip(map(slice, layout.starts, layout.starts + layout.sizes), expected, strict=True)
        ]


@functools.cache
def load() -> ExtractionModel:
    """Read the model that ships with `cleaner`. Raises ValueError if it does not fit the code."""
    return ExtractionModel(msgspec.json.decode((configs() / "extraction.json").read_bytes(), type=Data))
