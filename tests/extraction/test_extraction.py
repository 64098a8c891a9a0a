"""From HTML to the article: what the judge keeps, who speaks for a page, and pages that hold none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cleaner.article import Page
from cleaner.explanation import explain_page
from cleaner.extraction import by_trafilatura, model
from cleaner.extraction import extract as extraction
from cleaner.extraction.extract import extract, extract_all
from cleaner.extraction.extracted import Extracted, ExtractError, HtmlPage
from cleaner.extraction.parsing import parse
from cleaner.settings.load import load_settings
from cleaner.settings.schema import ExtractSettings

BRIDGE = """\
The city council voted on Tuesday to rebuild the old harbour bridge, closed since a barge struck a pier in March.
Repairs would cost almost as much and would last for only fifteen years, engineers had told the council last week.
“We looked at every way of saving it,” said Maria Lindqvist, who leads the works. “The steel was simply too far gone.”
The new bridge will carry two lanes of traffic, a tram line and a path for cyclists, and will take three years to build.
Shopkeepers on the north bank fear for their trade. They have been promised a free ferry until the bridge is open.
The county pays half of the cost, which the council puts at 48 million, and the rest comes from a toll on lorries.
""".splitlines()
TUNNEL = """\
A lorry caught fire in the Karst tunnel on Sunday evening, and two people were taken to hospital with burns.
The fire began in the eastern tube, about nine hundred metres from the exit, and burned for almost three hours.
Both tubes were closed within four minutes, and a coach with thirty-one pupils was led out by the firemen.
Investigators will look at the ventilation, which was renewed two years ago after a complaint by the union.
""".splitlines()
MOOR = """\
Im Moor bei Lüttau kämpfen seit Sonntag rund zweihundert Feuerwehrleute gegen einen Brand, der sich in den Torf frisst.
Der Landkreis sperrte am Dienstag die Straße nach Wersabe, weil der Rauch so dicht war, dass niemand etwas sehen konnte.
Auslöser war nach ersten Erkenntnissen ein Mähdrescher, dessen Lager heiß gelaufen war, wie die Polizei mitteilte.
Landwirte aus der Umgebung fahren mit Güllefässern Wasser heran, das aus den Gräben der Gemeinde gepumpt wird.
""".splitlines()
NAV = "<nav><ul><li><a href=/>Home</a><li><a href=/n>News</a><li><a href=/s>Sport</a></ul></nav>"
FOOTER = "<footer><p>Privacy Policy</p><p>Terms of use</p><p>© 2024 Harbour Post</p></footer>"
MORE = "".join(f"<li><a href=/{i}>Ten gardens to visit in the summer of 20{i}</a></li>" for i in range(10, 18))


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def page(body: str, title: str = "Council votes to rebuild harbour bridge", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{NAV}{body}{FOOTER}</body></html>"


def settings(**changed: Any) -> ExtractSettings:
    return load_settings(("here", {"extract": {"extractor": "fast", "metadata": False, **changed}})).extract


def found(html: str, **changed: Any) -> Extracted:
    return extract(HtmlPage(html), settings(**changed))


HEADLINE = "<h1>Council votes to rebuild harbour bridge</h1>"
RELATED = f"<ul class=related-links>{MORE}</ul>"
LIST = ["Two lanes of traffic", "A tram line", "A path for cyclists"]
ROWS = "<tr><th>Bank</th><th>For</th></tr><tr><td>North</td><td>12</td></tr>"
COMMENTS = "".join(
    f"<div class=comment><span class=author>reader{i}</span><p>I drove over it every day for {i + 20} years and never "
    "saw anybody look after the paint, so I am not surprised at all by what happened to it.</p><a>Reply</a></div>"
    for i in range(14)
)


def article(*parts: str, attributes: str = "") -> str:
    return f"<article{attributes}>{''.join(parts)}</article>"


def other(lines: list[str]) -> str:
    return article("<h1>Fire in the Karst tunnel</h1>", paragraphs(lines))


@pytest.mark.parametrize(
    ("body", "keeps", "drops"),
    [
        (article(HEADLINE, paragraphs(BRIDGE)) + f"<ul class=related>{MORE}</ul>", BRIDGE, ["Ten gardens", "Home"]),
        (f"<aside>{HEADLINE}{paragraphs(BRIDGE)}</aside>", BRIDGE, ["Privacy"]),
        (f"{HEADLINE}<div class=lead>{BRIDGE[0]}</div><div class=a>{paragraphs(BRIDGE[1:])}</div>", BRIDGE, ["Home"]),
        (f"<table><tr><td>{MORE}</td><td>{HEADLINE}{'<br><br>'.join(BRIDGE)}</td></tr></table>", BRIDGE, []),
        (f"<main>{HEADLINE}{paragraphs(BRIDGE)}<section id=comments>{COMMENTS}</section></main>", BRIDGE, ["Reply"]),
        (f"<main>{article(HEADLINE, paragraphs(BRIDGE))}{other(TUNNEL)}</main>", BRIDGE, TUNNEL),
        (f"<main>{article(HEADLINE, paragraphs(BRIDGE[:3]))}{other(TUNNEL * 2)}</main>", BRIDGE[:3], TUNNEL),
        (article(HEADLINE, f"<div>{paragraphs(BRIDGE[:3])}</div><div class=ad>Advertisement</div>",
                 f"<div>{paragraphs(BRIDGE[3:])}</div>"), BRIDGE, ["Advertisement"]),
        (article("<h1>Brand im Moor</h1>", paragraphs(MOOR)), MOOR, ["Sport"]),
        (article(HEADLINE, paragraphs(BRIDGE[:3]), f"<ul><li>{'<li>'.join(LIST)}</ul>", paragraphs(BRIDGE[3:])),
         [*BRIDGE, *LIST], []),
        (article(HEADLINE, paragraphs(BRIDGE[:3]), RELATED, paragraphs(BRIDGE[3:])), BRIDGE, ["Ten"]),
        (article(HEADLINE, paragraphs(BRIDGE[:4]), f"<table>{ROWS}</table>", paragraphs(BRIDGE[4:])),
         [*BRIDGE, "Bank | For", "North | 12"], []),
        (article(HEADLINE, paragraphs([*BRIDGE, "It opens in May.", "Nobody was hurt."])),
         [*BRIDGE, "It opens in May.", "Nobody was hurt."], []),
        (f"<div class=mobile>{HEADLINE}{paragraphs(BRIDGE)}</div><div class=d>{paragraphs(BRIDGE)}</div>", BRIDGE, []),
    ],
)  # fmt: skip
def test_the_article_is_kept_and_the_page_is_not(body: str, keeps: list[str], drops: list[str]) -> None:
    taken = found(page(body))
    blocks = taken.text.split("\n\n")
    assert [line for line in keeps if blocks.count(line) != 1] == []
    assert [line for line in drops if line in taken.text] == []
    assert taken.extractor == "judge"
    assert 0.5 < taken.confidence <= 1


def test_pages_together_come_out_as_each_alone() -> None:
    pages = [
        *(page(f"<article>{paragraphs(lines)}</article>") for lines in (BRIDGE, TUNNEL, MOOR)),
        *("", "<p>x", page(f"<main>{HEADLINE}{paragraphs(BRIDGE)}{COMMENTS}</main>"), page(f"<ul>{MORE}</ul>")),
        *(page(paragraphs(lines[:2])) for lines in (BRIDGE, TUNNEL, MOOR)),
    ]
    judge = model.load()
    together = judge.judge_all([parse(html) for html in pages])
    alone = [judge.judge(parse(html)) for html in pages]
    assert [(each.text, each.body.tolist(), each.expected_f1) for each in together] == [
        (each.text, each.body.tolist(), each.expected_f1) for each in alone
    ]


def test_a_page_that_cannot_be_read_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(html: str) -> object:
        if "crash" in html:
            raise ArithmeticError("a fault in the parser")
        return parse(html)

    monkeypatch.setattr(extraction, "parse", broken)
    good = page(f"<article>{paragraphs(BRIDGE)}</article>")
    one, two, three, four = extract_all(
        [HtmlPage(good), HtmlPage("crash"), HtmlPage("x" * 9000), HtmlPage(good)], settings(max_chars=8000)
    )
    assert isinstance(one, Extracted)
    assert one == four
    assert isinstance(two, ArithmeticError)
    assert str(three) == "larger than 8,000 characters (extract.max_chars)"


@pytest.mark.parametrize(
    ("extractor", "confidence", "speaks"),
    [
        *(("fast", 0.1, "judge"), ("auto", 0.81, "judge"), ("auto", 0.79, "trafilatura")),
        *(("best", 0.89, "trafilatura"), ("best", 0.91, "judge"), ("trafilatura", 1.0, "trafilatura")),
    ],
)
def test_trafilatura_speaks_where_the_judge_is_unsure(
    monkeypatch: pytest.MonkeyPatch, extractor: str, confidence: float, speaks: str
) -> None:
    html = page(f"<article>{paragraphs(BRIDGE)}</article>")
    judged = model.load().judge(parse(html))
    sure = model.Judgement(judged.blocks, judged.linked, judged.body, judged.keep, confidence)
    monkeypatch.setattr(model.ExtractionModel, "judge_all", lambda _self, pages: [sure] * len(pages))
    monkeypatch.setattr(by_trafilatura, "text_of", lambda *_: "Another opinion.")
    taken = found(html, extractor=extractor)
    assert (taken.extractor, taken.confidence) == (speaks, confidence)
    assert (taken.text == "Another opinion.") == (speaks == "trafilatura")


def ld(kind: str = "NewsArticle", **values: Any) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": kind, **values})}</script>'


@pytest.mark.parametrize(
    ("shown", "written", "extractor"),
    [
        (BRIDGE[:1], " ".join(BRIDGE), "json-ld"),
        (BRIDGE[:1], "<p>" + "</p><p>".join(BRIDGE) + "</p>", "json-ld"),
        (BRIDGE, " ".join(BRIDGE), "judge"),
        (BRIDGE, BRIDGE[0], "judge"),
        (BRIDGE[:1], " ".join(TUNNEL), "judge"),  # that of another article
    ],
)
def test_a_text_that_stands_whole_in_json_ld_alone_is_taken_from_there(
    shown: list[str], written: str, extractor: str
) -> None:
    taken = found(page(article(HEADLINE, paragraphs(shown)), head=ld(articleBody=written)))
    assert taken.extractor == extractor
    assert [line for line in BRIDGE if line in taken.text] == (BRIDGE if extractor == "json-ld" else shown)


TEASERS = "".join(
    f"<section><h2><a href=/{i}>Why the trams were late again in week {i}</a></h2><p>Read what happened</p></section>"
    for i in range(12)
)
LIVE = "".join(
    f"<div class=entry><time>{9 + i}:{15 + i}</time><p>{line}</p></div>" for i, line in enumerate((*BRIDGE, *TUNNEL))
)
OFFER = "<div class=paywall><h2>Read on with HP+</h2><p>Already a subscriber? Log in here.</p></div>"
GATE = "<p>Checking your browser before you can go on to the page that you asked for.</p>"
GONE = "<p>Leider gibt es unter dieser Adresse keinen Artikel mehr. Nutzen Sie die Suche.</p>"
GONE_JA = "<p>お探しのページは移動または削除された可能性があります。</p>"


@pytest.mark.parametrize(
    ("html", "flags"),
    [
        (page(article(paragraphs(BRIDGE))), ()),
        (page(article(HEADLINE, paragraphs(BRIDGE[:1])) + OFFER), ("paywall_stub",)),
        (page(article(paragraphs(BRIDGE[:1])), head=ld(isAccessibleForFree=False)), ("paywall_stub",)),
        (page(article(paragraphs([*BRIDGE, *TUNNEL])), head=ld(isAccessibleForFree=False)), ()),
        (page(f"<main>{HEADLINE}{LIVE}</main>"), ("live_blog",)),
        (page(article(paragraphs(BRIDGE)), head=ld(kind="LiveBlogPosting")), ("live_blog",)),
        (
            f"<html><head><title>Just a moment...</title></head><body><h1>example.org</h1>{GATE}",
            ("blocked", "not_article"),
        ),
        (page(f"<h1>Seite nicht gefunden</h1>{GONE}", "Fehler"), ("not_article", "soft_404")),
        (f"<title>ページが見つかりません</title>{GONE_JA}", ("not_article", "soft_404")),
        (page(article(paragraphs(["A page not found was the start of it.", *BRIDGE, *TUNNEL]))), ()),
    ],
)
def test_what_is_no_whole_article_is_told_apart(html: str, flags: tuple[str, ...]) -> None:
    assert found(html).flags == flags


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "no article text found"),
        (f"<div id=root></div>{'<script src=x></script>' * 4}", "no article text found (js_shell) (not_article)"),
    ],
)
def test_a_page_without_text_says_why(html: str, reason: str) -> None:
    with pytest.raises(ExtractError) as error:
        found(html)
    assert str(error.value) == reason


def test_an_index_page_is_told_apart() -> None:
    try:
        assert "index_page" in found(page(f"<main>{TEASERS}</main>", "Transport")).flags
    except ExtractError as error:
        assert "index_page" in str(error)  # noqa: PT017 - either way it is told


def test_a_model_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit this version"):
        model.ExtractionModel(model.Data(0, [], ({}, {}), [], {}))


def test_an_explanation_says_who_spoke_and_what_the_other_would_have_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_trafilatura, "text_of", lambda *_: f"{BRIDGE[0]}\n\nAnother opinion.")
    html = page(article(HEADLINE, paragraphs(BRIDGE)))
    lines = list(explain_page(Page("1", html, html=True), load_settings()))
    start = next(number for number, line in enumerate(lines) if line.startswith("  extractor"))
    assert lines[start].startswith("  extractor  judge; the judge expects an F1 of 0.")
    assert "trafilatura would leave out" in lines[start + 1]
    assert lines[start + 2].split() == ["Another", "opinion."]
