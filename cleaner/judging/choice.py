"""From the trees' sums to the blocks that are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleaner.judging.page_arrays import Floats, Layout


def probabilities(odds: Floats) -> Floats:
    """Turn log odds into probabilities, in whole 65,536ths: sums of them are exact, whatever is summed before."""
    return np.asarray(np.clip(np.rint(65536 / (1 + np.exp(-odds))), 1, 65535) / 65536)


def expected_best(layout: Layout, body: Floats, words: Floats) -> NDArray[np.bool_]:
    """Choose each page's blocks with the greatest expected F1 by words: (blocks,).

    The best set of every size takes the likeliest blocks, so only as many sets as blocks need be tried (Jansche 2007,
    "A maximum expected utility framework for binary sequence labeling"). The expectation of the ratio is taken as the
    ratio of expectations. Ties go to the earlier block.
    """
    order = np.lexsort((-body, layout.page))
    hits, sizes = layout.upto(np.stack([body * words, words])[:, order])
    ratio = hits / (sizes + layout.total(body * words)[layout.page] + 1e-9)
    best = layout.first_of(ratio == np.maximum.reduceat(ratio, layout.starts)[layout.page])
    keep = np.zeros(layout.blocks, bool)
    keep[order[np.arange(layout.blocks) <= best[layout.page]]] = True
    return keep
