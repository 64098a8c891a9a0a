"""Tables in files hold what tables in memory hold, block by block."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.arrays.spilling import BLOCK_ROWS, allocate, blocks, merged, releasing, spilled
from cleaner.stories.terms import Terms


def test_large_tables_are_in_files() -> None:
    assert isinstance(allocate((5, 30), np.float32, 100), np.memmap)
    assert not isinstance(allocate((5, 5), np.float32, 100), np.memmap)
    values = np.arange(30)
    assert isinstance(spilled(values), np.memmap)
    assert spilled(values).tolist() == values.tolist()
    assert spilled(values, 240) is values


def test_a_table_that_was_released_keeps_what_it_holds() -> None:
    held, plain = allocate((500, 30), np.int32, 0), np.ones(3)
    for row in releasing(range(500), held[100:200, ::2], plain):
        held[row] = np.arange(30)
    assert (held == np.arange(30)).all()
    assert plain.all()


@pytest.mark.parametrize("rows", [0, 1, BLOCK_ROWS, 2 * BLOCK_ROWS + 1])
@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_blocks_cover_every_row_once_and_can_be_written(rows: int, in_memory: int) -> None:
    table = Terms.none(rows, 2, in_memory)
    for start, block in blocks(table):
        block.keys[:, 0] += np.arange(start, start + len(block), dtype=np.uint32)
    assert table.keys[:, 0].tolist() == list(range(rows))
    assert not table.keys[:, 1].any()


@given(st.lists(st.lists(st.integers(0, 99)), min_size=1, max_size=4), st.lists(st.integers(0, 100), max_size=4))
def test_merged_runs_are_one_sorted_run(runs: list[list[int]], cuts: list[int]) -> None:
    edges = np.array([0, *sorted(cuts), 100], np.uint64)
    found = list(merged([np.array(sorted(run), np.uint64) for run in runs], edges))
    assert len(found) == len(edges) - 1
    assert np.concatenate(found).tolist() == sorted(value for run in runs for value in run)
    for part, least, most in zip(found, edges[:-1], edges[1:], strict=True):
        assert ((least <= part) & (part < most)).all()
