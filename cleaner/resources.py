"""Where the data that ships with the package stands."""

from __future__ import annotations

from pathlib import Path


def configs() -> Path:
    """Return the folder `configs/`: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "configs"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "configs"
