import codecs
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repositories import git_environment

from cleaner.boilerplate.sites import Line, Profile
from cleaner.hooks.fix import check_files, fix_files
from cleaner.hooks.fix_file import fix_bytes
from cleaner.hooks.fix_text import Fixed, fix_text
from cleaner.settings.load import load_settings
from cleaner.stages.repair import repair

ROOT = Path(__file__).parents[2]
SETTINGS = load_settings()
ONE = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."
TWO = "Rivers rose by a metre in the night and people in two villages had to leave their houses at once."
DIRTY = f"Share\n\n{ONE}\n\nAdvertisement\n\n{TWO}\n"
CLEAN = f"{ONE}\n\n{TWO}\n"
SUFFIX = {"text": ".txt", "markdown": ".md", "json": ".jsonl"}


def state(path):
    return path.lstat()[:9] if os.path.lexists(path) else None


def line(text, **fields):
    return json.dumps({"id": 1, **fields, "text": text}, ensure_ascii=False) + "\n"


def raw(template):
    return template.replace("@", ONE)


# Name, kind, what a file holds, what is left in it (None: the same).
TABLE = [
    ("dirty", "text", DIRTY, CLEAN),
    ("clean", "text", CLEAN, None),
    ("clean, set in the author's way", "text", f"{ONE}  \n\n\n\t{TWO}\n \n\n", None),
    ("no line break at the end", "text", DIRTY[:-1], CLEAN[:-1]),
    ("a line goes at the end", "text", f"{CLEAN}\nShare\n", CLEAN),
    ("a line goes at the end, no line break", "text", f"{CLEAN}\nShare", CLEAN[:-1]),
    ("the widest gap stays", "text", f"{ONE}\n\nAdvertisement\n\n\n{TWO}\n", f"{ONE}\n\n\n{TWO}\n"),
    ("lines without gaps", "text", f"{ONE}\nAdvertisement\n{TWO}\n", f"{ONE}\n{TWO}\n"),
    ("wrapped paragraphs", "text", f"Share\n\nRain fell on the whole\nof the country.\n\n{TWO[:60]}\n{TWO[60:]}\n",
     f"Rain fell on the whole\nof the country.\n\n{TWO[:60]}\n{TWO[60:]}\n"),
    ("CRLF", "text", DIRTY.replace("\n", "\r\n"), CLEAN.replace("\n", "\r\n")),
    ("CR", "text", DIRTY.replace("\n", "\r"), CLEAN.replace("\n", "\r")),
    ("mixed line ends stay", "text", f"Share\n\n{ONE}\r\n\nFish &amp; chips.\r\n{TWO}\n",
     f"{ONE}\r\n\nFish & chips.\r\n{TWO}\n"),
    ("mixed line ends, the last line goes", "text", f"{ONE}\n\r\n{TWO}\r\n\nShare", f"{ONE}\n\r\n{TWO}"),
    ("mixed line ends, a line separator in the last line", "text", f"{ONE}\r\n{ONE}\u2028{TWO}",
     f"{ONE}\r\n{ONE}\r\n{TWO}"),
    ("a merge conflict", "text", f"<<<<<<< HEAD\n{DIRTY}=======\n{CLEAN}>>>>>>> other\n", None),
    ("a merge conflict, its first marker gone", "markdown", f"{DIRTY}=======\n{CLEAN}>>>>>>> other\n", None),
    ("a merge conflict in UTF-16", "text",
     codecs.BOM_UTF16_LE + f"<<<<<<< HEAD\r\n{DIRTY}=======\r\n>>>>>>> other\r\n".encode("utf-16-le"), None),
    ("a merge conflict in JSON lines", "json", f"<<<<<<< HEAD\n{line(DIRTY)}=======\n{line(CLEAN)}>>>>>>> x\n", None),
    ("arrows are no conflict", "text", f"Share\n\n>>>> {ONE}\n\n{TWO} <<<<<<< Here\n",
     f">>>> {ONE}\n\n{TWO} <<<<<<< Here\n"),
    ("mixed line ends, clean", "text", f"{ONE}\r\n\n{TWO}\n", None),
    ("BOM", "text", codecs.BOM_UTF8 + DIRTY.encode(), codecs.BOM_UTF8 + CLEAN.encode()),
    ("UTF-16", "text", codecs.BOM_UTF16_BE + DIRTY.encode("utf-16-be"),
     codecs.BOM_UTF16_BE + CLEAN.encode("utf-16-be")),
    ("Latin-1", "text", DIRTY.replace("Rivers", "Flüsse").encode("latin-1"),
     CLEAN.replace("Rivers", "Flüsse").encode("latin-1")),
    ("damaged", "text", f"The rain doesnâ€™t stop &amp; won’t.\n\n{CLEAN}",
     f"The rain doesn’t stop & won’t.\n\n{CLEAN}"),
    ("a line separator", "text", f"{ONE}\u2028{TWO}\r\n", f"{ONE}\r\n{TWO}\r\n"),
    ("title and date stay: nothing else tells them", "text",
     f"Share\n\nRain falls on whole country\n\n3 May 2021\nRain falls on whole country\n\n{CLEAN}",
     f"Rain falls on whole country\n\n3 May 2021\n\n{CLEAN}"),
    ("boilerplate alone", "text", "Share\n\nAdvertisement\n", None),
    ("empty", "text", "", None),
    ("blank", "text", " \n\n", None),
    ("binary", "text", b"\x89PNG\r\n\0\0\0 Share\n", None),
    ("invalid behind a BOM", "text", codecs.BOM_UTF8 + b"Share\n\n\xff\xfe " + ONE.encode(), None),
    ("LFS pointer", "text", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", None),
    ("HTML in a text file", "text", f"<html><body><p>Share</p><p>{ONE}", None),
    ("front matter", "markdown", f"---\ntitle: Rain\nShare:\n---\n\nShare\n\n{CLEAN}",
     f"---\ntitle: Rain\nShare:\n---\n\n{CLEAN}"),
    ("front matter in TOML, clean", "markdown", f"+++\nx = 'â€™'\n+++\n{CLEAN}", None),
    ("no front matter, for it has no end", "markdown", f"---\nShare\n\n{CLEAN}", f"---\n\n{CLEAN}"),
    ("fenced code", "markdown", f"{ONE}\n\n```\nAdvertisement\n\n&amp;\n~~~\n```\n\nShare\n\n{TWO}\n",
     f"{ONE}\n\n```\nAdvertisement\n\n&amp;\n~~~\n```\n\n{TWO}\n"),
    ("a fence that stays open", "markdown", f"{CLEAN}\n~~~~\n~~~\nShare\n", None),
    ("an underlined heading", "markdown", f"Share\n-----\n\n{CLEAN}", CLEAN),
    ("an escaped tag", "markdown", f"{ONE} Write &lt;b&gt; for bold.\n\nFish &amp; chips.\n",
     f"{ONE} Write &lt;b&gt; for bold.\n\nFish & chips.\n"),
    ("a repaired line opens code", "markdown", f"{ONE}\u2028```\n```\nShare\n", f"{ONE}\n```\n```\n"),
    ("code alone", "markdown", "```\nShare\n```\n", None),
    ("a record", "json", line(DIRTY), line(CLEAN)),
    ("a clean record", "json", line(CLEAN), None),
    ("other lines stay byte for byte", "json", f'{{"text" :"{ONE}","x":1.0 }}\r\n\n' + line(DIRTY),
     f'{{"text" :"{ONE}","x":1.0 }}\r\n\n' + line(CLEAN)),
    ("all but the text stays", "json",
     raw('{ "n":1.00,"big":123456789012345678901, "u":"\\u00e9", "body" : "Share\\n\\n@","n":[{"text":"Share"}]}\r\n'),
     raw('{ "n":1.00,"big":123456789012345678901, "u":"\\u00e9", "body" : "@","n":[{"text":"Share"}]}\r\n')),
    ("a key twice: the last counts", "json", raw('{"text": "Share", "text": "Share\\n\\n@"}'),
     raw('{"text": "Share", "text": "@"}')),
    ("escapes stay escapes", "json", raw('{"text": "Share\\n\\nCaf\\u00e9. @"}\n'),
     raw('{"text": "Caf\\u00e9. @"}\n')),
    ("letters stay letters", "json", raw('{"text": "Share\\n\\nCafé. @"}\n'), raw('{"text": "Café. @"}\n')),
    ("escaped slashes", "json", raw('{"text": "Share\\n\\n1\\/2 @"}\n'), raw('{"text": "1\\/2 @"}\n')),
    ("a lone surrogate", "json", raw('{"text": "@ \\ud800"}\n'), raw('{"text": "@ \\ufffd"}\n')),
    ("BOM before JSON", "json", codecs.BOM_UTF8 + line(DIRTY).encode(), codecs.BOM_UTF8 + line(CLEAN).encode()),
    ("CRLF in the text", "json", line(DIRTY.replace("\n", "\r\n")), line(CLEAN.replace("\n", "\r\n"))),
    ("a broken line", "json", "{broken\n" + line(DIRTY), "{broken\n" + line(CLEAN)),
    ("not UTF-8", "json", b'{"text": "\xff"}\n' + line(DIRTY).encode(), b'{"text": "\xff"}\n' + line(CLEAN).encode()),
    ("a record of boilerplate alone", "json", line("Share") + line(DIRTY), line("Share") + line(CLEAN)),
    ("no text", "json", '{"html": "<p>Share"}\n[1]\n7\n{"id": 5}\n{}\n', None),
    ("the title is not known", "json", line(f"Share\n\nRain falls on whole country\n\n{CLEAN}"),
     line(f"Rain falls on whole country\n\n{CLEAN}")),
    ("the title is known", "json", line(f"Share\n\nWet start\n\n{CLEAN}", title="Wet start"),
     line(CLEAN, title="Wet start")),
    ("one value over many lines", "json", json.dumps([{"text": DIRTY}], indent=1), None),
    ("nested too deeply", "json", "[" * 100_000 + "\n" + "{" * 3 + "\n", None),
    ("nested too deeply below", "json", '{"x":' * 100_000 + "\n" + line(DIRTY), '{"x":' * 100_000 + "\n" + line(CLEAN)),
]  # fmt: skip
CASES = [
    pytest.param(
        kind,
        before.encode() if isinstance(before, str) else before,
        before.encode() if isinstance(before, str) and after is None
        else before if after is None
        else after.encode() if isinstance(after, str) else after,
        id=name,
    )
    for name, kind, before, after in TABLE
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "after"), CASES)
def test_files_are_fixed_and_checked(tmp_path, monkeypatch, capfdbinary, kind, before, after):
    monkeypatch.chdir(tmp_path)
    path = Path("a" + SUFFIX[kind])
    path.write_bytes(before)
    os.utime(path, (1, 1))

    assert check_files([str(path)], SETTINGS) == (before != after)
    patch = capfdbinary.readouterr().out
    assert bool(patch) == (before != after)
    assert (path.read_bytes(), path.stat().st_mtime) == (before, 1)

    assert fix_files([str(path)], SETTINGS) == (before != after)
    out, err = capfdbinary.readouterr()
    assert path.read_bytes() == after
    assert (path.stat().st_mtime == 1) == (before == after)
    assert out == b""
    assert err.startswith(b"a" + SUFFIX[kind].encode() + b":") or before == after
    assert fix_files([str(path)], SETTINGS) == 0

    if patch and not before.startswith(codecs.BOM_UTF16_BE):  # whose diff is shown in UTF-8
        path.write_bytes(before)
        apply = ["git", "apply", "--whitespace=nowarn", "-"]
        subprocess.run(apply, input=patch, check=True, env=git_environment(tmp_path))
        assert path.read_bytes() == after


