"""HTML to blocks: every page that has text gives it, in the lines that a reader sees."""

from __future__ import annotations

import numpy as np
import pytest

from cleaner.extraction.parsing import parse
from cleaner.extraction.segmenting import TAGS, Blocks, segment


def blocks_of(*pages: str) -> Blocks:
    return segment([parse(page).body for page in pages])


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>One <b>two</b>\n three</p><p>Four", ["One two three", "Four"]),
        ("<p>Mind the <a href='/x'>gap</a>.</p>", ["Mind the gap."]),
        ("<span>1 Mar 2024</span><a href='/x'>Health</a><a href='/y'>Body</a>", ["1 Mar 2024 Health Body"]),
        ("<span>T</span><span>he</span> <a href='/x'>dog</a><span>'s</span> tail", ["The dog's tail"]),
        ("<div>Lead in no element<p>Body</p>tail of it</div>", ["Lead in no element", "Body", "tail of it"]),
        ("<p>First line<br>second line</p>", ["First line", "second line"]),
        ("<p>a &lt; b &amp;amp; c&nbsp;d</p>", ["a < b &amp; c d"]),
        ("<p>Zeitungs\xadverlag</p>", ["Zeitungsverlag"]),
        ("<p>می\u200cشود \U0001f469\u200d\U0001f692</p>", ["می\u200cشود \U0001f469\u200d\U0001f692"]),
        ("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字</ruby>です</p>", ["漢字です"]),
        ("<p>Seen<!-- not <p>this --> here</p><script>if (a < b) {}</script>", ["Seen here"]),
        # A row of words is one block, without its empty cells; a cell that holds a list, or a page's column, is none.
        ("<table><tr><th>Ward</th><th>Share</th></tr><tr><td>Mill</td><td></td><td><b>49.0</b></td></tr></table>",
         ["Ward | Share", "Mill | 49.0"]),
        ("<table><tr><td>Mill<ul><li>First 49<li>Second 52</ul></td><td>61.2</td></tr></table>",
         ["Mill", "First 49", "Second 52", "61.2"]),
        (f"<table><tr><td>Menu</td><td>{'It rained all day. ' * 30}</td></tr></table>",
         ["Menu", " ".join(["It rained all day."] * 30)]),
        ("<table><tr><td>Rain fell.<br>Much of it.</td><td>Home</td></tr></table>",
         ["Rain fell.", "Much of it.", "Home"]),
        ("<table><tr><td>Rain fell on the one cell.</td></tr></table>", ["Rain fell on the one cell."]),
        # What once broke it: "<" in the name of an attribute, a tag without an end, elements that are never closed.
        ('<div <p a="1">Rain</div><p>fell</p>', ["Rain", "fell"]),
        ("<p>Rain <?php echo 1 ?> fell</p><p>again</p>", ["Rain fell", "again"]),
        (f"<body><noscript><div>{'<p>Rain fell on it.</p>' * 300}", ["Rain fell on it."] * 300),
        (f"{'<div>' * 300}Deep{'</div>' * 300}<p>and shallow", ["Deep", "and shallow"]),
        ("<frameset><frame src='a'></frameset>", []),
        ("", []),
    ],
)  # fmt: skip
def test_blocks_are_the_lines_of_a_page(html: str, texts: list[str]) -> None:
    assert blocks_of(html).texts == texts


def test_blocks_know_their_links_and_their_place() -> None:
    blocks = blocks_of("<article><p>Rain <b>fell</b></p></article><ul><li><a href=x>Home</a> x</li></ul>")
    assert blocks.linked.tolist() == [0.0, 0.8]
    assert blocks.bold.tolist() == [0.5, 0.0]
    assert [TAGS[tag] for tag in blocks.tag] == ["body", "article", "p", "ul", "li"]
    assert blocks.parent.tolist() == [0, 0, 1, 0, 3]
    assert blocks.level.tolist() == [1, 2, 3, 2, 3]
    assert blocks.element.tolist() == [2, 4]
    assert list(zip(blocks.first.tolist(), blocks.end.tolist(), strict=True)) == [
        (0, 2),
        (0, 1),
        (0, 1),
        (1, 2),
        (1, 2),
    ]


def test_pages_together_are_as_each_alone() -> None:
    pages = ["<p class='aa bb'>One<p>two", "", "<table><tr><td>a1<td>b1</table>", "<div id=content>three</div>"]
    together, alone = blocks_of(*pages), [blocks_of(page) for page in pages]
    assert together.sizes.tolist() == [2, 0, 1, 1]
    assert together.texts == [text for blocks in alone for text in blocks.texts]
    assert together.attributes == [each for blocks in alone for each in blocks.attributes]
    assert together.level.tolist() == np.concatenate([blocks.level for blocks in alone]).tolist()


def test_an_element_can_be_cut_out_as_it_is_written() -> None:
    page = parse("<main><p>One</p></main><aside>Two</aside>")
    blocks = segment([page.body])
    aside = int(np.flatnonzero(blocks.tag == TAGS.index("aside"))[0])
    assert page.body[blocks.opens[aside] : blocks.closes[aside]] == b"<aside>Two</aside>"


def test_a_page_tells_what_it_says_of_itself() -> None:
    page = parse(
        """<head><title>Rain - Harbour Post</title><meta property=og:title content="Rain  falls"><meta name=Author
        content=Aldo><script type="application/ld+json">{"@graph": [{"@type": "NewsArticle"}]}</script></head>
        <h1>Rain falls</h1><script type="application/ld+json">no JSON</script>
        <script type="application/ld+json">[{"@type": "Person"}]</script>"""
    )
    assert page.title == "Rain falls"
    assert [node.get("@type") for node in page.json_ld()] == [None, "NewsArticle", "Person"]
    assert list(page.metas()) == [("og:title", "Rain  falls"), ("author", "Aldo")]
    assert [heading.text() for heading in page.headings()] == ["Rain falls"]
