"""Train the block model: pages of plain text with gold bodies in, `configs/blockmodel.json` out.

usage: python tests/bench/train_blockmodel.py FOLDER... [--articles FILE]... [-o MODEL] [--folds N]

Every FOLDER is a data set: `ground-truth.json` maps a page's id to {"articleBody", "url", "title"}, and every other
`*.jsonl` or `*.jsonl.gz` in it is a way of making plain text of the pages: {"id", "text"} a line. Pages come to the
model as `cleaner` itself brings them there: repaired, cut into blocks, phrases matched and the title looked for.
`--articles` names JSON lines of clean articles ({"text"}, paragraphs as indented lines or after blank lines) of which
nothing may be cut. Besides the pages themselves the model sees them cropped around the body, and the gold bodies alone.
Cross-validation is grouped by site; its figures go into the model's `recipe`. Needs lightgbm, which is for training
only. The same input gives the same model.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import random
import re
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from cleaner.boilerplate.annotation import annotate
from cleaner.boilerplate.facts import Title, read_facts
from cleaner.boilerplate.model import model as blockmodel
from cleaner.boilerplate.model.decision import PAGE_FEATURES, Decision, page_features
from cleaner.boilerplate.model.features import NAMES, PageBlocks, features
from cleaner.boilerplate.model.model import BlockModel, Data, Judgement, words_of
from cleaner.judging.choice import probabilities
from cleaner.judging.page_arrays import Floats, Layout
from cleaner.judging.trees import Tree
from cleaner.stages.repair import repair

try:
    import lightgbm  # type: ignore[import-not-found]  # for training only, so not in the environment
except ImportError:
    sys.exit("training needs lightgbm: pip install lightgbm (cleaner itself does not)")

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 16,
    "max_depth": 7,
    "min_data_in_leaf": 100,
    "lambda_l2": 2.0,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 63,
    "seed": 1,
    "deterministic": True,
    "force_col_wise": True,
    "num_threads": 2,
    "verbose": -1,
}
ROUNDS = 140
CLEAN_PARAMETERS = {**PARAMETERS, "num_leaves": 6, "min_data_in_leaf": 30, "feature_fraction": 0.5}
CLEAN_ROUNDS = 40
CLEAN_WEIGHT = 0.5  # of a gold body or an article, against a page
DECISION = Decision(
    page_share=0.6,
    long_share=0.8,
    remove_below=0.25,
    budget=0.1,
    long_budget=0.1,
    sure_below=0.04,
    clean=0.04,
    clean_remove_below=0.03,
)

_WORDS = re.compile(r"\w+")


@dataclass
class Example:
    """A page in one of its forms, with how much of each block is body."""

    source: str
    kind: str
    id: str
    site: str
    page: PageBlocks  # as the model sees it
    share: Floats  # (blocks,) how much of it is body, 0 to 1
    gold: str
    title: str = ""
    page_weight: float = 1.0  # for the model of clean pages
    values: Floats = dataclasses.field(default_factory=lambda: np.zeros((0, 0)))  # (features, blocks)
    body: Floats = dataclasses.field(default_factory=lambda: np.zeros(0))  # by a model that has not seen the site
    fold: int = 0

    @property
    def blocks(self) -> Sequence[str]:
        return self.page.texts

    @property
    def layout(self) -> Layout:
        return Layout.of([len(self.blocks)])

    @property
    def words(self) -> Floats:
        return words_of(self.values)

    @property
    def name(self) -> str:
        return f"{self.source} {self.kind}"

    @property
    def made(self) -> bool:
        return self.kind.endswith("-cropped")

    @property
    def pure(self) -> bool:
        return bool((self.share >= 0.5).all())


def page_of(text: str, url: str = "", title: str = "") -> PageBlocks:
    """Bring a page to where the model sees it: repaired, its phrases matched and its title looked for."""
    blocks = annotate(repair(text)[0])
    facts = read_facts(blocks, title=Title(title, "record") if title else None, url=url or None)
    return PageBlocks(
        [block.text for block in blocks], url or None, title or facts.title, [block.match for block in blocks]
    )


def site_of(url: str) -> str:
    """Return the registered domain of an address, near enough."""
    parts = urlsplit(url).netloc.lower().partition(":")[0].split(".")
    deep = len(parts) > 2 and len(parts[-2]) <= 3 and len(parts[-1]) <= 3
    return ".".join(parts[-3 if deep else -2 :])


def grams(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Count the 4-grams; a shorter text is one gram."""
    return Counter(tuple(tokens[i : i + 4]) for i in range(max(1, len(tokens) - 3))) if tokens else Counter()


