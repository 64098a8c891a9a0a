import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import KEYS, Article, Page
from cleaner.job import Folders, run
from cleaner.pipeline.stages import clean_page
from cleaner.pipeline.workers import Work
from cleaner.report import Report
from cleaner.settings.load import load_settings

SEEDS = Path(__file__).parent.parent / "seeds"
FILES = ("articles.jsonl", "canonical.jsonl", "groups.jsonl", "rejected.jsonl", "manifest.json")


def job(inputs, output, *, jobs=1, **sections):
    report = Report()
    settings, work = load_settings(("test", sections)), Work(jobs, 20.0, 64)
    result = run([str(i) for i in inputs], Folders(output), settings, work, report)
    return report, result


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    job([SEEDS], folder)
    return folder


def test_three_of_the_five_seeds_tell_one_story(out):
    stories = {}
    for article in lines(out / "articles.jsonl"):
        stories.setdefault(article["story"], set()).add(article["id"][:3])
    assert sorted(map(sorted, stories.values())) == [["000"], ["001"], ["002", "003", "004"]]
    assert [article["id"][:3] for article in lines(out / "canonical.jsonl")] == ["000", "001", "002"]
    [group] = lines(out / "groups.jsonl")
    assert (group["kind"], group["id"][:3], len(group["members"])) == ("story", "002", 3)
    assert group["why"]
    assert group["weakest_link"]["score"] == min(m["score"] for m in group["members"])


@pytest.mark.parametrize(
    ("seed", "title", "published", "gone", "kept"),
    [
        ("000", "Iran says missile attack on IS in Syria coordinated with Damascus", "2017-06-20",
         ["Sunday, 27 May 2018", "Latest news", "Main »", "This story has not been edited."],
         ["The Sunday strike, the first Iran missile", '"We follow their actions']),
        ("001", "Iran admits to conducting 700 drone attacks in Syria", "2018-10-16",
         ["2 min read", "16 October, 2018", "[Getty]"], ["Iran's Revolutionary Guard has admitted to carrying out"]),
        ("002", "Russia denies US claim missiles landed in Iran", None,
         ["min read", "Share", "SBS", "podcast"], ['"Are all your possessions gone?"', "fight against ISIL."]),
        ("003", "Islamic Sate fighters seize villages close to Aleppo", None, [], ["Several of the long-range"]),
        ("004", "Russian air strikes hit 55 Islamic State targets in Syria", None,
         ["Share", "Advertisement"], ["Iran is one of Assad’s main allies."]),
    ],
)  # fmt: skip
def test_the_seeds_come_out_clean(out, seed, title, published, gone, kept):
    [article] = [a for a in lines(out / "articles.jsonl") if a["id"].startswith(seed)]
    assert (article["title"], article["published"], article["language"]) == (title, published, "en")
    assert [words for words in gone if words in article["text"]] == []
    assert [words for words in kept if words not in article["text"]] == []
    # In 003 nothing tells the headline from the author's first line, so it stays.
    assert (title in article["text"].split("\n")) == (seed == "003")
    page = (SEEDS / f"{article['id']}.txt").read_text()
    found = article["text"] + "".join(removed["text"] for removed in article["removed"])
    assert sorted("".join(found.split())) == sorted("".join(page.split())), "every word is kept or recorded"


def test_records_have_the_fixed_keys_in_their_order(out):
    for article in lines(out / "articles.jsonl"):
        assert tuple(article) == KEYS


def test_files_do_not_depend_on_order_or_workers(out, tmp_path):
    files = sorted(SEEDS.iterdir())
    job(files[::-1], tmp_path / "a", jobs=2)
    job([SEEDS], tmp_path / "b", jobs=2)
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (out / name).read_bytes(), name
        assert (tmp_path / "b" / name).read_bytes() == (out / name).read_bytes(), name
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


def test_nothing_is_lost_and_the_manifest_says_so(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"id": 7, "text": "Rain fell.", "topic": [1]}\n{broken\n{"text": "Share"}\n')
    (tmp_path / "in/b.html").write_text("<html><body><p>" + "Rain fell on the whole country on Monday. " * 20)
    (tmp_path / "in/c.png").write_bytes(b"\x89PNG\0")
    report, _ = job([tmp_path / "in"], tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    articles, rejected = lines(tmp_path / "out/articles.jsonl"), lines(tmp_path / "out/rejected.jsonl")
    counts = manifest["counts"]
    assert counts["inputs"] == counts["articles"] + counts["rejected"] == 5
    assert (len(articles), len(rejected)) == (counts["articles"], counts["rejected"]) == (2, 3)
    assert [(r["source"][-7:], r["line"], r["stage"]) for r in rejected] == [
        ("a.jsonl", 2, "read"),
        ("a.jsonl", 3, "strip"),
        ("n/c.png", None, "read"),
    ]
    assert [(a["id"], a.get("topic")) for a in articles] == [(7, [1]), ("b", None)]
    assert manifest["settings_sha256"] == load_settings().digest()
    assert [entry["bytes"] for entry in manifest["inputs"]] == [
        (tmp_path / "in" / name).stat().st_size for name in ("a.jsonl", "b.html", "c.png")
    ]
    assert report.exit_code(strict=True) == 3


def test_a_copy_and_a_story_each_get_their_group(tmp_path):
    text = (SEEDS / "002_5058415182dbe562.txt").read_text()
    rows = [{"id": "copy", "text": text}, {"id": "cut", "text": text[: len(text) // 2] + "…"}]
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)))
    job([SEEDS, tmp_path / "more.jsonl"], tmp_path / "out")
    by_id = {a["id"][:4]: a for a in lines(tmp_path / "out/articles.jsonl")}
    assert by_id["copy"]["near_duplicates"] == by_id["002_"]["near_duplicates"]
    assert by_id["copy"]["story"] == by_id["003_"]["story"] == by_id["002_"]["story"]
    assert by_id["000_"]["near_duplicates"] == by_id["000_"]["id"]
    per_text, _ = job([SEEDS, tmp_path / "more.jsonl"], tmp_path / "out", canonical={"per": "near-duplicates"})
    kept = {a["id"][:4] for a in lines(tmp_path / "out/canonical.jsonl")}
    assert {"000_", "001_", "003_", "004_"} < kept
    assert len(kept & {"002_", "copy"}) == 1
    assert per_text.articles == 7


@given(st.text(max_size=300), st.booleans())
def test_any_page_gives_an_article_or_a_reason(text, html):
    outcome = clean_page(Page("1", f"<html><body><p>{text}" if html else text, html=html, source="x"), load_settings())
    if isinstance(outcome, Article):
        assert outcome.text.strip()
    else:
        assert (outcome.id, outcome.source) == ("1", "x")
        assert outcome.reason
