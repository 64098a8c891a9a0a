"""What each fitted setting of the story decision is worth: each is turned off alone, and the groups are scored.

usage: python tests/bench/story_ablation.py SET.jsonl[.gz]... [--sparse SET.jsonl.gz PAIRS.jsonl]

The sets are those of `stories.py`. --sparse adds one in which nearly every article is alone, with its labelled pairs
(`a`, `b` and `label`: same, unsure or different; a pair that is not listed is different). Prints a Markdown table: the
B-cubed F1 of each set, and right, false and missed pairs of the sparse one. What changes nothing has no worth.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
from stories import Article, cleaner, read, score, stem

from cleaner.settings.load import load_settings

OFF: dict[str, Any] = {
    "heavy_power": 0.0,
    "lead_gain": 0.0,
    "crowding_power": 0.0,
    "crowded_from": 0.9,
    "crowded_alone": 0.0,
    "crowded_theme": 0.0,
    "thronged_from": 0.9,
    "step_power": 0.0,
    "step_from": 0.0,
    "undated_factor": 1.0,
    "fade_words": 1e6,
    "prior_documents": 1e-3,
    "vector_terms": 48,
    "week_decay_days": 80.0,
    "decay_days": 9.0,
}
"""What turns each setting off, or next to it."""


def judged(articles: list[Article], labels: list[int], known: dict[frozenset[str], str]) -> str:
    """Return right, false and missed pairs, without those that are unsure."""
    groups: dict[int, list[str]] = defaultdict(list)
    for article, label in zip(articles, labels, strict=True):
        groups[label].append(str(article["id"]))
    said = {frozenset(pair) for members in groups.values() for pair in combinations(members, 2)}
    told = [known.get(pair, "different") for pair in said]
    missed = sum(label == "same" for pair, label in known.items() if pair not in said)
    return f"{told.count('same')} / {told.count('different')} / {missed}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument("--sparse", type=Path, nargs=2, metavar=("SET", "PAIRS"))
    given = parser.parse_args()
    sets = {stem(path): read(path) for path in given.sets}
    sparse, known = ([], {}) if given.sparse is None else (read(given.sparse[0]), {})
    if given.sparse is not None:
        pairs = map(json.loads, given.sparse[1].read_text().splitlines())
        known = {frozenset((str(pair["a"]), str(pair["b"]))): pair["label"] for pair in pairs}
    columns = [*sets, *(["sparse"] if sparse else [])]
    print("| off |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    how = load_settings().stories
    for name, value in {"": None, **OFF}.items():
        changed = msgspec.structs.replace(how, **{name: value}) if name else how
        cells = []
        for articles in sets.values():
            gold = [str(article["cluster"]) for article in articles]
            cells.append(f"{score(gold, cleaner(articles, changed))[0]:.4f}")
        if sparse:
            cells.append(judged(sparse, cleaner(sparse, changed), known))
        print(f"| {name or 'nothing'} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
