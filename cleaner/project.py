"""What a command starts from where it is called: the settings and site profiles that hold there.

The hooks start without the command line's library, so nothing here imports it.
"""

from __future__ import annotations

import sys
from typing import NoReturn

from cleaner.settings import Settings, settings_here
from cleaner.sites import Profile, site_profiles


def in_force(config: str | None) -> tuple[Settings, dict[str, Profile]]:
    """Return the settings that hold in this folder and the site profiles they name. Ends the program on a mistake."""
    try:
        settings = settings_here(config)
        return settings, site_profiles(settings.sites)
    except ValueError as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """End the program because of a user's mistake."""
    print(f"cleaner: {message}", file=sys.stderr)
    raise SystemExit(2)