# What stands in a file's place, and what is said of it.
ODD = [
    ("gone.txt", "cannot be read: No such file", lambda path: path.unlink(missing_ok=True)),
    ("folder.txt", "not a file", lambda path: path.mkdir()),
    ("dangling.txt", "a symbolic link", lambda path: path.symlink_to("nowhere")),
    ("outside.txt", "a symbolic link", lambda path: path.symlink_to("/etc/hosts")),
    ("large.txt", "larger than 100 bytes (read.max_bytes)", lambda path: path.write_text("Share\n\n" + ONE)),
    ("packed.jsonl.gz", "gzipped", lambda path: path.write_bytes(b"\x1f\x8b\x08")),
    ("page.html", "HTML, a page and no article", lambda path: path.write_text("<p>Share")),
    ("script.py", "not a kind of file that is fixed (.py)", lambda path: path.write_text("Share")),
    ("pointer.jsonl", "a Git LFS pointer", lambda path: path.write_text("version https://git-lfs.github.com/spec/v1")),
    ("binary.txt", "binary data, no text", lambda path: path.write_bytes(b"\0\1Share")),
    ("new\nline.txt", "a symbolic link", lambda path: path.symlink_to("nowhere")),
]


@pytest.mark.skipif(os.name != "posix", reason="links and names as on POSIX")
@pytest.mark.parametrize(("name", "says", "make"), ODD, ids=[row[0] for row in ODD])
def test_a_file_that_is_no_article_is_named_and_left_and_the_rest_goes_on(tmp_path, capsys, name, says, make):
    settings = load_settings(("test", {"read": {"max_bytes": 100}}))
    make(tmp_path / name)
    before = state(tmp_path / name)
    good = tmp_path / "good.txt"
    good.write_text(ONE[:40] + " &amp;\n")
    assert fix_files([str(tmp_path / name)], settings) == 0
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert fix_files([str(tmp_path / name), str(good)], settings) == 1
    assert good.read_text() == ONE[:40] + " &\n"
    assert state(tmp_path / name) == before


