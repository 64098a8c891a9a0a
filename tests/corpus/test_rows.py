"""The short way from a line of JSON to a row gives what the long way gives, and blocks hold what pages hold."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article, Page, Rejected
from cleaner.corpus.rows import PendingRecord, rows_of, rows_of_lines
from cleaner.formats.json_lines import Lines
from cleaner.formats.json_values import parse
from cleaner.formats.pages import pages_of, read, read_blocks
from cleaner.formats.records import encode
from cleaner.formats.sources import Source, find

SOURCE = Source(None, "-", "stdin")
RECORDS: list[dict[str, Any]] = [
    {"id": 1, "text": "Rain fell."},
    {"text": "Rain fell.", "topic": ["weather", {"a": None}], "": 0},
    {"id": "", "text": "Rain fell.", "title": "Rain", "url": "https://example.com/a b", "site": None, "cluster": 7},
    {"id": True, "text": " \n"},
    {"id": 2.5, "text": "Rain fell.", "published": "2021-05-03", "modified": "2021-05-03T10:00Z"},
    {"id": "a", "text": "Rain fell.", "published": "3 May 2021", "title": " Rain "},
    {"id": "a", "text": "Rain fell.", "published": "soon", "language": ""},
    {"id": "a", "text": "Rain fell.", "date": "2021-05-03", "source": "example.com", "author": "A. Writer"},
    {"id": "a", "text": "", "content": "Rain fell."},
    {"id": "a", "text": "Rain fell.", "content": "Snow", "html": "<p>Snow"},
    {"id": "a", "html": "<p>Rain fell."},
    {"id": "a", "text": "Rain fell.", "metadata": {"title": "Rain"}},
    {"id": "a", "text": "Rain fell.", "metadata": {}},
    {"id": "a", "text": "Rain fell.", "metadata": None},
    {"id": "a", "text": "Rain fell.", "near_duplicates": "b", "story": 3, "canonical": True},
    {"id": "a", "text": "Rain fell.", "title": 5, "authors": ["A. Writer"], "agency": []},
    {"id": "a", "text": "Rain\ud800 fell.", "\ud800": 1},
    Article("a", "Rain fell.").record(),
    Article("a", "Rain fell.", flags=("paywall_stub",), provenance={"repaired": ["quotes"]}).record(),
    {"id": "a", "text": "Rain fell.", "flags": ["paywall_stub"], "removed": [{"block": 1, "rule": "r", "text": "t"}]},
]
VALUES = st.one_of(st.none(), st.text(max_size=3), st.booleans(), st.integers(0, 3), st.lists(st.text(max_size=3)))
KEYS = st.sampled_from([*Article.__slots__, "date", "source", "lang", "metadata", "content", "topic", "html"])


def short(record: object) -> list[PendingRecord | Rejected]:
    return list(rows_of_lines(Lines(SOURCE, 3, json.dumps(record).encode(), 10_000)))


def long(record: object) -> list[PendingRecord | Rejected]:
    return list(rows_of(pages_of(SOURCE, json.loads(json.dumps(record)), 3)))


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_both_ways_are_one(record: dict[str, Any]) -> None:
    assert alike(short(record)) == alike(long(record))


@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_both_ways_are_one_for_any_record(record: dict[str, Any]) -> None:
    record = {"text": "Rain fell.", **record}
    assert alike(short(record)) == alike(long(record))


def alike(rows: list[PendingRecord | Rejected]) -> list[Any]:
    """Leave out the article that is there for its counts."""
    return [row[:6] if isinstance(row, PendingRecord) else row for row in rows]


def test_a_record_gives_its_row_back() -> None:
    [row] = short({"id": "a", "text": "Rain fell.", "title": "Rain", "published": "2021-05-03"})
    assert isinstance(row, PendingRecord)
    record = parse(row.before + b"," + row.after)
    assert [record[key] for key in ("id", "text", "title", "published")] == ["a", "Rain fell.", "Rain", "2021-05-03"]


FILES = {
    "a.jsonl": b'\xef\xbb\xbf{"text": "one"}\n\n{"text": "two"}\n{"broken\n[1]\n{"id": 5}\n{"text": "three"}',
    "b.jsonl": b"\n \n",
    "c.json": b'[{"text": "in a list"}]',
    "d.txt": b"Rain fell.",
    "e.jsonl": b'{"text": "short"}\n{"text": "' + b"long " * 40 + b'"}\n{"text": "after"}\n',
    "f.jsonl": b'{"text": "before"}\nversion https://git-lfs.github.com/spec/v1\n{"text": "behind"}\n',
    "g.jsonl": b"",
    "h.json": b'{\n"text": "a whole file"\n}',
    "i.jsonl": b'{"text": "the last line is long"}\n{"text": "' + b"long " * 400,
    "j.jsonl.gz": gzip.compress(b'{"text": "kept"}\n{"text": "cut"}\n', mtime=0)[:-14],
}


@pytest.mark.parametrize("size", [1, 30, 100, 10_000])
def test_blocks_hold_what_pages_hold(size: int, tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    sources = find([str(tmp_path)])
    expected = list(rows_of(read(sources, io.BytesIO(), max_bytes=150)))
    found: list[PendingRecord | Rejected] = []
    for block in read_blocks(sources, io.BytesIO(), max_bytes=150, size=size):
        found += rows_of_lines(block.apart()) if isinstance(block, Lines) else rows_of(block)
    assert alike(found) == alike(expected)


def test_rows_make_the_line_of_their_article() -> None:
    page = Page("a", "Rain fell.", fields={"title": "Rain", "topic": 1})
    [row] = rows_of([page])
    assert isinstance(row, PendingRecord)
    whole = parse(row.before + b"," + row.after)
    fields = {"near_duplicates": None, "story": None, "canonical": None}
    assert whole | fields == parse(encode(Article("a", "Rain fell.", title="Rain", extra={"topic": 1})))
