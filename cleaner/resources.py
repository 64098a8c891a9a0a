"""Where the data files that ship with `cleaner` are: in the wheel beside the code, in a checkout above it."""

from __future__ import annotations

import functools
from pathlib import Path


@functools.cache
def configs() -> Path:
    """Return the folder that holds `default.toml`, `tuning.toml`, `boilerplate/` and the models.

    A wheel carries it as `cleaner/configs`; a checkout (and an editable install of it) has it at the top, where
    people look for it. Raises FileNotFoundError if neither is there, which means a broken installation.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "configs", package.parent / "configs"):
        if (folder / "default.toml").is_file():
            return folder
    raise FileNotFoundError(f"cleaner's data files are missing: there is no 'configs' in {package} or above it")
