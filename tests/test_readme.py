"""What the README shows in Python runs, and prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cleaner.minhash.exchange import write_signatures

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with what the examples read."""
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    seeds = [(path.stem, path.read_text(encoding="utf-8")) for path in sorted((ROOT / "seeds").glob("*.txt"))]
    write_signatures(tmp_path / "signatures.npz", seeds, len(seeds), 3, 5)
    return tmp_path


def run(code: str, folder: Path) -> str:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_five_articles_are_cleaned_grouped_and_asked_in_ten_lines(folder: Path) -> None:
    [block] = [block for block in BLOCKS if "cleaner.group(" in block]
    assert len([line for line in block.splitlines() if line]) <= 11
    printed = run(block, folder)
    assert "<5 articles: near-duplicate groups 0, stories 1, canonical 3>" in printed
    assert "whole: not machine spun, as 003_3aea010ba7df07aa is" in printed
    assert "story            apart: 000_7fe0927f87708056 and 002_5058415182dbe562" in printed
    assert (folder / "canonical.txt").read_text(encoding="utf-8").count("\n\n") > 10


def test_signatures_are_loaded_into_datasketch(folder: Path) -> None:
    [block] = [block for block in BLOCKS if "datasketch" in block]
    assert run(block, folder).startswith("['000_7fe0927f87708056'] ['000_7fe0927f87708056'")
