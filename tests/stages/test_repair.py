import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.repair import repair

DAMAGED = [
    ("mojibake", "The Mona Lisa doesnâ€™t have eyebrows.", "The Mona Lisa doesn’t have eyebrows."),
    ("mojibake twice", "l'humanitÃƒÂ©", "l'humanité"),
    ("entities", "Fish &amp; chips &#8211; &eacute;", "Fish & chips – é"),
    ("entity twice", "Fish &amp;amp; chips", "Fish & chips"),
    ("control characters", "Rain\x00 fell\x08.", "Rain fell."),
    ("soft hyphen", "re\xadarrange", "rearrange"),
    ("zero width", "Rain\u200b fell\ufeff.", "Rain fell."),
    ("decomposed", "cafe\u0301", "café"),
    ("surrogate pair", "\ud83d\ude00", "😀"),
    ("lone surrogate", "Rain \ud83d fell", "Rain \ufffd fell"),
    ("line ends", "One\r\ntwo\rthree", "One\ntwo\nthree"),
]

CLEAN = [
    "Plain words, nothing else.",
    "“Curly quotes,” she said – and ‘more’ — it’s all as it should be…",
    "Größe, naïve café, señor, Ångström, Łódź, İstanbul",
    "В понедельник прошли дожди.",
    "周一，全国普降大雨。",
    "می‌خواهم کتاب‌ها را بخوانم",
    "ﬁne ligatures and ｆｕｌｌ width stay",
    "A & B, AT&T; x < y > z",
    "Price: 5\xa0€",
    "👩‍👩‍👧 family",
]


@pytest.mark.parametrize(("name", "text", "mended"), DAMAGED, ids=[row[0] for row in DAMAGED])
def test_damage_is_mended_and_named(name, text, mended):
    fixed, steps = repair(text)
    assert fixed == mended
    assert bool(steps) == (name != "line ends")


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_comes_back_as_it_is(text):
    assert repair(text) == (text, ())


def test_separators_that_end_lines_do_so_from_the_start():
    once, steps = repair("\x94ß\u2028\x80")
    assert repair(once) == (once, ())
    assert steps


@given(st.text(st.characters(exclude_categories=())))
def test_a_second_pass_changes_nothing(text):
    once, _ = repair(text)
    assert repair(once)[0] == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="&")))
def test_ascii_is_never_changed(text):
    assert repair(text) == (text, ())
