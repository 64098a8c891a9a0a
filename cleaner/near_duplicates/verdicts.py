"""What two texts share to what they are to each other: the same text, a part of it, or two fillings of one template."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleaner.near_duplicates.feature_sets import FIGURE, SHINGLE, WORD, Overlap
from cleaner.settings.schema import NearDuplicateSettings

_ALL_WORDS = 0.95
"""Share of words from which on two texts from one template differ in figures alone."""


class LinkFlags(IntFlag):
    """What the left text of a pair and the right one are to each other. An index stores these numbers."""

    LEFT_LEADS = 1
    """The left text may stand for the right one: they are the same, or it contains it."""
    RIGHT_LEADS = 2
    """The right text may stand for the left one."""
    APART = 4
    """Next to nothing but their figures differs, so that they may not even meet in a group through others."""
    TEMPLATE = 8
    """They would be the same but for their figures."""

    def turned(self) -> LinkFlags:
        """Return the flags of the same pair seen from its other end."""
        return self ^ LEADS if self & LEADS not in (LinkFlags(0), LEADS) else self


LEADS = LinkFlags.LEFT_LEADS | LinkFlags.RIGHT_LEADS
"""One text of a pair may stand for the other, so the two are linked."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the exact comparison said about each pair."""

    flags: NDArray[np.uint8]
    """(pairs,) the `LinkFlags` of each."""
    scores: NDArray[np.float32]
    """(pairs,) Jaccard similarity of the shingles; containment where that decided."""

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Both columns."""
        return self.flags, self.scores

    @classmethod
    def none(cls) -> Verdicts:
        """Return verdicts on no pairs."""
        return cls(np.zeros(0, np.uint8), np.zeros(0, np.float32))

    def have(self, flags: LinkFlags) -> NDArray[np.bool_]:
        """Tell which pairs have one of the flags at least."""
        have: NDArray[np.bool_] = self.flags & np.uint8(flags) != 0
        return have


def judge(overlap: Overlap, settings: NearDuplicateSettings) -> Verdicts:
    """Decide from what two texts share whether they are one text."""
    jaccard, words = overlap.jaccard(SHINGLE), overlap.jaccard(WORD)
    smaller = overlap.smaller(SHINGLE)
    edited = (
        (jaccard >= settings.edited_jaccard)
        & (words >= settings.edited_words)
        & (smaller >= settings.edited_min_shingles)
        & (lost_figures(overlap) < settings.edited_figures)
    )
    share = overlap.containment(SHINGLE)
    abridged = (share >= settings.abridged_containment) & (overlap.containment(WORD) >= settings.abridged_words)
    same = (smaller >= settings.min_shingles) & ((jaccard >= settings.jaccard) | edited)
    contained = (smaller >= settings.contained_min_shingles) & ((share >= settings.containment) | abridged) & ~same
    template = (same | contained) & other_figures(overlap, settings) & settings.templates_apart
    left_smaller = overlap.left[SHINGLE] < overlap.right[SHINGLE]
    flags = np.zeros(jaccard.size, np.uint8)
    flags[(same | contained & ~left_smaller) & ~template] |= np.uint8(LinkFlags.LEFT_LEADS)
    flags[(same | contained & left_smaller) & ~template] |= np.uint8(LinkFlags.RIGHT_LEADS)
    flags[template] |= np.uint8(LinkFlags.TEMPLATE)
    flags[template & (overlap.jaccard(WORD) >= _ALL_WORDS)] |= np.uint8(LinkFlags.APART)
    return Verdicts(flags, np.where(contained, share, jaccard).astype(np.float32))


def other_figures(overlap: Overlap, settings: NearDuplicateSettings) -> NDArray[np.bool_]:
    """Tell which pairs have different figures in the same words, as two reports from one template have.

    An edited text loses words and figures alike, and a text that was cut or framed has no figures that the whole lacks;
    a filled-in template loses figures alone. Texts with the very same words are held to the very same figures, but for
    one in a hundred words: a corrected number or a count of comments does not make another story of a long one. Nor do
    figures that a long one merely has more of: a template filled in anew has a figure for each that it lacks.
    """
    figures = np.maximum(overlap.left[FIGURE], overlap.right[FIGURE])
    dense = figures - overlap.both[FIGURE] > overlap.smaller(SHINGLE) / 100
    lost, lost_words = lost_figures(overlap), 1 - overlap.containment(WORD)
    long = overlap.smaller(SHINGLE) >= settings.edited_min_shingles  # there an edit may well hit one figure
    others = dense & (overlap.jaccard(WORD) == 1) & (overlap.smaller(FIGURE) > 0) & ((lost > 0) | ~long)
    enough = (overlap.smaller(FIGURE) - overlap.both[FIGURE] > 1) | ~long
    filled = enough & (lost >= settings.other_figures) & (lost > settings.figures_to_words * lost_words)
    differ: NDArray[np.bool_] = others | filled & dense
    return differ


def lost_figures(overlap: Overlap) -> NDArray[np.float64]:
    """Return the (pairs,) share of the figures of the text with fewer that the other lacks; 0 where there are none."""
    return np.where(overlap.smaller(FIGURE) > 0, 1 - overlap.containment(FIGURE), 0.0)
