"""Records on disk and back: the same bytes that encoding the record at once gives."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

from generated import ARTICLES
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.collecting import Wanted, collect
from cleaner.corpus.spool import Spool
from cleaner.formats.files import blocks
from cleaner.formats.records import encode


def plain(article: Article) -> dict[str, object]:
    removed = [{"block": r.block, "rule": r.rule, "text": r.text} for r in article.removed]
    return article.record() | {"removed": removed, "flags": list(article.flags)}


@given(ARTICLES)
def test_a_line_is_the_record_with_its_keys_in_order(article: Article) -> None:
    data = encode(article)
    assert data.endswith(b"}\n")
    assert data.count(b"\n") == 1
    assert list(json.loads(data).items()) == list(plain(article).items())


@given(st.lists(ARTICLES, max_size=5), st.randoms())
def test_spooled_lines_come_back_in_any_order_with_new_groups(articles, chance) -> None:
    rows = list(range(len(articles)))
    chance.shuffle(rows)
    with tempfile.TemporaryDirectory() as folder, contextlib.closing(Spool()) as spool:
        for number, block in enumerate((articles[:2], articles[2:])):
            path = Path(folder, str(number))
            collect(path, block, Wanted())
            spool.take(ArticleChunk.load(path))
        found = [json.loads(data) for data in spool.lines(rows, [(row, "s", True) for row in rows])]
    groups = [{"near_duplicates": row, "story": "s", "canonical": True} for row in rows]
    assert found == [plain(articles[row]) | group for row, group in zip(rows, groups, strict=True)]


@given(st.lists(st.binary(max_size=9)), st.integers(1, 30))
def test_blocks_hold_what_the_lines_hold(lines: list[bytes], size: int) -> None:
    found = list(blocks(lines, size))
    assert b"".join(found) == b"".join(lines)
    assert all(len(block) >= size for block in found[:-1])
