"""Chunks: what is saved comes back, and any reader of safetensors can open them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from cleaner.arrays.chunk_files import load, save
from cleaner.article import Article, Rejected
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.collecting import Wanted, collect
from cleaner.settings.load import load_settings

ARRAYS = {
    "flags": np.array([True, False, True]),
    "bytes": np.arange(5, dtype=np.uint8),
    "table": np.arange(12, dtype=np.uint16).reshape(3, 4),
    "counts": np.array([1.5, -2], np.float16),
    "days": np.arange(-2, 2, dtype=np.int32),
    "keys": np.arange(3, dtype=np.uint64) << np.uint64(60),
    "none": np.zeros((0, 7), np.float32),
    "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
}
FACTS = {"ids": ["a", 7, "\ud800", 'quo"te'], "nested": {"counts": [{}, None]}}


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    save(tmp_path / "chunk", FACTS, ARRAYS)
    file = load(tmp_path / "chunk")
    assert file.facts == FACTS
    for name, values in ARRAYS.items():
        found = file.array(name)
        assert (found.dtype, found.shape) == (values.dtype, values.shape)
        assert found.tolist() == values.tolist()
        assert file.columns[name].offset % values.itemsize == 0
    with pytest.raises(KeyError):
        file.array("other")


def test_safetensors_opens_it(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors")
    save(tmp_path / "chunk", FACTS, ARRAYS)
    with safetensors.safe_open(tmp_path / "chunk", "numpy") as file:
        assert set(file.keys()) == set(ARRAYS)
        assert {key: json.loads(fact) for key, fact in file.metadata().items()} == FACTS
        for name, values in ARRAYS.items():
            assert file.get_tensor(name).tolist() == values.tolist()


def test_a_chunk_says_what_its_block_held(tmp_path: Path) -> None:
    settings = load_settings()
    rejected = Rejected("page.html", "extract", "no text", 3, "p")
    block = [Article("a", "Rain fell.", published="2021-05-04", flags=("syndicated",)), rejected, Article(7, "Sun.")]
    collect(tmp_path / "0", block, Wanted(settings.near_duplicates, settings.stories))
    chunk = ArticleChunk.load(tmp_path / "0")
    assert (list(chunk.facts.ids), list(chunk.facts.rejected), len(chunk)) == (["a", 7], [rejected], 2)
    assert list(chunk.facts.counts) == [{}, {}, {"syndicated": 1}]
    assert chunk.days.tolist() == [737914, 0]
    assert chunk.sizes.tolist() == [2, 1]
    assert chunk.records.size == chunk.lengths.sum()
    assert chunk.fingerprints().words.tolist() == [2, 1]
    assert len(chunk.terms()) == 2
