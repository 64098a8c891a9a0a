import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"
TEXT = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."


def cleaner(*args, stdin=b"", cwd=ROOT):
    command = [sys.executable, "-m", "cleaner", *map(str, args)]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, check=False)


def records(data):
    return [json.loads(line) for line in data.splitlines()]


def feed(*texts):
    return b"".join(json.dumps({"id": i, "text": text}).encode() + b"\n" for i, text in enumerate(texts))


def test_the_pipe_keeps_data_and_words_for_people_apart():
    done = stdin = b"".join(json.dumps({"id": p.stem, "text": p.read_text()}).encode() + b"\n" for p in SEEDS.iterdir())
    for command in ("clean", "group", "canonical"):
        done = cleaner(command, stdin=stdin)
        assert done.returncode == 0
        assert done.stderr.decode().startswith("5 pages: 5 articles, 0 rejected")
        stdin = done.stdout
    assert sorted(article["id"][:3] for article in records(done.stdout)) == ["000", "001", "002"]


def test_cleaning_what_is_clean_changes_nothing():
    once = cleaner("clean", SEEDS).stdout
    assert len(records(once)) == 5
    assert cleaner("clean", stdin=once).stdout == once


@pytest.mark.parametrize(
    ("only", "present", "absent"),
    [("near-duplicates", "near_duplicates", "story"), ("stories", "story", "near_duplicates")],
)
def test_one_grouping_can_be_left_out(only, present, absent):
    done = cleaner("group", "--only", only, stdin=feed(TEXT, TEXT, "Something else altogether happened today."))
    articles = records(done.stdout)
    assert [a["id"] for a in articles] == [0, 1, 2]
    assert all(a[present] is not None and a[absent] is None for a in articles)
    assert articles[0][present] == articles[1][present] != articles[2][present]
    assert sum(a["canonical"] for a in articles) == 2


@pytest.mark.parametrize(
    ("flags", "stories"),
    [
        ((), 1),
        (("--window", "3"), 2),
        (("--window", "0"), 2),
        (("--half-life", "0.5"), 2),
        (("--half-life", "9"), 1),
        (("--window", "30", "--half-life", "9"), 1),
    ],
)
def test_how_far_apart_the_articles_of_a_story_may_be(flags, stories):
    texts = ["Dresden evacuates the old town as the Elbe bursts a dam.", "The Elbe dam burst: Dresden evacuated."]
    rows = [{"id": n, "text": text, "date": f"2024-03-{5 + 4 * n:02}"} for n, text in enumerate(texts)]
    done = cleaner("group", *flags, stdin=b"\n".join(json.dumps(row).encode() for row in rows))
    assert len({article["story"] for article in records(done.stdout)}) == stories


def test_canonical_chooses_anew_when_asked():
    grouped = cleaner("group", stdin=feed(TEXT * 10, TEXT * 10 + " The end.", "Something else happened.")).stdout
    assert [a["id"] for a in records(cleaner("canonical", stdin=grouped).stdout)] == [0, 2]
    assert [a["id"] for a in records(cleaner("canonical", "--canonical-by", "longest", stdin=grouped).stdout)] == [1, 2]
    assert len(records(cleaner("canonical", "--per", "article", stdin=grouped).stdout)) == 3


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["run", "nowhere", "-o", "out"], 2, "'nowhere' does not exist"),
        (["run", "page.html"], 2, "Missing option '-o'"),
        (["clean", "--config", "bad.toml"], 2, "there is no setting 'read.maxbytes'; did you mean 'read.max_bytes'?"),
        (["clean", "--jobs", "0"], 2, "0 is not in the range x>=1"),
        (["clean", "broken.jsonl"], 3, "rejected: broken.jsonl:1: read: not JSON"),
        (["clean", "broken.jsonl", "--strict"], 3, "1 page: 0 articles, 1 rejected"),
        (["clean", "page.html", "-q"], 0, ""),
        (["group", "page.html"], 3, "HTML, not an article: run `cleaner clean` first"),
        (["--version"], 0, ""),
    ],
)
def test_exit_codes_and_messages(tmp_path, args, code, says):
    (tmp_path / "bad.toml").write_text("[read]\nmaxbytes = 5\n")
    (tmp_path / "broken.jsonl").write_text("{broken\n")
    (tmp_path / "page.html").write_text(f"<html><body><p>{TEXT}</p><p>{TEXT}</p>")
    done = cleaner(*args, cwd=tmp_path)
    assert done.returncode == code, done.stderr.decode()
    assert says in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    if "-q" in args:
        assert done.stderr == b""


