"""Terms and vectors against a reference that counts words one by one, and the cases that tokenisers get wrong."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import hash_word

from cleaner.arrays.pairs import Pairs
from cleaner.stories.terms import LEAD_WORDS, STEM, Terms, join, stemmed_keys, terms
from cleaner.stories.vectors import HEAVY, agreement, weigh
from cleaner.words.background import background, idf
from cleaner.words.term_keys import ALPHABET, alphabetic, term_keys
from cleaner.words.tokenising import words

VOCABULARY = (
    "flood",
    "dam",
    "river",
    "said",
    "the",
    "of",
    "x",
    "7",
    "42",
    "1987",
    "mayor",
    "mayors",
    "çelik",
    "東京都",
    "ไทย",
)
WORDS = st.sampled_from(VOCABULARY)
DOCUMENTS = st.lists(st.tuples(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=120)), min_size=1, max_size=6)


def key(word: str) -> int:
    return hash_word(word) & 0xFFFFFFFF


def weighed(*texts: str, kept: int = 64) -> Terms:
    return terms(words([""] * len(texts)), words(texts), kept, 100.0, 3000.0)


def spelled(text: str) -> list[str]:
    batch = words([text])
    _, places, _ = term_keys(batch)
    ends = np.where(batch.single[places], places + np.where(alphabetic(batch)[places], ALPHABET - 1, 1), places)
    return [batch.buffer[batch.begins[a] : batch.ends[b]].decode() for a, b in zip(places, ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A flood, a dam: I fled.", ["flood", "dam", "fled"]),
        ("In 1987 or 7 BC", ["in", "1987", "or", "bc"]),
        ("don’t don't", ["don", "don"]),
        ("東京都 is 東 京", ["東京", "京都", "is"]),
        ("ภาษาไทย ไทย", ["ภาษา", "าษาไ", "ษาไท", "าไทย"]),
        ("한국 서울", ["한국", "서울"]),
        ("बाढ़ में", ["बाढ़", "में"]),
        ("😀 \ud800 \0", []),
        ("", []),
    ],
)
def test_which_words_are_terms(text: str, expected: list[str]) -> None:
    assert spelled(text) == expected


@given(DOCUMENTS)
def test_counts_are_those_of_a_naive_count(documents: list[tuple[list[str], list[str]]]) -> None:
    titles, texts = ([" ".join(part) for part in parts] for parts in zip(*documents, strict=True))
    found = terms(words(titles), words(texts), 64, 100.0, 3000.0)
    for row, parts in enumerate(zip(titles, texts, strict=True)):
        counts: dict[int, float] = defaultdict(float)
        first: dict[int, int] = {}
        batch = words([" ".join(parts)])
        for position, term in enumerate(term_keys(batch)[0].tolist()):
            counts[term] += 1 + 4 * math.exp(-position / 100)
            first.setdefault(term, position)
        there = found.keys[row] > 0
        assert found.keys[row][there].tolist() == sorted(counts)
        assert found.counts[row][there] == pytest.approx([1 + math.log(counts[t]) for t in sorted(counts)], rel=2e-3)
        assert found.lead[row][there].tolist() == [first[t] < LEAD_WORDS for t in sorted(counts)]


def test_a_document_is_weighed_alike_whatever_stands_in_its_batch() -> None:
    long = " ".join(f"word{number}" for number in range(900))
    alone, among = weighed(long, kept=32), weighed("flood", long + " " + long, long, "", kept=32)
    assert alone.keys[0].tolist() == among.keys[2].tolist()
    assert alone.counts[0].tolist() == among.counts[2].tolist()
    assert np.count_nonzero(alone.keys[0]) == 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kokkola", "Kokkolassa"),
        ("Valtiovarainministeri", "valtiovarainministerille"),
        ("нацбанка", "Нацбанком"),
        ("Βαρυμπόμπη", "Βαρυμπόμπης"),
    ],
)
def test_endings_of_words_that_are_not_listed_do_not_count(one: str, other: str) -> None:
    _, (keys, _, _) = stemmed_keys(words([""]), words([f"{one} (x) {other}"]))
    assert keys.tolist() == [key(one[:STEM])] * 2


def test_other_words_are_keyed_whole() -> None:
    whole = words([" ".join(["missiles", "government", "Bakassi", "202403051", "202403052", "百年", "Orsk"])])
    assert stemmed_keys(words([""]), whole)[1][0].tolist() == term_keys(whole)[0].tolist()


def test_names_in_english_are_keyed_whole() -> None:
    title, text = words(["Rumuokoro police"]), words(["The government said that police in Rumuokoro found documents."])
    assert stemmed_keys(title, text)[0][0].tolist() == term_keys(title)[0].tolist()
    assert stemmed_keys(title, text)[1][0].tolist() == term_keys(text)[0].tolist()
    alone = stemmed_keys(words([""]), words(["Rumuokoro"]))[1][0]
    assert alone.tolist() == [key("rumuoko")]


def test_the_heaviest_are_kept() -> None:
    text = "the of and to in for on it is that with by at from be as has an " * 9 + "Bakassi Rumuokoro Zwirzlow"
    kept = weighed(text, kept=3).keys[0].tolist()
    assert sorted(kept) == sorted(key(name) for name in ("bakassi", "rumuoko", "zwirzlo"))


def test_background_knows_common_words() -> None:
    shares = background().shares(np.array([key("the"), key("missile"), key("rumuokoro")], np.uint32))
    assert shares[0] > 0.9
    assert 0.001 < shares[1] < 0.1
    assert shares[2] < 0.0001


def test_background_knows_function_words_but_lets_english_be() -> None:
    shares = background().shares(np.array([key("für"), key("против"), key("после"), key("war"), key("son")], np.uint32))
    assert shares[0] > 0.3
    assert shares[1] < 0.0001
    assert shares[2] > 0.3
    assert 0.01 < shares[3:].max() < 0.2
    japanese = term_keys(words(["した"]))[0]
    assert background().shares(japanese)[0] > 0.3


def test_idf_lets_the_corpus_outvote_the_background() -> None:
    rare = np.full(2, 1e-4, np.float32)
    few = idf(np.array([1, 5]), rare, 5, 3000.0)
    many = idf(np.array([1, 50_000]), rare, 50_000, 3000.0)
    assert few[0] - few[1] < 2.5
    assert many[1] < 0.1 < many[0]
    assert (idf(np.array([10]), np.ones(1, np.float32), 10, 3000.0) >= 0).all()


def test_vectors_are_unit_and_heaviest_first() -> None:
    vectors = weigh(weighed("flood dam flood river", "", "the mayor of Dresden", "of the"), 8, 3000.0)
    norms = np.linalg.norm(vectors.weights, axis=1)
    assert norms[:3] == pytest.approx([1, 0, 1], abs=1e-5)
    assert 0 < norms[3] < 0.2  # says nothing
    assert (np.diff(vectors.weights, axis=1) <= 0).all()
    assert ((vectors.ids > 0) == (vectors.weights > 0)).all()


@settings(max_examples=50)
@given(st.lists(st.lists(WORDS, max_size=60), min_size=2, max_size=5), st.integers(1, 12))
def test_agreement_is_that_of_dense_vectors(documents: list[list[str]], size: int) -> None:
    vectors = weigh(weighed(*(" ".join(document) for document in documents)), size, 3000.0)
    left, right = np.triu_indices(len(documents), 1)
    found = agreement(vectors, Pairs(left, right))

    def cosine(keep: np.ndarray, *, unit: bool = True) -> list[float]:
        dense = np.zeros((len(documents), vectors.keys.size + 1))
        np.put_along_axis(dense, vectors.ids.astype(np.int64), np.where(keep, vectors.weights, 0), axis=1)
        dense[:, 0] = 0
        if unit:
            dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-9)
        return [float(dense[i] @ dense[j]) for i, j in zip(left, right, strict=True)]

    every = np.ones_like(vectors.lead)
    assert found.cosine == pytest.approx(cosine(every, unit=False), abs=1e-5)  # a text that says nothing is like none
    assert found.heavy == pytest.approx(cosine(every & (np.arange(size) < HEAVY)), abs=1e-5)
    assert found.lead == pytest.approx(cosine(vectors.lead), abs=1e-5)


def test_joining_no_batches_gives_no_documents() -> None:
    assert join([], 16, np.zeros(0, np.int64), 0).keys.shape == (0, 16)
    assert weigh(join([], 16, np.zeros(0, np.int64), 0), 8, 3000.0).ids.shape == (0, 8)


def test_too_many_documents_at_once_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 524288"):
        weighed(*[""] * (1 << 20))
