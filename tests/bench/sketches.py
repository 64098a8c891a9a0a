"""The sketch that decides inside beside datasketch's permutations, on the same shingles of the same texts.

usage: python tests/bench/sketches.py ARTICLES.jsonl

Near-duplicates are found by one-permutation sketches of 16 bits; `cleaner.signatures` gives datasketch's `affine32`
signatures. This prints for both: microseconds of CPU an article (shingles excluded), bytes an article, the standard
error of the Jaccard similarity they estimate, how many of the pairs with an exact similarity of 0.25, 0.35 and 0.5 or
more meet in the bands of the settings, and how many candidate pairs that takes. Pairs are those that share a bucket in
bands of two slots of either, which finds nearly all of any likeness.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cleaner.minhash.bands import agreements, band_slots, candidates
from cleaner.minhash.shingles import Shingles, shingles
from cleaner.minhash.signatures import signatures
from cleaner.minhash.sketches import sketches
from cleaner.settings import load_settings
from cleaner.words.tokenising import BYTES_PER_BATCH, batches, words

LIMITS = (0.25, 0.35, 0.5)


def exact(grams: list[NDArray[np.uint32]], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of the shingles of each pair."""
    found = np.zeros(left.size)
    for at, (one, other) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        shared = np.intersect1d(grams[one], grams[other], assume_unique=True).size
        found[at] = shared / (grams[one].size + grams[other].size - shared)
    return found


def main(path: str) -> None:
    how = load_settings().near_duplicates
    with Path(path).open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    parts: list[Shingles] = [shingles(words(some)) for some in batches(texts, BYTES_PER_BATCH, len)]
    slots = 128
    made: dict[str, NDArray[np.unsignedinteger]] = {}
    for name in ("one permutation, 16 bits", "affine32 of datasketch"):
        start = time.process_time()
        if name.startswith("one"):
            made[name] = np.concatenate([sketches(part, slots, how.seed) for part in parts], axis=1)
        else:
            made[name] = np.concatenate([signatures(part, slots).T for part in parts], axis=1)
        spent = (time.process_time() - start) / len(texts) * 1e6
        print(f"{name}: {spent:.1f} us, {made[name].nbytes / len(texts):.0f} bytes an article")
    grams = [
        np.unique(part.hashes[part.offsets[at] : part.offsets[at + 1]])
        for part in parts
        for at in range(part.offsets.size - 1)
    ]
    wide = [np.stack(candidates(sketch, band_slots(slots, 64, 2, 1), 8)) for sketch in made.values()]
    left, right = np.unique(np.concatenate(wide, axis=1), axis=1)
    likeness = exact(grams, left, right)
    for name, sketch in made.items():
        wrong = agreements(sketch, left, right) / slots - likeness
        met_left, met_right = candidates(sketch, band_slots(slots, how.bands, 3, how.seed), how.bucket_reach)
        count = len(texts)
        found = np.isin(left * count + right, met_left * count + met_right)
        recalls = ", ".join(f"{found[likeness >= limit].mean():.4f} at {limit}" for limit in LIMITS)
        some = likeness >= LIMITS[0]
        print(
            f"{name}: standard error {np.sqrt((wrong[some] ** 2).mean()):.4f}; found {recalls}; {met_left.size} pairs"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
