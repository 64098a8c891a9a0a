"""How the words of a block occur elsewhere on its page.

What a function word is comes from the page itself: the lower-case words that its sentences use most.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cleaner.judging.copies import number, page_keys
from cleaner.judging.page_arrays import LOWER, Floats, Ints, Layout, Text, sums

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


def _function_words(ids: Ints, of: Ints, pages: int) -> NDArray[np.bool_]:
    """Mark the forty words that each page's sentences use most, twice or more: (kinds,).

    In every language with cases and spaces those are nearly all articles, prepositions and auxiliaries. `of` is the
    page of each kind of word, in order.
    """
    uses = np.bincount(ids, minlength=len(of))
    often = np.flatnonzero(uses >= 2)  # of the rest none can be a function word
    order = often[np.lexsort((uses[often], of[often]))]
    counts = np.bincount(of[often], minlength=pages)
    fortieth = np.append(uses[order], 0)[np.maximum(np.cumsum(counts) - 40, 0)]
    least = np.where(counts >= 40, fortieth, 2)
    return np.asarray(uses >= least[of])


def vocabulary_measures(text: Text, layout: Layout, strong: NDArray[np.bool_], region: NDArray[np.bool_]) -> Floats:
    """Tell how the words of each block occur elsewhere on its page: all of VOCABULARY but the copies, (..., blocks)."""
    n, pages = layout.blocks, len(layout.sizes)
    words = int(text.edges[n])
    sizes = np.diff(text.edges)
    page_of = np.repeat(np.concatenate([layout.page, np.arange(pages), np.arange(pages)]), sizes)
    ids, uses = number(page_keys(text.hashes, page_of))
    kinds = len(uses)
    of = np.zeros(kinds, np.int64)
    of[ids] = page_of
    named = np.zeros((2, kinds), bool)
    named[0, ids[words : text.edges[n + pages]]] = True
    named[1, ids[text.edges[n + pages] :]] = True
    ids, lengths = ids[:words], text.lengths[:words]
    block = np.repeat(np.arange(n), sizes[:n])
    running = strong[block]
    own = _function_words(ids[running & (text.classes[text.starts[:words]] == LOWER)], of, pages)[ids]
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
    title, slug = np.maximum(sizes[n:], 1).reshape(2, pages)[:, layout.page]
    return np.stack(
        [
            own_count / total,
            np.minimum(own_count, 20),
            known_count / total,
            known_longs / np.maximum(longs, 1),
            *(other / total for other in others),
            titled / total,
            np.minimum(titled / title, 1),
            slugged / total,
            np.minimum(slugged / slug, 1),
        ]
    )
