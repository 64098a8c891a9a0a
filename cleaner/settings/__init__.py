"""What can be set: types in `schema`, and how defaults, the project's file and flags are merged in `load`.

The values stand outside the package: `configs/default.toml` holds what people set, `configs/tuning.toml` what was
fitted, with the benchmark that fitted it. A key that does not exist is an error that names the nearest one.
"""

from cleaner.settings.load import load_settings
from cleaner.settings.schema import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "load_settings"]