@pytest.mark.skipif(os.name != "posix", reason="names as on POSIX")
@pytest.mark.parametrize(
    "name", ["two words.txt", "new\nline.txt", 'quo"te\\.txt', "Überschwemmung 洪水.txt", b"\xff.txt"]
)
def test_any_name_is_fixed_and_its_diff_applies(tmp_path, monkeypatch, capfdbinary, name):
    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    path.write_text(DIRTY)
    assert check_files([str(path)], SETTINGS) == 1
    patch = capfdbinary.readouterr().out
    assert fix_files([str(path)], SETTINGS) == 1
    assert path.read_text() == CLEAN
    assert capfdbinary.readouterr().err.count(b"\n") == 1
    path.write_text(DIRTY)
    subprocess.run(["git", "apply", "-"], input=patch, check=True, env=git_environment(tmp_path))
    assert path.read_text() == CLEAN


@pytest.mark.skipif(os.name != "posix", reason="modes as on POSIX")
def test_the_mode_stays_and_nothing_else_is_left_behind(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(DIRTY)
    path.chmod(0o640)
    assert fix_files([str(path)], SETTINGS) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_that_cannot_be_written_fails_and_the_rest_goes_on(tmp_path, monkeypatch, capsys):
    names = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    for name in names:
        Path(name).write_text(DIRTY)
    replace = Path.replace

    def refuse(self, target):
        if target.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    assert fix_files(names, SETTINGS) == 1
    assert [Path(name).read_text() for name in names] == [DIRTY, CLEAN]
    assert "a.txt: cannot be written: Permission denied" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_what_was_done_is_said_a_line_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(DIRTY)
    Path("b.jsonl").write_text(line(f"Share\n\nFish &amp; chips\n\n{ONE}") + "{broken\n" + line(CLEAN) + line("Share"))
    Path("c.txt").write_text(CLEAN)
    assert fix_files(["a.txt", "b.jsonl", "c.txt"], SETTINGS) == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "a.txt: 2 blocks removed: 1 advert, 1 share",
        "b.jsonl: 1 line: 1 block removed: 1 share; repaired: 1 unescape_html",
        said[2],
        "b.jsonl:4: fix: nothing but boilerplate; left as it is",
    ]
    assert said[2].startswith("b.jsonl:2: fix: not JSON: ")
    Path("a.txt").write_text(DIRTY)
    assert fix_files(["a.txt"], SETTINGS, quiet=True) == 1
    assert capsys.readouterr().err == ""


