"""What is the story's stays: short lines, dates of a chronicle, sentences that read like furniture, names."""

import pytest

from cleaner.article import Article
from cleaner.boilerplate.annotation import annotate
from cleaner.boilerplate.facts import authors_in
from cleaner.boilerplate.sites import Learner
from cleaner.boilerplate.strip import strip
from cleaner.hooks.fix_text import fix_text
from cleaner.settings.load import load_settings

SETTINGS = load_settings()
BODY = [
    "The council of Vestra sold the old customs house to a baker on Tuesday, after a debate of four hours.",
    "Its tower had been empty since the harbour was moved to the other side of the bay in nineteen sixty.",
    "Neighbours said that they would miss the owls, of which three pairs have nested under the roof.",
]
WHOLE = {
    "a vote": ["Law on nets: who voted how", "The council passed the law on nets by five votes to three.",
               "Yes", "Berg, Holm, Lund", "No", "Dahl, Vik", "It takes effect in May."],
    "eine Abstimmung": ["Netzgesetz: So stimmten sie ab", "Der Rat nahm das Gesetz mit fünf zu drei Stimmen an.",
                        "Dafür", "Berg, Holm, Lund", "Dagegen", "Dahl, Vik", "Es gilt ab Mai."],
    "une équipe": ["Vestra donne son équipe", "Vestra a nommé son équipe pour la finale de samedi.",
                   "Gardien", "Jon Berg", "Défenseurs", "Ole Holm, Jan Lund", "Le match commence à trois heures."],
    "a correction": ["Correction", "We gave the height of the tower as nine metres.", "It is ninety.", "We regret it."],
    "questions": ["Boats: what you ask", "The ferry stops on Friday for a week, its owner said.", "Is there a bus?",
                  "No.", "Can I get my money back?", "Yes.", "Until when?", "Until Sunday evening, the owner said."],
}  # fmt: skip
ABOUT = {
    "a newsletter": (
        "Post gives up its newsletter",
        "Sign up for our newsletter, the paper begged for six years, and hardly a reader in town ever did.",
    ),
    "a podcast": (
        "Podcast of the harbour wins prize",
        "Listen to our podcast, the fishermen used to shout across the quay whenever a journalist came by.",
    ),
    "copyright": (
        "Heirs fight over copyright",
        "Copyright 1962 Ole Holm, all rights reserved: with this line the diary ends, and nobody knows who wrote it.",
    ),
    "consent": (
        "Judge scolds paper",
        "Cookies need consent, the judge wrote, a privacy policy is none, and third parties may not listen in.",
    ),
}


def stripped(text, **fields):
    return strip(Article("1", text, **fields), SETTINGS.strip)


@pytest.mark.parametrize("blocks", WHOLE.values(), ids=WHOLE)
def test_a_short_article_of_short_lines_stays_whole(blocks):
    assert stripped("\n\n".join(blocks)).text == "\n\n".join(blocks)


@pytest.mark.parametrize(("headline", "sentence"), ABOUT.values(), ids=ABOUT)
def test_a_sentence_about_furniture_is_none(headline, sentence):
    text = "\n\n".join([headline, *BODY[:2], sentence, BODY[2]])
    assert sentence in stripped(text).text
    assert stripped(text).title == headline
    assert sentence in fix_text(text).text


@pytest.mark.parametrize(
    "sentence",
    [
        "Sign up for our newsletter to get the best stories of the islands in your inbox every morning.",
        "We and our partners use cookies, with your consent, as the privacy policy says, to measure what you read.",
    ],
)
def test_what_the_site_says_itself_goes(sentence):
    assert stripped("\n\n".join(["Share", *BODY[:2], sentence, BODY[2]])).text == "\n\n".join(BODY)


CHRONICLES = [
    ["3 January 2023", "14 March 2023", "9 June 2023"],
    ["9. Juni 2023", "14. März 2023", "3. Januar 2023"],
    ["2023年1月3日", "2023年3月14日", "2023年6月9日"],
]


@pytest.mark.parametrize("days", CHRONICLES)
@pytest.mark.parametrize("lead", [[], ["All that happened in the house from the first debate to the last vote."]])
def test_the_dates_of_a_chronicle_stay_and_are_not_the_page_s(days, lead):
    entries = [block for day, told in zip(days, BODY, strict=True) for block in (day, told)]
    article = stripped("\n\n".join(["The tower, day by day", *lead, *entries]))
    assert article.published is None
    assert set(days) <= set(article.text.split("\n\n"))


def test_a_date_above_a_chronicle_is_the_page_s():
    article = stripped("\n\n".join(
        ["The tower, day by day", "5 July 2023", BODY[0], "3 January 2023", BODY[1], "14 March 2023", BODY[2]]
    ))  # fmt: skip
    assert article.published == "2023-07-05"
    assert "5 July 2023" not in article.text
    assert "3 January 2023" in article.text


