"""Measure the index: what an article costs as it grows, and whether it survives being killed.

usage: python tests/bench/index.py grow ARTICLES.jsonl [--small 10000] [--large 1000000] [--sample 2000] [--grouped]
       python tests/bench/index.py kill ARTICLES.jsonl [--kills 1000] [--articles 200]

`grow` fills a small and a large index with the first articles (stored and listed as ever, but compared with nothing,
which saves an hour; with --grouped they are grouped, too), then adds the same next ones to both, in turns of 200, and
prints CPU time and bytes per article. `kill` runs `cleaner index add` and sends SIGKILL at a random moment, each time
going on with what the last kill left; whenever all is in, it starts anew. After each kill it checks that the index is
sound and holds a prefix; in the end that the stored groups are those of an index never killed.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import cleaner.index.index
from cleaner.article import Article, Rejected
from cleaner.cli.app import cli
from cleaner.formats.pages import read
from cleaner.formats.records import as_articles
from cleaner.formats.sources import find
from cleaner.index.comparison import Prepared
from cleaner.index.index import Index
from cleaner.index.intake import Intake
from cleaner.index.near_duplicates import RowLinks
from cleaner.settings.load import load_settings

SETTINGS = load_settings()


def articles(path: Path) -> Iterator[Article]:
    """Yield the articles of a file."""
    for article in as_articles(read(find([path]), sys.stdin.buffer, max_bytes=1 << 24)):
        if not isinstance(article, Rejected):
            yield article


class Idle(Intake):
    """Enters articles and compares nothing."""

    def _links(self, prepared: Prepared, before: NDArray[np.int64]) -> list[RowLinks]:
        del before
        return [{} for _ in prepared.articles]

    def _alike(
        self, prepared: Prepared, before: NDArray[np.int64]
    ) -> tuple[list[dict[int, float]], dict[tuple[int, int], float]]:
        del before
        return [{} for _ in prepared.articles], {}


def fill(path: Path, file: Path, size: int, *, grouped: bool) -> None:
    """Store and list the first articles."""
    cleaner.index.index.Intake = Intake if grouped else Idle  # type: ignore[misc]
    filled = Index.open(file, SETTINGS)
    cleaner.index.index.Intake = Intake  # type: ignore[misc]
    with filled as index:
        for count, _ in enumerate(index.add(itertools.islice(articles(path), size)), 1):
            if count % 50_000 == 0:
                print(f"{count:,} filled in {time.process_time():.0f} s CPU", file=sys.stderr)


def grow(path: Path, small: int, large: int, sample: int, *, grouped: bool) -> None:
    """Print what adding costs to a small and to a large index."""
    more = list(itertools.islice(articles(path), large, large + sample))
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder, f"{size}.db") for size in (small, large)}
        for size, file in files.items():
            fill(path, file, size, grouped=grouped)
        spent = dict.fromkeys(files, 0.0)
        with contextlib.ExitStack() as stack:
            indexes = {size: stack.enter_context(Index.open(file, SETTINGS)) for size, file in files.items()}
            for start in range(0, sample, 200):
                for size, index in indexes.items():
                    begun = time.process_time()
                    for _ in index.add(more[start : start + 200]):
                        pass
                    spent[size] += time.process_time() - begun
            for size, index in indexes.items():
                count, length = index.stats()["articles"], index.stats()["bytes"]
                print(f"{size:>9,} articles: {spent[size] / sample * 1e6:.0f} us CPU, {length / count:.0f} bytes each")
        print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


def contents(file: Path) -> dict[object, tuple[object, ...]]:
    """Return the groups of every stored article, in the order they came."""
    with Index.open(file, SETTINGS) as index:
        found = (index.article(id_) for id_ in index.ids())  # which are in order, as synth.py makes them
        return {a.id: (a.near_duplicates, a.story, a.canonical) for a in found if a is not None}


def started(*arguments: str | Path) -> int:
    """Run a command in a fork of this process, so that a kill hits its work and not its start; return its number."""
    process = os.fork()
    if process:
        return process
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        cli([str(argument) for argument in arguments], standalone_mode=False)
    finally:
        os._exit(0)


def kill(path: Path, kills: int, count: int) -> None:
    """Kill `cleaner index add` again and again."""
    chance = random.Random(1)  # noqa: S311 - moments to kill at
    with tempfile.TemporaryDirectory() as folder:
        source, whole, file = Path(folder, "in.jsonl"), Path(folder, "whole.db"), Path(folder, "index.db")
        small = Path(folder, "small.toml")
        small.write_text("[index]\nbatch = 16\n")  # more commits
        with path.open("rb") as lines:
            source.write_bytes(b"".join(itertools.islice(lines, count)))
        ids = [article.id for article in articles(source)]
        begun = time.monotonic()
        os.waitpid(started("index", "add", "-q", "--config", small, whole, source), 0)
        takes = time.monotonic() - begun
        expected = contents(whole)
        assert list(expected) == ids
        parts = finished = 0
        for number in range(1, kills + 1):
            process = started("index", "add", "-q", "--config", small, file, source)
            time.sleep(chance.uniform(0, takes))
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            if file.exists():
                with contextlib.closing(sqlite3.connect(file)) as db:
                    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", number
                held = contents(file)
                assert list(held) == ids[: len(held)], (number, "no prefix")
                parts += 0 < len(held) < count
                if len(held) == count:
                    assert held == expected, (number, "other groups")
                    finished += 1
                    for suffix in ("", "-wal", "-shm"):
                        Path(f"{file}{suffix}").unlink(missing_ok=True)
            if number % 100 == 0:
                print(f"{number:,} kills: {parts:,} left a part, {finished:,} indexes finished, all sound and alike")
                sys.stdout.flush()


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["grow", "kill"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--grouped", action="store_true")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--articles", type=int, default=200)
    args = parser.parse_args()
    if args.what == "grow":
        grow(args.path, args.small, args.large, args.sample, grouped=args.grouped)
    else:
        kill(args.path, args.kills, args.articles)


if __name__ == "__main__":
    main()