def test_lines_without_text_are_counted_and_not_named_one_by_one():
    file = fix_bytes(b'{"id": 1}\n{"html": "<p>"}\n{}\n', "json", SETTINGS.strip, "a.jsonl")
    assert [str(r) for r in file.left] == [
        "a.jsonl:1: fix: no text (text, content, maintext, raw_content, body) on this line and 2 more"
    ]


def test_what_python_gets_says_what_was_done_and_what_helps():
    known = Line("The paper of the valley")
    profiles = {"example.org": Profile("example.org", lines={"the paper of the valley": known})}
    text = f"Share\n\n{ONE}\n\nThe paper of the valley\n\nFish &amp; chips, {TWO}"
    fixed = fix_text(text, url="https://example.org/a", profiles=profiles)
    assert fixed.text == f"{ONE}\n\nFish & chips, {TWO}"
    assert {(block.rule, block.text) for block in fixed.removed} == {
        ("share", "Share"),
        ("site", "The paper of the valley"),
    }
    assert (dict(fixed.repaired), fixed.left) == ({"unescape_html": 1}, "")
    assert fix_text("Share\n\nAdvertisement\n") == Fixed("Share\n\nAdvertisement\n", left="nothing but boilerplate")


def test_what_is_known_of_the_site_counts():
    known = Line("The paper of the valley")
    profiles = {"example.org": Profile("example.org", lines={"the paper of the valley": known})}
    data = f"{ONE}\n\nThe paper of the valley\n\n{TWO}\n".encode()
    assert fix_bytes(data, "text", SETTINGS.strip, "corpus/example.org/a.txt", profiles).data == CLEAN.encode()
    assert fix_bytes(data, "text", SETTINGS.strip, "corpus/a.txt", profiles).data == data