def label(blocks: Sequence[str], gold: str) -> Floats:
    """Return how much of each block is in the gold body, by 4-grams; short blocks are judged with their neighbours.

    Of equal blocks that the gold body has once, the one with the most body around it is meant.
    """
    wanted = grams(_WORDS.findall(gold))
    lines = Counter(tuple(_WORDS.findall(line)) for line in gold.split("\n"))
    tokens = [tuple(_WORDS.findall(block)) for block in blocks]
    share = np.array([_covered(t, wanted) if len(t) >= 4 else 0.0 for t in tokens])
    equal: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, t in enumerate(tokens):
        if share[i] > 0.5:
            equal[t].append(i)
    for t, same in equal.items():
        if len(same) > 1 and lines[t] <= 1:
            sizes = np.minimum([len(t) for t in tokens], 40)
            around = [(share * sizes)[max(0, i - 3) : i + 4].sum() - share[i] * sizes[i] for i in same]
            best = same[int(np.argmax(around))]
            share[[i for i in same if i != best]] = 0
    for i, t in enumerate(tokens):
        if 0 < len(t) < 4:
            before = [word for u in tokens[max(0, i - 3) : i] for word in u][-3:]
            after = [word for u in tokens[i + 1 : i + 4] for word in u][:3]
            between = i > 0 and share[i - 1] > 0.5 and bool((share[i + 1 : i + 3] > 0.5).any())
            share[i] = _covered([*before, *t, *after], wanted) > 0.5 or (lines[t] > 0 and between)
    return share


