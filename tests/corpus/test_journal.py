"""Work that is killed goes on where it was, and gives the same bytes."""

from __future__ import annotations

import json
import os
import random
import shutil
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
from cleaner.stages import describe
cleaned = []
def described(article, *rest, real=describe.describe):
    cleaned.append(article)
    return real(article, *rest)
describe.describe = described
from cleaner.cli.start import main
try:
    main()
finally:
    print(len(cleaned), len(made), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("given") / "articles.jsonl"
    chance = random.Random(3)  # noqa: S311 - nothing secret
    words = ["".join(chance.choices("abcdefgh", k=5)) for _ in range(500)]
    texts = [" ".join(chance.choices(words, k=80)) for _ in range(30)]
    rows = [{"id": at, "text": text} for at, text in enumerate(texts + [text + " Read more" for text in texts])]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"broken\n')
    return path


@pytest.fixture
def corpus(given: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(given, tmp_path))


@pytest.fixture(scope="module")
def grouped(given: Path) -> subprocess.CompletedProcess[bytes]:
    return cleaner("group", given, "--jobs", 1)


def cleaner(command: str, *args: object, limit: int = 99) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process that is killed when it is about to make one chunk more than `limit`."""
    line = [sys.executable, "-c", KILLED, str(limit), command, *map(str, args)]
    return subprocess.run(line, capture_output=True, check=False, timeout=120)


def made(process: subprocess.CompletedProcess[bytes]) -> int:
    """Return how many chunks a process made itself."""
    assert process.returncode == 0, process.stderr
    return int(process.stderr.split()[-1])


def chunks(state: Path) -> list[str]:
    return sorted(path.name for path in state.iterdir() if not path.name.startswith("."))


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_grouping_goes_on_after_a_kill(corpus: Path, jobs: int, grouped: subprocess.CompletedProcess[bytes]) -> None:
    state = corpus.parent / "state"
    assert cleaner("group", corpus, "--state", state, "--jobs", 1, limit=3).returncode == -9
    assert chunks(state) == ["000000", "000001", "000002", "journal.json"]
    again = cleaner("group", corpus, "--state", state, "--jobs", jobs)
    assert made(again) == (made(grouped) - 3 if jobs == 1 else 0)
    assert again.stdout == grouped.stdout
    assert again.stderr.splitlines()[0] == grouped.stderr.splitlines()[0]  # what was rejected is counted again
    assert list(state.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_goes_on_after_a_kill_and_cleans_no_page_twice(corpus: Path, jobs: int) -> None:
    state, whole, out = (corpus.parent / name for name in ("state", "whole", "out"))
    expected = cleaner("run", corpus, "-o", whole, "--jobs", 1)
    assert made(expected) > 3
    assert cleaner("run", corpus, "-o", out, "--state", state, "--jobs", 1, limit=2).returncode == -9
    assert chunks(state) == ["000000", "000001", "journal.json"]
    assert not (out / "articles.jsonl").exists()
    again = cleaner("run", corpus, "-o", out, "--state", state, "--jobs", jobs)
    assert made(again) == (made(expected) - 2 if jobs == 1 else 0)
    assert int(expected.stderr.split()[-2]) == 60
    assert int(again.stderr.split()[-2]) == 60 - 2 * 9  # pages in two chunks
    for file in whole.iterdir():
        assert (out / file.name).read_bytes() == file.read_bytes(), file.name
    assert again.stderr.splitlines()[:2] == expected.stderr.splitlines()[:2]
    assert list(state.iterdir()) == []


def test_chunks_with_a_gap_are_used_on_both_sides_of_it(
    corpus: Path, grouped: subprocess.CompletedProcess[bytes]
) -> None:
    state = corpus.parent / "state"
    cleaner("group", corpus, "--state", state, "--jobs", 1, limit=4)
    (state / "000001").unlink()
    again = cleaner("group", corpus, "--state", state, "--jobs", 1)
    assert made(again) == made(grouped) - 3
    assert again.stdout == grouped.stdout


def test_other_work_is_refused(corpus: Path) -> None:
    state = corpus.parent / "state"
    cleaner("group", corpus, "--state", state, "--jobs", 1, limit=1)
    settings = cleaner("group", corpus, "--state", state, "--only", "stories")
    assert (settings.returncode, settings.stdout) == (2, b"")
    assert b"was begun with other settings; use the same, or empty the folder" in settings.stderr
    run = cleaner("run", corpus, "-o", corpus.parent / "out", "--state", state)
    assert run.returncode == 2
    assert b"was begun with other command; use the same, or empty the folder" in run.stderr
    corpus.write_text(corpus.read_text() + '{"id": 1000, "text": "Rain fell."}\n')
    assert b"was begun with other inputs" in cleaner("group", corpus, "--state", state).stderr
    assert b"no grouping was begun there" in cleaner("group", corpus, "--state", corpus.parent).stderr
    assert b"name files" in cleaner("group", "-", "--state", state).stderr
    (state / "journal.json").write_text("[")
    assert b"was begun with other version of cleaner" in cleaner("group", corpus, "--state", state).stderr


def test_a_run_with_other_site_profiles_is_refused(corpus: Path) -> None:
    state, sites, config = (corpus.parent / name for name in ("state", "sites", "cleaner.toml"))
    sites.mkdir()
    config.write_text(f"[sites]\nfolder = {json.dumps(str(sites))}\n")
    args = ("run", corpus, "-o", corpus.parent / "out", "--config", config, "--state", state, "--jobs", 1)
    assert cleaner(*args, limit=1).returncode == -9
    (sites / "example.com.toml").write_text('[[line]]\ntext = "Read more"\n')
    assert b"was begun with other site profiles" in cleaner(*args).stderr
