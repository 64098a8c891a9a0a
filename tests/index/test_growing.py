"""The index as it grows: like a batch, however it is cut up, killed, shared or followed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cleaner.article import Article
from cleaner.corpus.corpus import Corpus
from cleaner.index import postings as index_postings
from cleaner.index.database import Database
from cleaner.index.index import Index
from cleaner.index.postings import Postings
from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings

SETTINGS = load_settings()
NEAR = load_settings(("test", {"group": {"only": "near-duplicates"}}))
WORDS = [f"{first}{second}{third}" for first in "bdfgklmnprstv" for second in "aeiou" for third in "bdglmnrst"]


def written_apart(start: int, stop: int) -> str:
    """Return some of the words in an order of their own, as reports of different people have them."""
    return " ".join(np.random.default_rng(start).permutation(WORDS[start:stop]))


def indexing(settings: Settings = SETTINGS, **changed: int) -> Settings:
    return msgspec.structs.replace(settings, index=msgspec.structs.replace(settings.index, **changed))


def made(count: int, seed: int) -> list[Article]:
    """Return articles of random words, half of them edited, cut or framed copies of others, and most of them dated."""
    chance = random.Random(seed)  # noqa: S311 - a corpus
    articles: list[Article] = []
    for number in range(count):
        words = [chance.choice(WORDS) for _ in range(chance.randint(20, 220))]
        if number and chance.random() < 0.5:
            words = articles[chance.randrange(number)].text.split()
            edit = chance.randrange(4)
            if edit == 0:
                words = [w if chance.random() > 0.06 else chance.choice(WORDS) for w in words]
            elif edit == 1:
                words = words[: int(len(words) * chance.uniform(0.3, 0.9))]
            elif edit == 2:
                words = [*(chance.choice(WORDS) for _ in range(20)), *words]
        published = f"2021-05-{chance.randint(1, 28):02}" if chance.random() < 0.7 else None
        articles.append(Article(id=f"n{number:04}", text=" ".join(words), published=published))
    return articles


def partition(pairs: Iterator[tuple[object, object]]) -> set[frozenset[object]]:
    groups: dict[object, set[object]] = {}
    for id_, group in pairs:
        groups.setdefault(group, set()).add(id_)
    return {frozenset(group) for group in groups.values()}


def batch(articles: list[Article], settings: Settings) -> set[frozenset[object]]:
    with Corpus(settings) as corpus:
        for article in articles:
            corpus.add(article)
        fields = corpus.groups().fields(range(len(articles)))
        return partition((a.id, near) for a, (near, _, _) in zip(articles, fields, strict=True))


def stored(path: Path, settings: Settings = SETTINGS) -> dict[object, tuple[object, object, object]]:
    with Index.open(path, settings) as index:
        found = [index.article(id_) for id_ in index.ids()]
    return {a.id: (a.near_duplicates, a.story, a.canonical) for a in found if a is not None}


def near(path: Path, settings: Settings) -> set[frozenset[object]]:
    return partition((id_, fields[0]) for id_, fields in stored(path, settings).items())


@pytest.mark.parametrize("seed", [1, 2])
def test_one_by_one_gives_the_groups_of_a_batch(tmp_path: Path, seed: int) -> None:
    articles = made(250, seed)
    with Index.open(tmp_path / "i.db", NEAR) as index:
        for article in articles:
            with index.transaction():
                index.add_in_transaction([article])
    expected = batch(articles, NEAR)
    assert sum(len(group) > 1 for group in expected) > 20
    assert near(tmp_path / "i.db", NEAR) == expected


def test_removal_gives_the_groups_of_the_rest(tmp_path: Path) -> None:
    articles = made(200, 4)
    with Index.open(tmp_path / "i.db", NEAR) as index:
        list(index.add(articles))
        gone = {article.id for article in articles[::3]}
        assert index.remove(sorted(gone, key=str)) == len(gone)
    rest = [article for article in articles if article.id not in gone]
    assert near(tmp_path / "i.db", NEAR) == batch(rest, NEAR)


def test_cutting_into_transactions_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_postings, "_LEAST_FLUSH", 100)
    articles = made(160, 5)
    for size in (3, 256):
        with Index.open(tmp_path / f"{size}.db", indexing(batch=size, recount=50)) as index:
            list(index.add(articles))
    how = indexing(recount=50)  # how many are stored at once is no setting of what is stored
    assert stored(tmp_path / "3.db", how) == stored(tmp_path / "256.db", how)


@pytest.mark.parametrize("with_mates", [False, True])
def test_how_many_have_a_story_is_learned_as_the_index_grows(tmp_path: Path, *, with_mates: bool) -> None:
    """Where every article is alone, pairs must be surer; where every one has a mate, nothing changes."""
    chance = np.random.default_rng(2)
    texts = []
    for _ in range(200):
        subject = chance.choice(WORDS, 60, replace=False)
        other = subject if with_mates else chance.choice(WORDS, 60, replace=False)
        texts += [" ".join(chance.permutation(subject)), " ".join(chance.permutation(other))]
    articles = [Article(id=at, text=text) for at, text in enumerate(texts)]
    shifts = []
    for size in (7, 256):
        with Index.open(tmp_path / f"{size}.db", indexing(batch=size, recount=40)) as index:
            list(index.add(articles))
        with Index.open(tmp_path / f"{size}.db", indexing(batch=size, recount=40)) as index:
            shifts.append(index._intake.stories.rate.rate.shift)
    assert shifts[0] == shifts[1]
    assert shifts[0] == 0 if with_mates else shifts[0] < -0.3


def test_report_between_two_stories_joins_them(tmp_path: Path) -> None:
    """The first two share a tenth of their words, the third half of them with each; an id that goes is an alias."""
    texts = [written_apart(start, start + 60) for start in (0, 54, 27)]
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        found = list(index.add([Article(id=id_, text=text) for id_, text in zip("abc", texts, strict=True)]))
        now = [getattr(index.article(id_), "story", None) for id_ in "abc"]
        assert [one.article.story for one in found] == ["a", "b", "a"]
        assert now == ["a", "a", "a"]
        assert index.resolve("b", "story") == "a"
        assert index.stats()["merged_stories"] == 1
        assert {match.id for match in found[2].matches} == {"a", "b"}


def test_adding_while_answers_are_read_changes_none(tmp_path: Path) -> None:
    texts = [written_apart(start, start + 60) for start in (0, 60, 30)]
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        list(index.add(Article(id=id_, text=text) for id_, text in zip("ab", texts, strict=False)))
        asked = [Article(id=id_, text=texts[2]) for id_ in ("d", "e")]
        expected = [(found.article.story, found.matches) for found in index.query(asked)]
        answers = []
        for found in index.query(asked):
            answers.append((found.article.story, found.matches))
            list(index.add([Article(id="other", text=" ".join(WORDS[200:300])), Article(id="c", text=texts[2])]))
            index.remove(["c"])
    assert answers == expected
    assert {match.id for match in answers[0][1]} == {"a", "b"}


def test_ids_of_groups_never_change_but_by_an_alias(tmp_path: Path) -> None:
    given: dict[object, object] = {}
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        for article in made(120, 6):
            for found in index.add([article]):
                given[found.article.id] = found.article.near_duplicates
        names = {name for id_ in index.ids() if (a := index.article(id_)) for name in [a.near_duplicates]}
        resolved = {group: index.resolve(group) for group in given.values() if group is not None}  # type: ignore[arg-type]
    assert set(resolved.values()) <= names
    assert all(now == group for group, now in resolved.items() if group in names)


def test_rebuild_keeps_ids_and_gives_the_groups_of_a_batch(tmp_path: Path) -> None:
    articles = made(200, 7)
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        list(index.add(articles))
    before = stored(tmp_path / "i.db")
    with Index.open(tmp_path / "i.db", SETTINGS) as index:
        index.rebuild()
    after = stored(tmp_path / "i.db")
    assert near(tmp_path / "i.db", SETTINGS) == batch(articles, SETTINGS)
    assert {id_: fields[0] for id_, fields in after.items()} == {id_: fields[0] for id_, fields in before.items()}
    with Index.open(tmp_path / "i.db", SETTINGS) as index:  # and what comes after finds what was there
        (found,) = index.add([Article(id="new", text=articles[0].text)])
    assert found.article.near_duplicates == after[articles[0].id][0]


def test_large_piece_is_not_grouped_anew(tmp_path: Path) -> None:
    words = WORDS[:200]
    copies = [Article(id=f"n{n}", text=" ".join([*words[:n], f"edit{n}", *words[n:]])) for n in range(1, 9)]
    with Index.open(tmp_path / "i.db", indexing(NEAR, linked_texts=3)) as index:
        found = list(index.add(copies))
    assert {one.article.near_duplicates for one in found} == {"n1"}


def lines(articles: list[Article]) -> bytes:
    return b"".join(msgspec.json.encode({"id": a.id, "text": a.text, "date": a.published}) + b"\n" for a in articles)


def command(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
    given = [sys.executable, "-m", "cleaner", "index", *map(str, arguments)]
    return subprocess.Popen(given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)  # type: ignore[call-overload,no-any-return]


def test_killed_index_holds_a_prefix_and_goes_on(tmp_path: Path) -> None:
    small = indexing(batch=8)
    articles = made(150, 8)
    with Index.open(tmp_path / "whole.db", small) as index:
        begun = time.monotonic()
        list(index.add(articles))
        takes = time.monotonic() - begun
    whole, path, chance = stored(tmp_path / "whole.db"), tmp_path / "i.db", random.Random(9)  # noqa: S311
    parts = 0
    for _ in range(20):
        process = os.fork()
        if not process:
            try:
                with Index.open(path, small) as index:
                    list(index.add(articles))
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0, takes / 2))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        if path.exists():
            with closing(sqlite3.connect(path)) as db:
                assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            held = stored(path)
            assert list(held) == [a.id for a in articles[: len(held)]]
            parts += len(held) < len(articles)
    assert parts
    with Index.open(path, small) as index:
        list(index.add(articles))
    assert stored(path) == whole


def test_two_processes_add_at_once(tmp_path: Path) -> None:
    path, articles = tmp_path / "i.db", made(60, 10)
    processes = []
    for part in (articles[::2], articles[1::2]):
        process = command("add", path)
        assert process.stdin
        process.stdin.write(lines(part))
        process.stdin.close()
        process.stdin = None
        processes.append(process)
    assert [(process.communicate(), process.returncode)[1] for process in processes] == [0, 0]
    assert near(path, SETTINGS) == batch(articles, SETTINGS)


def test_a_file_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE some (thing)")
        later = threading.Timer(0.2, other.execute, ["ROLLBACK"])
        later.start()
        with Index.open(path, SETTINGS) as index:
            assert index.stats()["articles"] == 0
        later.join()


def test_follow_answers_line_by_line_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    path, articles = tmp_path / "i.db", made(6, 11)
    process = command("add", path, "--follow")
    assert process.stdin
    assert process.stdout
    answers = []
    for article in articles[:4]:
        process.stdin.write(lines([article]))
        process.stdin.flush()
        answers.append(msgspec.json.decode(process.stdout.readline()))  # comes before the next is asked
    while len(stored(path)) < 4:  # it is committed although nothing more comes
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert [answer["id"] for answer in answers] == [a.id for a in articles[:4]]
    again = command("add", path, "--follow")
    out, _ = again.communicate(lines(articles))
    found = [msgspec.json.decode(line) for line in out.splitlines()]
    assert [record["id"] for record in found] == [a.id for a in articles]
    for kept in ("near_duplicates", "story"):
        assert [record[kept] for record in found[:4]] == [record[kept] for record in answers]


def test_folder_is_mirrored(tmp_path: Path) -> None:
    path, folder = tmp_path / "i.db", tmp_path / "articles"
    folder.mkdir()
    for number, article in enumerate(made(3, 12)):
        (folder / f"{number}.txt").write_text(article.text)
    other = tmp_path / "other.jsonl"
    other.write_bytes(lines(made(1, 13)))
    assert command("add", path, folder, other).communicate()[0].count(b"\n") == 4
    (folder / "1.txt").unlink()
    (folder / "2.txt").rename(folder / "3.txt")
    command("add", path, folder).communicate()
    assert list(stored(path)) == ["0", "3", "n0000"]


def test_ids_are_removed_by_name_and_by_line(tmp_path: Path) -> None:
    path = tmp_path / "i.db"
    with Index.open(path, SETTINGS) as index:
        list(
            index.add(
                [Article(id=id_, text=" ".join(WORDS[at:][:30])) for at, id_ in enumerate(("a", "b", 7, "8", "c d"))]
            )
        )
    command("add", path, "--remove", "a", "7").communicate()
    assert list(stored(path)) == ["8", "b", "c d"]
    command("add", path, "--remove").communicate(b'{"id": 8}\nc d\n\n"nobody"\n')
    assert list(stored(path)) == ["b"]


@pytest.mark.parametrize("keep", ["oldest", "newest"])
def test_postings_are_lists_however_they_are_stored(keep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_postings, "_LEAST_FLUSH", 16)
    chance = np.random.default_rng(1)
    with closing(Database(Path(":memory:"))) as db:
        postings = Postings(db, "list", 10, keep)  # type: ignore[arg-type]
        postings.create()
        expected: dict[int, list[int]] = {}
        for row in range(300):
            hashes = np.unique((chance.zipf(1.2, 40) % 5000).astype(np.uint32) * np.uint32(12345677))
            postings.add(hashes, np.full(hashes.size, row), np.full(hashes.size, row % 16))
            for key in hashes.tolist():
                expected.setdefault(key, []).append(row)
            if row % 3 == 0:
                postings.save()
            if row % 60 == 59:
                postings.save()
                postings = Postings(db, "list", 10, keep)  # type: ignore[arg-type]
                postings.load()
            asked = chance.choice(np.array(sorted(expected), np.uint32), 20)
            before = chance.integers(0, row + 2, 20) if keep == "oldest" else np.full(20, row + 1)
            hits = postings.find(asked, before)
            for at, key in enumerate(asked.tolist()):
                rows = [other for other in expected[key] if other < before[at]]
                rows = rows[:10] if keep == "oldest" else rows[-10:]
                found = zip(hits.rows[hits.asked == at].tolist(), hits.tags[hits.asked == at].tolist(), strict=True)
                assert sorted(found) == [(other, other % 16) for other in rows]
                assert bool(hits.full[at]) == (len(rows) == 10)