def _covered(tokens: Sequence[str], wanted: Counter[tuple[str, ...]]) -> float:
    found = [tuple(tokens[i : i + 4]) in wanted for i in range(len(tokens) - 3)]
    return sum(found) / len(found) if found else 0.0


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_folder(folder: Path) -> Iterator[Example]:
    """Give every page in all its forms, and its gold body alone."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for path in sorted(folder.glob("*.jsonl*")):
        kind = path.name.partition(".")[0].rpartition("-")[2]
        for row in rows(path):
            gold = truth[row["id"]]
            url, body = gold.get("url") or row.get("url") or "", gold["articleBody"]
            page = page_of(row["text"], url)
            share = label(page.texts, body)
            yield Example(folder.name, kind, row["id"], site_of(url), page, share, body, gold.get("title") or "")
    for key, gold in truth.items():
        if (page := page_of(gold["articleBody"])).texts:
            yield Example(folder.name, "clean", key, site_of(gold.get("url") or ""), page, np.ones(len(page.texts)), "")


def read_articles(path: Path, every: int) -> Iterator[Example]:
    """Give every n-th of the clean articles; each is a site of its own."""
    for number, row in enumerate(rows(path)):
        if number % every == 0 and (page := page_of(row["text"])).texts:
            site, body = f"{path.name}/{number}", np.ones(len(page.texts))
            yield Example(path.name.partition(".")[0], "clean", str(number), site, page, body, "", page_weight=0.3)


def crops(examples: Iterable[Example], chance: random.Random) -> Iterator[Example]:
    """Cut pages down to the body and up to eight blocks beside it, with and without address, title and list marks."""
    near = (0, 0, 1, 2, 4, 8)
    for example in examples:
        body = np.flatnonzero(example.share > 0.5)
        if example.kind == "clean" or len(body) < 3:
            continue
        part = slice(max(0, body[0] - chance.choice(near)), body[-1] + 1 + chance.choice(near))
        url = (example.page.url or "") if chance.random() < 0.5 else ""
        title = example.title if chance.random() < 0.5 else ""
        blocks = example.blocks[part]
        if chance.random() < 0.5:
            blocks = [re.sub(r"^[•*]\s+", "", block) for block in blocks]
        page = page_of("\n\n".join(blocks), url, title)
        if len(page.texts) == len(blocks):
            yield dataclasses.replace(example, kind=f"{example.kind}-cropped", page=page, share=example.share[part])


def assign_folds(examples: list[Example], folds: int) -> None:
    """Put every site into one fold, so that the sites of each source are spread evenly."""
    number: dict[str, int] = {}
    for source in sorted({e.source for e in examples}):
        sites = sorted(
            {e.site for e in examples if e.source == source} - number.keys(), key=lambda s: (zlib.crc32(s.encode()), s)
        )
        number |= {site: i % folds for i, site in enumerate(sites)}
    for example in examples:
        example.fold = number[example.site]


def weights(example: Example) -> Floats:
    """Weigh blocks by their words, and pages nearly alike however long they are."""
    weight = np.minimum(example.words, 80) + 2
    weight *= 300 / max(weight[example.share > 0.5].sum(), 60)
    weight *= min(1, 2000 / weight.sum())
    return np.asarray(weight * (CLEAN_WEIGHT if example.kind == "clean" else 1))


def fit_blocks(examples: list[Example]) -> lightgbm.Booster:
    values = np.concatenate([e.values.T for e in examples])
    wanted = np.concatenate([e.share > 0.5 for e in examples])
    data = lightgbm.Dataset(values, wanted, weight=np.concatenate([weights(e) for e in examples]))
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def fit_clean(examples: list[Example]) -> lightgbm.Booster:
    values = np.concatenate([page_features(e.layout, e.body, e.words) for e in examples], axis=1).T
    data = lightgbm.Dataset(values, [e.pure for e in examples], weight=[e.page_weight for e in examples])
    return lightgbm.train(CLEAN_PARAMETERS, data, CLEAN_ROUNDS)


def predict(model: lightgbm.Booster, examples: list[Example]) -> None:
    scores = np.asarray(model.predict(np.concatenate([e.values.T for e in examples]), raw_score=True))
    scores = probabilities(scores)
    for example, part in zip(
        examples, np.split(scores, np.cumsum([len(e.blocks) for e in examples])[:-1]), strict=True
    ):
        example.body = part


def trees(model: lightgbm.Booster) -> list[Tree]:
    return [_tree(info["tree_structure"]) for info in model.dump_model()["tree_info"]]


def _tree(root: dict[str, Any]) -> Tree:
    tree = Tree([], [], [], [], [])

    def walk(node: dict[str, Any]) -> int:
        if "split_feature" not in node:
            tree.value.append(round(node["leaf_value"], 5))
            return -len(tree.value)
        at = len(tree.feature)
        tree.feature.append(node["split_feature"])
        tree.threshold.append(float(node["threshold"]))
        tree.left.append(0)
        tree.right.append(0)
        tree.left[at] = walk(node["left_child"])
        tree.right[at] = walk(node["right_child"])
        return at

    walk(root)
    return tree


def figures(
    examples: list[Example], empty: Counter[str], choose: Callable[[Example], Judgement]
) -> dict[str, dict[str, float]]:
    """Score what is kept: F1 of mean precision and recall by 4-grams, lost body, clean articles that were touched.

    Pages without any text have a recall of 0; they are only counted.
    """
    found: dict[str, dict[str, float]] = {}
    for name in sorted({e.name for e in examples if not e.made}):
        part = [e for e in examples if e.name == name]
        kept = [choose(e).keep for e in part]
        if name.endswith("clean"):
            found[name] = {"pages": len(part), "touched": round(sum(not k.all() for k in kept) / len(part), 4)}
            continue
        scores = np.array([_score(e, keep) for e, keep in zip(part, kept, strict=True)])
        hits, size, wanted, before = scores.T
        precision = (hits / np.maximum(size, 1))[size > 0].mean()
        recall = (hits / np.maximum(wanted, 1)).sum() / (len(part) + empty[name])
        found[name] = {
            "pages": len(part) + empty[name],
            "f1": round(float(2 * precision * recall / (precision + recall)), 4),
            "precision": round(float(precision), 4),
            "recall": round(float(recall), 4),
            "body_lost": round(float(1 - hits.sum() / before.sum()), 4),
            "pages_losing_a_third": int(((before - hits > before / 3) & (before >= 0.2 * wanted)).sum()),
        }
    return found


def _score(example: Example, keep: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    wanted = grams(_WORDS.findall(example.gold))
    kept = grams(_WORDS.findall("\n".join(b for b, k in zip(example.blocks, keep, strict=True) if k)))
    before = grams(_WORDS.findall("\n".join(example.blocks)))
    return (wanted & kept).total(), kept.total(), wanted.total(), (wanted & before).total()


def data(blocks: lightgbm.Booster, clean: lightgbm.Booster, recipe: dict[str, object]) -> Data:
    return Data(blockmodel.FORMAT, list(NAMES), list(PAGE_FEATURES), trees(blocks), trees(clean), DECISION, recipe)


def cross_validate(examples: list[Example], empty: Counter[str], folds: int) -> dict[str, dict[str, float]]:
    """Score every page by models that have not seen its site; leaves the probabilities in the examples."""
    models = {}
    for fold in range(folds):
        models[fold] = fit_blocks([e for e in examples if e.fold != fold])
        predict(models[fold], [e for e in examples if e.fold == fold])
        print(f"fold {fold + 1} of {folds}", file=sys.stderr)
    for fold in range(folds):
        clean = fit_clean([e for e in examples if e.fold != fold])
        models[fold] = BlockModel(data(models[fold], clean, {}))
    return figures(examples, empty, lambda e: models[e.fold].decide(e.layout, e.body, e.words)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--articles", action="append", default=[], type=Path)
    parser.add_argument("--every", type=int, default=20, help="take every n-th of the articles (default: 20)")
    parser.add_argument("--folds", type=int, default=5, help="0 leaves out the cross-validation's figures")
    parser.add_argument("-o", "--output", type=Path, default=Path("configs/blockmodel.json"))
    args = parser.parse_args()
    start = time.process_time()
    found = [example for folder in args.folders for example in read_folder(folder)]
    found += [example for path in args.articles for example in read_articles(path, args.every)]
    empty = Counter(e.name for e in found if not e.blocks)
    pages = [e for e in found if e.blocks]
    assign_folds(pages, args.folds)
    chance = random.Random(5)  # noqa: S311 - the same pages every time, not secrets
    examples = [*pages, *crops(pages, chance)]
    for example in examples:
        example.values = features([example.page])
    print(f"{len(examples)} examples, {time.process_time() - start:.0f} s", file=sys.stderr)
    validated = cross_validate(examples, empty, args.folds)
    blocks, clean = fit_blocks(examples), fit_clean(examples)
    recipe: dict[str, object] = {
        "examples": dict(sorted(Counter(e.name for e in examples).items())),
        "sites": len({e.site for e in examples}),
        "blocks": sum(len(e.blocks) for e in examples),
        "folds": args.folds,
        "lightgbm": lightgbm.__version__,
        "rounds": [ROUNDS, CLEAN_ROUNDS],
        "parameters": PARAMETERS,
        "clean_parameters": CLEAN_PARAMETERS,
        "cross_validation": validated,
    }
    model = data(blocks, clean, recipe)
    predict(blocks, examples)
    shipped = BlockModel(model)
    recipe["in_sample"] = figures(examples, empty, lambda e: shipped.decide(e.layout, e.body, e.words)[0])
    write(model, args.output)
    for name in ("cross_validation", "in_sample"):
        print(name, json.dumps(recipe[name], indent=1))
    print(
        f"{args.output}: {args.output.stat().st_size / 1024:.0f} KB, {time.process_time() - start:.0f} s",
        file=sys.stderr,
    )


def write(model: Data, path: Path) -> None:
    """Write one tree a line, so that two models can be compared."""
    import msgspec

    plain = msgspec.to_builtins(model)
    lines = [f'"{key}": {json.dumps(value)}' for key, value in plain.items() if key not in {"blocks", "clean"}]
    for key in ("blocks", "clean"):
        written = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in plain[key])
        lines += [f'"{key}": [\n{written}\n]']
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