BLOCKS = [ONE, TWO, "Share", "Advertisement", "Sign up for our newsletter", "Rain falls on whole country", "World",
          "Home » Rain falls on whole country", "Tuesday, 4 May 2021", "# Related", "```", "---", "=====", "&amp;lt;",
          "doesnâ€™t", "cafe\u0301", "Photo: Somebody", "Read more"]  # fmt: skip
GAPS = ["\n", "\n\n", "\r\n", "\r\n\r\n", "\r", "\n \n\n", "\u2028", "  \n    "]
TEXTS = st.lists(
    st.tuples(st.sampled_from(BLOCKS) | st.text(max_size=30), st.sampled_from(GAPS)), max_size=14
).map(lambda parts: "".join(part for pair in parts for part in pair))  # fmt: skip


@given(TEXTS, st.booleans())
def test_a_second_pass_changes_nothing(text, markdown):
    once = fix_text(text, SETTINGS, markdown=markdown)
    again = fix_text(once.text, SETTINGS, markdown=markdown)
    assert again == Fixed(once.text, left=again.left)


@given(st.lists(TEXTS | st.just("{broken"), max_size=4), st.sampled_from(["text", "markdown", "json"]), st.booleans())
def test_a_second_pass_over_a_file_changes_nothing(texts, kind, ascii_only):
    lines = [t if t == "{broken" else json.dumps({"text": t}, ensure_ascii=ascii_only) for t in texts]
    data = "\n".join(lines if kind == "json" else texts).encode("utf-8")
    once = fix_bytes(data, kind, SETTINGS.strip)
    assert (once.data != data) == bool(once.lines)
    assert fix_bytes(once.data, kind, SETTINGS.strip).data == once.data


def lines_of(text):
    return re.split(r"\r\n|\r|\n", text)


@given(TEXTS.filter(lambda text: repair(text)[0].split("\n") == lines_of(text)))
def test_only_whole_lines_go(text):
    once = fix_text(text, SETTINGS)
    lines = iter(lines_of(text))
    assert all(kept in lines for kept in lines_of(once.text) if kept.strip())
    assert not once.repaired


@given(st.binary(max_size=60), st.sampled_from(["text", "markdown", "json"]))
def test_any_bytes_are_taken(data, kind):
    once = fix_bytes(data, kind, SETTINGS.strip).data
    assert fix_bytes(once, kind, SETTINGS.strip).data == once


HEAVY = {"trafilatura", "lxml", "numpy", "scipy", "datasketch", "py3langid", "pebble", "click"}


def test_the_hooks_load_nothing_heavy(tmp_path):
    names = [str(tmp_path / name) for name in ("a.txt", "b.md", "c.jsonl", "d.txt")]
    texts = [DIRTY, f"The rain doesnâ€™t stop.\n\n{DIRTY}", line(DIRTY) + line("Поделиться\n\nШёл дождь.")]
    for name, data in zip(names, [*map(str.encode, texts), "Über den Flüssen".encode("latin-1")], strict=True):
        Path(name).write_bytes(data)
    for command in ("check", "fix"):
        code = f"""
import os, sys
from cleaner.cli.start import main
def end(code):
    print(code, sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)
    raise SystemExit
os._exit = end
sys.argv = ["cleaner", {command!r}, *{names!r}]
main()
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert done.stderr.splitlines()[-1] == "1 []"


@pytest.mark.parametrize("command", ["fix", "check"])
def test_wrong_usage_exits_2(tmp_path, command):
    for wrong in ([command], [command, "--nonsense", "a.txt"], [command, "--config", "bad.toml", "a.txt"]):
        (tmp_path / "bad.toml").write_text("[read]\nmaxbytes = 5\n")
        done = subprocess.run(
            [sys.executable, "-m", "cleaner", *wrong], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without a full disk to write to")
def test_a_full_disk_is_an_error_and_no_traceback(tmp_path):
    (tmp_path / "a.txt").write_text(
        "Share\n\nRain fell on the whole of the country on Monday, and it is not over yet.\n"
    )
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "cleaner", "check", "a.txt"]
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "cleaner: standard output: No space left on device\n")
