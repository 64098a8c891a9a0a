"""Settings of the near-duplicate stage, in a module of their own that loads nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearDuplicateSettings:
    """How alike two texts must be. Shares are of sets: of the different shingles, words or figures of a text."""

    shingle_words: int = 3
    """Words in a shingle. An edit breaks as many shingles; two words occur together by chance, three seldom."""
    shingle_characters: int = 5
    """Characters in a shingle where scripts are written without spaces: about three words."""
    permutations: int = 128
    """Slots of a signature. More find more of the pairs that are little alike, at 0.06 us a slot and article."""
    bands: int = 96
    """Bands of the signature; 96 of 3 rows find 74% of the pairs with a Jaccard similarity of 0.25, 97% at 0.35."""
    rows: int = 3
    """Slots in a band. With 2, pairs that share one sentence are too many in a large corpus; 4 miss edited copies."""
    opening_shingles: int = 48
    """Shingles at the beginning of a text that have a signature of their own, because a teaser or a cut copy may be
    too small a part of the whole for the signatures of all shingles to meet."""
    opening_permutations: int = 16
    """Slots of that signature,"""
    opening_bands: int = 32
    """and its bands, of as many rows: 92% of the pairs whose openings are three quarters alike are found."""
    seed: int = 1
    """Of the permutations; datasketch's default."""
    bucket_reach: int = 8
    """Texts of a bucket that each one in it is compared with, besides the first: a bound for buckets of any size."""
    candidates: int = 32
    """Texts that each one is compared with exactly, at most: those with the most similar signatures."""
    min_shingles: int = 16
    """Shorter texts are near-duplicates of identical ones alone: one-line items differ by the word that matters."""
    jaccard: float = 0.5
    """Share of common shingles from which on two texts are the same."""
    edited_jaccard: float = 0.3
    """The same for texts that were edited word by word, which the next three tell from shared passages:"""
    edited_words: float = 0.65
    """share of common words (texts with half of their sentences in common stay under 0.55),"""
    edited_min_shingles: int = 100
    """shingles of the shorter text (shorter ones are often filled-in templates),"""
    edited_figures: float = 0.2
    """share of figures that only one of them has, at most."""
    containment: float = 0.95
    """Share of the shorter text's shingles that the longer one has, from which on the shorter is a part of it."""
    abridged_containment: float = 0.85
    """The same for a shorter text that was also edited,"""
    abridged_words: float = 0.97
    """which has nearly no word of its own then (a text that has a sentence of its own has 0.88 to 0.96)."""
    contained_min_shingles: int = 60
    """Shingles of the shorter text at least: a short passage stands in articles that are not the same."""
    templates_apart: bool = True
    """Whether texts with the same words and other figures (results, weather, lottery numbers) are kept apart."""
    other_figures: float = 0.15
    """Share of figures that differ from which on that is so,"""
    figures_to_words: float = 2.0
    """and how many times greater it must be than the share of words that differ."""
