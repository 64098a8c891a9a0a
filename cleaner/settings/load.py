"""Typed settings: the defaults of `configs/`, then the user's `[tool.cleaner]` or `--config` file, then flags.

The defaults and their reasons stand in `default.toml` (for people) and `tuning.toml` (what was fitted to data) alone;
`schema` gives each value its type. A key that does not exist is an error that names the nearest one, because a misspelt
setting that is quietly ignored costs days.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from cleaner.resources import configs
from cleaner.settings.schema import Settings, SettingsError

Tables = Mapping[str, Mapping[str, Any]]


@functools.cache
def _defaults() -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for name in ("default.toml", "tuning.toml"):
        for section, values in tomllib.loads((configs() / name).read_text(encoding="utf-8")).items():
            merged.setdefault(section, {}).update(values)
    return merged


def load_settings(*overrides: tuple[str, Tables]) -> Settings:
    """Merge the defaults with tables that override them, the later the stronger.

    Each override comes with the name of where it stands, for the message of a `SettingsError`.

    >>> load_settings(("--config mine.toml", {"canonical": {"per": "article"}})).canonical.per
    'article'
    >>> load_settings(("mine.toml", {"canonical": {"pre": "article"}}))
    Traceback (most recent call last):
    ...
    cleaner.settings.schema.SettingsError: mine.toml: there is no setting 'canonical.pre'; did you mean 'canonical.per'?
    """
    merged = {section: dict(values) for section, values in _defaults().items()}
    for where, tables in overrides:
        for section, values in tables.items():
            if section not in merged:
                raise SettingsError(f"{where}: there is no section [{section}]{_nearest(section, merged)}")
            if not isinstance(values, Mapping):
                raise SettingsError(f"{where}: [{section}] is a section of settings, not a value")
            for key, value in values.items():
                if key not in merged[section]:
                    near = _nearest(f"{section}.{key}", [f"{section}.{known}" for known in merged[section]])
                    raise SettingsError(f"{where}: there is no setting '{section}.{key}'{near}")
                merged[section][key] = value
            _check(where, section, merged[section])
    return msgspec.convert(merged, Settings)


def settings_here(config: str | None = None, flags: Tables | None = None) -> Settings:
    """Return the settings that hold in this folder: a file's, or else the project's; flags are stronger than either.

    Raises SettingsError.
    """
    path = Path(config) if config else find_project(Path.cwd())
    files = [(str(path), _with_folder(read_tables(path), path.parent))] if path else []
    return load_settings(*files, ("the command line", flags or {}))


def _with_folder(tables: Tables, folder: Path) -> Tables:
    """Return the tables with `sites.folder`, written as seen from a folder, as seen from here.

    Not as an absolute path: that would give the same settings another digest on each machine.
    """
    match tables:
        case {"sites": {"folder": str(below), **others}} if below:
            return {**tables, "sites": {**others, "folder": str(Path(os.path.relpath(folder)) / below)}}
    return tables


def _nearest(name: str, names: Mapping[str, Any] | list[str]) -> str:
    import difflib

    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else f"; there are: {', '.join(names)}"


def _check(where: str, section: str, values: Mapping[str, Any]) -> None:
    kind = _kinds(Settings)[section]
    try:
        msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        if not (found := re.search(r" - at `\$\.(\w+)[^`]*`$", str(error))):
            raise SettingsError(f"{where}: {error}") from None
        key = found[1]
        value = msgspec.json.encode(values[key], enc_hook=repr).decode()
        allowed = _allowed(_kinds(kind)[key])
        raise SettingsError(f"{where}: {section}.{key} = {value} does not fit; it takes {allowed}") from None


@functools.cache
def _kinds(settings: type) -> dict[str, Any]:
    return get_type_hints(settings, include_extras=True)


def _allowed(kind: Any) -> str:
    """Say in words which values a type takes."""
    if isinstance(kind, type):
        return {bool: "true or false", str: "text"}[kind]
    if hasattr(kind, "__metadata__"):
        return str(kind.__metadata__[0].description)
    names = get_args(kind)
    if get_origin(kind) is Literal:
        *others, last = (f'"{name}"' for name in names)
        return f"{', '.join(others)} or {last}"
    return f"a list of {_allowed(names[0]).removeprefix('a ')}"


def read_tables(path: Path) -> Tables:
    """Read a settings file: its own sections, or those below `[tool.cleaner]` in a `pyproject.toml`.

    Raises SettingsError if the file cannot be read or is no TOML.
    """
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None
    if path.name == "pyproject.toml":
        tables = tables.get("tool", {}).get("cleaner", {})
    return tables


def find_project(folder: Path) -> Path | None:
    """Return the nearest `pyproject.toml` in a folder or above it that has a `[tool.cleaner]` table."""
    for parent in (folder, *folder.parents):
        path = parent / "pyproject.toml"
        if path.is_file() and b"[tool.cleaner" in path.read_bytes():
            return path
    return None
