import gzip
import io
import json

import pytest

from cleaner.article import Page, Rejected
from cleaner.formats.charset import NotTextError, decode
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
    [(b"Rain fell.", False), (b"<html><p>Rain fell.", True), (b' {"text": "Rain fell."}', False)],
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
        ('<meta charset="windows-1251">Дождь'.encode("cp1251"), True, "cp1251", "Дождь"),
    ],
)
def test_charset_by_mark_declaration_and_content(data, html, charset, text):
    found, name = decode(data, html=html)
    assert name == charset
    assert found.endswith(text)


def test_charset_is_guessed_where_nothing_says():
    russian = "В понедельник по всей стране прошли сильные дожди, сообщили синоптики. " * 5
    assert decode(russian.encode("cp1251"))[0] == russian


def test_binary_data_is_no_text():
    with pytest.raises(NotTextError):
        decode(b"\x00\x01\x02")
