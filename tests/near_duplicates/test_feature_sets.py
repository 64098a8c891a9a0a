"""What two texts share, against plain sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.minhash.shingles import shingles
from cleaner.near_duplicates.feature_sets import FIGURE, SHINGLE, WORD, FeatureSets, feature_sets
from cleaner.words.tokenising import batches, words

TOKENS = ["rain", "fell", "in", "the", "north", "7", "12", "3", "中", "国", "新"]
TEXTS = st.lists(st.lists(st.sampled_from(TOKENS), max_size=15), min_size=1, max_size=6)


def kinds(tokens: list[str]) -> list[set[tuple[str, ...]]]:
    """Return the shingles of three words, the words and the figures of a text."""
    runs = {tuple(tokens[at : at + 3]) for at in range(len(tokens) - 2)} or {("all", *tokens)} if tokens else set()
    units: list[set[tuple[str, ...]]] = [set(), set()]
    for before, token in zip(["", *tokens], tokens, strict=False):
        joined = (token.isdigit() and before.isdigit()) or not (token.isascii() or before.isascii() or not before)
        units[token.isdigit()].add((before, token) if joined else (token,))
    return [runs, *units]


@settings(deadline=None)
@given(TEXTS)
def test_shared_features_are_those_of_the_sets(texts: list[list[str]]) -> None:
    expected = [kinds(tokens) for tokens in texts]
    left, right = (side.ravel() for side in np.indices((len(texts), len(texts))))
    parts = [words(batch) for batch in batches([" ".join(tokens) for tokens in texts], 40)]
    shared = FeatureSets.join([feature_sets(part, shingles(part, 3, 3)) for part in parts]).overlap(left, right)
    for kind in (SHINGLE, WORD, FIGURE):
        sets = [features[kind] for features in expected]
        assert shared.left[kind].tolist() == [len(sets[one]) for one in left]
        assert shared.both[kind].tolist() == [
            len(sets[one] & sets[other]) for one, other in zip(left, right, strict=True)
        ]


def test_shares() -> None:
    found = words(["rain fell in the north on 3.5 days", "rain fell in the north", "..."])
    shared = feature_sets(found, shingles(found)).overlap(np.array([0, 0, 2]), np.array([1, 2, 2]))
    assert shared.jaccard(SHINGLE).tolist() == pytest.approx([3 / 7, 0, 0])
    assert shared.containment(WORD).tolist() == [1, 0, 0]
    assert shared.smaller(FIGURE).tolist() == [0, 0, 0]
    assert shared.left[FIGURE].tolist() == [2, 2, 0]  # "3", and "5" after "3"
