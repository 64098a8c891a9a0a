"""The block model: trees, decisions on a page, and articles that must come out whole."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.boilerplate.model import model as blockmodel
from cleaner.boilerplate.model.decision import Decision, sure_only
from cleaner.boilerplate.model.features import NAMES, PageBlocks, features
from cleaner.boilerplate.model.model import BlockModel, Data, Judgement
from cleaner.judging.choice import expected_best
from cleaner.judging.page_arrays import Layout
from cleaner.judging.trees import Tree, Trees
from cleaner.resources import configs

SEEDS = Path(__file__).parents[3] / "seeds"

ARTICLE = """\
The city council voted on Tuesday to rebuild the old harbour bridge, closed since a barge struck a pier in March.
Repairs would cost almost as much and would last for only fifteen years, engineers had told the council last week.
"We looked at every way of saving it," said Maria Lindqvist, who leads the works. "The steel was simply too far gone."
The new bridge will carry two lanes of traffic, a tram line and a path for cyclists, and will take three years to build.
Shopkeepers on the north bank fear for their trade. They have been promised a free ferry until the bridge is open.
""".splitlines()
DEUTSCH = """\
Der Stadtrat hat am Dienstag beschlossen, die Hafenbrücke neu zu bauen, die ein Lastkahn im März gerammt hat.
Gutachter hatten erklärt, dass eine Sanierung fast so viel kosten und nur fünfzehn Jahre lang halten würde.
„Wir haben jede Möglichkeit geprüft“, sagte Maria Lindqvist, die das Bauamt leitet. „Der Stahl war angegriffen.“
Die neue Brücke soll zwei Fahrspuren, eine Straßenbahn und einen Radweg tragen und in drei Jahren fertig sein.
""".splitlines()
MENU = ["Skip to content", "Home", "News", "Sport", "Business", "Culture", "Weather", "Log in", "Subscribe"]
SHARE = ["Share", "Facebook", "Twitter", "WhatsApp", "Copy link"]
FOOTER = [
    "Most Read",
    "Ten gardens to visit this summer",
    "Why the trams were late again",
    "Sign up for our newsletter",
    "About us",
    "Contact us",
    "Privacy policy",
    "Terms of use",
    "© 2024 Harbour Post. All rights reserved.",
]


def judge(blocks: list[str], url: str | None = None, title: str | None = None) -> Judgement:
    return blockmodel.load().judge(PageBlocks(blocks, url, title))


# Two trees over two features. LightGBM goes left if the value is at most the threshold, and numbers leaves from -1.
TREES = [
    Tree(feature=[0, 1], threshold=[0.5, 2.0], left=[1, -1], right=[-2, -3], value=[0.25, -1.0, 4.0]),
    Tree(feature=[], threshold=[], left=[], right=[], value=[0.125]),
]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.5, 2.0), 0.25 + 0.125),  # equal to a threshold goes left
        ((0.5, np.nextafter(2.0, 3.0)), 4.0 + 0.125),
        ((0.6, 0.0), -1.0 + 0.125),
        ((-9.0, 9.0), 4.0 + 0.125),
        ((-9.0, -9.0), 0.25 + 0.125),
    ],
)
def test_trees_sum_their_leaves(values: tuple[float, float], expected: float) -> None:
    assert Trees(TREES).sums(np.array([values]).T).tolist() == [expected]


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=1, max_size=30))
def test_trees_agree_with_a_walk_through_them(rows: list[tuple[float, float]]) -> None:
    def walk(tree: Tree, row: tuple[float, float]) -> float:
        node = 0 if tree.feature else -1
        while node >= 0:
            node = (tree.left if row[tree.feature[node]] <= tree.threshold[node] else tree.right)[node]
        return tree.value[-node - 1]

    expected = [sum(walk(tree, row) for tree in TREES) for row in rows]
    assert Trees(TREES).sums(np.array(rows).T).tolist() == expected


def test_a_tree_of_too_many_leaves_is_refused() -> None:
    chain = Tree([0] * 16, [float(i) for i in range(16)], [-i - 1 for i in range(16)], [*range(1, 16), -17], [0.0] * 17)
    with pytest.raises(ValueError, match="17 leaves"):
        Trees([chain])


def test_the_best_expected_f1_takes_what_helps_on_every_page() -> None:
    layout = Layout.of([4, 2, 1])
    body, words = np.array([0.9, 0.1, 0.9, 0.4, 0.01, 0.02, 0.5]), np.array([50.0, 50.0, 50.0, 50.0, 1.0, 1.0, 9.0])
    expected = [True, False, True, False, False, True, True]
    assert expected_best(layout, body, words).tolist() == expected


RULE = Decision(
    page_share=0.5, long_share=0.8, remove_below=0.3, budget=0.9, long_budget=0.9, sure_below=0.04, clean=0.5,
    clean_remove_below=0.02,
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "changed", "clean", "expected"),
    [
        ([0.2, 0.9, 0.01, 0.9], {}, False, [False, True, False, True]),
        ([0.2, 0.9, 0.01, 0.9], {}, True, [True, True, False, True]),
        ([0.2, 0.9, 0.01, 0.9], {"budget": 0.05}, False, [True, True, False, True]),
        ([0.2, 0.9, 0.1, 0.9], {"long_budget": 0.25}, False, [True, True, False, True]),
        ([0.03, 0.9, 0.01, 0.9], {"long_budget": 0.25}, False, [False, True, False, True]),
    ],
)
def test_only_sure_things_go_and_only_up_to_a_limit(
    body: list[float], changed: dict[str, float], clean: bool, expected: list[bool]
) -> None:
    rule = msgspec.structs.replace(RULE, **changed)
    # A page of other blocks stands before it, which must not matter.
    layout, values = Layout.of([2, 4]), np.array([0.9, 0.9, *body])
    keep = sure_only(layout, values, np.full(6, 100.0), rule, np.array([False, clean]))
    assert keep.tolist() == [True, True, *expected]


@pytest.mark.parametrize("article", [ARTICLE, DEUTSCH, ARTICLE[:3]], ids=["english", "german", "short"])
def test_a_clean_article_comes_out_whole(article: list[str]) -> None:
    judged = judge(article)
    assert judged.keep.all()
    assert judged.regime == "body"


@pytest.mark.parametrize("article", [ARTICLE, DEUTSCH], ids=["english", "german"])
def test_a_full_page_loses_menu_share_bar_and_footer(article: list[str]) -> None:
    page = [*MENU, "Council to rebuild harbour bridge", "3 May 2024", *SHARE, *article, *SHARE, *FOOTER]
    kept = [b for b, k in zip(page, judge(page).keep, strict=True) if k]
    assert [b for b in kept if b in article] == article
    assert not set(kept) & {*MENU, *SHARE, *FOOTER}


def test_the_judgement_is_in_proportion() -> None:
    judged = judge([*MENU, *ARTICLE, *FOOTER], url="https://example.org/harbour-bridge")
    assert judged.body.shape == judged.keep.shape == (len(MENU) + len(ARTICLE) + len(FOOTER),)
    assert ((judged.body > 0) & (judged.body < 1)).all()
    assert 0.5 < judged.expected_f1 <= 1


def test_nothing_in_nothing_out() -> None:
    judged = judge([])
    assert judged.keep.shape == judged.body.shape == (0,)


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_the_seeds_keep_their_paragraphs(path: Path) -> None:
    """Every long paragraph of the five real pages is the story's, but for adverts, a caption and a trail of links."""
    blocks = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    keep = judge(blocks).keep
    furniture = (
        "[Getty]",
        "Sign up",
        "subscribing",
        "podcast",
        "SBS",
        "news wrap",
        "day's top stories",
        "business news",
        "Main »",
    )
    lost = [b for b, k in zip(blocks, keep, strict=True) if not k and len(b.split()) >= 12]
    assert [b for b in lost if not any(word in b for word in furniture)] == []


