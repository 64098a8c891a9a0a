"""Input that means harm, streams and folders that refuse: a line that says what is wrong, and never a traceback."""

from __future__ import annotations

import errno
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cleaner.article import Article, Page, Rejected
from cleaner.boilerplate.profile_files import write_profiles
from cleaner.boilerplate.sites import Line, Profile, read_profiles
from cleaner.boilerplate.strip import strip
from cleaner.cli.start import _wrong, main
from cleaner.explanation import explain_page
from cleaner.formats.files import naming
from cleaner.pipeline.stages import clean_pages
from cleaner.pipeline.workers import Work, in_order
from cleaner.pool import WorkerDiedError
from cleaner.report import shown
from cleaner.settings import load_settings
from cleaner.stages.describe import describe
from cleaner.stages.repair import repair

TEXT = (
    "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said. "
    "Rivers rose by a metre in the night and left two villages without a road, the county council said on Tuesday."
)
CODE = "import sys; from cleaner.cli.start import main; sys.argv[0] = 'cleaner'; main()"
COMMAND = [sys.executable, "-c", CODE]
STEERING = "\x1b]0;owned\x07\x9b2J\u202egnp\u2066\u2028rejected: all\x7f\r\nrejected: more"


def run(*args: object, stdin: bytes = b"", **how: object) -> subprocess.CompletedProcess[bytes]:
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.run([*COMMAND, *map(str, args)], input=stdin, check=False, timeout=120, **how)  # type: ignore[call-overload]


def line(**fields: object) -> bytes:
    return json.dumps({"id": "1", "text": TEXT, **fields}).encode() + b"\n"


def failed(done: subprocess.CompletedProcess[bytes], *words: str) -> None:
    """Check that a command ended with 2 and one line that says these words."""
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert said.count("\n") == 1, said
    assert said.startswith("cleaner: ")
    assert all(word in said for word in words), said


def steers(text: str) -> bool:
    return any((ord(c) < 32 and c not in "\t\n\r") or 0x7F <= ord(c) < 0xA0 or c in "\u202e\u2066\u2028" for c in text)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Größe – “Łódź”, 周一, می‌خواهم 👩‍👩‍👧", None),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b2J\x85", "\\u009b2J\\u0085"),
        ("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd"),
        ("one\ntwo\tthree\u2028four", "one\\x0atwo\\x09three\\u2028four"),
        ("\ud800 \udcff", "\\ud800 \\xff"),
    ],
)
def test_what_steers_a_terminal_is_shown_escaped(text: str, printed: str | None) -> None:
    assert shown(text) == (text if printed is None else printed)
    assert shown(shown(text)) == shown(text)
    shown(text).encode()


HOSTILE = {
    "id": STEERING,
    "title": STEERING,
    "site": STEERING,
    "language": STEERING,
    "agency": STEERING,
    "authors": [STEERING],
    "flags": [STEERING],
    "removed": [{"block": 0, "rule": STEERING, "text": STEERING}],
    "provenance": {"repaired": [STEERING], "title": STEERING},
}


@pytest.mark.parametrize("command", ["clean", "group", "canonical", "learn"])
def test_no_page_steers_the_terminal_that_shows_a_summary(command: str) -> None:
    done = run(command, "-v", stdin=line(**HOSTILE) + line(id=2) + b'{"text": "\x1b]0;\x9b"')
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert not steers(said)
    assert not any(row.startswith("rejected: more") for row in said.splitlines())


def test_no_page_steers_the_terminal_that_explains_it() -> None:
    page = Page("p\x1b", f"{STEERING}\n\n{TEXT}", fields={k: v for k, v in HOSTILE.items() if k != "id"})
    lines = list(explain_page(page, load_settings()))
    assert len(lines) > 8
    assert not any(map(steers, lines))
    assert not any("\n" in row for row in lines)


def test_a_terminal_gets_data_escaped_and_still_json() -> None:
    ours, theirs = pty.openpty()
    done = run("clean", "-q", stdin=line(topic=STEERING), stdout=theirs)
    os.close(theirs)
    data = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert not steers(data)
    assert json.loads(data)["topic"] == STEERING


def test_file_names_steer_no_terminal(tmp_path: Path) -> None:
    name = tmp_path / "a\x1b]0;b\u202ec.html"
    name.write_text("")
    for command in ("fix", "check", "clean"):
        done = run(command, name)
        assert "a\\x1b]0;b\\u202ec.html" in done.stderr.decode()
        assert not steers(done.stderr.decode())


