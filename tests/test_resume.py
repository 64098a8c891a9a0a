"""A grouping that is killed goes on where it was, and gives the same bytes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

KILLED = """
import os, signal, sys
from cleaner.corpus import collecting as collect
collect.BYTES_PER_CHUNK = 4000
made, limit = [], int(sys.argv.pop(1))
def counted(path, *rest, real=collect.collect):
    if len(made) == limit:
        os.kill(os.getpid(), signal.SIGKILL)
    made.append(path)
    real(path, *rest)
collect.collect = counted
from cleaner.cli.start import main
try:
    main()
finally:
    print(len(made), "made", file=sys.stderr)
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    chance = random.Random(3)  # noqa: S311 - nothing secret
    words = ["".join(chance.choices("abcdefgh", k=5)) for _ in range(500)]
    texts = [" ".join(chance.choices(words, k=80)) for _ in range(30)]
    rows = [{"id": at, "text": text} for at, text in enumerate(texts + [text + " Read more" for text in texts])]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"broken\n')
    return path


def group(*args: object, limit: int = 99) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", KILLED, str(limit), "group", *map(str, args)]
    return subprocess.run(command, capture_output=True, check=False, timeout=120)


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("jobs", [1, 2])
def test_it_goes_on_after_a_kill(corpus: Path, jobs: int) -> None:
    state = corpus.parent / "state"
    expected = group(corpus)
    assert expected.returncode == 0, expected.stderr
    assert group(corpus, "--state", state, limit=3).returncode == -9
    finished = sorted(path.name for path in state.iterdir() if not path.name.startswith("."))
    assert finished == ["000000", "000001", "000002", "journal.json"]
    again = group(corpus, "--state", state, "--jobs", jobs)
    assert again.returncode == 0, again.stderr
    assert again.stdout == expected.stdout
    assert jobs > 1 or int(again.stderr.split()[-2]) == int(expected.stderr.split()[-2]) - 3
    assert again.stderr.splitlines()[0] == expected.stderr.splitlines()[0]  # what was rejected is counted again
    assert list(state.iterdir()) == []


def test_other_work_is_refused(corpus: Path) -> None:
    state = corpus.parent / "state"
    group(corpus, "--state", state, limit=1)
    settings = group(corpus, "--state", state, "--only", "stories")
    assert (settings.returncode, settings.stdout) == (2, b"")
    assert b"was begun with other settings; use the same, or empty the folder" in settings.stderr
    corpus.write_text(corpus.read_text() + '{"id": 1000, "text": "Rain fell."}\n')
    assert b"was begun with other inputs" in group(corpus, "--state", state).stderr
    assert b"no grouping was begun there" in group(corpus, "--state", corpus.parent).stderr
    assert b"name files" in group("-", "--state", state).stderr
    (state / "journal.json").write_text("[")
    assert b"was begun with other version of cleaner and settings" in group(corpus, "--state", state).stderr