BLOCKS = st.lists(
    st.text(max_size=60) | st.sampled_from([*ARTICLE, *MENU, *FOOTER, "中文。", "😀 @x", "\ud800"]), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(BLOCKS, st.none() | st.text(max_size=30), st.none() | st.text(max_size=30))
def test_any_strings_are_judged_and_always_alike(blocks: list[str], url: str | None, title: str | None) -> None:
    first, second = (judge(blocks, url, title) for _ in range(2))
    assert first.body.tobytes() == second.body.tobytes()
    assert first.keep.tobytes() == second.keep.tobytes()
    assert len(first.keep) == len(blocks)
    assert np.isfinite(first.body).all()
    assert math.isfinite(first.expected_f1)
    assert not blocks or first.keep.any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(PageBlocks, BLOCKS, st.none() | st.just("https://a.org/rain-fell"), st.none() | st.text())))
def test_a_page_is_judged_the_same_alone_and_among_others(pages: list[PageBlocks]) -> None:
    model = blockmodel.load()
    together, alone = model.judge_all(pages), [model.judge(page) for page in pages]
    assert [_bytes(judged) for judged in together] == [_bytes(judged) for judged in alone]


def test_real_pages_are_judged_the_same_alone_and_among_others() -> None:
    texts = [path.read_text(encoding="utf-8").splitlines() for path in sorted(SEEDS.glob("*.txt"))]
    pages = [PageBlocks([line for line in lines if line.strip()]) for lines in [*texts, ARTICLE, [], MENU, DEUTSCH]]
    model = blockmodel.load()
    assert [_bytes(judged) for judged in model.judge_all(pages * 9)] == [
        _bytes(model.judge(page)) for page in pages
    ] * 9


