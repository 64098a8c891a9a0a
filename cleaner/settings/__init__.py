"""What can be set: types in `schema`, and how defaults, the project's file and flags are merged in `load`.

Knows no other room. A key that does not exist is an error that names the nearest one.
"""

from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "load_settings"]
