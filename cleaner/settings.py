"""Typed settings: `configs/default.toml`, then the user's `[tool.cleaner]` or `--config` file, then flags.

The defaults and their reasons stand in the TOML file alone; the classes here give each value its type. A key that does
not exist is an error that names the nearest one, because a misspelt setting that is quietly ignored costs days.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

from cleaner.resources import configs


class SettingsError(ValueError):
    """A settings file or flag that cannot be used; the text says which, where and what to type instead."""


class ReadSettings(msgspec.Struct, frozen=True):
    """How large an input may be."""

    max_bytes: int


class ExtractSettings(msgspec.Struct, frozen=True):
    """Limits and choices of the step from HTML to text."""

    timeout: float
    max_chars: int
    pages_per_worker: int
    metadata: bool
    min_share: float


class StripSettings(msgspec.Struct, frozen=True):
    """How boldly boilerplate is removed."""

    model: bool
    footer_share: float
    footer_markers: int


class SiteSettings(msgspec.Struct, frozen=True):
    """Where site profiles stand, and when a line is a site's."""

    folder: str
    learn: bool
    min_pages: int
    min_share: float
    min_pages_sentence: int
    sample: int


class DescribeSettings(msgspec.Struct, frozen=True):
    """Thresholds of language identification and of the flags."""

    language_chars: int
    min_words: int
    stub_words: int
    spun_points: float
    drop: tuple[str, ...]


class QualitySettings(msgspec.Struct, frozen=True):
    """Which published quality filters an article must pass."""

    filters: tuple[Literal["c4", "gopher", "gopher_repetition", "fineweb"], ...]


class GroupSettings(msgspec.Struct, frozen=True):
    """What is grouped, and in how much memory."""

    only: Literal["both", "near-duplicates", "stories"]
    memory: Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B?$")]

    @property
    def bytes(self) -> int:
        """Return the memory in bytes: a K is 1000 of them, a Ki 1024.

        >>> GroupSettings("both", "1.5 GiB").bytes
        1610612736
        """
        number = self.memory.rstrip("BiKMGT ")
        unit = self.memory[len(number) :].strip(" B")
        base = 1024 if unit.endswith("i") else 1000
        return int(float(number) * base ** " KMGT".index(unit[:1] or " "))


class NearDuplicateSettings(msgspec.Struct, frozen=True):
    """How alike two texts must be. Shares are of sets: of the different shingles, words or figures of a text."""

    shingle_words: int
    shingle_characters: int
    permutations: int
    bands: int
    rows: int
    opening_shingles: int
    opening_permutations: int
    opening_bands: int
    seed: int
    bucket_reach: int
    candidates: int
    min_shingles: int
    jaccard: float
    edited_jaccard: float
    edited_words: float
    edited_min_shingles: int
    edited_figures: float
    containment: float
    abridged_containment: float
    abridged_words: float
    contained_min_shingles: int
    templates_apart: bool
    other_figures: float
    figures_to_words: float


class StorySettings(msgspec.Struct, frozen=True):
    """What makes two articles one story. The defaults hold for five articles and for fifty thousand."""

    threshold: float
    steepness: float
    heavy_power: float
    lead_gain: float
    crowding_power: float
    crowd: int
    crowded_from: float
    crowded_alone: float
    crowded_theme: float
    throng: int
    thronged_from: float
    crowding_most: float
    step_power: float
    step_from: float
    step_most: float
    window_days: int
    week_decay_days: float
    decay_days: float
    undated_factor: float
    fade_words: float
    prior_documents: float
    kept_terms: int
    vector_terms: int
    signature_terms: int
    slots: int
    neighbours: int
    exact_documents: int
    whole_piece: int


class CanonicalSettings(msgspec.Struct, frozen=True):
    """Which member stands for its group, and what a group is."""

    by: Literal["best", "earliest", "latest", "longest", "central", "source"]
    per: Literal["story", "near-duplicates", "article"]
    sources: tuple[str, ...]
    complete: float


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Near-duplicates that may stay, and why."""

    files: tuple[str, ...]
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class IndexSettings(msgspec.Struct, frozen=True):
    """How an index that grows stores articles, and how far it looks."""

    batch: Annotated[int, msgspec.Meta(ge=1)]
    follow_seconds: float
    shingle_articles: int
    term_articles: int
    story_candidates: int
    story_groups: int
    linked_texts: int
    recount: Annotated[int, msgspec.Meta(ge=1)]


class GitSettings(msgspec.Struct, frozen=True):
    """The corpus that lives in git, and what is done about its near-duplicates."""

    corpus: tuple[str, ...]
    max_bytes: int
    duplicates: Literal["fail", "warn"]
    allow: tuple[Allowed, ...]


class Settings(msgspec.Struct, frozen=True):
    """All settings, a section for each stage."""

    read: ReadSettings
    extract: ExtractSettings
    strip: StripSettings
    sites: SiteSettings
    describe: DescribeSettings
    quality: QualitySettings
    group: GroupSettings
    near_duplicates: NearDuplicateSettings
    stories: StorySettings
    canonical: CanonicalSettings
    index: IndexSettings
    git: GitSettings

    def digest(self) -> str:
        """Return a hash of every value, to tell whether two results were made alike (64 hexadecimal digits)."""
        import hashlib

        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


Tables = Mapping[str, Mapping[str, Any]]


@functools.cache
def _defaults() -> dict[str, dict[str, Any]]:
    return tomllib.loads((configs() / "default.toml").read_text(encoding="utf-8"))


def load_settings(*overrides: tuple[str, Tables]) -> Settings:
    """Merge the defaults with tables that override them, the later the stronger.

    Each override comes with the name of where it stands, for the message of a `SettingsError`.

    >>> load_settings(("--config mine.toml", {"canonical": {"per": "article"}})).canonical.per
    'article'
    >>> load_settings(("mine.toml", {"canonical": {"pre": "article"}}))
    Traceback (most recent call last):
    ...
    cleaner.settings.SettingsError: mine.toml: there is no setting 'canonical.pre'; did you mean 'canonical.per'?
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
    files = [(str(path), read_tables(path))] if path else []
    return load_settings(*files, ("the command line", flags or {}))


def _nearest(name: str, names: Mapping[str, Any] | list[str]) -> str:
    import difflib

    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f"; did you mean '{found[0]}'?" if found else f"; there are: {', '.join(names)}"


def _check(where: str, section: str, values: Mapping[str, Any]) -> None:
    try:
        msgspec.convert(values, get_type_hints(Settings, include_extras=True)[section])
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where}: [{section}] {error}".replace("`$.", "`")) from None


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
