import codecs
import contextlib
import gzip
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from repositories import Repository

from cleaner.article import Article
from cleaner.boilerplate.sites import Line, Profile
from cleaner.cli.app import cli
from cleaner.git.passage import longest_passage, shortened
from cleaner.git.report import report_duplicates
from cleaner.git.repository import GitError
from cleaner.index.index import Index
from cleaner.settings.load import load_settings
from cleaner.settings.schema import SettingsError
from cleaner.text.folding import fold_phrase

ROOT = Path(__file__).parents[2]
SYLLABLES = ("ba", "co", "di", "fen", "gor", "hu", "ik", "lam", "mo", "nes", "or", "pri", "ru", "sta", "ti", "ul")
FURNITURE = (
    "Share\n\nAdvertisement\n\nSign up for our newsletter\n\nGet the latest news directly to your inbox\n\n"
    "Download our apps\n\nFollow us on Twitter\n\nListen to our podcasts\n\nAll rights reserved\n"
)


def sentences(seed, number=12):
    """Sentences of invented words: no two seeds share a run of three."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    rows = ([chance.choice(SYLLABLES) + chance.choice(SYLLABLES) + chance.choice(SYLLABLES) for _ in range(12)]
            for _ in range(number))  # fmt: skip
    return [" ".join(row).capitalize() + "." for row in rows]


def article(seed, number=12):
    return "\n\n".join(sentences(seed, number)) + "\n"


def edited(seed):
    """The article of that seed with a paragraph left out and one added."""
    rows = sentences(seed)
    return "\n\n".join([*rows[:5], *rows[6:], "This was added to it by somebody who had more to say."]) + "\n"


def record(id_, text, **fields):
    return json.dumps({"id": id_, **fields, "text": text}, ensure_ascii=False) + "\n"


@pytest.fixture
def hook(repository, monkeypatch, capfd):
    """The hook on a repository: its exit code, and what it says on both outputs."""

    def run(*, folder=repository.path, since="HEAD", profiles=None, quiet=False, **settings):
        monkeypatch.chdir(folder)
        capfd.readouterr()
        merged = load_settings(("test", {"git": settings}))
        code = report_duplicates(merged, profiles or {}, since=since, quiet=quiet)
        out, err = capfd.readouterr()
        return code, out, err

    return run


def found(out):
    """What repeats what, by name."""
    rows = [row.split(": repeats ") for row in out.splitlines() if not row.startswith("    ")]
    return {name: rest.split(", score ")[0] for name, rest in rows}


def test_a_near_duplicate_is_told_with_what_it_repeats_the_score_and_the_passage(repository, hook):
    repository.stage(a_txt=article(1), b_txt=article(2))
    assert hook() == (0, "", "no near-duplicate in 2 new articles of 2\n")
    repository.commit()
    repository.stage(c_txt=edited(2))
    code, out, err = hook()
    assert code == 1
    first, second = out.splitlines()
    assert first == "c.txt: repeats b.txt, score 0.8" + first[-1]
    rows = sentences(2)
    assert second == f"    72 words in a row in both: “{shortened(' '.join(rows[6:])[:-1], 160)}”"
    assert err == (
        "1 near-duplicate in 1 new article of 3\n"
        "Take it out of the commit, or say in pyproject.toml why it may stay:\n"
        '[[tool.cleaner.git.allow]]\nfiles = ["b.txt", "c.txt"]\nreason = "…"\n'
    )
    assert hook(quiet=True) == (1, out, "")
    repository.commit()
    assert hook() == (0, "", "")


def test_without_a_change_nothing_heavy_is_loaded(repository, hook):
    repository.stage(a_txt=article(1))
    repository.commit()
    hook()
    code = """
import sys
from cleaner.article import Article
from cleaner.cli.app import cli
try:
    cli(["duplicates"])
except SystemExit as end:
    print(end.code, sorted({"numpy", "scipy", "trafilatura", "lxml", "datasketch", "ftfy"} & set(sys.modules)))
