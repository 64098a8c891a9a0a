"""The index: the same groups as a batch, ids that stay, and files that hold a prefix of what was fed."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.cli.app import cli
from cleaner.index import word_counts
from cleaner.index.answers import Answer, Mate
from cleaner.index.comparison import Comparison, Prepared
from cleaner.index.database import Database, IndexDamagedError, IndexMismatchError, IndexUnusableError
from cleaner.index.feed import answer
from cleaner.index.index import Index
from cleaner.index.word_counts import Weighed
from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings

SETTINGS = load_settings()
NEAR = load_settings(("test", {"group": {"only": "near-duplicates"}}))


def text(number: int, words: int = 60) -> str:
    """Return words that no other number shares."""
    return " ".join(f"word{number}x{place}" for place in range(words)) + "."


def article(id_: str | int, body: str, **fields: str) -> Article:
    return Article(id=id_, text=body, **fields)  # type: ignore[arg-type]


def added(path: Path, articles: list[Article], settings: Settings = SETTINGS) -> list[Answer]:
    with Index.open(path, settings) as index:
        return list(index.add(articles))


def test_copy_gets_its_group(tmp_path: Path) -> None:
    found = added(tmp_path / "i.db", [article("a", text(1)), article("b", text(2)), article("c", text(1))])
    assert [one.article.near_duplicates for one in found] == ["a", "b", "a"]
    assert [(match.id, match.score, match.kind) for match in found[2].matches] == [("a", 1.0, "near_duplicates")]
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
        left = [index.article(id_) for id_ in ("b", "c")]
        (found,) = index.query([article("d", text(1))])
    assert [one.near_duplicates for one in left if one] == ["a", "a"]
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


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url)")


def overwritten(path: Path) -> None:
    added(path, [article(number, text(number)) for number in range(50)])
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda path: path.write_text("To whom it may concern" * 100), IndexDamagedError, "no index of cleaner"),
        (foreign, IndexDamagedError, "a database of another program; give the index another name"),
        (overwritten, IndexDamagedError, "remove it and add the articles again"),
        (lambda path: path.mkdir(), IndexUnusableError, "cannot be opened"),
    ],
    ids=["text", "foreign", "overwritten", "folder"],
)
def test_what_is_no_index_is_said_in_a_line(
    tmp_path: Path, make: Callable[[Path], object], error: type[IndexUnusableError], says: str
) -> None:
    path = tmp_path / "i.db"
    make(path)
    with pytest.raises(IndexUnusableError, match=says) as raised, Index.open(path, SETTINGS) as index:
        list(index.add([article("a", text(1))]))
    assert type(raised.value) is error
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_command_says_what_is_wrong_with_an_index(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "i.db"
    foreign(path)
    before = path.read_bytes()
    for command in ("add", "stats"):
        with pytest.raises(SystemExit) as exited:
            cli(["index", command, str(path)])
        assert exited.value.code == 2
        said = f"cleaner: {path}: a database of another program; give the index another name\n"
        assert capfd.readouterr() == ("", said)
    assert path.read_bytes() == before


def test_locked_file_is_named_after_a_while(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    added(path, [article("a", text(1))])
    with closing(Database(path, 0.0)) as one, closing(Database(path, 0.0)) as other, one.transaction():
        with pytest.raises(IndexUnusableError, match="another process has it locked"), other.transaction():
            pass
        assert other.get("format") == one.get("format")  # reading goes on


def test_full_disk_ends_the_transaction_and_no_more(tmp_path: Path) -> None:
    articles = [article(number, text(number, 300)) for number in range(200)]
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        first = list(index.add(articles[:2]))
        index._db.run(f"PRAGMA max_page_count = {index._db.size() // 8192 + 2}")
        with pytest.raises(IndexUnusableError, match="disk is full"):
            list(index.add(articles))
        assert [one.id for one in index.canonicals()] == [0, 1]
        assert [one.article for one in index.add(articles[:2])] == [one.article for one in first]


def test_closed_index_raises_no_error_of_sqlite(tmp_path: Path) -> None:
    index = Index.open(tmp_path / "i.db", SETTINGS)
    index.close()
    with pytest.raises(IndexUnusableError, match="closed"):
        index.article("a")


def test_query_inside_a_transaction_sees_what_was_added(tmp_path: Path) -> None:
    with Index.open(tmp_path / "i.db", SETTINGS) as index, index.transaction():
        index.add_in_transaction([article("a", text(1))])
        (found,) = index.query([article("b", text(1))])
    assert found.article.near_duplicates == "a"


def test_query_reads_one_state_while_another_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "i.db"
    added(path, [article("a", text(1))])
    with Index.open(path, SETTINGS) as index, Index.open(path, SETTINGS) as other:
        compare = index._intake.compare_unstored

        def meanwhile(prepared: Prepared) -> Comparison:
            comparison = compare(prepared)
            assert other.remove(["a"]) == 1
            return comparison

        monkeypatch.setattr(index._intake, "compare_unstored", meanwhile)
        (found,) = index.query([article("b", text(1))])
        assert [mate.id for mate in found.matches] == ["a"]
        monkeypatch.undo()
        (found,) = index.query([article("b", text(1))])
        assert found.matches == ()


def test_taken_id_with_half_a_surrogate_pair_is_numbered(tmp_path: Path) -> None:
    odd = "\ud800"
    added(tmp_path / "i.db", [article(odd, text(1)), article("b", text(1))])
    (found,) = added(tmp_path / "i.db", [article(odd, text(2))])
    assert found.article.near_duplicates == "\ud800#2"


def test_query_prints_the_kinds_of_matches() -> None:
    found = Answer(article("a", "Rain."), (Mate("b", 1.0, "near_duplicates"), Mate("c", 0.5, "story")), "")
    matches = msgspec.json.decode(answer(found))["matches"]
    assert [(match["id"], match["kind"]) for match in matches] == [("b", "near-duplicate"), ("c", "story")]


@given(st.lists(st.lists(st.integers(1, 30), max_size=12), max_size=30))
def test_remembered_terms_are_those_that_were_made(asked: list[list[int]]) -> None:
    """However few are remembered: here 8."""

    def make(rows: Sequence[int]) -> Weighed:
        keys = np.array(rows, np.uint32)[:, None] * np.array([1, 2], np.uint32)
        codes = keys.astype(np.uint8)
        return Weighed(keys, keys.astype(np.float32), keys % 2 == 0, codes, codes + 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(word_counts, "_REMEMBERED", 8)
        cache = word_counts._Cache(2)
        for rows in asked:
            found, made = cache.get(rows, make), make(rows)
            assert all(np.array_equal(one, other) for one, other in zip(found.arrays, made.arrays, strict=True))
            assert len(cache._places) <= 8