def _bytes(judged: Judgement) -> tuple[bytes, bytes, str, float]:
    return judged.body.tobytes(), judged.keep.tobytes(), judged.regime, judged.expected_f1


def test_what_is_past_the_limit_stays() -> None:
    many = ["Home", "News"] * blockmodel.MOST_BLOCKS
    judged = judge([*ARTICLE, *many])
    assert len(judged.keep) == len(ARTICLE) + len(many)
    assert judged.keep[blockmodel.MOST_BLOCKS :].all()
    assert not judged.keep[len(ARTICLE) : blockmodel.MOST_BLOCKS].any()


@settings(max_examples=40, deadline=None)
@given(BLOCKS)
def test_features_are_finite_and_named(blocks: list[str]) -> None:
    values = features([PageBlocks(blocks)])
    assert values.shape == (len(NAMES), len(blocks))
    assert np.isfinite(values).all()


@pytest.mark.parametrize(
    ("block", "name", "value"),
    [
        ("Rain fell. It fell hard.", "words", 5),
        ("Rain fell. It fell hard.", "sentences", 1),
        ("Rain fell. It fell hard.", "stop", 1),
        ("“Rain fell.”", "stop", 1),
        ("Rain fell.)", "stop", 1),
        ("Read more…", "ellipsis", 1),
        ("Related stories:", "colon_end", 1),
        ("• Sport", "bullet", 1),
        ("12 May 2024, 10:45", "years", 1),
        ("12 May 2024, 10:45", "clock", 1),
        ("BREAKING NEWS", "capitals", 1),
        ("www.example.org/a//b", "at_or_url", 1),
        ("雨が降った。", "words", 2.5),
        ("雨が降った。", "stop", 1),
        ("", "words", 0),
        ("don’t stop", "words", 3),
    ],
)
def test_measures_of_one_block(block: str, name: str, value: float) -> None:
    # Another block stands behind, because a measure must not read past its own block's end.
    assert features([PageBlocks([block, "Another block"])])[NAMES.index(name), 0] == value


def test_repeats_are_seen_whatever_their_digits() -> None:
    # Of the same lines on another page nothing is known.
    values = features([PageBlocks(["Published 3 May", "Rain fell.", "published 9 may"]), PageBlocks(["Rain fell."])])
    assert values[NAMES.index("repeated")].tolist() == [0, 0, 1, 0]
    assert values[NAMES.index("repeats")].tolist() == [1, 0, 0, 0]


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_a_model_of_another_version_is_refused() -> None:
    data = msgspec.json.decode((configs() / "blockmodel.json").read_bytes(), type=Data)
    for changed in (msgspec.structs.replace(data, format=99), msgspec.structs.replace(data, features=["words"])):
        with pytest.raises(ValueError, match="does not fit this version"):
            BlockModel(changed)


def test_what_was_extracted_from_html_is_taken_for_no_full_page() -> None:
    lines = ["Who voted how", "Aldo: yes", "Marsh: no", "Blom: yes", "Lowe: did not vote", "Okafor: yes", *MENU]
    page, text = (PageBlocks(lines, extracted=extracted) for extracted in (False, True))
    judged, kept = blockmodel.load().judge_all([page, text])
    assert judged.regime == "page"
    assert kept.regime == "body"
    assert kept.keep.sum() > judged.keep.sum()