"""
    assert repository.run(sys.executable, "-c", code).stdout == "0 []\n"


def rename(repository):
    repository.git("mv", "a.txt", "in.txt")


def rename_and_edit(repository):
    rename(repository)
    repository.stage(in_txt=edited(1))


def replace(repository):
    repository.git("rm", "-q", "a.txt")
    repository.stage(c_txt=edited(1))


def only_in_the_folder(repository):
    repository.write("c.txt", edited(1), stage=False)


def staged_and_then_changed(repository):
    repository.stage(c_txt=edited(1))
    repository.write("c.txt", article(9), stage=False)


def staged_other_than_it_lies_there(repository):
    repository.stage(c_txt=article(9))
    repository.write("c.txt", edited(1), stage=False)


def made_a_link(repository):
    (repository.path / "c.txt").symlink_to("a.txt")
    repository.git("add", "c.txt")


def copied_in_other_furniture(repository):
    repository.stage(a_txt=f"{article(1, 3)}\n{FURNITURE}")
    repository.commit()
    repository.stage(c_txt=f"{FURNITURE}\n{article(1, 3)}")


# What happens to a corpus of a.txt, b.txt (two articles), old.txt and older.txt (near-duplicates since long ago), and
# what of it is a new near-duplicate.
CHANGES = [
    (lambda r: r.stage(c_txt=article(3)), {}),
    (lambda r: r.stage(c_txt=article(1)), {"c.txt": "a.txt"}),
    (lambda r: r.stage(c_txt=edited(1)), {"c.txt": "a.txt"}),
    (lambda r: r.stage(A_txt=edited(1)), {"A.txt": "a.txt"}),
    (lambda r: r.stage(b_txt=edited(1)), {"b.txt": "a.txt"}),
    (lambda r: r.stage(a_txt=edited(1)), {}),
    (lambda r: r.stage(c_txt=article(3), d_txt=edited(3)), {"d.txt": "c.txt"}),
    (lambda r: r.stage(c_txt=article(3), d_txt=article(3), e_txt=article(3)), {"d.txt": "c.txt", "e.txt": "c.txt"}),
    (lambda r: r.git("rm", "-q", "a.txt"), {}),
    (rename, {}),
    (rename_and_edit, {}),
    (lambda r: (rename(r), r.stage(z_txt=article(1))), {"z.txt": "in.txt"}),
    (lambda r: r.git("mv", "old.txt", "ancient.txt"), {}),
    (lambda r: r.stage(old_txt=article(7) + "\nSomething new.\n"), {"old.txt": "older.txt"}),
    (replace, {}),
    (only_in_the_folder, {}),
    (staged_and_then_changed, {"c.txt": "a.txt"}),
    (staged_other_than_it_lies_there, {}),
    (lambda r: r.stage(c_txt=f"Share\n\nAdvertisement\n\n{article(1)}"), {"c.txt": "a.txt"}),
    (lambda r: r.stage(c_txt=f"{article(3, 2)}\n{FURNITURE}", d_txt=f"{article(4, 2)}\n{FURNITURE}"), {}),
    (copied_in_other_furniture, {"c.txt": "a.txt"}),
    (lambda r: r.stage(c_md=f"---\ntitle: {article(8)}---\n\n{article(1)}"), {"c.md": "a.txt"}),
    (lambda r: r.stage(c_md=f"---\n{article(1)}---\n\n{article(8)}"), {}),
    (lambda r: r.stage(c_txt=codecs.BOM_UTF8 + article(1).replace("\n", "\r\n").encode()), {"c.txt": "a.txt"}),
    (lambda r: r.stage(c_json=json.dumps([{"text": article(8)}, {"text": article(1)}], indent=1)),
     {"c.json:2": "a.txt"}),
    (lambda r: r.stage(c_html=f"<p>{article(1)}", c_py=article(1)), {}),
    (lambda r: r.write("two words\n.txt", article(1)), {"two words\\x0a.txt": "a.txt"}),
    (lambda r: r.write("Überschwemmung 洪水.txt", article(1)), {"Überschwemmung 洪水.txt": "a.txt"}),
    (lambda r: r.write("b\udcff.txt", article(1)), {"b\\xff.txt": "a.txt"}),
    (made_a_link, {}),
]  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="links and names as on POSIX")
@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_what_a_commit_brings_about(repository, hook, change, expected):
    repository.stage(a_txt=article(1), b_txt=article(2), old_txt=article(7), older_txt=edited(7))
    repository.commit()
    assert hook()[:2] == (0, "")
    change(repository)
    code, out, _ = hook()
    assert (code, found(out)) == (int(bool(expected)), expected)
    assert hook()[:2] == (code, out)  # the commit was stopped: the same is said again

    repository.commit()
    assert hook()[:2] == (0, "")
    # An index that went every step finds what one that was made at once finds.
    repository.stage(last_txt=edited(2))
    stepwise = hook()
    for path in (repository.path / ".git/cleaner").iterdir():
        path.unlink()
    assert hook() == stepwise


def test_a_commit_that_is_given_up_leaves_nothing_behind(repository, hook):
    repository.stage(a_txt=article(1))
    repository.commit()
    repository.stage(b_txt=article(2), c_txt=edited(1))
    assert found(hook()[1]) == {"c.txt": "a.txt"}
    repository.git("reset", "-q", "--hard")
    repository.stage(d_txt=edited(2))
    assert hook()[:2] == (0, "")


LINES = [record("one", article(1)), record("two", article(2)), record(3, article(3))]
# What happens to articles.jsonl, of these three lines.
LINE_CHANGES = [
    (LINES[::-1], {}),
    ([*LINES, record("four", article(4))], {}),
    ([*LINES, record("four", edited(2))], {"articles.jsonl:4 (four)": "articles.jsonl:2 (two)"}),
    ([record("four", article(3)), *LINES], {"articles.jsonl:1 (four)": "articles.jsonl:4 (3)"}),
    ([*LINES, LINES[0]], {"articles.jsonl:4 (one)": "articles.jsonl:1 (one)"}),
    ([LINES[0], record("two", edited(1)), LINES[2]], {"articles.jsonl:2 (two)": "articles.jsonl:1 (one)"}),
    ([*LINES, json.dumps({"body": edited(1)}) + "\n"], {"articles.jsonl:4": "articles.jsonl:1 (one)"}),
    (LINES[:2], {}),
]


@pytest.mark.parametrize(("after", "expected"), LINE_CHANGES)
def test_each_line_of_json_is_an_article(repository, hook, after, expected):
    repository.stage(articles_jsonl="".join(LINES))
    assert hook()[:2] == (0, "")
    repository.commit()
    repository.stage(articles_jsonl="".join(after))
    code, out, _ = hook()
    assert (code, found(out)) == (int(bool(expected)), expected)


def test_lines_that_moved_to_another_file_are_not_new(repository, hook):
    repository.stage(articles_jsonl="".join(LINES))
    repository.commit()
    repository.stage(articles_jsonl=LINES[0], more_jsonl="".join(LINES[1:]))
    assert hook()[:2] == (0, "")
    repository.stage(more_jsonl="".join(LINES))
    assert found(hook()[1]) == {"more.jsonl:1 (one)": "articles.jsonl:1 (one)"}


ODD = [
    ("binary.txt", b"\0\1\2Share", "binary data"),
    ("pointer.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a Git LFS pointer"),
    ("large.txt", b"Rain. " * 20_000, "larger than 100,000 bytes (git.max_bytes)"),
    ("page.txt", b"<html><body><p>Rain</p>", "HTML, a page and no article: run `cleaner clean` on it"),
    ("empty.txt", b"", "empty"),
    ("broken.jsonl", b"{broken\n", "not JSON"),
    ("other.json", b'{"version": 1}\n', "no text"),
    ("new\nline.txt", b"\0", "binary data"),
]


@pytest.mark.skipif(os.name != "posix", reason="names as on POSIX")
@pytest.mark.parametrize(("name", "content", "says"), ODD)
def test_what_is_no_article_is_named_when_it_is_new_and_the_rest_goes_on(repository, hook, name, content, says):
    repository.stage(a_txt=article(1))
    repository.commit()
    repository.write(name, content)
    repository.stage(c_txt=edited(1))
    code, out, err = hook(max_bytes=100_000)
    assert (code, found(out)) == (1, {"c.txt": "a.txt"})
    [line] = [line for line in err.splitlines() if "skipped" in line]
    assert says in line
    repository.git("rm", "-q", "--cached", "c.txt")
    repository.commit()
    repository.stage(d_txt=article(2))
    assert hook(max_bytes=100_000) == (0, "", "no near-duplicate in 1 new article of 2\n")


def test_many_skipped_lines_are_counted(repository, hook):
    repository.stage(a_jsonl="{broken\n" * 20 + LINES[0])
    err = hook()[2].splitlines()
    assert len([line for line in err if "skipped" in line]) == 11
    assert "… and 10 more files and lines skipped" in err


def test_what_is_packed_is_read(repository, hook):
    repository.write("a.jsonl.gz", gzip.compress(LINES[0].encode()))
    repository.stage(b_txt=article(1))
    assert found(hook(corpus=["."])[1]) == {"b.txt": "a.jsonl.gz:1 (one)"}


def test_the_settings_say_where_the_corpus_is(repository, hook):
    repository.write("articles/a.txt", article(1))
    repository.write("articles/drafts/b.txt", article(1))
    repository.write("README.md", article(1))
    assert found(hook()[1]) == {"articles/a.txt": "README.md", "articles/drafts/b.txt": "README.md"}
    assert found(hook(corpus=["articles"])[1]) == {"articles/drafts/b.txt": "articles/a.txt"}
    assert hook(corpus=["articles", ":!articles/drafts"])[:2] == (0, "")
    assert hook(corpus=["articles", ":!articles/drafts"], folder=repository.path / "articles/drafts")[:2] == (0, "")
    with pytest.raises(GitError, match="outside repository"):
        hook(corpus=["../elsewhere"])


# Files that near-duplicates stand in, what is allowed, and which of them are refused.
ALLOW = [
    (["b.txt"], []),
    (["a.txt"], []),
    (["b.*"], []),
    (["in/*"], ["b.txt"]),
    (["a.txt", "b.txt"], []),
    (["a.txt", "c.txt"], ["b.txt"]),
    (["c.txt", "a.txt", "b.txt"], []),
    (["*"], []),
]


@pytest.mark.parametrize(("files", "refused"), ALLOW)
def test_what_is_allowed_is_told_with_its_reason(repository, hook, files, refused):
    repository.stage(a_txt=article(1), b_txt=edited(1))
    code, out, err = hook(allow=[{"files": ["x.txt"], "reason": "another"}, {"files": files, "reason": "a reprint"}])
    assert (code, list(found(out))) == (len(refused), refused)
    assert ("score 0.8" in err and "allowed: a reprint" in err) == (not refused)


def test_records_are_allowed_by_their_ids(repository, hook):
    repository.stage(a_jsonl=LINES[0] + record("two", edited(1)), b_txt=edited(1))
    assert set(found(hook()[1])) == {"a.jsonl:2 (two)", "b.txt"}
    assert set(found(hook(allow=[{"files": ["two"], "reason": "x"}])[1])) == {"b.txt"}
    assert set(found(hook(allow=[{"files": ["a.jsonl:one", "b.txt"], "reason": "x"}])[1])) == {
        "a.jsonl:2 (two)",
        "b.txt",
    }
    assert hook(allow=[{"files": ["a.jsonl", "b.txt"], "reason": "x"}])[0] == 0


def test_one_that_is_allowed_does_not_hide_one_that_is_not(repository, hook):
    repository.stage(a_txt=article(1), b_txt=article(1), c_txt=edited(1))
    allow = [{"files": ["a.txt", "b.txt", "c.txt"], "reason": "known"}]
    assert hook(allow=allow)[:2] == (0, "")
    repository.stage(d_txt=edited(1))
    _, out, err = hook(allow=allow)
    assert out.startswith("d.txt: repeats c.txt, score 1.00, and 2 more\n")
    assert err.count("allowed: known") == 2


def test_a_warning_fails_nothing(repository, hook):
    repository.stage(a_txt=article(1), b_txt=edited(1))
    code, out, _ = hook(duplicates="warn")
    assert (code, found(out)) == (0, {"b.txt": "a.txt"})


@pytest.mark.parametrize("entry", [{"files": ["a"]}, {"files": ["a"], "reason": ""}, {"file": ["a"], "reason": "x"}])
def test_to_allow_something_takes_a_reason(entry):
    with pytest.raises(SettingsError, match=r"git\.allow = .* a list of tables"):
        load_settings(("test", {"git": {"allow": [entry]}}))


def test_articles_of_one_story_are_told_for_information(repository, hook):
    names = ["002_5058415182dbe562.txt", "003_3aea010ba7df07aa.txt", "004_01c6e4c94616b3f2.txt"]
    repository.write(names[0], (ROOT / "seeds" / names[0]).read_bytes())
    repository.commit()
    for name in names[1:]:
        repository.write(name, (ROOT / "seeds" / name).read_bytes())
    code, out, err = hook()
    assert (code, out) == (0, "")
    first, second, last = err.splitlines()
    assert first.startswith(f"{names[1]}: for information, the same story as {names[0]} (0.")
    assert second.startswith(f"{names[2]}: for information, the same story as ")
    assert names[0] in second
    assert names[1] in second
    assert last == "no near-duplicate in 2 new articles of 3"


def test_what_a_merge_brings_together_is_new_and_what_it_brings_is_not(repository, hook):
    repository.stage(a_txt=article(1))
    repository.commit()
    repository.git("checkout", "-q", "-b", "other")
    repository.stage(b_txt=article(2), c_txt=edited(2), d_txt=article(3))
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.stage(e_txt=edited(3), f_txt=article(4), g_txt=article(4))
    repository.commit()
    repository.git("merge", "-q", "--no-commit", "other")
    assert found(hook()[1]) == {"d.txt": "e.txt"}
    repository.commit()
    assert hook()[:2] == (0, "")


def test_a_copy_on_each_side_of_a_merge(repository, hook):
    repository.stage(a_txt=article(1))
    repository.commit()
    repository.git("checkout", "-q", "-b", "other")
    repository.stage(b_txt=article(2))
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.stage(c_txt=article(2))
    repository.commit()
    repository.git("merge", "-q", "--no-commit", "other")
    assert found(hook()[1]) == {"b.txt": "c.txt"}


def test_since_a_commit_and_since_ever(repository, hook):
    repository.stage(a_txt=article(1), b_txt=edited(1), m_txt=article(2))
    repository.commit()
    repository.git("checkout", "-q", "-b", "topic")
    repository.stage(c_txt=edited(1))
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.stage(m_txt=article(5))
    repository.commit()
    repository.git("checkout", "-q", "topic")
    repository.stage(d_txt=edited(2))
    assert found(hook()[1]) == {"d.txt": "m.txt"}
    assert found(hook(since="main")[1]) == {"c.txt": "b.txt", "d.txt": "m.txt"}
    assert found(hook(since=None)[1]) == {"b.txt": "a.txt", "c.txt": "b.txt", "m.txt": "d.txt"}
    with pytest.raises(GitError, match="there is no commit 'nowhere' here"):
        hook(since="nowhere")


@pytest.mark.parametrize("name", ["index.db", "notes.db"])
def test_what_was_kept_may_be_lost_or_broken(repository, hook, name):
    repository.stage(a_txt=article(1))
    repository.commit()
    hook()
    path = repository.path / ".git/cleaner" / name
    repository.stage(b_txt=edited(1))
    expected = hook()
    for data in (b"", b"rubbish" * 1000, None):
        for file in path.parent.glob(f"{name}*"):
            file.unlink()
        if data is not None:
            path.write_bytes(data)
        assert hook() == expected


def test_other_settings_make_the_index_anew(repository, monkeypatch):
    repository.stage(a_txt=article(1))
    repository.commit()
    monkeypatch.chdir(repository.path)
    for jaccard, code in ((0.5, 1), (0.99, 0), (0.5, 1)):
        repository.stage(b_txt=edited(1) + str(jaccard))
        near = {"jaccard": jaccard, "edited_jaccard": 1.0, "containment": 1.0, "abridged_containment": 1.0}
        assert report_duplicates(load_settings(("test", {"near_duplicates": near})), {}) == code
    repository.stage(b_txt=article(2))
    for words in (3, 4):
        assert report_duplicates(load_settings(("test", {"near_duplicates": {"shingle_words": words}})), {}) == 0


def test_what_is_known_of_the_site_counts(repository, hook):
    lines = [" ".join(sentences(99 + n, 2)) for n in range(6)]
    known = Profile("example.org", lines={fold_phrase(line): Line(line) for line in lines})
    for folder in ("example.org", "elsewhere"):
        for number in (1, 2):
            text = "\n\n".join([article(f"{folder} {number}", 3), *lines])
            repository.write(f"{folder}/{number}.txt", text)
    assert set(found(hook()[1])) == {"elsewhere/2.txt", "example.org/1.txt", "example.org/2.txt"}
    assert set(found(hook(profiles={"example.org": known})[1])) == {"elsewhere/2.txt"}


COMMAND = (sys.executable, "-m", "cleaner", "duplicates")


def test_runs_at_the_same_time_all_succeed(repository):
    for number in range(40):
        repository.write(f"{number}.txt", article(number))
    repository.commit()
    repository.stage(copy_txt=edited(5))
    options = {"cwd": repository.path, "env": repository.environment, "text": True}
    runs = [subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options) for _ in range(4)]
    results = [(run.communicate(timeout=300), run.returncode) for run in runs]
    assert {code for _, code in results} == {1}, results
    assert len({out for (out, _), _ in results}) == 1


def test_a_run_that_was_killed_is_made_up_for(repository, hook):
    for number in range(300):
        repository.write(f"{number}.txt", article(number))
    repository.commit()
    run = subprocess.Popen(COMMAND, cwd=repository.path, env=repository.environment)
    with contextlib.suppress(subprocess.TimeoutExpired):
        run.wait(0.8)
    run.kill()
    run.wait()
    repository.stage(copy_txt=edited(5))
    assert found(hook()[1]) == {"copy.txt": "5.txt"}


@pytest.fixture
def hooked(repository):
    """A repository whose own pre-commit hook is the command, as git runs it."""
    path = repository.path / ".git/hooks/pre-commit"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nexec {shlex.join(COMMAND)}\n")
    path.chmod(0o755)
    repository.stage(a_txt=article(1), b_txt=article(2))
    repository.commit()
    return repository


@pytest.mark.skipif(os.name != "posix", reason="a hook that is a shell script")
def test_git_runs_it_with_whatever_is_to_be_committed(hooked):
    hooked.write("b.txt", edited(1), stage=False)
    stopped = hooked.commit("-a", code=1)
    assert "b.txt: repeats a.txt" in stopped.stdout + stopped.stderr
    hooked.commit("--only", "a.txt")
    hooked.stage(c_txt=edited(2), d_txt=article(4))
    hooked.commit("--only", "d.txt")  # not c.txt
    stopped = hooked.commit(code=1)
    assert "c.txt: repeats b.txt" in stopped.stdout + stopped.stderr
    hooked.commit("--no-verify")
    hooked.stage(d_txt=article(5))
    hooked.commit("--amend")
    assert hooked.git("status", "--short") == " M b.txt\n"


@pytest.mark.skipif(os.name != "posix", reason="a hook that is a shell script")
def test_git_runs_it_in_a_rebase_and_in_a_linked_worktree(hooked, tmp_path):
    hooked.git("checkout", "-q", "-b", "other")
    hooked.stage(c_txt=article(3))
    hooked.commit()
    hooked.stage(c_txt=article(4))
    hooked.commit()
    hooked.git("checkout", "-q", "main")
    hooked.stage(c_txt=article(5), d_txt=article(6))
    hooked.commit()
    hooked.git("rebase", "other", code=1)
    hooked.stage(c_txt=article(7))
    hooked.git("-c", "core.editor=true", "rebase", "--continue")
    assert hooked.git("status", "--short") == ""

    linked = Repository(tmp_path / "linked", hooked.environment)
    hooked.git("worktree", "add", "-q", "-b", "linked", str(linked.path))
    linked.stage(e_txt=edited(6))
    stopped = linked.commit(code=1)
    assert "e.txt: repeats d.txt" in stopped.stdout + stopped.stderr
    linked.stage(e_txt=article(8))
    linked.commit()


def run(*options):
    with pytest.raises(SystemExit) as end:
        cli(["duplicates", *options])
    return end.value.code


def test_the_command_takes_its_settings_from_the_project(repository, monkeypatch, capfd):
    repository.stage(a_txt=article(1), b_txt=edited(1))
    monkeypatch.chdir(repository.path)
    assert run() == 1
    assert run("-q") == 1
    repository.write(
        "pyproject.toml", '[[tool.cleaner.git.allow]]\nfiles = ["b.txt", "a.txt"]\nreason = "two editions"\n'
    )
    capfd.readouterr()
    assert run() == 0
    assert "two editions" in capfd.readouterr().err
    (repository.path / "mine.toml").write_text('[git]\nduplicates = "warn"\n')
    assert run("--config", "mine.toml") == 0
    repository.commit()
    assert run() == 0
    (repository.path / "pyproject.toml").unlink()
    assert run("--all") == 1
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "HEAD~0")
    assert run() == 0
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", "nowhere")
    capfd.readouterr()
    assert run() == 2
    assert capfd.readouterr().err.startswith("cleaner: there is no commit 'nowhere' here")


def test_a_mistake_exits_2(repository, tmp_path, monkeypatch, capfd):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert run() == 2
    assert capfd.readouterr().err.startswith("cleaner: not a git repository")
    monkeypatch.chdir(repository.path)
    repository.stage(a_txt=article(1))
    (repository.path / ".git/cleaner").write_text("in the way")
    done = subprocess.run([sys.executable, "-m", "cleaner", "duplicates"], capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b".git/cleaner: " in done.stderr


def test_an_empty_repository_is_fine(hook):
    assert hook() == (0, "", "")
    assert hook() == (0, "", "")


PASSAGES = [
    ("It rained. Rivers rose by a metre.", "RIVERS rose, by a metre!", ("Rivers rose by a metre", 5)),
    ("Rain", "Snow", ("", 0)),
    ("", "Snow", ("", 0)),
    ("洪水が町を襲った。", "昨夜、洪水が町を襲った", ("洪水が町を襲った", 8)),
    ("Дождь шёл всю ночь", "Весь день дождь шёл", ("Дождь шёл", 2)),
]


@pytest.mark.parametrize(("text", "other", "expected"), PASSAGES)
def test_the_longest_passage(text, other, expected):
    assert longest_passage(text, other) == expected


@pytest.mark.parametrize(
    ("passage", "size", "expected"),
    [
        ("Rain  fell\n\nhere", 14, "Rain fell here"),
        ("one two three four five", 11, "one … five"),
        ("洪水が町を襲った", 4, "洪水 … った"),
    ],
)
def test_a_long_passage_is_shortened_in_the_middle(passage, size, expected):
    assert shortened(passage, size) == expected


def test_the_readme_names_every_hook_and_its_settings_hold():
    readme = (ROOT / "README.md").read_text()
    ids = re.findall(r"^- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert len(ids) == 3
    assert all(f"`{id_}`" in readme for id_ in ids)
    [example] = [block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "cleaner.git" in block]
    merged = load_settings(("README.md", tomllib.loads(example)["tool"]["cleaner"]))
    assert merged.git.corpus == ("articles", ":!articles/drafts")
    assert len(merged.git.allow) == 1


def test_what_is_loaded_into_an_index_is_matched_as_what_is_added(tmp_path):
    texts = [article(1), article(2), edited(1), article(3), article(1)]
    settings = load_settings()
    asked = [Article("x", edited(1)), Article("y", article(2).upper()), Article("z", article(9))]
    answers = []
    for name in ("loaded", "added"):
        with Index.open(tmp_path / f"{name}.db", settings) as index:
            articles = [Article(str(n), text) for n, text in enumerate(texts)]
            if name == "loaded":
                index.insert_ungrouped(articles)
            else:
                assert len(list(index.add(articles))) == len(texts)
            assert sorted(index.ids()) == ["0", "1", "2", "3", "4"]
            answers.append([found.matches for found in index.query(asked)])
            answers[-1] += [found.matches for found in index.add(asked)]
    assert answers[0] == answers[1]
    assert [match.id for match in answers[0][1]] == ["1"]
    with Index.open(tmp_path / "loaded.db", settings) as index:
        index.rebuild()
        found = [index.article(id_) for id_ in ("0", "2", "4")]
        assert len({one.near_duplicates for one in found}) == 1
