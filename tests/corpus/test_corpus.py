"""Articles to groups: the same whatever the order of the articles and the number of processes."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.articles import ArticleTable
from cleaner.corpus.collecting import Wanted, collect
from cleaner.corpus.corpus import Corpus
from cleaner.corpus.spool import Spool
from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings, SettingsError

SETTINGS = load_settings(("test", {"group": {"only": "near-duplicates"}}))
LOOSE = load_settings(("test", {"group": {"only": "near-duplicates"}, "near_duplicates": {"jaccard": 0.3}}))
RESULT = (
    "Alpha Corp said net profit for the quarter was {} million dollars, or {} cents a share, on sales of {} million "
    "dollars, up from {} million a year ago. The company paid a dividend of {} cents a share on {} million shares."
)


def essay(seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    return " ".join("".join(chance.choices("abcdefghijklmnop", k=5)) for _ in range(80))


def grouped(
    articles: list[Article], jobs: int = 1, settings: Settings = SETTINGS
) -> tuple[dict[object, object], list[dict[str, object]]]:
    with Corpus(settings, jobs) as corpus:
        for article in articles:
            corpus.add(article)
        groups = corpus.groups()
        rows = range(len(corpus.spool))
        lines = list(corpus.spool.lines(rows, groups.fields(rows)))
        assert groups.canonical == sum(canonical is True for _, _, canonical in groups.fields(rows))
        records = sorted(groups.records(), key=str)
    assert len(lines) == len(articles)
    near = {article.id: fields[0] for article, fields in zip(articles, groups.fields(rows), strict=True)}
    return near, records


ARTICLES = [
    Article(f"{kind}{number}", text)
    for number in range(40)
    for kind, text in (("a", essay(number)), ("b", essay(number).upper()), ("c", essay(number) + " Read more"))
] + [Article(77, ""), Article("", "..."), Article("\ud800", essay(1), title="\udfff")]


@pytest.mark.parametrize("jobs", [1, 2])
def test_order_and_processes_change_nothing(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.corpus.corpus.BYTES_PER_CHUNK", 3000)
    near, records = grouped(ARTICLES)
    assert {near[f"{kind}7"] for kind in "abc"} == {near["a7"]}
    assert near["\ud800"] == near["a1"]
    assert (near[77], near[""]) == (77, "")
    assert len(records) == 40
    shuffled = sorted(ARTICLES, key=lambda article: str(article.id)[::-1])
    assert grouped(shuffled, jobs) == (near, records)


@pytest.mark.parametrize("texts", [[], ["Rain fell."], ["Rain fell.", "Sun.", ""], [essay(1), "Sun."]])
def test_processes_change_nothing_where_there_is_little_to_share(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaner.corpus.corpus.BYTES_PER_CHUNK", 1)
    articles = [Article(str(at), text) for at, text in enumerate(texts)]
    assert grouped(articles, 2) == grouped(articles, 1)


def test_reports_from_one_template_are_named_and_not_grouped() -> None:
    reports = [Article(f"r{at}", RESULT.format(*range(at, at + 60, 10))) for at in range(1, 4)]
    near, records = grouped([*reports, Article("other", essay(0))], settings=LOOSE)
    assert near == {"r1": "r1", "r2": "r2", "r3": "r3", "other": "other"}
    [record] = records
    assert (record["kind"], record["id"]) == ("same_template", "r1")
    assert [member["id"] for member in record["members"]] == ["r1", "r2", "r3"]


@given(st.lists(st.tuples(st.sampled_from(["2021", "2021-05-03", None]), st.sampled_from("ab")), max_size=6))
def test_rank_is_by_date_text_and_id(facts: list[tuple[str | None, str]]) -> None:
    articles = [Article(f"{at}", text, published=date) for at, (date, text) in enumerate(facts)]
    ranks = []
    with tempfile.TemporaryDirectory() as folder:
        for order in itertools.islice(itertools.permutations(articles), 20):
            spool = Spool()
            table = ArticleTable(spool)
            for number, block in enumerate((order[:3], order[3:])):
                path = Path(folder, str(number))
                collect(path, block, Wanted())
                spool.take(ArticleChunk.load(path))
                table.take(ArticleChunk.load(path))
            rank = table.rank()
            spool.close()
            ranks.append({article.id: place for article, place in zip(order, rank.tolist(), strict=True)})
    assert all(rank == ranks[0] for rank in ranks)
    dates = [article.published or "9999" for article in sorted(articles, key=lambda a: ranks[0][a.id])]
    assert dates == sorted(dates)


def test_files_in_place_of_memory_change_nothing() -> None:
    little = load_settings(("test", {"group": {"only": "near-duplicates", "memory": "1KB"}}))
    assert grouped(ARTICLES, settings=little) == grouped(ARTICLES)


@pytest.mark.parametrize(
    ("memory", "expected"), [("512MB", 512_000_000), ("2GiB", 2 << 30), ("100", 100), ("1K", 1000)]
)
def test_memory_is_a_number_with_a_unit(memory: str, expected: int) -> None:
    assert load_settings(("test", {"group": {"memory": memory}})).group.bytes == expected
    with pytest.raises(SettingsError):
        load_settings(("test", {"group": {"memory": memory + " or so"}}))


def test_an_id_that_several_have_stays_that_of_one(tmp_path):
    rain = "Rain fell on the whole of the country on Monday, and it is not over yet, number {n} says. " * 3
    rows = [{"id": id_, "text": rain.format(n=n), "n": n} for n, id_ in enumerate(["a", "b", "a", "a#2", "a", 7, 7])]
    found = []
    for order in (rows, rows[::-1], rows[3:] + rows[:3]):
        (tmp_path / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in order))
        done = subprocess.run(
            [sys.executable, "-m", "cleaner", "group", str(tmp_path / "articles.jsonl")],
            capture_output=True,
            check=True,
            text=True,
        )
        assert "ids given to articles that shared one: 7#2, a#3, a#4" in done.stderr
        found.append({record["n"]: record["id"] for record in map(json.loads, done.stdout.splitlines())})
    assert found[0] == found[1] == found[2]
    assert sorted(map(str, found[0].values())) == ["7", "7#2", "a", "a#2", "a#3", "a#4", "b"]
