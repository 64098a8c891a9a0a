"""What all commands have in common: options, settings, and speaking to the two streams."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from cleaner.cli.direct import fail

if TYPE_CHECKING:
    from cleaner.boilerplate.sites import Profile
    from cleaner.pipeline.workers import Work
    from cleaner.report import Report
    from cleaner.settings.schema import Settings


def settings_of(options: Mapping[str, Any]) -> Settings:
    """Merge defaults, the project's settings, --config and flags. Ends the program on a mistake."""
    from cleaner.settings.load import settings_here
    from cleaner.settings.schema import SettingsError

    decay = options["half_life"] / math.log(2) if options.get("half_life") else None
    flags = {
        "canonical": {"per": options.get("per"), "by": options.get("canonical_by"), "sources": options.get("sources")},
        "group": {"only": options.get("only"), "memory": options.get("memory")},
        "describe": {"drop": options.get("drop")},
        "extract": {"extractor": options.get("extractor")},
        "stories": {"window_days": options.get("window"), "week_decay_days": decay, "decay_days": decay},
    }
    given = {section: {k: v for k, v in values.items() if v not in (None, ())} for section, values in flags.items()}
    try:
        return settings_here(options["config"], given)
    except SettingsError as error:
        fail(str(error))


def profiles_of(settings: Settings) -> Mapping[str, Profile]:
    """Read the site profiles that the settings name. Ends the program on a mistake in them."""
    from cleaner.boilerplate.sites import site_profiles

    try:
        return site_profiles(settings.sites)
    except ValueError as error:
        fail(str(error))


def work_of(settings: Settings, jobs: int, *, chunk: int) -> Work:
    """Return how the work is shared out."""
    from cleaner.pipeline.workers import Work

    return Work(jobs, settings.extract.timeout, chunk, settings.extract.pages_per_worker)


def report_of(options: Mapping[str, Any]) -> Report:
    """Return an empty report, that shows progress unless told to be quiet."""
    from cleaner.report import Progress, Report

    return Report(progress=None if options["quiet"] else Progress("pages"))


def stdin() -> IO[bytes]:
    """Return standard input as bytes."""
    return cast("IO[bytes]", sys.stdin.buffer)


def out(lines: Iterable[bytes]) -> None:
    """Write lines to standard output, each as soon as it is there."""
    from cleaner.report import write

    for data in lines:
        write(data)


def say(
    options: Mapping[str, Any],
    report: Report,
    *,
    groups: tuple[Mapping[str, int], int, Iterable[Mapping[str, Any]]] | None = None,
    written: tuple[Path, Iterable[str]] | None = None,
    rejected: str | None = None,
) -> None:
    """Tell people what was done, and end with the exit code that says the same."""
    from cleaner.formats.files import replacing, write_lines
    from cleaner.report import files_summary, groups_summary, tell

    if rejected is not None:
        with replacing(Path(rejected)) as file:
            write_lines(file, (r.record() for r in report.rejected))
    if not options["quiet"]:
        lines = report.summary(verbose=options["verbose"])
        lines += groups_summary(*groups) if groups else []
        lines += files_summary(*written) if written else []
        tell(*lines)
    if code := report.exit_code(strict=options["strict"]):
        raise SystemExit(code)
