import gzip
import io
import json
import os
from pathlib import Path

import pytest

from cleaner.article import Page, Rejected
from cleaner.formats.charset import NotTextError, damaged_utf8, decode
from cleaner.formats.pages import read
from cleaner.formats.sources import find

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def pages(path, *, stdin=b"", max_bytes=1000):
    paths = [path] if path is not None else []
    return list(read(find(paths), io.BufferedReader(io.BytesIO(stdin)), max_bytes=max_bytes))


@pytest.mark.parametrize(
    ("name", "data", "text", "html"),
    [
        ("a.txt", b"Rain fell.", "Rain fell.", False),
        ("a.md", b"# Rain\n\nIt fell.", "# Rain\n\nIt fell.", False),
        ("a.txt.gz", gzip.compress(b"Rain fell."), "Rain fell.", False),
        ("gzipped.txt", gzip.compress(b"Rain fell."), "Rain fell.", False),
        ("a.html", b"<p>Rain fell.", "<p>Rain fell.", True),
        ("saved.txt", b"<!DOCTYPE html><p>Rain fell.", "<!DOCTYPE html><p>Rain fell.", True),
        ("0a1b2c", b"Rain fell.", "Rain fell.", False),
        ("page no. 5", b"Rain fell.", "Rain fell.", False),
        ("a.jsonl", b'{"text": "Rain fell."}', "Rain fell.", False),
        ("a.jsonl", b'\xef\xbb\xbf{"maintext": "Rain fell."}', "Rain fell.", False),
        ("a.json", b'{\n "content": "Rain fell."\n}', "Rain fell.", False),
        ("a.json", b'[{"text": "Rain fell."}]', "Rain fell.", False),
        ("a.ndjson", b'{"html": "<p>Rain fell."}\n', "<p>Rain fell.", True),
        ("a.jsonl", b'{"text": "", "body": "Rain fell."}', "Rain fell.", False),
        ("lines", b'{"text": "Rain fell."}\n', "Rain fell.", False),
    ],
)
def test_a_file_is_a_page(tmp_path, name, data, text, html):
    (tmp_path / name).write_bytes(data)
    [page] = pages(tmp_path / name)
    assert isinstance(page, Page)
    assert (page.content, page.html) == (text, html)


