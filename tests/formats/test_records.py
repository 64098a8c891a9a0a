"""Every key of an article is known to each reader and writer of records, lone surrogates and all."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from generated import ARTICLES
from hypothesis import given

from cleaner.article import KEYS, Article, Removed
from cleaner.formats import records
from cleaner.formats.json_values import parse
from cleaner.index.database import Database
from cleaner.index.records import RECORDS, Records

SAID: dict[str, Any] = {
    "id": 7,
    "text": "Rain \ud800 fell.\n\nIt rained.",
    "title": "Rain",
    "url": "https://example.com/rain",
    "site": "example.com",
    "published": "2021-05-03",
    "modified": "2021-05-04",
    "authors": ("A. Writer", "B. Writer"),
    "language": "en",
    "agency": "AP",
    "flags": ("truncated",),
    "removed": (Removed(2, "share", "Share"),),
    "near_duplicates": "a",
    "story": 3,
    "canonical": True,
    "provenance": {"repaired": ["quotes"], "source": "a.jsonl"},
    "extra": {"topic": ["weather", None], "content": "Another text"},
}
BARE = Article("a", "Rain fell.")
GROUPS = {"near_duplicates": None, "story": None, "canonical": None}
CASES = [pytest.param(dataclasses.replace(BARE, **{key: value}), id=key) for key, value in SAID.items()]


def test_every_key_of_an_article_has_a_case_and_a_place() -> None:
    assert list(SAID) == [field.name for field in dataclasses.fields(Article)]
    assert (*records.Head.__struct_fields__, *records.GROUP_KEYS, "provenance") == KEYS


@pytest.mark.parametrize("article", [*CASES, pytest.param(Article(**SAID), id="all")])
def test_every_key_comes_back(article: Article) -> None:
    line = records.encode(article)
    before, after = records.halves(article)
    short = dataclasses.replace(article, **GROUPS)
    assert list(parse(line)) == [*KEYS, *article.extra]
    assert records.decode(line) == article
    for record in (records.ungrouped(before, after), records.packed(article)):
        assert records.decode(record) == short
    for record in (line, records.ungrouped(before, after), records.packed(article)):
        assert records.title_of(record) == article.title
        assert records.text_of(record) == (article.title or "", article.text)
        chosen = {key: getattr(article, key) for key in ("id", "site", "published", "flags", "provenance")}
        assert records.choosable_of(record) == Article(text="", **chosen)


@pytest.mark.parametrize("article", [*CASES, pytest.param(Article(**SAID), id="all")])
def test_the_plain_way_gives_the_same_halves_or_leaves_it(article: Article) -> None:
    found = records.decode_plain(parse(records.encode(article)), "place")
    said = {key for key in SAID if getattr(article, key) != getattr(BARE, key)}
    if said <= {"id", "title", "url", "site", "published", "modified", "language", "agency", *GROUPS}:
        assert found is not None
        assert (found.before, found.after) == records.halves(article)
    else:
        assert found is None or (found.before, found.after) == records.halves(article)


@given(ARTICLES)
def test_any_article_comes_back(article: Article) -> None:
    assert records.decode(records.encode(article)) == article


def test_an_index_gives_every_key_back_but_its_groups() -> None:
    with closing(Database(Path(":memory:"))) as db:
        db.run(RECORDS)
        kept = Records(db)
        kept.load(b"")
        kept.insert(1, Article(**SAID), 5, 0)
        assert kept.articles([1]) == [dataclasses.replace(Article(**SAID), **GROUPS)]
        assert kept.texts([1, 2]) == {1: (SAID["title"], SAID["text"])}
