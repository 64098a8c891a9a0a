import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.stages.quality import FILTERS, MEASURES, failures, measures

# Five words, 28 characters, 23 of them in words: rain 4, fell 4, heavily 7, on 2, Monday 6 = 23.
LINE = "Rain fell heavily on Monday."
SENTENCE = "The mayor said that the people of the town have to be patient with it. "  # 15 words, 6 different stop words


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        # C4: of four lines, two end no sentence, two have under five words, one names JavaScript, one cookies.
        ("no_terminal_ratio", "Share\n\nPlease enable JavaScript now\n\nIt rained.\n\n" + LINE, 2 / 4),
        ("no_terminal_ratio", "It is not over yet...\n\nIt is not over yet…", 1.0),
        ("no_terminal_ratio", "“Much more of it will fall.”\n\n雨が降りました。", 0.0),
        ("few_words_ratio", "Share\n\nPlease enable JavaScript now\n\nIt rained.\n\n" + LINE, 3 / 4),
        ("javascript_ratio", "Share\n\nPlease enable JavaScript now\n\nIt rained.\n\n" + LINE, 1 / 4),
        ("policy_ratio", "This site uses cookies to work well.\n\n" + LINE, 1 / 2),
        ("policy_ratio", "a" * 1001 + " is one word that is long.\n\n" + LINE, 1 / 2),
        ("dropped_line_ratio", "Share\n\nPlease enable JavaScript now\n\nIt rained.\n\n" + LINE, 3 / 4),
        ("kept_sentences", f"Share it. Now.\n\n{LINE} Rivers rose by 2.5 metres. It was on p. 4 of the paper!", 4),
        ("lorem_ipsum", "Lorem ipsum dolor sit amet.", 1),
        ("curly_bracket", "function() { return {} }", 2),
        # Gopher: words lose the punctuation around them; what is nothing but punctuation is no word.
        ("word_count", "Rain — much of it — fell.", 5),
        ("word_count", "今日は雨です", 3),
        ("mean_word_length", LINE, 23 / 5),
        ("symbol_word_ratio", "#rain #flood and more...", 2 / 4),
        ("symbol_word_ratio", "Rain... more… and #more...", 3 / 4),
        ("bullet_line_ratio", "• Rain\n\n- Flood\n\nMore of it", 2 / 3),
        ("ellipsis_line_ratio", "Rain...\n\nFlood…\n\nMore of it", 2 / 3),
        ("alpha_word_ratio", "Rain 12 mm 7 — &", 2 / 6),
        ("stop_words", "The be-all of it, and THE end of it.", 3),
        # Gopher's repetition: characters of lines and paragraphs take in spaces and marks, those of n-grams do not.
        ("dup_line_frac", f"{LINE}\n\nMore.\n\n{LINE}", 1 / 3),
        ("dup_line_char_frac", f"{LINE}\n\nMore.\n\n{LINE}", 28 / 61),
        ("dup_para_frac", f"{LINE}\nMore.\n\n{LINE}\nMore.\n\n{LINE}", 1 / 3),
        ("dup_para_char_frac", "Rain fell.\n\nRain fell.\n\nSo be it", 10 / 28),
        ("top_2_gram", "big rain fell and big rain rose and big sun", 14 / 34),
        ("top_2_gram", "no two words of this recur", 0.0),
        ("top_3_gram", "rain fell hard then rain fell hard again", 24 / 33),
        ("top_4_gram", "a b c d e a b c d f", 8 / 10),
        ("dup_5_gram", "a b c d e x a b c d e y", 5 / 12),
        ("dup_6_gram", "a b c d e x a b c d e y", 0.0),
        # The second run stands before it and is passed over whole, so its words count once.
        ("dup_5_gram", "a b c d e f a b c d e f", 5 / 12),
        ("dup_6_gram", "a b c d e f a b c d e f", 6 / 12),
        ("dup_10_gram", "a b c d e f g h i j a b c d e f g h i j", 10 / 20),
        # FineWeb.
        ("line_punct_ratio", "Rain fell.\n\nShare\n\n“It did.”\n\nIt did!", 3 / 4),
        ("short_line_ratio", "a" * 29 + "\n\n" + "a" * 30, 1 / 2),
        ("char_dup_ratio", "Share\n\nShare\n\nRain fell.", 5 / 20),
        ("list_ratio", "Rain\n\nSun\n\nMore of it", 2 / 5),
    ],
)  # fmt: skip
def test_a_measure(name, text, value):
    assert measures(text)[name] == pytest.approx(value)


def test_wrapped_lines_are_one_line():
    text = "Showers continued throughout the week in\nthe cocoa zone, and there is\nmore to come.\n\nNo more was said."
    assert measures(text)["line_punct_ratio"] == 1.0


def test_every_measure_is_described_and_the_empty_text_has_all():
    assert list(measures("")) == list(MEASURES)
    assert set(measures("").values()) == {0.0}


@pytest.mark.parametrize(
    ("text", "filters", "reasons"),
    [
        (SENTENCE * 4, ["c4", "gopher", "fineweb"], ()),
        ("Rain fell on us all.", ["c4"], ("c4: kept_sentences 1 < 3",)),
        (SENTENCE * 4 + "{", ["c4"], ("c4: kept_sentences 0 < 3", "c4: curly_bracket 1 > 0")),
        ("Rain fell on the town.", ["gopher"], ("gopher: word_count 5 < 50", "gopher: stop_words 1 < 2")),
        (SENTENCE * 4 + "#rain " * 10, ["gopher"], ("gopher: symbol_word_ratio 0.1429 > 0.1",)),
        (" ".join(map(str, [*range(100, 160), *range(100, 110)])), ["gopher_repetition"],
         ("gopher_repetition: dup_9_gram 0.1286 > 0.11", "gopher_repetition: dup_10_gram 0.1429 > 0.1")),
        ("Share\n\nMore", ["fineweb"],
         ("fineweb: line_punct_ratio 0 <= 0.12", "fineweb: short_line_ratio 1 >= 0.67",
          "fineweb: list_ratio 0.5 > 0.3")),
    ],
)  # fmt: skip
def test_failures(text, filters, reasons):
    assert failures(text, filters) == reasons


def test_limits_that_hold_for_english_alone():
    text = "Am Montag hat es im ganzen Land stark geregnet. " * 10
    assert failures(text, ["gopher"]) == ("gopher: stop_words 0 < 2",)
    assert failures(text, ["gopher"], english=False) == ()


def test_an_unknown_filter_is_named():
    with pytest.raises(ValueError, match="no quality filter 'c5'; there are: c4, gopher, gopher_repetition, fineweb"):
        failures(LINE, ["c4", "c5"])


TEXTS = st.one_of(
    st.text(), st.lists(st.sampled_from(["rain", "fell", ".", "\n", "\n\n", "…", "雨", "#"])).map(" ".join)
)


@given(TEXTS)
def test_any_text_can_be_measured(text):
    found = measures(text)
    assert all(value >= 0 for value in found.values())
    shares = [name for name, measure in MEASURES.items() if measure.unit.startswith("share")]
    assert all(found[name] <= 1 for name in shares)
    assert failures(text, FILTERS) == tuple(reason for name in FILTERS for reason in failures(text, [name]))
