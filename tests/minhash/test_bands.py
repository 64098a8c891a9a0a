"""Banding, buckets and components against naive ones."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.arrays.pairs import components, pack, unpack
from cleaner.arrays.ragged import slices
from cleaner.minhash.bands import agreements, band_slots, bucket_pairs, candidates, closest

EDGES = st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40)


@pytest.mark.parametrize(("slots", "bands", "rows"), [(128, 32, 4), (128, 96, 3), (128, 1, 128), (7, 20, 3), (1, 3, 1)])
def test_bands_use_different_slots_evenly(slots: int, bands: int, rows: int) -> None:
    dealt = band_slots(slots, bands, rows, seed=1)
    assert dealt.shape == (bands, rows)
    assert all(len(set(band)) == rows for band in dealt.tolist())
    used = np.bincount(dealt.ravel(), minlength=slots)
    assert used.max() <= -(-bands // (slots // rows))
    assert np.array_equal(dealt, band_slots(slots, bands, rows, seed=1))


def test_band_wider_than_the_signature() -> None:
    with pytest.raises(ValueError, match="a band of 9 rows"):
        band_slots(8, 1, 9, seed=1)


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(1, 5))
def test_buckets_pair_neighbours_and_the_first(contents: list[int], reach: int) -> None:
    keys = np.array(contents, np.uint64) << np.uint64(40)
    left, right = bucket_pairs(keys, reach)
    expected: set[tuple[int, int]] = set()
    for value in set(contents):
        bucket = [text for text, other in enumerate(contents) if other == value]
        for place, text in enumerate(bucket):
            expected.update((text, other) for other in bucket[place + 1 : place + 1 + reach])
            expected.update({(bucket[0], text)} if place else set())
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert left.size <= (reach + 1) * len(contents)


@given(st.integers(0, 1000), st.integers(1, 12))
def test_candidates_share_a_band(seed: int, texts: int) -> None:
    slots = np.random.default_rng(seed).integers(0, 2, (12, texts)).astype(np.uint16)
    bands = band_slots(12, 5, 3, seed=1)
    expected = [
        (one, other)
        for one in range(texts)
        for other in range(one + 1, texts)
        if any((slots[band, one] == slots[band, other]).all() for band in bands)
    ]
    left, right = candidates(slots, bands, reach=texts)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected
    agreed = agreements(slots, left, right)
    assert agreed.tolist() == [int((slots[:, one] == slots[:, other]).sum()) for one, other in expected]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(7, 12), st.integers(0, 3)), unique_by=lambda pair: pair[:2]))
def test_closest_keeps_the_nearest_of_each(pairs: list[tuple[int, int, int]]) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 3)
    expected = set()
    for text in range(13):
        of_text = [(-near, one + other - text, (one, other)) for one, other, near in pairs if text in (one, other)]
        expected |= {pair for _, _, pair in sorted(of_text)[:2]}
    kept = closest(both[:, 0], both[:, 1], both[:, 2], most=2)
    assert {pair[:2] for pair, keep in zip(pairs, kept, strict=True) if keep} == expected


@given(EDGES)
def test_components_are_those_of_a_search(edges: list[tuple[int, int]]) -> None:
    expected = list(range(20))
    for _ in range(20):
        for one, other in edges:
            expected[one] = expected[other] = min(expected[one], expected[other])
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    assert components(20, pairs[:, 0], pairs[:, 1]).tolist() == expected


def test_components_of_a_long_path() -> None:
    path = np.random.default_rng(1).permutation(10_000)
    assert not components(10_000, path[1:], path[:-1]).any()


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**31)), max_size=9))
def test_packed_pairs_come_back(pairs: list[tuple[int, int]]) -> None:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    left, right = unpack(pack(both[:, 0], both[:, 1]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == pairs


@given(st.lists(st.integers(0, 9), max_size=30), st.integers(1, 20))
def test_slices_cover_all_within_the_limit(sizes: list[int], limit: int) -> None:
    items = np.array(sizes, np.int64)
    parts = list(slices(items, limit))
    assert [at for part in parts for at in range(part.start, part.stop)] == list(range(len(sizes)))
    assert all(items[part].sum() <= limit or part.stop - part.start == 1 for part in parts)


def test_bands_are_shared_out_over_a_mapped_file(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    slots = np.memmap(tmp_path / "slots", np.uint16, "w+", shape=(12, 50))
    slots[:] = chance.integers(0, 3, slots.shape)
    bands = band_slots(12, 30, 2, seed=1)

    def share(function: Callable[[Any], Any], tasks: Iterable[Any], /) -> list[Any]:
        return [function(pickle.loads(pickle.dumps(task))) for task in tasks]  # noqa: S301

    expected = candidates(np.array(slots[:, :40]), bands, reach=4)
    found = candidates(slots[:, :40], bands, 4, share)
    assert [side.tolist() for side in found] == [side.tolist() for side in expected]
    assert expected[0].size > 100
    with pytest.raises(ValueError, match="mapped from a file"):
        candidates(np.array(slots), bands, 4, share)
