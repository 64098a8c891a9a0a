"""Measure the git hooks on a corpus in git: how long a commit waits for them.

usage: python tests/bench/hooks.py INPUT [--documents N] [--lines] [--keep FOLDER]

INPUT is JSON lines with `text`. A repository of the first N (20,000 unless told) is made in a temporary folder, or in
FOLDER, which stays: a text file for each article, a hundred to a folder; with --lines, one file of JSON lines. One row
of a Markdown table for each step: wall and CPU seconds (user and system, with git's), the least and the median of
several runs, since the machine has other things to do. "Plain group" is `cleaner group` of the same articles, which the
first run, that makes the index, is to be compared with.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

_RUNS = 7
_CLEANER = (sys.executable, "-m", "cleaner")


def main() -> None:
    """Make the repository and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--lines", action="store_true")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="cleaner-hooks-"))
    try:
        measure(arguments.input, folder, arguments.documents, lines=arguments.lines)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)


def measure(source: Path, folder: Path, documents: int, *, lines: bool) -> None:
    """Time every step on a fresh repository in a folder."""
    files = make(source, folder, documents, lines=lines)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The corpus")
    print(f"{documents:,} articles in {len(files):,} files\n\n| step | wall s | median | CPU s |\n|---|---|---|---|")
    row("plain group", folder, [*_CLEANER, "group", "articles"], runs=1)
    row("first run", folder, [*_CLEANER, "duplicates"], runs=1)
    row("nothing changed", folder, [*_CLEANER, "duplicates"])
    changed = files[len(files) // 2]
    row("one article changed", folder, [*_CLEANER, "duplicates"], before=lambda n: change(folder, changed, n))
    row("the same again", folder, [*_CLEANER, "duplicates"])
    copy = changed.with_name(f"copy{changed.suffix}")
    row("one copied", folder, [*_CLEANER, "duplicates"], before=lambda n: copied(folder, changed, copy, n), code=1)
    if not lines:
        row("fix on one file", folder, [*_CLEANER, "fix", str(changed)], code=None)


def make(source: Path, folder: Path, documents: int, *, lines: bool) -> list[Path]:
    """Write the corpus; return its files."""
    with source.open(encoding="utf-8") as records:
        texts = [json.loads(record)["text"] for record in islice(records, documents)]
    top = folder / "articles"
    top.mkdir(parents=True)
    if lines:
        rows = (json.dumps({"id": f"a{n}", "text": text}) + "\n" for n, text in enumerate(texts))
        (top / "articles.jsonl").write_text("".join(rows), encoding="utf-8")
        return [top / "articles.jsonl"]
    files = [top / f"{n // 100:04}" / f"{n:06}.txt" for n in range(len(texts))]
    for path, text in zip(files, texts, strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    return files


def change(folder: Path, path: Path, number: int) -> None:
    """Add a line to an article: to the last one of a file of many."""
    text = path.read_text(encoding="utf-8")
    line = f"Line number {number} was added for the run that follows."
    if path.suffix == ".jsonl":
        *rows, last = text.splitlines()
        record = json.loads(last)
        text = "\n".join([*rows, json.dumps({**record, "text": f"{record['text']}\n\n{line}"})]) + "\n"
    else:
        text += f"\n{line}\n"
    path.write_text(text, encoding="utf-8")
    git(folder, "add", str(path))


def copied(folder: Path, path: Path, copy: Path, number: int) -> None:
    """Add an article that repeats another."""
    text = path.read_text(encoding="utf-8")
    record = text.splitlines()[number] + "\n" if path.suffix == ".jsonl" else f"{text}\nCopied {number} times.\n"
    copy.write_text(record, encoding="utf-8")
    git(folder, "add", str(copy))


def row(
    name: str,
    folder: Path,
    command: list[str],
    *,
    runs: int = _RUNS,
    before: Callable[[int], None] | None = None,
    code: int | None = 0,
) -> None:
    """Run a command several times, each time after what comes before it, and print what it took."""
    walls, seconds = [], []
    for number in range(runs):
        if before:
            before(number)
        used, start = os.times(), time.perf_counter()
        done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        walls.append(time.perf_counter() - start)
        now = os.times()
        seconds.append(now.children_user + now.children_system - used.children_user - used.children_system)
        if code is not None and done.returncode != code:
            sys.exit(f"{name}: exit code {done.returncode}\n{done.stderr.decode()}")
    print(f"| {name} | {min(walls):.2f} | {statistics.median(walls):.2f} | {min(seconds):.2f} |", flush=True)


def git(folder: Path, *command: str) -> None:
    """Run git, as somebody."""
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True)


if __name__ == "__main__":
    main()