@pytest.mark.parametrize(
    ("name", "data", "line", "reason"),
    [
        ("a.txt", b"", None, "empty"),
        ("a.txt", b" \n ", None, "empty"),
        ("a.jsonl", b"\n\n", None, "empty"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0", None, "binary data, no text"),
        ("a.txt", LFS, None, "a Git LFS pointer: the file itself has not been fetched"),
        ("a.jsonl", LFS, None, "a Git LFS pointer: the file itself has not been fetched"),
        ("a.csv", b"a,b", None, "not a kind of file that is read (.csv)"),
        (
            "a.txt.gz",
            gzip.compress(b"Rain fell." * 50)[:-20],
            None,
            "cannot be read: Compressed file ended before the end-of-stream",
        ),
        ("a.txt", b"x" * 1001, None, "larger than 1,000 bytes (read.max_bytes)"),
        ("a.txt.gz", gzip.compress(b"x" * 100_000), None, "larger than 1,000 bytes (read.max_bytes)"),
        ("a.jsonl", b"[1, 2", None, "not JSON: "),
        ("a.jsonl", b'{"text": "Rain', 1, "not JSON: "),
        ("a.jsonl", b'{"text": ' + b"[" * 250 + b"]" * 250 + b"}", 1, "not JSON: nested more than 200 deep"),
        ("a.jsonl", b'"Rain"', 1, "a JSON value that is no object"),
        ("a.jsonl", b'{"title": "Rain"}', 1, "no text: none of text, content, maintext, raw_content, body, html"),
        ("a.jsonl", b'{"text": "' + b"x" * 1000 + b'"}\n', 1, "longer than 1,000 bytes (read.max_bytes)"),
    ],
)
def test_what_cannot_be_read_is_rejected_by_name_line_and_reason(tmp_path, name, data, line, reason):
    (tmp_path / name).write_bytes(data)
    [rejected] = pages(tmp_path / name)
    assert isinstance(rejected, Rejected)
    assert (rejected.source, rejected.line, rejected.stage) == (str(tmp_path / name), line, "read")
    assert rejected.reason.startswith(reason)


def test_a_broken_line_costs_that_line_alone(tmp_path):
    good = [json.dumps({"id": i, "text": f"Rain fell {i}."}) for i in range(9)]
    good[6] = '{"text": broken'
    (tmp_path / "a.jsonl").write_text("\n".join(good))
    found = pages(tmp_path / "a.jsonl")
    assert [page.id for page in found if isinstance(page, Page)] == [0, 1, 2, 3, 4, 5, 7, 8]
    assert [(r.source, r.line) for r in found if isinstance(r, Rejected)] == [(str(tmp_path / "a.jsonl"), 7)]


def test_what_the_fast_json_parser_refuses_is_read_all_the_same(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "Rain \\ud83d fell.", "score": NaN, "n": 123456789012345678901234}')
    [page] = pages(tmp_path / "a.jsonl")
    assert page.content == "Rain \ud83d fell."
    assert page.fields["n"] == 123456789012345678901234


@pytest.mark.parametrize(
    ("data", "html"),
    [
        (b"Rain fell.", False),
        (b"[Update] Rain fell.", False),
        (b"<html><p>Rain fell.", True),
        (b"<!--a-->" * 40 + b"<html><p>Rain fell.", True),
        (b"<!-- a -- b -->\n<?xml version='1.0'?> <!-->\n-->\n<HEAD><p>Rain fell.", True),
        (b' {"text": "Rain fell."}', False),
        (b'\xef\xbb\xbf[{"text": "Rain fell."}]', False),
        (b'\n[\n  {"text": "Rain fell."}\n]', False),
    ],
)
def test_standard_input_is_told_by_its_first_bytes(data, html):
    [page] = pages(None, stdin=data)
    assert (page.source, page.html) == ("-", html)
    assert "Rain fell." in page.content


def test_ids_are_paths_without_suffix_unless_two_files_would_share_one(tmp_path):
    for name in ("a/x.txt", "a/y.txt", "a/y.html", "b/x.txt.gz", ".hidden/z.txt", "b/.z.txt", "out/z.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"Rain.")
    ids = [source.id for source in find([tmp_path], leave_out=[tmp_path / "out", tmp_path / "none"])]
    assert ids == ["a/x", (tmp_path / "a/y.html").as_posix(), (tmp_path / "a/y.txt").as_posix(), "b/x"]
    both = find([tmp_path / "b", tmp_path / "a"])
    assert len({source.id for source in both}) == len(both) == 4
    assert both == find([tmp_path / "a", tmp_path / "b", tmp_path / "b"])


@pytest.mark.parametrize(
    ("data", "html", "charset", "text"),
    [
        ("Zürich".encode(), False, "utf-8", "Zürich"),
        ("\ufeffZürich".encode(), False, "utf-8-sig", "Zürich"),
        ("Zürich".encode("utf-16"), False, "utf-16", "Zürich"),
        ('<meta charset="iso-8859-1">Zürich – gut'.encode("cp1252"), True, "cp1252", "Zürich – gut"),
        ('<meta charset="iso-8859-1">Zürich'.encode(), True, "utf-8", "Zürich"),
        ('<meta charset="gb2312">中文网页的内容'.encode("gb18030"), True, "gb18030", "中文网页的内容"),
        ('<meta charset="hex">Zürich'.encode(), True, "utf-8", "Zürich"),
        ('<meta charset="undefined">Zürich'.encode(), True, "utf-8", "Zürich"),
        ('<meta charset="punycode">Zürich'.encode(), True, "utf-8", "Zürich"),
        (b'<meta charset="unicode_escape">Z\\u0041', True, "utf-8", "Z\\u0041"),
        ('<meta charset="x-sjis">川上町の橋'.encode("cp932"), True, "cp932", "川上町の橋"),
        ('<meta charset="windows-1251">Дождь'.encode("cp1251"), True, "cp1251", "Дождь"),
    ],
)
def test_charset_by_mark_declaration_and_content(data, html, charset, text):
    found, name, bad = decode(data, html=html)
    assert bad == 0
    assert name == charset
    assert found.endswith(text)


@pytest.mark.parametrize(
    ("data", "text", "bad"),
    [
        ("Zoë said “no” at the caf".encode() + b"\xe9 again", "Zoë said “no” at the café again", 1),
        ("Zoë said ".encode() + b"\x93no\x94" + " at the café".encode(), "Zoë said “no” at the café", 2),
        ("Łódź, the mayor".encode() + b"\x92s town", "Łódź, the mayor’s town", 1),
        ("Мост через реку".encode()[:-1], "Мост через рек\ufffd", 1),
        ("Мост ".encode() + b"\xd1" + " реку".encode(), "Мост \ufffd реку", 1),
        ("“New” and new".encode() + b"\xe2\x80 and new", "“New” and new\ufffd and new", 1),
        ("木の橋".encode() + b"\x81" + "が再び".encode(), "木の橋\ufffdが再び", 1),
    ],
)
def test_a_bad_byte_in_utf_8_costs_itself_alone(data, text, bad):
    assert decode(data) == (text, "utf-8", bad)


@pytest.mark.parametrize("charset", ["cp1252", "cp1251", "cp932", "gb18030", "euc_kr", "iso8859_2"])
def test_text_in_another_character_set_is_not_taken_for_damaged_utf_8(charset):
    texts = {
        "cp1252": "Die Brücke über den Fluß ist für zwölf Tage gesperrt, hieß es. « Déjà vu », a dit le maire.",
        "cp1251": "Мэр города сообщила в пятницу, что мост откроют не раньше осени. Ёлка № 5 «Слово».",
        "cp932": "川上町の木の橋が月曜日に再び開通し、町長は大工が板を張り替えたと話した。",
        "gb18030": "中文网页的内容，市长星期五说，桥要到秋天才能开放。",
        "euc_kr": "시장은 금요일에 다리가 가을 전에는 열리지 않을 것이라고 말했다.",
        "iso8859_2": "Město Łódź, řekl starosta, most bude otevřen až na podzim; žádné zpoždění.",
    }
    assert damaged_utf8(texts[charset].encode(charset)) is None


def test_a_bad_byte_in_json_costs_a_letter_and_is_noted(tmp_path):
    (tmp_path / "a.jsonl").write_bytes('{"id": 1, "text": "The café and the caf'.encode() + b"\xe9" + b'."}\n')
    [page] = pages(tmp_path / "a.jsonl")
    assert (page.content, page.fields["provenance"]) == ("The café and the café.", {"bad_bytes": 1})


def test_a_folder_that_cannot_be_listed_is_rejected(tmp_path, monkeypatch):
    for name in ("a/x.txt", "b/y.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"Rain.")
    real = os.scandir

    def scandir(path):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    [unlisted, page] = pages(tmp_path)
    assert (unlisted.source, unlisted.stage) == ((tmp_path / "a").as_posix(), "read")
    assert unlisted.reason == "a folder that cannot be listed: Permission denied"
    assert page.content == "Rain."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_what_is_no_file_is_passed_over_and_links_are_followed_once(tmp_path):
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/a/x.txt").write_bytes(b"Rain.")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/y.txt").write_bytes(b"Snow.")
    os.mkfifo(tmp_path / "in/pipe.txt")
    (tmp_path / "in/a/round").symlink_to(tmp_path / "in")
    (tmp_path / "in/linked").symlink_to(tmp_path / "other")
    (tmp_path / "in/nowhere.txt").symlink_to(tmp_path / "gone.txt")
    found = pages(tmp_path / "in")
    assert [page.content for page in found if isinstance(page, Page)] == ["Rain.", "Snow."]
    assert [rejected.source for rejected in found if isinstance(rejected, Rejected)] == [f"{tmp_path}/in/nowhere.txt"]


def test_charset_is_guessed_where_nothing_says():
    russian = "В понедельник по всей стране прошли сильные дожди, сообщили синоптики. " * 5
    assert decode(russian.encode("cp1251"))[0] == russian


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"Rain fell.\0", b"\0R\0a\0i\0n" * 99, b"Rain fell.\0\0" * 99])
def test_binary_data_is_no_text(data):
    with pytest.raises(NotTextError):
        decode(data)


def test_a_nul_among_letters_costs_that_character():
    text = "Rain fell on the whole of the country on Monday. " * 9
    assert decode(f"{text}\0{text}".encode()) == (f"{text}\0{text}", "utf-8", 0)
