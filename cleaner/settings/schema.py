"""What can be set, as types: a class a section of `configs/default.toml`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


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
