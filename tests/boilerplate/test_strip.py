import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.boilerplate.strip import MAX_LINES, strip
from cleaner.settings.load import load_settings

STRIP = load_settings().strip
ONE = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."
TWO = "Rivers rose by a metre in the night and people in two villages had to leave their houses at once."
THREE = "The government promised help to those who lost their homes, and farmers asked for more of it soon."
BODY = [ONE, TWO, THREE]


def stripped(*blocks, **fields):
    return strip(Article("1", "\n\n".join(blocks), **fields), STRIP)


# What stands around a body, the rules under which it goes, and what it tells.
AROUND = [
    (["Rain falls on whole countryRain falls on whole country", "Rain falls on whole country"], [], ["title"] * 2, {}),
    (["Home » Weather » Rain falls on whole country", "Rain falls on whole country"], [], ["breadcrumb", "title"], {}),
    (["Share", "Rain falls on whole country"], [], ["share", "title"], {"title": "Rain falls on whole country"}),
    (["Rain falls on whole country", "3 May 2021"], [], ["title", "date"], {"published": "2021-05-03"}),
    (["Tuesday, 4 May 2021", "Rain falls on whole country", "3 May 2021"], [], ["date", "title", "date"],
     {"published": "2021-05-03"}),
    (["Tuesday, 4 May 2021", "Rain falls on whole country"], [], ["date", "title"], {"published": None}),
    (["Rain falls on whole country", "Updated: 4 May 2021"], [], ["title", "date"],
     {"published": None, "modified": "2021-05-04"}),
    (["3 min read"], ["Advertisement"], ["read_time", "advert"], {}),
    ([], ["Share", "Sign up for our newsletter", "World News", "Our many apps"],
     ["share", "newsletter", "footer", "footer"], {}),
]  # fmt: skip


@pytest.mark.parametrize(("above", "below", "rules", "tells"), AROUND)
def test_what_stands_around_the_body_goes_and_tells(above, below, rules, tells):
    article = stripped(*above, *BODY, *below)
    assert article.text == "\n\n".join(BODY)
    assert [removed.rule for removed in article.removed] == rules
    assert {name: getattr(article, name) for name in tells} == tells


def test_a_headline_with_nothing_of_a_site_around_it_is_read_and_stays():
    article = stripped("Rain falls on whole country", *BODY)
    assert article.title == "Rain falls on whole country"
    assert article.text == "\n\n".join(["Rain falls on whole country", *BODY])


def test_a_lone_line_has_no_headline():
    assert stripped("Rain fell in the valley").title is None


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.org/2021/05/a-wet-start-for-everyone", "A wet start for everyone"),
        (None, "Rain falls on whole country"),
    ],
)
def test_the_headline_is_what_the_url_spells_or_the_body_speaks_of(url, title):
    lines = ["The hardest-working paper in town", "A wet start for everyone", "Rain falls on whole country", "Share"]
    assert stripped(*lines, *BODY, url=url).title == title


KEPT = [
    "“All of it is gone.”",
    "“Are your houses still there?”",
    "Share prices fell.",
    "What happens next",
    "He said: “All rights reserved.”",
    "3 May 2021",
    "By then it was too late",
]


@pytest.mark.parametrize("block", KEPT)
def test_a_line_of_the_story_stays(block):
    assert stripped(ONE, TWO, block, THREE).text == "\n\n".join([ONE, TWO, block, THREE])


def test_a_short_dialogue_at_the_end_stays():
    quotes = ["“Are all your things gone?”", "“All of it. Destroyed.”", "“Look at it.”"]
    assert stripped(*BODY, *quotes).text == "\n\n".join([*BODY, *quotes])


def test_the_last_paragraph_behind_a_newsletter_box_stays():
    article = stripped(ONE, TWO, "Share", "Sign up for our newsletter", "Advertisement", THREE)
    assert article.text == "\n\n".join(BODY)


def test_the_numbers_of_removed_blocks_are_those_of_the_page():
    article = stripped("Share", "Rain falls on whole country", ONE, "Advertisement", TWO)
    assert [(r.block, r.text) for r in article.removed] == [
        (0, "Share"),
        (1, "Rain falls on whole country"),
        (3, "Advertisement"),
    ]


def test_values_that_are_known_stay_and_what_was_removed_before_is_kept():
    once = stripped("Share", *BODY, title="Rain", published="2021-05-01")
    again = strip(once, STRIP)
    assert (again.title, again.published) == ("Rain", "2021-05-01")
    assert again.removed == once.removed


CONSENT = (
    "When you visit our website, we store cookies on your browser to collect information, which may relate to you, and "
    "we share it with third parties as our privacy policy says."
)


def test_a_site_that_asks_for_consent_is_no_story():
    assert stripped(*BODY, CONSENT).text == "\n\n".join(BODY)


def test_a_story_about_consent_stays():
    opening = "Cookies that track people need their consent first, the highest court of the country said on Monday."
    assert stripped(opening, *BODY, CONSENT).text == "\n\n".join([opening, *BODY, CONSENT])


@pytest.mark.parametrize(
    ("first", "agency"),
    [
        (
            "BERLIN, May 3 (Reuters) - Rain fell on the whole of the country on Monday, forecasters said again.",
            "Reuters",
        ),
        ("BERLIN (AP) — Rain fell on the whole of the country on Monday, forecasters said once more.", "AP"),
        ("Rain (and wind) fell on the whole of the country on Monday, forecasters said once more there.", None),
    ],
)
def test_an_agency_is_told_by_its_dateline(first, agency):
    article = stripped(first, TWO)
    assert article.agency == agency
    assert article.text == f"{first}\n\n{TWO}"


BLOCKS = st.lists(
    st.sampled_from([*BODY, *KEPT, "Share", "Advertisement", "Sign up for our newsletter",
                     "Rain falls on whole country",
                     "Home » Rain falls on whole country", "Tuesday, 4 May 2021", "World", "Published", "Related"])
    | st.text(max_size=40),
    max_size=14,
)  # fmt: skip


@given(BLOCKS)
def test_a_second_pass_changes_nothing(blocks):
    once = stripped(*blocks)
    assert strip(once, STRIP) == once


@given(BLOCKS)
def test_every_word_is_kept_or_recorded(blocks):
    text = "\n\n".join(blocks)
    article = strip(Article("1", text), STRIP)
    found = article.text + "".join(removed.text for removed in article.removed)
    assert sorted("".join(found.split())) == sorted("".join(text.split()))


def test_a_dump_stays_as_it_is():
    text = "\n".join(["Share", *BODY] * (MAX_LINES // 4 + 1))
    assert strip(Article("1", text), STRIP) == Article("1", text)


def test_a_heading_below_two_paragraphs_is_no_title():
    heading = "What does the rain mean?"
    text = "\n\n".join([ONE, TWO, heading, THREE, TWO, heading, ONE])
    article = strip(Article("1", text), msgspec.structs.replace(STRIP, model=False))
    assert article.title is None
    assert article.text.count(heading) == 2
