"""Shingles against a naive reference, and signatures against datasketch itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.minhash.shingles import Shingles, shingles, text_hashes
from cleaner.minhash.signatures import EMPTY, minhash, signatures
from cleaner.minhash.sketches import sketches
from cleaner.words.tokenising import words

TEXTS = st.lists(
    st.lists(st.sampled_from(["rain", "fell", "in", "the", "7", "中", "国", "新", "聞"]), max_size=12).map(" ".join),
    max_size=6,
)


def of_text(found: Shingles, text: int) -> list[int]:
    return [int(value) for value in found.hashes[found.offsets[text] : found.offsets[text + 1]]]


def runs(tokens: list[str], size: int, characters: int) -> list[tuple[str, ...]]:
    """Name the shingles of a text."""
    found = []
    for at in range(len(tokens) - size + 1):
        single = all(not token.isascii() for token in tokens[at : at + size])
        run = tuple(tokens[at : at + (characters if single else size)])
        if len(run) == (characters if single else size):
            found.append(run)
    return found or ([("whole", *tokens)] if tokens else [])


@settings(deadline=None)
@given(TEXTS, st.integers(1, 4), st.integers(4, 6))
def test_shingles_are_equal_where_the_words_are(texts: list[str], size: int, characters: int) -> None:
    found = shingles(words(texts), size, characters)
    hash_of: dict[tuple[str, ...], int] = {}
    for text, content in enumerate(texts):
        named = runs(content.split(), size, characters)
        hashes = of_text(found, text)
        assert len(hashes) == len(named)
        for run, value in zip(named, hashes, strict=True):
            assert hash_of.setdefault(run, value) == value
    assert len(set(hash_of.values())) == len(hash_of)


@pytest.mark.parametrize(
    "texts", [["a b", "a b a b"], ["a", "a a"], ["a b", "b a"], ["中国", "中国 中国"], ["a b", "a b 0"]]
)
def test_short_texts_share_nothing_with_others(texts: list[str]) -> None:
    found = shingles(words(texts))
    assert not set(of_text(found, 0)) & set(of_text(found, 1))


def test_short_text_is_the_same_in_any_batch() -> None:
    alone = shingles(words(["Rain tomorrow"]))
    among = shingles(words(["Sun today in all parts", "", "rain TOMORROW!"]))
    assert of_text(alone, 0) == of_text(among, 2)
    assert len(of_text(alone, 0)) == 1


@settings(deadline=None)
@given(TEXTS)
def test_text_hashes_tell_sequences_apart(texts: list[str]) -> None:
    sequences = [tuple(text.split()) for text in texts]
    hashes = text_hashes(words(texts)).tolist()
    assert len(set(zip(sequences, hashes, strict=True))) == len(set(sequences)) == len(set(hashes))
    assert all((value == 0) == (not sequence) for sequence, value in zip(sequences, hashes, strict=True))


@settings(deadline=None)  # datasketch is imported by the first call
@given(
    st.lists(st.lists(st.integers(0, (1 << 32) - 1), max_size=8), max_size=5),
    st.sampled_from([1, 16, 128, 200]),
    st.sampled_from([1, 7, 4_000_000_000]),
)
def test_signatures_are_those_of_datasketch(sets: list[list[int]], permutations: int, seed: int) -> None:
    found = Shingles(
        np.array([value for values in sets for value in values], np.uint32),
        np.cumsum([0] + [len(values) for values in sets]),
    )
    ours = signatures(found, permutations, seed)
    assert ours.shape == (len(sets), permutations)
    for values, signature in zip(sets, ours, strict=True):
        theirs = MinHash(permutations, seed, hashfunc=int, scheme="affine32")
        theirs.update_batch(values)
        assert signature.tolist() == theirs.hashvalues.tolist()
        assert minhash(signature, seed) == minhash(theirs.hashvalues, seed)
        assert minhash(signature, seed).jaccard(theirs) == 1


def test_empty_signature_is_the_one_of_datasketch() -> None:
    signature = signatures(shingles(words([""])))[0]
    assert (signature == EMPTY).all()
    assert minhash(signature).is_empty()
    assert signature.tolist() == MinHash().hashvalues.tolist()


def test_datasketch_finds_our_signatures() -> None:
    story = "the storm that crossed the coast on monday left four villages without power until the evening"
    texts = [
        story,
        story.upper() + "!",
        story.replace("monday", "sunday"),
        "shares fell again in early trade on friday",
    ]
    index = MinHashLSH(threshold=0.6, num_perm=128)
    for key, signature in enumerate(signatures(shingles(words(texts)))):
        index.insert(key, minhash(signature))
    theirs = MinHash(hashfunc=int)
    theirs.update_batch(shingles(words([story])).hashes.tolist())
    assert sorted(index.query(theirs)) == [0, 1, 2]
    assert index.query(minhash(signatures(shingles(words(texts)))[3])) == [3]


def test_estimate_is_near_the_truth() -> None:
    first = np.arange(3000, dtype=np.uint32)
    both = Shingles(np.concatenate([first, first + 1000]), np.array([0, 3000, 6000]))  # Jaccard 0.5
    signature = signatures(both, permutations=2048)
    assert abs(float(np.mean(signature[0] == signature[1])) - 0.5) < 0.05


def test_sketches_estimate_as_signatures_do() -> None:
    numbers = np.random.default_rng(5).integers(0, 1 << 32, 900, dtype=np.uint32)
    for size, shift in ((20, 10), (60, 20), (300, 100), (600, 60)):
        pair = np.concatenate([numbers[:size], numbers[shift : size + shift]])
        slots = sketches(Shingles(pair, np.array([0, size, 2 * size])), 128)
        truth = (size - shift) / (size + shift)
        assert np.mean(slots[:, 0] == slots[:, 1]) == pytest.approx(
            truth, abs=4 * (truth * (1 - truth) / min(size, 128)) ** 0.5
        )


@settings(deadline=None)
@given(st.lists(st.lists(st.integers(0, 99), max_size=40), min_size=1, max_size=5), st.integers(1, 40))
def test_a_sketch_depends_on_the_set_alone(sets: list[list[int]], slots: int) -> None:
    numbers = np.array(list(itertools.chain(*sets)), np.uint32)
    found = sketches(Shingles(numbers, np.cumsum([0, *map(len, sets)])), slots, at_least=3)
    for text, content in enumerate(sets):
        alone = np.array(sorted(content), np.uint32)
        expected = sketches(Shingles(alone, np.array([0, alone.size])), slots, at_least=3)
        assert found[:, text].tolist() == expected[:, 0].tolist()
        assert len(content) >= 3 or not expected.any()
