"""Numbers that describe the blocks of a page of plain text, for the block model.

All measures are counted in a few passes of numpy over the page's code points and words, never block by block in
Python: a page of 40 blocks takes about a millisecond. Nothing here knows a language, but for the phrases of furniture,
which are matched in all languages at once. Values are counts and shares, not logarithms, because trees only compare.

The names stand in tables, each beside the code that measures them: `OWN` in `block_features`, `VOCABULARY` in
`vocabulary_features`, `PLACE`, `REGION` and `PHRASES` in `place_features`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

import numpy as np

from cleaner.boilerplate.model.block_features import OWN, own_measures
from cleaner.boilerplate.model.place_features import (
    NEAR,
    NEAR_OF,
    PHRASES,
    PLACE,
    REGION,
    WINDOW_OF,
    WINDOWS,
    around,
    find_region,
    landmarks,
    mark_strong,
    neighbours,
    phrase_measures,
    place_measures,
    region_measures,
)
from cleaner.boilerplate.model.vocabulary_features import VOCABULARY, vocabulary_measures
from cleaner.boilerplate.phrases.library import load
from cleaner.boilerplate.phrases.pattern import Match
from cleaner.judging.copies import find_copies
from cleaner.judging.page_arrays import Floats, Layout, read

NAMES: Final = (
    *OWN,
    *VOCABULARY,
    *PLACE,
    *REGION,
    *PHRASES,
    *(f"{name}_{side}_{width}" for width in WINDOWS for side in ("before", "after") for name in WINDOW_OF),
    *(f"{name}_at_{step:+d}" for step in NEAR for name in NEAR_OF),
)
"""Names of the features, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """The blocks of a page, any strings, and what is known of it beside them.

    `url` and `title` help to know the headline; `matches`, one for each block, spares matching the phrases of furniture
    a second time.
    """

    texts: Sequence[str]
    url: str | None = None
    title: str | None = None
    matches: Sequence[Match | None] | None = None
    extracted: bool = False
    """The text was taken out of its page by a judge of HTML: it is no full page, whatever it looks like."""

    def cut(self, blocks: int) -> PageBlocks:
        """Leave only the first blocks, as many as given."""
        if len(self.texts) <= blocks:
            return self
        matches = self.matches[:blocks] if self.matches is not None else None
        return replace(self, texts=self.texts[:blocks], matches=matches)

    def matched(self) -> Sequence[Match | None]:
        """Return the phrase that each block is."""
        if self.matches is not None:
            return self.matches
        phrases = load()
        return [phrases.match(text) for text in self.texts]


def features(pages: Sequence[PageBlocks]) -> Floats:
    """Measure every block of some pages, 65,535 at most: (len(NAMES), blocks of all pages), float64, rows as NAMES.

    A page's numbers are the same, to the last bit, among any other pages. An unknown address or title gives shares
    of 0.
    """
    pages = [page for page in pages if page.texts]
    if not pages:
        return np.zeros((len(NAMES), 0))
    layout = Layout.of([len(page.texts) for page in pages])
    n = layout.blocks
    texts = [text for page in pages for text in page.texts]
    text = read([*texts, *(page.title or "" for page in pages), *(_slug(page.url) for page in pages)])
    own = own_measures(text)[:, :n]
    strong = mark_strong(own)
    copies = find_copies(text, layout)
    begins, ends = find_region(layout, own, strong, copies[0])
    at = np.arange(n)
    inside = (at >= begins[layout.page]) & (at < ends[layout.page])
    vocabulary = np.concatenate([vocabulary_measures(text, layout, strong, inside), copies])
    words, stop = own[OWN.index("words")], own[OWN.index("stop")]
    place = np.concatenate([place_measures(layout, words, strong, stop), landmarks(layout, own, vocabulary, strong)])
    region = region_measures(layout, words, strong, begins, ends)
    matches = (match for page in pages for match in page.matched())
    matched = phrase_measures(layout, matches, strong, ends)
    known = dict(zip((*OWN, *VOCABULARY, *PHRASES), (*own, *vocabulary, *matched), strict=True))
    known["strong_words"] = np.where(strong, np.minimum(words, 80), 0.0)
    windows = around(layout, np.stack([known[name] for name in WINDOW_OF]))
    near = neighbours(layout, np.stack([known[name] for name in NEAR_OF]))
    return np.concatenate([own, vocabulary, place, region, matched, windows, near])


def _slug(url: str | None) -> str:
    """Words of the address's path, which is often the headline."""
    path = (url or "").partition("://")[2].partition("/")[2].partition("?")[0]
    return unquote(path).replace("_", " ").lower()
