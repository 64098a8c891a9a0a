"""What all commands have in common: options, settings, and speaking to the two streams."""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn, cast

import click

if TYPE_CHECKING:
    from cleaner.report import Report
    from cleaner.settings import Settings
    from cleaner.sites import Profile
    from cleaner.workers import Work

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


jobs = click.option("-j", "--jobs", type=click.IntRange(1), help="Processes to use; as many as there are cores.")
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
    "--window", type=click.IntRange(0), metavar="DAYS", help="Articles further apart are never one story (default 30)."
)
half_life = click.option(
    "--half-life",
    type=click.FloatRange(0, min_open=True),
    metavar="DAYS",
    help="Days in which the likeness of two articles halves (default: 6 in the first week, 14 after it).",
)
sources = click.option(
    "--source", "sources", multiple=True, metavar="SITE", help="A preferred site; repeat, best first."
)


def grouping(command: Command) -> Command:
    """Give a command the options of what is grouped, how, and which member stands for its group."""
    return functools.reduce(lambda made, option: option(made), (half_life, window, sources, by, per, only), command)


rejected = click.option("--rejected", type=click.Path(dir_okay=False), help="Write rejected inputs to this file.")
drop = click.option("--drop", multiple=True, metavar="FLAG", help="Reject articles that have this flag; repeat.")


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Merge defaults, the project's settings, --config and flags. Ends the program on a mistake."""
    from cleaner.settings import SettingsError, settings_here

    decay = options["half_life"] / math.log(2) if options.get("half_life") else None
    flags = {
        "canonical": {"per": options.get("per"), "by": options.get("canonical_by"), "sources": options.get("sources")},
        "group": {"only": options.get("only"), "memory": options.get("memory")},
        "describe": {"drop": options.get("drop")},
        "stories": {"window_days": options.get("window"), "week_decay_days": decay, "decay_days": decay},
    }
    given = {section: {k: v for k, v in values.items() if v not in (None, ())} for section, values in flags.items()}
    try:
        return settings_here(options["config"], given)
    except SettingsError as error:
        fail(str(error))


def profiles_of(settings: Settings) -> Mapping[str, Profile]:
    """Read the site profiles that the settings name. Ends the program on a mistake in them."""
    from cleaner.sites import site_profiles

    try:
        return site_profiles(settings.sites)
    except ValueError as error:
        fail(str(error))


def work_of(settings: Settings, jobs: int | None, *, chunk: int) -> Work:
    """Return how the work is shared out; `jobs` is as many as there are cores unless given."""
    from cleaner.workers import Work

    return Work(jobs or _cores(), settings.extract.timeout, chunk, settings.extract.pages_per_worker)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def report_of(options: Mapping[str, Any]) -> Report:
    """Return an empty report, that shows progress unless told to be quiet."""
    from cleaner.report import Progress, Report

    return Report(progress=None if options["quiet"] else Progress("pages"))


def stdin() -> IO[bytes]:
    """Return standard input as bytes."""
    return cast("IO[bytes]", sys.stdin.buffer)


def out(lines: Iterable[bytes]) -> None:
    """Write lines to standard output, each as soon as it is there."""
    for data in lines:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def say(
    options: Mapping[str, Any],
    report: Report,
    *,
    groups: tuple[Mapping[str, int], int, Iterable[Mapping[str, Any]]] | None = None,
    output: Path | None = None,
    rejected: str | None = None,
) -> None:
    """Tell people what was done, and end with the exit code that says the same."""
    from cleaner.report import files_summary, groups_summary
    from cleaner.write import write_lines

    if rejected is not None:
        write_lines(Path(rejected), (r.record() for r in report.rejected))
    if not options["quiet"]:
        lines = report.summary(verbose=options["verbose"])
        lines += groups_summary(*groups) if groups else []
        lines += files_summary(output) if output else []
        for line in lines:
            click.echo(line, err=True)
    if code := report.exit_code(strict=options["strict"]):
        raise SystemExit(code)


def fail(message: str) -> NoReturn:
    """End the program because of a user's mistake."""
    click.echo(f"cleaner: {message}", err=True)
    raise SystemExit(2)
