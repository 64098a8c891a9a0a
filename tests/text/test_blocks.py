import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.text.blocks import join, split, without


@pytest.mark.parametrize(
    ("text", "blocks", "joined"),
    [
        ("", [], ""),
        ("One.", ["One."], "One."),
        ("One.\n\nTwo.", ["One.", "Two."], "One.\n\nTwo."),
        ("One.\nTwo.", ["One.", "Two."], "One.\n\nTwo."),
        ("One.\n\n\n \n\xa0\nTwo.  ", ["One.", "Two."], "One.\n\nTwo."),
        ("Title\nOne.\n\nTwo.", ["Title", "One.", "Two."], "Title\nOne.\n\nTwo."),
        ("  One.\n  Two.\n" + "x" * 101, ["One.", "Two.", "x" * 101], "One.\n\nTwo.\n\n" + "x" * 101),
        ("Rain fell on the\nwhole country.\n\nIt is over.", ["Rain fell on the\nwhole country.", "It is over."], None),
        ("Rain fell on the\nland.\n    It is over\nnow.", ["Rain fell on the\nland.", "    It is over\nnow."], None),
    ],
)
def test_lines_and_wrapped_paragraphs(text, blocks, joined):
    assert [block.text for block in split(text)] == blocks
    assert join(split(text)) == (text if joined is None else joined)


def test_of_the_gaps_around_what_goes_the_widest_stays():
    blocks = split("One.\nShare\n\nTwo.\nThree.")
    assert join(without(blocks, {1})) == "One.\n\nTwo.\nThree."
    assert join(without(blocks, {0, 1})) == "Two.\nThree."
    assert join(without(blocks, {0, 1, 2, 3})) == ""


lines = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]) | st.sampled_from("\n\n \t"))


@given(lines)
def test_splitting_and_joining_settles_at_once(text):
    once = join(split(text))
    assert join(split(once)) == once


@given(lines)
def test_no_word_is_lost(text):
    assert "".join(join(split(text)).split()) == "".join(text.split())