def test_settings_of_the_project_are_found(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.cleaner.describe]\nmin_words = 1000\n")
    (tmp_path / "a.txt").write_text(TEXT * 3)
    [article] = records(cleaner("clean", "a.txt", cwd=tmp_path).stdout)
    assert article["flags"] == ["too_short"]


def test_articles_with_a_flag_can_be_dropped():
    done = cleaner("clean", "--drop", "too_short", "-v", stdin=feed("Rain fell in the town.", TEXT * 3))
    assert [a["id"] for a in records(done.stdout)] == [1]
    assert "rejected: -:1: describe: too_short (describe.drop)" in done.stderr.decode()


def test_explain_shows_every_block_and_why_two_articles_are_together():
    shown = cleaner("explain", SEEDS, "001_d543b3f969486927").stdout.decode()
    assert "- read_time     2 min read" in shown
    assert "  kept          Iran is a key backer" in shown
    assert "published  2018-10-16" in shown
    pair = cleaner("explain", SEEDS, "002_5058415182dbe562", "003_3aea010ba7df07aa").stdout.decode()
    assert "story            together in 002_5058415182dbe562, score 0." in pair
    assert "  caspian\n" in pair
    apart = cleaner("explain", SEEDS, "001_d543b3f969486927", "nobody")
    assert apart.returncode == 2
    assert "no article has the id 'nobody'" in apart.stderr.decode()


def test_published_quality_filters_reject_with_their_reasons(tmp_path):
    (tmp_path / "mine.toml").write_text('[quality]\nfilters = ["gopher"]\n')
    done = cleaner("clean", "--config", tmp_path / "mine.toml", stdin=feed("Rain fell on the town.", TEXT * 4))
    assert [a["id"] for a in records(done.stdout)] == [1]
    assert "rejected: -:1: quality: gopher: " in done.stderr.decode()


def test_rejected_inputs_can_be_written_to_a_file(tmp_path):
    done = cleaner("clean", "--rejected", tmp_path / "no.jsonl", stdin=feed("Share", TEXT))
    assert [a["id"] for a in records(done.stdout)] == [1]
    assert records((tmp_path / "no.jsonl").read_bytes()) == [
        {"id": 0, "source": "-", "line": 1, "stage": "strip", "reason": "nothing but boilerplate"}
    ]


@pytest.mark.skipif(os.name != "posix", reason="sh is needed")
def test_a_closed_pipe_ends_quietly(tmp_path):
    (tmp_path / "many.jsonl").write_bytes(feed(*[TEXT] * 3000))
    command = f'"{sys.executable}" -m cleaner clean "{tmp_path}/many.jsonl" | head -n 1'
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False, cwd=ROOT)
    assert len(records(done.stdout)) == 1
    assert done.stderr == b""


def test_an_article_leaves_before_the_next_page_arrives():
    command = [sys.executable, "-m", "cleaner", "clean", "-q"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for text in (TEXT, f"<html><body><p>{TEXT}</p><p>{TEXT}</p>"):
            key = "html" if text.startswith("<") else "text"
            process.stdin.write(json.dumps({"id": key, key: text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == key
        process.stdin.close()
        assert process.wait(30) == 0


def test_help_shows_an_example_and_loads_nothing_heavy():
    for command in ("run", "clean", "group", "canonical"):
        assert f"cleaner {command}" in cleaner(command, "--help").stdout.decode()
    heavy = {"numpy", "trafilatura", "ftfy", "msgspec", "pebble"}
    code = f"import sys, cleaner.cli.app; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
