"""The index: the same groups as a batch, ids that stay, and files that hold a prefix of what was fed."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from cleaner.article import Article
from cleaner.index.answers import Found
from cleaner.index.database import IndexMismatchError
from cleaner.index.index import Index
from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings

SETTINGS = load_settings()
NEAR = load_settings(("test", {"group": {"only": "near-duplicates"}}))


def text(number: int, words: int = 60) -> str:
    """Return words that no other number shares."""
    return " ".join(f"word{number}x{place}" for place in range(words)) + "."


def article(id_: str | int, body: str, **fields: str) -> Article:
    return Article(id=id_, text=body, **fields)  # type: ignore[arg-type]


def added(path: Path, articles: list[Article], settings: Settings = SETTINGS) -> list[Found]:
    with Index.open(path, settings) as index:
        return list(index.add(articles))


def test_copy_is_told_its_group(tmp_path: Path) -> None:
    found = added(tmp_path / "i.db", [article("a", text(1)), article("b", text(2)), article("c", text(1))])
    assert [one.article.near_duplicates for one in found] == ["a", "b", "a"]
    assert [(match.id, match.score, match.kind) for match in found[2].matches] == [("a", 1.0, "near-duplicate")]
    assert [one.change for one in found] == ["added"] * 3


def test_same_again_changes_nothing(tmp_path: Path) -> None:
    articles = [article(number, text(number)) for number in range(5)]
    first = added(tmp_path / "i.db", articles)
    again = added(tmp_path / "i.db", articles)
    assert [one.change for one in again] == ["unchanged"] * 5
    assert [one.article for one in again] == [one.article for one in first]


def test_other_text_replaces(tmp_path: Path) -> None:
    added(tmp_path / "i.db", [article("a", text(1)), article("b", text(1))])
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        (found,) = index.add([article("a", text(2))])
        kept = index.article("b")
        stored = index.article("a")
    assert found.change == "replaced"
    assert stored is not None
    assert stored.text == text(2)
    assert kept is not None
    assert kept.near_duplicates == "a"  # ids never change,
    assert found.article.near_duplicates == "a#2"  # so what bears this one now is called otherwise


def test_removed_copy_leaves_the_others_together(tmp_path: Path) -> None:
    edited = text(1).replace("word1x5", "other")
    added(tmp_path / "i.db", [article("a", text(1)), article("b", text(1)), article("c", edited)])
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        assert index.remove(["a", "nobody"]) == 1
        told = [index.article(id_) for id_ in ("b", "c")]
        (found,) = index.query([article("d", text(1))])
    assert [one.near_duplicates for one in told if one] == ["a", "a"]
    assert {match.id for match in found.matches} == {"b", "c"}
    assert found.article.near_duplicates == "a"


def test_merged_group_leaves_an_alias(tmp_path: Path) -> None:
    """Two cuts that share little are no near-duplicates until the whole text comes."""
    whole = text(1, 300).split()
    one, other = " ".join(whole[:150]), " ".join(whole[150:])
    with Index.open(tmp_path / "i.db", NEAR) as index:
        found = list(index.add([article("a", one), article("b", other), article("c", " ".join(whole))]))
        assert [f.article.near_duplicates for f in found] == ["a", "b", "a"]
        assert [getattr(index.article(id_), "near_duplicates", None) for id_ in "abc"] == ["a", "a", "a"]
        assert index.resolve("b") == "a"
        assert index.stats()["merged_near_duplicates"] == 1


def test_query_stores_nothing(tmp_path: Path) -> None:
    added(tmp_path / "i.db", [article("a", text(1))])
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        (found,) = index.query([article("b", text(1))])
        assert (found.article.near_duplicates, found.change) == ("a", "")
        assert list(index.ids()) == ["a"]


def test_other_settings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    added(path, [article("a", text(1))])
    stricter = msgspec.structs.replace(SETTINGS.near_duplicates, jaccard=0.7)
    other = msgspec.structs.replace(SETTINGS, near_duplicates=stricter)
    with pytest.raises(IndexMismatchError, match="cleaner index rebuild"):
        Index.open(path, other)
    with Index.open(path, other, any_settings=True) as index:
        index.rebuild()
    Index.open(path, other).close()


def test_other_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    added(path, [article("a", text(1))])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = 99 WHERE key = 'format'")
    with pytest.raises(IndexMismatchError, match="format 99"):
        Index.open(path, SETTINGS)


@pytest.mark.parametrize(
    "odd",
    [
        article("empty", ""),
        article("no words", "--- ..."),
        article("surrogate \ud800", "Half a pair: \ud800."),
        article(1 << 80, text(9)),
        article(-1, text(9), title="A title"),
    ],
    ids=str,
)
def test_odd_articles_come_back(tmp_path: Path, odd: Article) -> None:
    (found,) = added(tmp_path / "i.db", [odd])
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        assert index.article(odd.id) == found.article
        assert list(index.ids()) == [odd.id]
    assert replace(found.article, near_duplicates=None, story=None, canonical=None) == odd