@pytest.mark.parametrize(
    ("blocks", "title"),
    [
        (["Bread and butter this week", BODY[0], "Butter\t2.10\t+0.05", "Bread\t3.40\t-0.02", *BODY[1:]],
         "Bread and butter this week"),
        (["Regatta: locals trail", BODY[0], "Owls 3 Harbour 4", "Bay 12 Tower 9", *BODY[1:]], "Regatta: locals trail"),
        (["Share", "Loaves under the roof", "3 May 2021", *BODY], "Loaves under the roof"),
        (["Anzeige", "„Ein Haus voll Brot“: Bäcker am Ziel", "Teilen", *BODY], "„Ein Haus voll Brot“: Bäcker am Ziel"),
    ],
)  # fmt: skip
def test_the_headline_is_the_line_that_has_its_shape_and_place(blocks, title):
    assert stripped("\n\n".join(blocks)).title == title


BYLINES = [
    ("By Ines Aldo and Bo Marsh", ["Ines Aldo", "Bo Marsh"]),
    ("By Ines Aldo, Bo Marsh and Jan Grau", ["Ines Aldo", "Bo Marsh", "Jan Grau"]),
    ("*By Ines Aldo*", ["Ines Aldo"]),
    ("By Ines Aldo • Published 3 March 2024", ["Ines Aldo"]),
    ("By Ines Aldo | 3 March 2024 | 4 min read", ["Ines Aldo"]),
    ("By Ines Aldo, Political Correspondent", ["Ines Aldo"]),
    ("By Ines Aldo and Reuters", ["Ines Aldo"]),
    ("By Reuters", []),
    ("Von Ines Aldo und Bo Marsh", ["Ines Aldo", "Bo Marsh"]),
    ("Von I. Aldo, B. Marsh, Berlin", ["I. Aldo", "B. Marsh"]),
    ("Par Inès Aldo et Bo Marsh | Publié le 3 mars 2024", ["Inès Aldo", "Bo Marsh"]),
    ("Por Ines Aldo y Bo Marsh", ["Ines Aldo", "Bo Marsh"]),
    ("Por José Ortega y Gasset", ["José Ortega y Gasset"]),
    ("Автор: Иван Петров, Пётр Иванов", ["Иван Петров", "Пётр Иванов"]),
    ("記者王小明／台北報導", ["王小明"]),
    ("文：山田太郎", ["山田太郎"]),
    ("김철수 기자", ["김철수"]),
    ("بقلم: سارة علي", ["سارة علي"]),
]


@pytest.mark.parametrize(("line", "names"), BYLINES)
def test_authors_are_names_one_each(line, names):
    (block,) = annotate(line)
    assert list(authors_in(block)) == names


@pytest.mark.parametrize("byline", ["By Ines Aldo and Bo Marsh", "Von Ines Aldo", "By Ines Aldo | 3 March 2024"])
def test_a_byline_that_alone_tells_the_author_stays_in_a_fixed_file(byline):
    text = "\n\n".join(["The customs house of Vestra is sold", byline, *BODY])
    assert fix_text(f"Share\n\n{text}\n\nAdvertisement\n").text == f"{text}\n"


def site_of_pages(repeated, *, pages, on, at):
    """Return what is learned from pages of five paragraphs, of which some have a block at a place of theirs."""
    learner = Learner(SETTINGS.sites)
    for page in range(pages):
        name = chr(97 + page) * 3
        blocks = [
            f"The {name} owl of the {chr(97 + i) * 4} tower was seen on a roof by all who live there." for i in range(5)
        ]
        if page in on:
            blocks.insert(at(page), repeated)
        learner.add(Article(str(page), "\n\n".join(blocks), site="example.org"))
    return learner.profiles().get("example.org")


BACKGROUND = "The house burned down twice, and both times the owls came back to it."
OWN = [
    (BACKGROUND, 20, range(0, 20, 4), lambda _: 2),
    (BACKGROUND, 20, range(0, 20, 4), lambda _: 5),
    (f"{BACKGROUND}\n\nNobody knows who laid the fire.", 20, range(0, 20, 3), lambda page: page % 5),
    ("“Nobody asked the owls,” she said.", 10, range(6), lambda page: 1 + page % 4),
    ("Warum hat niemand gefragt?", 3, range(2), lambda _: 3),
    ("没有人问过猫头鹰。", 4, range(3), lambda _: 2),
]
FURNITURE = [
    (BACKGROUND, 12, range(12), lambda _: 5),
    (BACKGROUND, 12, range(12), lambda _: 2),
    ("Nobody asked the owls.", 10, range(6), lambda _: 0),
    ("More on this", 5, range(3), lambda _: 5),
]


@pytest.mark.parametrize(("repeated", "pages", "on", "at"), OWN)
def test_what_stories_repeat_in_their_midst_is_not_the_site_s(repeated, pages, on, at):
    assert site_of_pages(repeated, pages=pages, on=on, at=at) is None


@pytest.mark.parametrize(("repeated", "pages", "on", "at"), FURNITURE)
def test_what_stands_outside_the_body_or_in_one_place_is_the_site_s(repeated, pages, on, at):
    profile = site_of_pages(repeated, pages=pages, on=on, at=at)
    assert [line.text for line in profile.lines.values()] == [repeated]
