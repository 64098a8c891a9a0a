"""Words against a naive reference, one character at a time."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import hash_word

from cleaner.words.characters import fold_for_comparison
from cleaner.words.tokenising import Words, batches, words

WITHOUT_SPACES = (
    *(
        "CJK",
        "IDEOGRAPHIC",
        "HANGZHOU",
        "HIRAGANA",
        "HENTAIGANA",
        "KATAKANA",
        "COMBINING KATAKANA",
        "VERTICAL KANA",
        "VERTICAL IDEO",
    ),
    *("HANGUL SINGLE DOT", "HANGUL DOUBLE DOT", "THAI", "LAO", "KHMER", "MYANMAR"),
)
TEXTS = st.text(
    st.one_of(
        st.sampled_from("aB9 .'’“\n\0é\u0301ß中国年日本のカ゛กำลั٣हिन्दी한국ﬁ½€Ωﷺ\u200c\u00ad\ufe0f\u20e3❤𝟘𠀀𐐀\ud800"),
        st.characters(),
    ),
    max_size=30,
)


def kind(character: str) -> str:
    category = unicodedata.category(character)
    if "VARIATION SELECTOR" in unicodedata.name(character, ""):
        return "separator"
    if category == "Nd":
        return "digit"
    name = unicodedata.name(character, "")
    unspaced = name.startswith(WITHOUT_SPACES) and "ANNOTATION" not in name and "TALLY" not in name
    if category.startswith("M"):
        return "single mark" if unspaced else "mark"
    if character.isalnum():
        return "single" if unspaced else "letter"
    return "separator"


def naive(text: str) -> list[str]:
    """Split a text a character at a time."""
    found: list[str] = []
    before = "separator"
    for character in fold_for_comparison(text).decode():
        this = kind(character)
        apart = this == "single" or (this in {"letter", "digit"} and before.startswith("single"))
        if this != "separator":
            if before == "separator" or apart:
                found.append("")
            found[-1] += character
        before = this
    return found


def names(batch: Words) -> list[list[str]]:
    return [[batch.name(at) for at in range(*batch.offsets[text : text + 2])] for text in range(len(batch))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("...!?", []),
        ("U.S. shares rose 3.5%", ["u", "s", "shares", "rose", "3", "5"]),
        ("don't", ["don", "t"]),
        ("don’t DON´T", ["don", "t", "don", "t"]),
        ("well\u00a0known–unknown", ["well", "known", "unknown"]),
        ("naïve nai\u0308ve NAÏVE", ["naïve"] * 3),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("co\u00adoperate", ["cooperate"]),
        ("ﬁnal CO₂", ["final", "co2"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("اللُّغَة", ["اللُّغَة"]),
        ("می\u200cخواهم", ["میخواهم"]),
        ("한국 뉴스", ["한국", "뉴스"]),
        ("中国2024年GDP", ["中", "国", "2024", "年", "gdp"]),
        ("ｶﾞス", ["ガ", "ス"]),
        ("ข่าววันนี้", ["ข่", "า", "ว", "วั", "น", "นี้"]),
        ("𠀀𠀁a", ["𠀀", "𠀁", "a"]),
        ("𝐁𝐨𝐥𝐝", ["bold"]),
        ("rain ❤️ sun", ["rain", "sun"]),
        ("a\ud800b\0c", ["a", "b", "c"]),
    ],
)
def test_words_of_real_cases(text: str, expected: list[str]) -> None:
    assert names(words([text])) == [expected]


@settings(deadline=None)  # the first call makes the table of all characters
@given(st.lists(TEXTS, max_size=5))
def test_same_words_and_hashes_as_one_at_a_time(texts: list[str]) -> None:
    batch = words(texts)
    expected = [naive(text) for text in texts]
    assert names(batch) == expected
    flat = [word for text in expected for word in text]
    assert batch.hashes.tolist() == [hash_word(word) for word in flat]
    assert batch.lengths.tolist() == [len(word) for word in flat]
    assert batch.numeric.tolist() == [kind(word[0]) == "digit" for word in flat]
    assert batch.single.tolist() == [kind(word[0]).startswith("single") for word in flat]
    assert batch.offsets.tolist() == np.cumsum([0] + [len(text) for text in expected]).tolist()


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert fold_for_comparison(fold_for_comparison(text).decode()) == fold_for_comparison(text)


@pytest.mark.parametrize("length", [1, 7, 8, 9, 16, 17, 63, 64, 65, 200, 100_000])
def test_hash_of_long_words(length: int) -> None:
    word = "abcdefghi"[: length % 9 + 1] * (length // (length % 9 + 1) + 1)
    word = word[:length]
    batch = words([f"before {word}", word, word[:-1] + "é"])
    assert batch.hashes[1] == batch.hashes[2] == hash_word(word)
    assert batch.hashes[3] == hash_word(word[:-1] + "é") != hash_word(word)


def test_no_text() -> None:
    batch = words([])
    assert len(batch) == 0
    assert batch.hashes.size == 0
    assert batch.offsets.tolist() == [0]


def test_hashes_differ() -> None:
    numbers = words([" ".join(map(str, range(100_000)))])
    assert np.unique(numbers.hashes).size == 100_000
    assert (
        np.unique(numbers.hashes >> np.uint64(32)).size > 99_990
    )  # 5e9 pairs in 2^32 halves: one or two meet by chance


def test_batches_keep_order_and_size() -> None:
    items = ["a" * size for size in (5, 1, 9, 2, 2, 30, 1)]
    grouped = list(batches(items, 10))
    assert [item for batch in grouped for item in batch] == items
    assert [len(batch) for batch in grouped] == [3, 3, 1]
    assert list(batches(iter(range(4)), 2, size=lambda _: 1)) == [[0, 1], [2, 3]]


@pytest.mark.parametrize("other", ["", "Ωmega "])
def test_beginnings_hash_as_words_that_end_there(other: str) -> None:
    batch = words([other + "Elbe missiles", "Vorpommern"])
    which = np.flatnonzero(batch.lengths > 6)
    found = [int(value) for value in batch.beginnings(which, 6)]
    assert found == [hash_word("missil"), hash_word("vorpom")]
