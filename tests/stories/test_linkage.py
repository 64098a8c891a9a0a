"""Average linkage against the textbook's, and candidates against all pairs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given
from hypothesis import strategies as st

from cleaner.arrays.pairs import Pairs
from cleaner.minhash.signatures import EMPTY, SEED
from cleaner.stories.candidates import (
    HEAD,
    all_pairs,
    complete_components,
    sample_chance_pairs,
    shared_slots,
    signatures,
    weighted_elements,
)
from cleaner.stories.linkage import average_linkage
from cleaner.stories.terms import terms
from cleaner.stories.vectors import Vectors, weigh
from cleaner.words.tokenising import words

EDGES = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(1, 2**20).map(lambda number: number / 2**20),
    max_size=36,
)


def linked(documents: int, edges: dict[tuple[int, int], float], threshold: float) -> list[int]:
    pairs = sorted(edges)
    left, right = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    scores = np.array([edges[pair] for pair in pairs], np.float32)
    return [int(label) for label in average_linkage(documents, left, right, scores, threshold)]


def textbook(documents: int, edges: dict[tuple[int, int], float], threshold: float) -> list[int]:
    """Join the pair of groups with the highest mean, found by looking at all of them each time."""
    groups = [[document] for document in range(documents)]

    def mean(one: list[int], other: list[int]) -> float:
        every = [float(np.float32(edges.get((min(a, b), max(a, b)), 0.0))) for a in one for b in other]
        return sum(every) / len(every)

    while len(groups) > 1:
        one, other = max(itertools.combinations(groups, 2), key=lambda two: mean(*two))
        if mean(one, other) < threshold:
            break
        groups = [group for group in groups if group not in (one, other)] + [sorted(one + other)]
    return [min(next(group for group in groups if document in group)) for document in range(documents)]


@given(EDGES, st.sampled_from([0.2, 0.5]))
def test_linkage_is_the_textbooks(edges: dict[tuple[int, int], float], threshold: float) -> None:
    if len(set(edges.values())) == len(edges):  # ties may be broken in more than one right way
        assert linked(9, edges, threshold) == textbook(9, edges, threshold)


@pytest.mark.parametrize(
    ("edges", "expected", "why"),
    [
        ({}, [0, 1, 2, 3], "nothing is alike"),
        ({(0, 1): 0.5}, [0, 0, 2, 3], "the threshold itself is enough"),
        ({(0, 1): 0.49}, [0, 1, 2, 3], "just under it is not"),
        ({(0, 1): 0.9, (1, 2): 0.8}, [0, 0, 2, 3], "a chain does not hold: 0-2 counts as 0"),
        ({(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.2}, [0, 0, 0, 3], "the mean decides"),
        ({(0, 1): 0.9, (2, 3): 0.9, (1, 2): 0.99}, [0, 1, 1, 3], "the best pair goes first"),
        ({(0, 1): 0.6, (1, 2): 0.6, (2, 3): 0.6}, [0, 0, 2, 2], "of equal pairs the lower rows go first"),
    ],
)
def test_cases(edges: dict[tuple[int, int], float], expected: list[int], why: str) -> None:
    assert linked(4, edges, 0.5) == expected, why


def test_a_hub_with_many_neighbours_is_quick_enough_to_finish() -> None:
    size = 3000
    left, right = np.zeros(size - 1, np.int64), np.arange(1, size)
    labels = average_linkage(size, left, right, np.linspace(0.9, 0.6, size - 1, dtype=np.float32), 0.5)
    assert labels.tolist() == [0, 0, *range(2, size)]


def joined(parts: Iterable[Pairs]) -> Pairs:
    every = [Pairs.none(), *parts]
    return Pairs(np.concatenate([part.left for part in every]), np.concatenate([part.right for part in every]))


def vectors_of(*texts: str) -> Vectors:
    return weigh(terms(words([""] * len(texts)), words(texts), 64, 100.0, 3000.0), 32, 3000.0)


def test_signatures_are_those_of_datasketch() -> None:
    vectors = vectors_of("Flood in Dresden as the dam breaks", "", "Mayor of Dresden opens a dam")
    ours = signatures(vectors, 8, 16)
    hashes, bounds = weighted_elements(vectors, 8)
    for row in range(3):
        theirs = MinHash(16, seed=SEED, hashfunc=int, scheme="affine32")
        for value in hashes[bounds[row] : bounds[row + 1]].tolist():
            theirs.update(value)
        assert ours[row].tolist() == theirs.hashvalues.tolist()
    assert (ours[1] == EMPTY).all()


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 700_000, 700_010, 700_050])), max_size=14),
    st.sampled_from([0, 12, 60]),
)
def test_candidates_are_the_pairs_that_share_a_slot(rows: list[tuple[int, int]], window: int) -> None:
    signed = np.array([[value, value * 7 % 3, 5 + row % 2] for row, (value, _) in enumerate(rows)], np.uint32)
    signed = signed.reshape(len(rows), 3)
    days = np.array([day for _, day in rows], np.int32)
    found = list(shared_slots(signed, days, window, len(rows)))
    met = joined(pairs for pairs, _ in found)
    once = np.concatenate([np.zeros(0, bool), *(flags for _, flags in found)])
    allowed = all_pairs(days, window)
    slots = [
        (one, other, int((signed[one] == signed[other]).sum()))
        for one, other in zip(allowed.left.tolist(), allowed.right.tolist(), strict=True)
    ]
    expected = [(one, other, count == 1) for one, other, count in slots if count]
    assert list(zip(met.left.tolist(), met.right.tolist(), once.tolist(), strict=True)) == expected


def test_of_chance_pairs_without_dates_a_part_stands_for_all() -> None:
    ids = np.random.default_rng(5).integers(1, 9000, (400, HEAD)).astype(np.int32)
    ids[1, :2] = ids[0, :2] = [7, 8]
    made = Vectors.of(
        ids, np.full(ids.shape, 0.1, np.float32), [np.zeros(ids.shape, bool)] * 3, np.arange(9000, dtype=np.uint32)
    )
    days = np.where(np.arange(400) < 300, 0, 700_000).astype(np.int32)
    pairs = all_pairs(days, 30)
    once = pairs.left % 2 == 0
    some, counts = sample_chance_pairs(pairs, once, made, days)
    found = dict(zip(zip(some.left.tolist(), some.right.tolist(), strict=True), counts.tolist(), strict=True))
    assert found[0, 1] == 1  # two heavy terms in common
    doubtful = once & (pairs.left < 300)
    sure = pairs.take(~doubtful)
    assert all(found[pair] == 1 for pair in zip(sure.left.tolist(), sure.right.tolist(), strict=True))
    assert some.left.size < sure.left.size + doubtful.sum() / 3
    assert counts.sum() == pytest.approx(pairs.left.size, rel=0.02)


def test_candidates_in_files_and_in_small_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = np.random.default_rng(3).integers(0, 40, (300, 12)).astype(np.uint32)
    days = np.random.default_rng(4).integers(700_000, 700_060, 300).astype(np.int32)
    whole = [pairs for pairs, _ in shared_slots(signed, days, 30, 4)]
    monkeypatch.setattr("cleaner.stories.candidates._PAIRS_AT_ONCE", 200)
    parts = [pairs for pairs, _ in shared_slots(signed, days, 30, 4, 0)]
    assert len(whole) == 1 < len(parts)
    assert joined(parts).left.tolist() == whole[0].left.tolist()
    assert joined(parts).right.tolist() == whole[0].right.tolist()
    ends = [(int(part.left[0]), int(part.left[-1])) for part in parts if part.left.size]
    assert all(last < first for (_, last), (first, _) in itertools.pairwise(ends))


def test_crowded_buckets_are_capped_and_articles_without_words_match_nothing() -> None:
    signed = np.zeros((500, 2), np.uint32)
    signed[400:] = EMPTY
    found = joined(pairs for pairs, _ in shared_slots(signed, np.full(500, 700_000, np.int32), 30, 5))
    assert found.left.size == 5 * 400 - 15
    assert found.right.max() == 399


def test_pieces_are_completed() -> None:
    days = np.array([700_000, 700_000, 700_000, 0, 700_090, 700_000, 700_000], np.int32)
    pairs = Pairs(np.array([0, 1, 2, 2, 5]), np.array([1, 2, 3, 4, 6]))
    found = joined(complete_components(pairs, days, 30, 10))
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [
        *((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (3, 4)),
    ]
    assert joined(complete_components(pairs, days, 30, 4)).left.size == 0
