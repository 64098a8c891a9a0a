"""How surely two articles are one story: a number from 0 to 1, by which they are linked or not."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from cleaner.arrays.pairs import Pairs
from cleaner.settings.schema import StorySettings
from cleaner.stories.local_scaling import LocalScaling
from cleaner.stories.vectors import Agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

LINKED = 0.35
"""The mean score from which two groups are one story. Less than one half: of two groups that belong together some pairs
always score low, because a report is short or its date is wrong."""
FLOOR = 0.12
"""Pairs that score less are too many to keep and too weak to matter: they count as 0 in linkage."""
FLOOR_ODDS = math.log(FLOOR / (1 - FLOOR))
"""The same as a natural logarithm of odds."""
SMOOTHING = 0.05
"""Added to a cosine before it is divided by another: below it a cosine is noise."""


def nearness(days: NDArray[np.int32], pairs: Pairs, settings: StorySettings) -> NDArray[np.float32]:
    """Return the factor by which each pair's days fade its similarity, (pairs,) float32."""
    one, other = days.take(pairs.left), days.take(pairs.right)
    apart = np.minimum(np.abs(one - other), settings.window_days + 1)
    return _fading(settings).take(np.where((one > 0) & (other > 0), apart, -1), mode="wrap")


@functools.lru_cache
def _fading(settings: StorySettings) -> NDArray[np.float32]:
    """Return the factor for 0 days and more, then for days outside of the window, and last for unknown days."""
    apart = np.arange(settings.window_days + 1)
    fading = np.minimum(apart, 7) / settings.week_decay_days + np.maximum(apart - 7, 0) / settings.decay_days
    return np.concatenate([np.exp(-fading), [0.0, settings.undated_factor]]).astype(np.float32)


def log_odds(
    days: NDArray[np.int32],
    pairs: Pairs,
    agreed: Agreement,
    settings: StorySettings,
    around: LocalScaling | None = None,
) -> NDArray[np.float32]:
    """Return the natural logarithm of the odds that each pair is one story, by its words and days, (pairs,) float32.

    `around`: what surrounds the articles; where it is not known they are judged as in a small corpus of one theme.
    """
    close = agreed.cosine * nearness(days, pairs, settings)
    ratio = (agreed.heavy + SMOOTHING) / (agreed.cosine + SMOOTHING)
    gain = settings.lead_gain * agreed.lead
    if around:
        gain -= settings.crowding_power * around.crowded(pairs)
        gain -= settings.step_power * around.gap_before(pairs, agreed.cosine, settings.step_from)
    else:
        gain -= settings.crowding_power * 2 * (settings.crowded_alone + settings.crowded_theme)
    with np.errstate(divide="ignore"):  # nothing in common: the logarithm is minus infinity, and the score 0
        gain += np.log(close) + settings.heavy_power * np.log(ratio) - math.log(settings.threshold)
    return np.asarray(settings.steepness * gain, np.float32)


def likelihood(odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how likely pairs are one story, 0 to 1, by the natural logarithm of their odds."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-odds, np.float32(80)))), np.float32)
