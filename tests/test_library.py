"""What `import cleaner` offers, as a program uses it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from datasketch import LeanMinHash, MinHash, MinHashLSH, MinHashLSHForest

import cleaner
from cleaner.cli.app import cli
from cleaner.minhash.exchange import write_signatures
from cleaner.minhash.shingles import shingles
from cleaner.words.tokenising import words

SEEDS = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))
RAIN = "Rain fell on the whole of the country on Monday, and the rivers Elbe and Saale are rising fast. "
PAGE = (
    "<html><head><title>Elbe and Saale rise</title></head><body><article><h1>Elbe and Saale rise</h1>"
    f"<p>{RAIN * 3}</p><p>{RAIN}</p></article>"
)


def test_the_public_names_are_these_and_all_can_be_had() -> None:
    assert sorted(cleaner.__all__) == cleaner.__all__ == dir(cleaner)
    assert {name for name in cleaner.__all__ if getattr(cleaner, name) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        cleaner.nonsense  # noqa: B018


@pytest.mark.parametrize(
    "page", [PAGE, PAGE.encode(), cleaner.Page("1", PAGE, html=True)], ids=["str", "bytes", "Page"]
)
def test_a_page_becomes_an_article(page: object) -> None:
    article = cleaner.clean(page)
    assert isinstance(article, cleaner.Article)
    assert RAIN.strip() in article.text
    assert "<" not in article.text


def test_a_record_becomes_a_record_of_plain_values() -> None:
    record = {"id": 7, "content": f"Share\n\n{RAIN}", "topic": ["weather"], "date": "2024-03-05"}
    found = cleaner.clean(record)
    assert found == json.loads(json.dumps(found))
    assert (found["id"], found["text"], found["topic"]) == (7, RAIN.strip(), ["weather"])
    assert found["removed"] == [{"block": 0, "rule": "share", "text": "Share"}]
    assert record == {"id": 7, "content": f"Share\n\n{RAIN}", "topic": ["weather"], "date": "2024-03-05"}


@pytest.mark.parametrize(("page", "stage"), [("", "strip"), ({"id": 1}, "read"), (b"\x00\x01\x02" * 9, "read")])
def test_what_is_no_article_is_rejected_with_a_reason(page: object, stage: str) -> None:
    found = cleaner.clean(page)
    assert isinstance(found, cleaner.Rejected)
    assert found.stage == stage
    assert found.reason


def test_the_url_of_a_page_is_its_site() -> None:
    article = cleaner.clean(RAIN, url="https://www.example.org/2024/03/05/rain.html")
    assert (article.url, article.site) == ("https://www.example.org/2024/03/05/rain.html", "example.org")


def test_pages_come_back_in_order_and_in_kind() -> None:
    pages = [RAIN, {"id": "b", "text": RAIN}, {"id": "c"}, cleaner.Page("d", RAIN)]
    found = list(cleaner.clean_pages(pages))
    assert [type(one) for one in found] == [cleaner.Article, dict, cleaner.Rejected, cleaner.Article]
    assert found[1]["id"] == "b"


@pytest.fixture(scope="module")
def grouped() -> cleaner.GroupedArticles:
    pages = [cleaner.Page(path.name[:3], path.read_text(encoding="utf-8")) for path in SEEDS]
    articles = [cleaner.clean(page) for page in pages]
    copy = dataclasses.replace(articles[2], id="copy", text=articles[2].text + "\n\nMore follows.")
    return cleaner.group([*articles, copy])


def test_groups_can_be_asked(grouped: cleaner.GroupedArticles) -> None:
    assert repr(grouped) == "<6 articles: near-duplicate groups 1, stories 1, canonical 3>"
    [story], [copies] = grouped.stories, grouped.near_duplicates
    assert sorted(story.ids) == ["002", "003", "004", "copy"]
    assert sorted(copies.ids) == ["002", "copy"]
    assert grouped.group_of("003") is story
    assert grouped.group_of("000") is None
    assert grouped.group_of("003", "near_duplicates") is None
    assert story.id in {article.id for article in grouped.canonical}
    assert len(grouped.canonical) == 3
    assert story.weakest_link[2] == min(grouped.score(*pair) or 1 for pair in [story.weakest_link[:2]])
    assert 0.3 < story.cohesion <= 1
    assert story.why == "id: the first, all else being alike"
    assert "missiles" in dict(story.terms)


def test_why_two_articles_are_together(grouped: cleaner.GroupedArticles) -> None:
    together, apart = grouped.why("002", "003").splitlines(), grouped.why("000", "003").splitlines()
    assert together[1].startswith("story            together in ")
    assert apart[1].startswith("story            apart: ")
    with pytest.raises(KeyError, match="nobody"):
        grouped.why("000", "nobody")


def test_dicts_are_grouped_as_articles_are_and_come_back_as_they_were(grouped: cleaner.GroupedArticles) -> None:
    records = [json.loads(json.dumps(article.record(), default=dataclasses.asdict)) for article in grouped.articles]
    bare = [
        {"topic": "war", **{k: v for k, v in record.items() if k not in {"near_duplicates", "story", "canonical"}}}
        for record in records
    ]
    found = cleaner.group(reversed(bare))
    for given, made, expected in zip(reversed(bare), found, reversed(records), strict=True):
        assert {key: made[key] for key in given} == given
        assert made == {"topic": "war", **expected}


def test_a_record_that_is_no_article_is_named() -> None:
    with pytest.raises(ValueError, match="article 2: no text"):
        cleaner.group([{"text": RAIN}, {"title": "Rain"}])


def test_signatures_are_those_of_datasketch(tmp_path: Path) -> None:
    texts = [("a", RAIN * 2), ("b", "Snow is expected in the mountains on Tuesday."), ("c", "")]
    signed = cleaner.signatures({"id": id_, "text": text or "…"} for id_, text in texts)
    for at, (_, text) in enumerate(texts):
        theirs = MinHash(128, 1, hashfunc=int, scheme="affine32")
        theirs.update_batch(shingles(words([text])).hashes.tolist())
        assert np.array_equal(theirs.hashvalues, signed.signatures[at])
    write_signatures(tmp_path / "signatures.npz", iter(texts), 3, 3, 5)
    with np.load(tmp_path / "signatures.npz") as saved:
        assert saved["ids"].tolist() == signed.ids.tolist() == ["a", "b", "c"]
        assert np.array_equal(saved["signatures"], signed.signatures)


def test_a_file_of_signatures_fills_every_index_of_datasketch(tmp_path: Path) -> None:
    texts = [(number, f"{RAIN}{number} " * 4) for number in range(5)] + [(9, "Snow is expected on Tuesday.")]
    write_signatures(tmp_path / "signatures.npz", texts, 6, 3, 5)
    with np.load(tmp_path / "signatures.npz") as saved:
        ids, seed = saved["ids"].tolist(), int(saved["seed"])
        hashes = [LeanMinHash(seed=seed, hashvalues=row, scheme="affine32") for row in saved["signatures"]]
    index, forest = MinHashLSH(threshold=0.5, num_perm=128), MinHashLSHForest(num_perm=128)
    for id_, one in zip(ids, hashes, strict=True):
        index.insert(id_, one)
        forest.add(id_, one)
    forest.index()
    assert sorted(index.query(hashes[0])) == [0, 1, 2, 3, 4]
    assert 9 not in forest.query(hashes[0], 5)
    assert hashes[0].jaccard(hashes[5]) < 0.1


def test_the_whole_job_in_one_call(tmp_path: Path) -> None:
    found = cleaner.run(SEEDS[0].parent, tmp_path / "out")
    assert repr(found) == "<5 articles, 0 rejected, 3 canonical>"
    assert found.counts == {"near_duplicates": 0, "stories": 1}
    assert len((tmp_path / "out/canonical.jsonl").read_text(encoding="utf-8").splitlines()) == 3


def test_group_writes_the_signatures_of_what_it_grouped(tmp_path: Path) -> None:
    rows = [{"id": f"a{number}", "text": f"{RAIN}{number} " * 4} for number in range(3)]
    (tmp_path / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli(["group", str(tmp_path / "articles.jsonl"), "-q", "--signatures", str(tmp_path / "signatures.npz")])
    assert ended.value.code == 0
    with np.load(tmp_path / "signatures.npz") as saved:
        assert saved["ids"].tolist() == ["a0", "a1", "a2"]
        assert np.array_equal(saved["signatures"], cleaner.signatures(rows).signatures)


def test_an_index_writes_the_signatures_of_its_articles(tmp_path: Path) -> None:
    rows = [{"id": number, "text": f"{RAIN}{number} " * 4} for number in range(3)]
    (tmp_path / "articles.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    db, file = str(tmp_path / "corpus.db"), str(tmp_path / "signatures.npz")
    for command in (["add", db, str(tmp_path / "articles.jsonl"), "-q"], ["signatures", db, file]):
        with pytest.raises(SystemExit) as ended:
            cli(["index", *command])
        assert ended.value.code == 0
    with np.load(file) as saved:
        assert saved["ids"].tolist() == [0, 1, 2]
        assert np.array_equal(saved["signatures"], cleaner.signatures(rows).signatures)
