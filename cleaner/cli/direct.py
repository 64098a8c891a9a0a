"""What a command ends with on a mistake, and the hooks as both ways to them call them: `start`, and click's commands.

Without click, because git waits for the hooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from cleaner.boilerplate.sites import Profile
    from cleaner.settings.schema import Settings


def fail(message: str, *, code: int = 2) -> NoReturn:
    """End the program with a message, by default because of a user's mistake."""
    from cleaner.report import tell

    tell(f"cleaner: {message}")
    raise SystemExit(code)


def fix(names: Iterable[str], *, change: bool, config: str | None = None, quiet: bool = False) -> int:
    """Fix files, or without `change` show what that would do; return the exit code."""
    from cleaner.hooks.fix import check_files, fix_files

    settings, profiles = _in_force(config)
    return (fix_files if change else check_files)(names, settings, profiles, quiet=quiet)


def duplicates(since: str | None = "HEAD", *, config: str | None = None, quiet: bool = False) -> int:
    """Say which articles since a commit (None: all) are in the corpus already; return the exit code."""
    from cleaner.git.report import report_duplicates
    from cleaner.git.repository import GitError

    settings, profiles = _in_force(config)
    try:
        return report_duplicates(settings, profiles, since=since, quiet=quiet)
    except GitError as error:
        fail(str(error))


def _in_force(config: str | None) -> tuple[Settings, Mapping[str, Profile]]:
    """Return the settings that hold in this folder, and the site profiles that they name."""
    from cleaner.boilerplate.sites import site_profiles
    from cleaner.settings.load import settings_here

    try:
        settings = settings_here(config)
        return settings, site_profiles(settings.sites)
    except ValueError as error:
        fail(str(error))
