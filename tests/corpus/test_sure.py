"""An article leaves the canonical ones only for a mate that it is surely one event with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cleaner.arrays.pairs import Grouping
from cleaner.article import Article
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.articles import ArticleTable
from cleaner.corpus.canonical_groups import CanonicalGroups, choose_again
from cleaner.corpus.collecting import Wanted, collect
from cleaner.corpus.spool import Spool
from cleaner.settings.load import load_settings

HOW = load_settings().canonical
NAMES = "abcdef"
Story = Callable[..., CanonicalGroups]


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """Give stories of six articles of falling rank, by scores of pairs (others 0.1) and of whom each is a copy."""
    with closing(Spool()) as spool:

        def made(scores: dict[str, float], sure: float, copies: str = NAMES, days: str = "123456") -> CanonicalGroups:
            articles = [
                Article(name, f"{name} said {day}", published=f"2024-03-0{day}")
                for name, day in zip(NAMES, days, strict=True)
            ]
            collect(tmp_path / "chunk", articles, Wanted())
            chunk = ArticleChunk.load(tmp_path / "chunk")
            table = ArticleTable(spool)
            spool.take(chunk)
            table.take(chunk)
            labels = np.array([NAMES.index(name) for name in copies])
            pairs = [pair for pair in itertools.combinations(range(6), 2) if (labels[list(pair)] == pair).all()]
            found = [scores.get(NAMES[one] + NAMES[other], 0.1) for one, other in pairs]
            left, right = np.array(pairs).T
            grouping = Grouping(np.zeros(6, np.int64), left, right, np.array(found, np.float32))
            return CanonicalGroups(table, grouping, msgspec.structs.replace(HOW, sure=sure), labels)

        yield made


SURE = {"ab": 0.9, "ac": 0.4, "bc": 0.95, "de": 0.8, "af": 0.5}


@pytest.mark.parametrize(
    ("sure", "canonical"),
    [
        (0.0, "a"),
        (0.3, "ad"),
        (0.5, "acd"),  # c is surely one event with b, which has left: nothing stands for it
        (0.6, "acdf"),
        (0.99, "abcdef"),
    ],
)
def test_who_is_not_sure_stays(story: Story, sure: float, canonical: str) -> None:
    found = story(SURE, sure)
    assert [NAMES[row] for row in np.flatnonzero(found.canonical)] == list(canonical)
    assert found.heads.tolist() == [0] * 6


def test_those_preferred_stay_wherever_they_stand(story: Story) -> None:
    found = story(SURE, 0.5, days="654321")
    assert [NAMES[row] for row in np.flatnonzero(found.canonical)] == ["c", "e", "f"]
    assert found.heads.tolist() == [5] * 6


def test_confidence_of_each_membership(story: Story) -> None:
    found = story(SURE, 0.5)
    assert found.confidence == pytest.approx([1, 0.9, 0.4, 0.1, 0.8, 0.5])
    [record] = found.records("story")
    assert [member["confidence"] for member in record["members"]] == pytest.approx([1, 0.9, 0.4, 0.1, 0.8, 0.5])


def test_copies_stay_or_leave_together(story: Story) -> None:
    found = story(SURE, 0.5, copies="abcdda")
    assert [NAMES[row] for row in np.flatnonzero(found.canonical)] == ["a", "c", "d"]
    assert found.confidence == pytest.approx([1, 0.9, 0.4, 0.1, 1, 1])


def test_what_stayed_is_chosen_again_by_itself() -> None:
    fields = {"a": (None, True), "b": (None, False), "c": ("c", True), "d": ("c", False), "e": (None, True)}
    articles = [
        Article(name, f"Rain fell on {name}.", near_duplicates=near, story="a", canonical=canonical)
        for name, (near, canonical) in fields.items()
    ]
    chosen = [line.decode().partition('"id":"')[2][0] for line in b"".join(choose_again(articles, HOW)).splitlines()]
    assert chosen == ["a", "c", "e"]
    per_text = msgspec.structs.replace(HOW, per="near-duplicates")
    assert len(b"".join(choose_again(articles, per_text)).splitlines()) == 4