def test_an_output_that_knows_few_characters_is_written_to(tmp_path: Path) -> None:
    run_git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    (tmp_path / "a.jsonl").write_bytes(line(id="\ud800ä") + line(id="\udfff“"))
    subprocess.run([*run_git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*run_git, "add", "a.jsonl"], cwd=tmp_path, check=True)
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = run("duplicates", cwd=tmp_path, env=env)
    assert done.returncode == 1, done.stderr.decode()
    assert b"repeats a.jsonl:1 (\\ud800" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("command", ["clean", "group", "canonical", "explain", "check"])
def test_a_full_output_is_said_in_a_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"Share\n\n{TEXT}\n")
    (tmp_path / "a.jsonl").write_bytes(
        b"".join(line(id=n, text=f"{TEXT} {n}\n\nThe Ottery Lantern, since 1871", site="a.example") for n in range(30))
    )
    given = {"explain": ["a.txt"], "check": ["a.txt"]}.get(command, ["-q", "a.jsonl"])
    with Path("/dev/full").open("wb") as full:
        failed(run(command, *given, stdout=full, cwd=tmp_path), "standard output: No space left")


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHON": sys.executable, "CODE": CODE}
    script = f'cleaner() {{ "$PYTHON" -c "$CODE" "$@"; }}; {script}'
    return subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, check=False, timeout=120)


@pytest.mark.parametrize(
    "command", ["clean", "group", "canonical", "explain", "index canonical {}.db", "--help", "check"]
)
def test_a_reader_that_stops_early_is_no_failure(command: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(text=f"{TEXT}\n\nShare") * 50)
    if "{}" in command:
        assert shell("cleaner index add -q a.db a.jsonl > /dev/null", tmp_path).returncode == 0
        command = command.format("a")
    given = "" if "index" in command or command == "--help" else "a.jsonl"
    done = shell(f"cleaner {command} {given} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")


def test_closed_streams_are_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line())
    closed = shell("cleaner clean -q a.jsonl >&-", tmp_path)
    failed(closed, "standard output")
    assert shell("cleaner clean a.jsonl 2>&-", tmp_path).returncode == 0
    assert b"Traceback" not in shell("cleaner clean -q <&-", tmp_path).stderr
    assert shell("cleaner run -q a.jsonl -o out >&-; test -s out/manifest.json", tmp_path).returncode == 0


