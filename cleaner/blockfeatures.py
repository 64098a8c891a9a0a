"""Numbers that describe the blocks of a page of plain text, for the block model.

All measures are counted in a few passes of numpy over the page's code points and words, never block by block in
Python: a page of 40 blocks takes about a millisecond. Nothing here knows a language, but for the phrases of furniture,
which are matched in all languages at once. Values are counts and shares, not logarithms, because trees only compare.

The names stand in tables, each beside the code that measures them: `OWN` and `VOCABULARY` in `cleaner.blockwords`,
`PLACE`, `REGION` and `PHRASES` in `cleaner.blockplaces`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import numpy as np

from cleaner.blockplaces import (
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
from cleaner.blocktext import Floats, read
from cleaner.blockwords import OWN, VOCABULARY, find_copies, own_measures, vocabulary_measures
from cleaner.phrases import Match, load

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
    if matches is None:
        phrases = load()
        matches = [phrases.match(block) for block in blocks]
    text = read([*blocks, title or "", _slug(url)])
    own = own_measures(text)[:, :n]
    strong = mark_strong(own)
    copies = find_copies(text, n)
    begin, end = find_region(own, strong, copies[0])
    at = np.arange(n)
    vocabulary = np.concatenate([vocabulary_measures(text, strong, (at >= begin) & (at < end)), copies])
    words, stop = own[OWN.index("words")], own[OWN.index("stop")]
    place = np.concatenate([place_measures(words, strong, stop), landmarks(own, vocabulary, strong)])
    region = region_measures(words, strong, begin, end)
    matched = phrase_measures(matches, strong, end)
    known = dict(zip((*OWN, *VOCABULARY, *PHRASES), (*own, *vocabulary, *matched), strict=True))
    known["strong_words"] = np.where(strong, np.minimum(words, 80), 0.0)
    windows = around(np.stack([known[name] for name in WINDOW_OF]))
    near = neighbours(np.stack([known[name] for name in NEAR_OF]))
    return np.concatenate([own, vocabulary, place, region, matched, windows, near]).T


def _slug(url: str | None) -> str:
    """Words of the address's path, which is often the headline."""
    path = (url or "").partition("://")[2].partition("/")[2].partition("?")[0]
    return unquote(path).replace("_", " ").lower()
