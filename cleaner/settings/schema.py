"""What can be set, as types: one class per section of `configs/default.toml` and `configs/tuning.toml`.

A type says which values make sense, and in words for the message that refuses the others.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=1, le=2**31 - 1, description="a whole number from 1")]
CountOrNone = Annotated[int, Meta(ge=0, le=2**31 - 1, description="a whole number from 0")]
Bytes = Annotated[int, Meta(ge=1, le=2**63 - 1, description="a whole number from 1")]
Days = Annotated[int, Meta(ge=0, le=36_500, description="whole days from 0 to 36,500")]
Slots = Annotated[int, Meta(ge=1, le=65_536, description="a whole number from 1 to 65,536")]
Seed = Annotated[int, Meta(ge=0, le=2**32 - 1, description="a whole number from 0 to 4,294,967,295")]
Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Number = Annotated[float, Meta(ge=0, le=1e9, description="a number from 0")]
Positive = Annotated[float, Meta(gt=0, le=1e9, description="a number above 0")]
Memory = Annotated[
    str, Meta(pattern=r"^[0-9]+(\.[0-9]+)? ?([KMGT]i?)?B?$", description='a size such as "512MB" or "2GiB"')
]
Flag = Literal["machine_spun", "not_article", "paywall_stub", "syndicated", "too_short", "truncated"]


class SettingsError(ValueError):
    """A settings file or flag that cannot be used; the text says which, where and what to type instead."""


class ReadSettings(msgspec.Struct, frozen=True):
    """How large an input may be."""

    max_bytes: Bytes


class ExtractSettings(msgspec.Struct, frozen=True):
    """Limits and choices of the step from HTML to text."""

    extractor: Literal["auto", "fast", "trafilatura", "best"]
    timeout: Positive
    max_chars: Count
    pages_per_worker: Count
    metadata: bool
    min_share: Share


class StripSettings(msgspec.Struct, frozen=True):
    """How boldly boilerplate is removed."""

    model: bool
    footer_share: Share
    footer_markers: Count


class SiteSettings(msgspec.Struct, frozen=True):
    """Where site profiles stand, and when a line is a site's."""

    folder: str
    learn: bool
    min_pages: Count
    min_share: Share
    min_pages_sentence: Count
    sample: Count


class DescribeSettings(msgspec.Struct, frozen=True):
    """Thresholds of language identification and of the flags."""

    language_chars: Count
    min_words: CountOrNone
    stub_words: CountOrNone
    spun_points: Positive
    drop: tuple[Flag, ...]


class QualitySettings(msgspec.Struct, frozen=True):
    """Which published quality filters an article must pass."""

    filters: tuple[Literal["c4", "gopher", "gopher_repetition", "fineweb"], ...]


class GroupSettings(msgspec.Struct, frozen=True):
    """What is grouped, and in how much memory."""

    only: Literal["both", "near-duplicates", "stories"]
    memory: Memory

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

    shingle_words: Count
    shingle_characters: Count
    sketch_slots: Slots
    bands: Slots
    band_slots: Slots
    opening_shingles: Count
    opening_slots: Slots
    opening_bands: Slots
    seed: Seed
    bucket_reach: Count
    candidates: Count
    min_shingles: Count
    jaccard: Share
    edited_jaccard: Share
    edited_words: Share
    edited_min_shingles: Count
    edited_figures: Share
    containment: Share
    abridged_containment: Share
    abridged_words: Share
    contained_min_shingles: Count
    templates_apart: bool
    other_figures: Share
    figures_to_words: Number

    def __post_init__(self) -> None:
        """Refuse bands that are wider than a sketch; raises ValueError."""
        if self.band_slots > min(self.sketch_slots, self.opening_slots):
            raise ValueError(
                f"near_duplicates.band_slots = {self.band_slots} does not fit; it takes at most as many slots as "
                f"sketch_slots ({self.sketch_slots}) and opening_slots ({self.opening_slots})"
            )


class StorySettings(msgspec.Struct, frozen=True):
    """What makes two articles one story. The defaults hold for five articles and for fifty thousand."""

    threshold: Annotated[float, Meta(gt=0, le=1, description="a number above 0, up to 1")]
    steepness: Positive
    heavy_power: Number
    lead_gain: Number
    crowding_power: Number
    crowd: Count
    crowded_from: Share
    crowded_alone: Number
    crowded_theme: Number
    throng: Count
    thronged_from: Share
    crowding_most: Number
    step_power: Number
    step_from: Number
    window_days: Days
    week_decay_days: Positive
    decay_days: Positive
    undated_factor: Share
    fade_words: Positive
    prior_documents: Number
    kept_terms: Slots
    vector_terms: Slots
    signature_terms: Slots
    slots: Slots
    neighbours: Count
    exact_documents: CountOrNone
    whole_piece: CountOrNone


class CanonicalSettings(msgspec.Struct, frozen=True):
    """Which member stands for its group, and what a group is."""

    by: Literal["best", "earliest", "latest", "longest", "central", "source"]
    per: Literal["story", "near-duplicates", "article"]
    sources: tuple[str, ...]
    complete: Share
    sure: Share


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Near-duplicates that may stay, and why."""

    files: tuple[str, ...]
    reason: Annotated[str, msgspec.Meta(min_length=1)]


class IndexSettings(msgspec.Struct, frozen=True):
    """How an index that grows stores articles, and how far it looks."""

    batch: Count
    follow_seconds: Number
    shingle_articles: Count
    term_articles: Count
    story_candidates: CountOrNone
    story_groups: Count
    linked_texts: Count
    recount: Count


class GitSettings(msgspec.Struct, frozen=True):
    """The corpus that lives in git, and what is done about its near-duplicates."""

    corpus: tuple[str, ...]
    max_bytes: Bytes
    duplicates: Literal["fail", "warn"]
    allow: Annotated[tuple[Allowed, ...], Meta(description="a list of tables of `files` and `reason`")]


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
