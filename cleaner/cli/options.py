"""Options and arguments that several commands share."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from cleaner.cli.direct import fail

Command = Callable[..., None]
INPUT = click.argument("inputs", metavar="[INPUT]...", nargs=-1, type=click.Path(exists=True, allow_dash=True))


def common(command: Command) -> Command:
    """Give a command the options that all have."""
    options = [
        click.option("--config", type=click.Path(dir_okay=False, exists=True), help="Settings in TOML."),
        click.option("--strict", is_flag=True, help="Exit 3 if an input was rejected."),
        click.option("-v", "--verbose", is_flag=True, help="Name every rejected input."),
        click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    ]
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


jobs = click.option(
    "-j", "--jobs", type=click.IntRange(1), default=_cores, show_default="all cores", help="Processes to use."
)
memory = click.option("--memory", metavar="SIZE", help="Larger tables go to files: 512MB, 2GiB; 1GiB by default.")
state = click.option(
    "--state", metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Go on after a crash."
)
only = click.option("--only", type=click.Choice(["near-duplicates", "stories"]), help="Leave the other out.")
per = click.option(
    "--per",
    type=click.Choice(["story", "near-duplicates", "article"]),
    help="What gets one canonical article: a story (the default), a group of near-duplicates, or every article.",
)
by = click.option(
    "--canonical-by",
    type=click.Choice(["best", "earliest", "latest", "longest", "central", "source"]),
    help="Which member of a group is canonical; the default is the best, and groups.jsonl says why.",
)
window = click.option(
    "--window", type=click.IntRange(0), metavar="DAYS", help="Articles further apart are never one story (default 400)."
)
half_life = click.option(
    "--half-life",
    type=click.FloatRange(0, min_open=True),
    metavar="DAYS",
    help="Days in which the likeness of two articles halves (default: 6 in the first week, 55 after it).",
)
sources = click.option(
    "--source", "sources", multiple=True, metavar="SITE", help="A preferred site; repeat, best first."
)


def grouping(command: Command) -> Command:
    """Give a command the options of what is grouped, how, by what means, and which member stands for its group."""
    options = (only, per, by, sources, window, half_life, jobs, memory, state)
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


def _writable(_context: click.Context, _parameter: click.Parameter, name: str | None) -> str | None:
    """Tell before the work whether a file can be made in its folder, which is made if it is not there."""
    if name is not None:
        folder = Path(name).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            fail(f"{name}: cannot be written: {error.strerror}")
    return name


rejected = click.option(
    "--rejected",
    type=click.Path(dir_okay=False),
    callback=_writable,
    help="Write rejected inputs to this file.",
)
drop = click.option("--drop", multiple=True, metavar="FLAG", help="Reject articles that have this flag; repeat.")
extractor = click.option(
    "--extractor",
    type=click.Choice(["auto", "fast", "trafilatura", "best"]),
    help="Who finds the article in HTML: a trained judge (fast), trafilatura where that is unsure (auto) or not very "
    "sure (best), or trafilatura alone.",
)
