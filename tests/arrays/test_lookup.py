"""Places of keys against the standard library's search."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaner.arrays.lookup import SortedLookup

KEYS = st.one_of(st.integers(0, 40), st.integers(0, 2**32 - 1), st.integers(2**32 - 40, 2**32 - 1))


@given(st.sets(KEYS), st.lists(KEYS, max_size=40))
def test_finds_what_is_there_and_nothing_else(known: set[int], asked: list[int]) -> None:
    listed = sorted(known)
    wanted = np.array(asked + listed, np.uint32)
    found = SortedLookup.of(np.array(listed, np.uint32)).find(wanted)
    assert found.tolist() == [listed.index(key) if key in known else -1 for key in wanted.tolist()]


def test_keeps_the_shape() -> None:
    places = SortedLookup.of(np.array([7], np.uint32))
    assert places.find(np.array([[7, 0], [8, 7]], np.uint32)).tolist() == [[0, -1], [-1, 0]]
