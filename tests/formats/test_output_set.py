"""The files of a run are one set, and nothing of a broken run is left."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cleaner.formats.output_set import FILES, MANIFEST, OutputError, OutputSet, is_whole
from cleaner.formats.scratch import LOCK, LockedError, Scratch, lock

RAIN = "Rain fell on town {0} in the night, and it is not over yet, said officer {1} of the weather service {0}."


def written(folder: Path, *inputs: str, force: bool = False, broken: bool = False) -> None:
    with OutputSet(folder, inputs, force=force) as outputs:
        for name in FILES:
            with outputs.open(name) as file:
                file.write(name.encode())
        if not broken:
            outputs.publish({"inputs": [{"name": name} for name in inputs]})


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_a_whole_set_says_so_and_a_changed_one_does_not(tmp_path: Path) -> None:
    written(tmp_path / "out", "in")
    assert names(tmp_path / "out") == {*FILES, MANIFEST}
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert manifest["outputs"]["articles.jsonl"]["sha256"] == hashlib.sha256(b"articles.jsonl").hexdigest()
    assert is_whole(tmp_path / "out")
    (tmp_path / "out/groups.jsonl").write_bytes(b"changed")
    assert not is_whole(tmp_path / "out")


def test_what_fails_leaves_nothing_new(tmp_path: Path) -> None:
    written(tmp_path / "out", "in", broken=True)
    assert not (tmp_path / "out").exists()
    written(tmp_path / "out", "in")
    written(tmp_path / "out", "in", broken=True)
    assert names(tmp_path / "out") == {*FILES, MANIFEST}
    assert is_whole(tmp_path / "out")


def test_results_of_other_inputs_are_not_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "out", "in/a.txt", "in/b.txt")
    written(tmp_path / "out", "in/b.txt", "in/c.txt")
    with pytest.raises(OutputError, match="holds what other inputs gave; name another folder, or replace it with"):
        written(tmp_path / "out", "in/d.txt")
    assert is_whole(tmp_path / "out")
    assert names(tmp_path / "out") == {*FILES, MANIFEST}
    written(tmp_path / "out", "in/d.txt", force=True)


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    written(tmp_path / "out", "in")
    with pytest.raises(OutputError, match="would be overwritten"):
        written(tmp_path / "out", str(tmp_path / "out/articles.jsonl"), force=True)


def test_files_of_nobody_known_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "groups.jsonl").write_text("mine")
    with pytest.raises(OutputError, match="that no run has left there"):
        written(tmp_path, "in")
    assert names(tmp_path) == {"groups.jsonl"}
    (tmp_path / MANIFEST).write_text("{}")
    with pytest.raises(OutputError, match="that no run has left there"):
        written(tmp_path, "in")


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with OutputSet(tmp_path / "out", ["in"]), pytest.raises(OutputError, match="another run is writing"):
        OutputSet(tmp_path / "out", ["in"])


def test_scratch_of_the_dead_is_swept_and_that_of_the_living_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = tmp_path / "cleaner-dead"
    dead.mkdir()
    (dead / LOCK).touch()
    (tmp_path / "cleaner-of-somebody").mkdir()
    with Scratch() as living:
        with Scratch() as other:
            assert names(tmp_path) == {living.path.name, other.path.name, "cleaner-of-somebody"}
        with pytest.raises(LockedError):
            lock(living.path / LOCK)
    assert names(tmp_path) == {"cleaner-of-somebody"}


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("delay", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_killed_is_made_good_by_the_next(tmp_path: Path, delay: float, signal_number: int) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "tmp").mkdir()
    for number in range(60):
        (tmp_path / f"in/{number}.txt").write_text(RAIN.format(number, number * 7))
    command = [sys.executable, "-m", "cleaner", "run", "-q", "in", "-o", "out"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    time.sleep(delay)
    process.send_signal(signal_number)
    _, said = process.communicate(timeout=60)
    assert b"Traceback" not in said
    if signal_number != signal.SIGKILL:
        assert names(tmp_path / "tmp") == set()
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=60)
    assert is_whole(tmp_path / "out")
    assert names(tmp_path / "out") == {*FILES, MANIFEST}
    assert {name for name in names(tmp_path / "tmp") if name.startswith("cleaner-")} == set()
    assert len((tmp_path / "out/articles.jsonl").read_bytes().splitlines()) == 60