@pytest.mark.parametrize("command", ["clean", "group"])
def test_a_place_for_rejected_inputs_is_tried_before_the_work(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(command, "--rejected", tmp_path / "file" / "r.jsonl", stdin=line())
    failed(done, str(tmp_path / "file" / "r.jsonl"), "cannot be written")
    assert done.stdout == b""


def test_html_is_read_where_the_folder_for_temporary_files_has_a_long_name(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 110)
    folder.mkdir()
    (tmp_path / "a.html").write_text(f"<html><body><article><h1>Rain</h1><p>{TEXT}</p></article></body></html>")
    env = {**os.environ, "TMPDIR": str(folder)}
    done = run("clean", tmp_path / "a.html", env=env)
    assert done.returncode == 0, done.stderr.decode()
    assert "Rivers rose" in json.loads(done.stdout)["text"]
    assert run("group", "-j", "2", stdin=line() + line(id=2), env=env).returncode == 0
    assert list(folder.iterdir()) == []


def test_an_error_of_writing_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, naming(tmp_path / "articles.jsonl"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert _wrong(caught.value) == f"{tmp_path / 'articles.jsonl'}: No space left on device"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device for work under way; make room in "),
        (PermissionError(errno.EACCES, "Permission denied", "out"), "out: Permission denied"),
        (FileNotFoundError("pages"), "pages"),
        (MemoryError(), "not enough memory: try a smaller --memory"),
        (WorkerDiedError("a worker process was killed; try --jobs 1"), "a worker process was killed; try --jobs 1"),
    ],
)
def test_what_the_system_refuses_is_said_in_a_line(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr("cleaner.cli.start._command_line", refuse)
    monkeypatch.setattr("cleaner.cli.start._drop", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["cleaner", "clean"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"cleaner: {said}")


@pytest.mark.parametrize("site", ["s" * 300, "a.example\n[[line]]\ntext = 'Rain'", "a\x00b", "\ud800", "../up"])
def test_no_site_chooses_what_is_written_of_it_or_where(site: str, tmp_path: Path) -> None:
    profiles = {name: Profile(name, 3, {"share": Line("Share", 3)}) for name in (site, "z.example")}
    write_profiles(tmp_path / "sites", profiles)
    read = read_profiles(tmp_path / "sites")
    assert "z.example" in read
    assert len(read) == (1 if len(site) == 300 else 2)
    assert all(list(profile.lines) == ["share"] for profile in read.values())
    assert [path.name for path in tmp_path.iterdir()] == ["sites"]


def test_ids_that_are_no_utf8_are_explained_and_removed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff.txt")).write_text(TEXT)
    assert run("explain", tmp_path).stdout.startswith(b"bad\\xff\n")
    assert b"1 removed" not in run("index", "add", tmp_path / "a.db", "--remove", os.fsdecode(b"no\xff")).stderr


def too_long(articles: list[Page | Article]) -> list[Article | Rejected]:
    if any("hang" in (item.content if isinstance(item, Page) else item.text) for item in articles):
        time.sleep(60)
    return [item if isinstance(item, Article) else Article(item.id, "") for item in articles]


def test_long_text_has_a_timeout_as_html_has() -> None:
    pages = [Page(1, "a"), Page(2, "hang" + "a" * 60_000), Page(3, "b" * 60_000), Page(4, "c")]
    one, lost, *others = in_order(too_long, pages, Work(1, 1.0))
    assert isinstance(lost, Rejected)
    assert lost.reason == "took longer than 1 s (extract.timeout)"
    assert [item.id for item in (one, *others)] == [1, 3, 4]


def hungry(articles: list[Page]) -> list[Article | Rejected]:
    return [Article(item.id, str(len(bytearray(len(item.content) << 30)))) for item in articles]


def test_a_worker_has_no_more_memory_than_a_page_needs() -> None:
    one, lost = in_order(hungry, [Page(1, "a", html=True), Page(2, "a" * 4, html=True)], Work(1, 20.0))
    assert isinstance(one, Article)
    assert isinstance(lost, Rejected)
    assert lost.reason == "needs more memory than a page may have"


@pytest.mark.parametrize(
    ("text", "mended", "steps"),
    [
        ("Fish &" + "amp;" * 5_000 + " chips", "Fish & chips", ("unescape_html",)),
        ("Fish &" + "#38;" * 50 + "amp;lt; chips", "Fish < chips", ("unescape_html",)),
        ("a" + "\u0316\u0301" * 31, None, ("marks", "nfc")),
    ],
)
def test_damage_of_any_length_is_mended(text: str, mended: str | None, steps: tuple[str, ...]) -> None:
    fixed, named = repair(text)
    assert named == steps
    assert mended in (None, fixed)
    assert repair(fixed) == (fixed, ())


def test_what_changes_nothing_is_no_repair() -> None:
    assert repair("Rain \ufffd\ufffd fell") == ("Rain \ufffd\ufffd fell", ())


def test_gaps_that_are_left_alone_are_those_of_a_second_pass() -> None:
    rules = load_settings().strip
    once = strip(Article("1", f"Advertisement\n\nRain fell.\n{TEXT}"), rules)
    assert once.text == f"Rain fell.\n\n{TEXT}"
    assert strip(once, rules).text == once.text


@pytest.mark.xfail(reason="a text that is no longer wrapped when blocks have gone is cut otherwise by a second pass")
def test_a_layout_that_ends_with_what_goes_is_that_of_a_second_pass() -> None:
    rules = load_settings().strip
    once = strip(Article("1", "n::\nT$\n\ufffdn\n\n$\n\n\ufffd\nn\n\n$\n\ufffd\nn"), rules)
    assert strip(once, rules).text == once.text


def test_marks_are_bounded_and_none_is_lost() -> None:
    marks = "\u0316\u0301\u05b0" * 500
    fixed, _ = repair(f"e{marks}")
    assert len(fixed.replace("\u034f", "")) in {1501, 1500}
    assert max(map(len, fixed.split("\u034f"))) <= 31


@pytest.mark.parametrize("end", ["." * 5_000, "… continue reading", "... [Read more]", "\n\nContents" + "." * 3_000])
def test_a_cut_off_end_is_told_from_its_last_characters(end: str) -> None:
    assert "truncated" in describe(Article("1", TEXT + end), load_settings().describe).flags


def test_a_long_page_comes_out_the_same_in_a_worker() -> None:
    text = "\n\n".join(f"{TEXT} It was the {n}th time, {n} people said." for n in range(300))
    [article] = clean_pages([Page(1, text)], load_settings(), Work(1, 60.0))
    assert isinstance(article, Article)
    assert article.text == text
