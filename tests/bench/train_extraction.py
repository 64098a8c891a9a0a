"""Train the judge of HTML blocks and write `configs/extraction.json`; needs LightGBM, which brings scipy.

usage: python tests/bench/train_extraction.py FOLDER... [--weight FOLDER=N] [--folds 4] [-o FILE]

A FOLDER holds labelled pages: `ground-truth.json`, {key: {"articleBody": ..., "url": ...}}, and `html/KEY.html.gz`. The
same folders give the same file, whatever is printed. Three things are learned: how much each word of class names and
ids speaks for body (a logistic regression), from that and the page's tree how probable each block is body (boosted
trees), and how well both do on sites that they have not seen (cross-validation over sites). Real pages hold one
article; pages that hold another below theirs, or more comments than article, are rare in collections and frequent in
crawls, so such pages are made: with another page's article or comments behind their own.
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
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import lightgbm
import msgspec
import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from train_blockmodel import grams, label, site_of, trees

from cleaner.extraction import by_trafilatura
from cleaner.extraction.attributes import ElementWords, hints, numberless
from cleaner.extraction.features import COLUMNS, features
from cleaner.extraction.model import FORMAT, Data, ExtractionModel, Judgement
from cleaner.extraction.parsing import parse
from cleaner.extraction.segmenting import TAGS, Blocks, segment
from cleaner.formats.charset import decode
from cleaner.judging.page_arrays import Floats
from cleaner.settings.load import load_settings
from cleaner.settings.schema import ExtractSettings

Words = tuple[dict[str, float], dict[str, float]]
"""Weights of words of class names and ids: of any element around, of a near one."""
_WORDS = re.compile(r"\w+")
_CANONICAL = re.compile(
    r"""<(?:link[^>]*rel=["']?canonical|meta[^>]*og:url)[^>]*?(?:href|content)=["']?(https?://[^"'\s>]+)""",
    re.IGNORECASE,
)
ROUNDS = 150
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.1,
    "num_leaves": 16,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 3.0,
    "max_bin": 127,
    "verbose": -1,
    "seed": 1,
    "num_threads": 2,
    "force_col_wise": True,
    "deterministic": True,
    "use_missing": False,
}
SITES_OF_A_WORD = 5  # on which it must stand to be learned
WEIGHT = 0.03  # of the data against the penalty on weights
MADE = 0.1  # chance of a page to be made into one of each of four
MADE_WEIGHT = 0.2  # of a made page, against a real one


@dataclasses.dataclass
class Example:
    """A page with its labels."""

    folder: str
    key: str
    site: str
    title: str
    gold: str
    body: bytes
    weight: float = 1.0
    made: bool = False
    fold: int = 0
    blocks: Blocks = None  # type: ignore[assignment]
    share: Floats = None  # type: ignore[assignment]
    wanted: Counter[tuple[str, ...]] = dataclasses.field(default_factory=Counter)

    def segmented(self) -> Example:
        self.blocks = segment([self.body])
        self.share = np.asarray(label(self.blocks.texts, self.gold)) if self.blocks.texts else np.zeros(0)
        self.wanted = grams(_WORDS.findall(self.gold))
        return self


def read_html(folder: Path, key: str) -> str:
    return decode(gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes()), html=True)[0]


def read_folder(folder: Path, weight: float) -> Iterator[Example]:
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    for key, gold in truth.items():
        html = read_html(folder, key)
        found = _CANONICAL.search(html)
        url = gold.get("url") or (found[1] if found else "")
        page = parse(html)
        site = site_of(url) or f"{folder.name}/{key}"
        yield Example(folder.name, key, site, page.title, gold["articleBody"], page.body, weight).segmented()


def assign_folds(examples: Sequence[Example], folds: int) -> None:
    """Put every site into one fold, the folders' sites spread evenly."""
    number: dict[str, int] = {}
    for folder in sorted({e.folder for e in examples}):
        sites = sorted({e.site for e in examples if e.folder == folder} - number.keys())
        sites.sort(key=lambda site: zlib.crc32(site.encode()))
        number |= {site: i % folds for i, site in enumerate(sites)}
    for example in examples:
        example.fold = number[example.site]


def words_of(example: Example) -> Floats:
    return np.array([len(_WORDS.findall(text)) for text in example.blocks.texts], float)


def container(example: Example) -> int | None:
    """Return the smallest element that holds most of the body, if it holds little else that is text."""
    blocks = example.blocks
    size, body = _running(example)
    held = body[blocks.end] - body[blocks.first]
    part = np.flatnonzero((held >= 0.8 * body[-1]) & (blocks.level > 1))
    if body[-1] < 80 or not len(part):
        return None
    best = int(part[np.argmax(blocks.level[part])])
    return best if held[best] >= 0.5 * (size[blocks.end[best]] - size[blocks.first[best]]) else None


def comments(example: Example) -> bytes:
    """Return the page's comments as HTML, b"" if it has few."""
    blocks = example.blocks
    size, body = _running(example)
    held, wanted = (each[blocks.end] - each[blocks.first] for each in (size, body))
    for element in np.flatnonzero((held >= 120) & (wanted == 0) & (blocks.level > 1)).tolist():
        if hints(blocks.attributes[element]).comments:
            return _written(example, element)
    return b""


def _running(example: Example) -> tuple[Floats, Floats]:
    """Return the words, and the words of the body, before each block."""
    words = words_of(example)
    size, body = (np.concatenate([[0.0], np.cumsum(each)]) for each in (words, words * (example.share > 0.5)))
    return size, body


def _written(example: Example, element: int) -> bytes:
    return example.body[example.blocks.opens[element] : example.blocks.closes[element]]


def made(examples: Sequence[Example], chance: random.Random) -> Iterator[Example]:
    """Put behind articles another page's article, or more comments than there is article."""
    holders = [(example, at) for example in examples if (at := container(example)) is not None]
    threads = [(example.site, thread) for example in examples if (thread := comments(example))]
    print(f"{len(holders)} containers, {len(threads)} threads of comments", file=sys.stderr)
    for kind in ("article", "article", "comments", "comments"):
        for example, at in holders:
            if chance.random() > MADE:
                continue
            behind = at  # or behind one of the elements around it
            for _ in range(chance.randrange(4)):
                if example.blocks.level[behind] > 2:
                    behind = int(example.blocks.parent[behind])
            if kind == "article":
                other, there = chance.choice(holders)
                sites = {other.site}
                part = _written(other, there)
                if chance.random() < 0.6:  # sites repeat their own element
                    part = (
                        _opening(example, at)
                        + part
                        + b"</"
                        + _opening(example, at)[1:].split(b" ")[0].strip(b">")
                        + b">"
                    )
            else:
                few = chance.sample(threads, chance.choice((1, 2, 3)))
                sites, part = {site for site, _ in few}, b"".join(thread for _, thread in few)
            if example.site not in sites:
                cut = int(example.blocks.closes[behind])
                body = example.body[:cut] + part + example.body[cut:]
                page = dataclasses.replace(example, body=body, made=True, folder=f"{example.folder}+{kind}")
                yield page.segmented()


def _opening(example: Example, element: int) -> bytes:
    begin = int(example.blocks.opens[element])
    return example.body[begin : example.body.index(b">", begin) + 1]


def weights(example: Example) -> Floats:
    """Weigh blocks by their words, and pages nearly alike however long they are."""
    size = min(len(_WORDS.findall(example.gold)), 2000)
    weight = (np.minimum(words_of(example), 80) + 1.5) * 400 / (200 + size)
    return np.asarray(weight * example.weight * (MADE_WEIGHT if example.made else 1))


# Words of class names and ids.


def element_words(example: Example) -> Iterator[tuple[list[str], list[str], Floats]]:
    """Give for each element that has blocks: words of it and all around, those of the nearest three, weights (2,)."""
    blocks = example.blocks
    found: dict[int, list[str]] = {}

    def own(element: int) -> list[str]:
        if element not in found:
            written = blocks.attributes[element]
            tag = (*TAGS, "?")[blocks.tag[element]]
            found[element] = [f"<{tag}", *(hints(numberless(written)).words if written else ())]
        return found[element]

    sums: defaultdict[int, Floats] = defaultdict(lambda: np.zeros(2))
    for element, wanted, weight in zip(
        blocks.element.tolist(), (example.share > 0.5).tolist(), weights(example).tolist(), strict=True
    ):
        sums[element][int(wanted)] += weight
    for element, total in sums.items():
        up = [element]
        while blocks.parent[up[-1]] != up[-1]:
            up.append(int(blocks.parent[up[-1]]))
        chain = [own(each) for each in up]
        yield [word for part in chain for word in part], [word for part in chain[:3] for word in part], total


class WordCounts:
    """How often each word stands around each element that has blocks, counted once for all fits."""

    def __init__(self, examples: Sequence[Example]) -> None:
        rows = [(row, example) for example in examples for row in element_words(example)]
        self.words = sorted({word for (everywhere, _, _), _ in rows for word in everywhere})
        number = {word: i for i, word in enumerate(self.words)}
        self.everywhere, self.near = (_counts([row[k] for row, _ in rows], number) for k in (0, 1))
        self.total = np.array([row[2] for row, _ in rows])
        self.fold = np.array([example.fold for _, example in rows])
        sites = {site: i for i, site in enumerate(sorted({example.site for example in examples}))}
        of_site = [sites[example.site] for _, example in rows]
        self.sites = sparse.csr_matrix((np.ones(len(rows)), (of_site, np.arange(len(rows)))))

    def fit(self, without: Collection[int]) -> Words:
        """Learn how much a word speaks for body as any ancestor's, and as a near one's, on the other folds' pages."""
        rows = np.flatnonzero(~np.isin(self.fold, list(without)))
        everywhere, near = self.everywhere[rows], self.near[rows]
        on = (self.sites[:, rows] @ everywhere > 0).sum(axis=0)
        common = np.flatnonzero(np.asarray(on).ravel() >= SITES_OF_A_WORD)
        values = sparse.hstack([everywhere[:, common], near[:, common]]).tocsr()
        total = self.total[rows]
        coefficients = _logistic(values, total / total.sum(axis=1).mean())
        first, second = (
            {
                self.words[i]: round(float(weight), 3)
                for i, weight in zip(common, part, strict=True)
                if abs(weight) > 0.01
            }
            for part in np.split(coefficients, 2)
        )
        print(f"words without folds {sorted(without)}: {len(first)}", file=sys.stderr)
        return first, second


def _counts(lists: Sequence[Sequence[str]], number: Mapping[str, int]) -> sparse.csr_matrix:
    ends, columns, data = [0], [], []
    for words in lists:
        for word, count in Counter(words).items():
            columns.append(number[word])
            data.append(min(count, 3))
        ends.append(len(columns))
    return sparse.csr_matrix((np.array(data, float), columns, ends), shape=(len(lists), len(number)))


def _logistic(values: sparse.csr_matrix, total: Floats) -> Floats:
    """Fit weights to rows that are of class 0 and 1 by total[:, 0] and total[:, 1]."""
    turned = values.T.tocsr()

    def loss(at: Floats) -> tuple[float, Floats]:
        odds = values @ at[:-1] + at[-1]
        one = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        lost = -(total[:, 1] * np.log(one) + total[:, 0] * np.log(1 - one)).sum()
        slope = total.sum(axis=1) * one - total[:, 1]
        return WEIGHT * lost + at[:-1] @ at[:-1] / 2, np.append(
            WEIGHT * (turned @ slope) + at[:-1], WEIGHT * slope.sum()
        )

    return minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 80}).x[:-1]


# Trees, and how well all of it does.


def measured(examples: Sequence[Example], words: Mapping[int, Words]) -> list[Floats]:
    """Return the features of each page, (COLUMNS, blocks), by the weights of words for pages of its fold."""
    weigher = {fold: ElementWords(*found) for fold, found in words.items()}
    return [
        features(example.blocks, [example.title], weigher[example.fold]).astype(np.float32)  # type: ignore[misc]
        for example in examples
    ]


def fit_trees(examples: Sequence[Example], values: Sequence[Floats]) -> lightgbm.Booster:
    data = np.concatenate([each.T for each in values])
    wanted = np.concatenate([example.share > 0.5 for example in examples])
    weight = np.concatenate([weights(example) for example in examples])
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(data, wanted, weight=weight), ROUNDS)


def model_of(words: Words, booster: lightgbm.Booster, recipe: dict[str, object]) -> Data:
    return Data(FORMAT, list(COLUMNS), words, trees(booster), recipe)


def cross_validate(
    examples: Sequence[Example], counts: WordCounts, folds: int
) -> tuple[dict[tuple[str, str], Judgement], dict[int, Words]]:
    """Judge every real page by words and trees that have not seen its site.

    Trees must learn from words' weights as they are on new sites: so the weights by which a page is measured for
    training come from neither its own fold nor the one that is left out. Also returns the weights learned without each
    fold, by which pages are measured for the final trees.
    """
    words: dict[tuple[int, int], Words] = {}
    for one in range(folds):
        for other in range(one, folds):
            words[one, other] = words[other, one] = counts.fit({one, other})
    judged: dict[tuple[str, str], Judgement] = {}
    for out in range(folds):
        inside = [example for example in examples if example.fold != out]
        values = measured(inside, {fold: words[out, fold] for fold in range(folds)})
        model = ExtractionModel(model_of(words[out, out], fit_trees(inside, values), {}))
        for example in examples:
            if example.fold == out and not example.made:
                judged[example.folder, example.key] = model.judge_blocks(example.blocks, [example.title])[0]
        print(f"fold {out + 1} of {folds}", file=sys.stderr)
    return judged, {fold: words[fold, fold] for fold in range(folds)}


def figures(examples: Sequence[Example], texts: Mapping[tuple[str, str], str]) -> dict[str, dict[str, float]]:
    """Score texts by 4-grams: F1 of mean precision (of pages with any text) and mean recall, for each folder."""
    found: dict[str, dict[str, float]] = {}
    for folder in sorted({e.folder for e in examples if not e.made}):
        rows = []
        for example in examples:
            if example.folder == folder:
                given = grams(_WORDS.findall(texts[folder, example.key]))
                rows.append(((example.wanted & given).total(), given.total(), example.wanted.total()))
        hits, given_size, wanted = np.array(rows, float).T
        precision = (hits / np.maximum(given_size, 1))[given_size > 0].mean()
        recall = (hits / np.maximum(wanted, 1))[wanted > 0].mean()
        f1 = 2 * precision * recall / (precision + recall)
        named = {"f1": f1, "precision": precision, "recall": recall}
        found[folder] = {"pages": len(rows), **{name: round(float(value), 4) for name, value in named.items()}}
    return found


def with_fallback(
    judged: Mapping[tuple[str, str], Judgement], below: float, folders: Mapping[str, Path], settings: ExtractSettings
) -> tuple[dict[tuple[str, str], str], float]:
    """Return the texts, trafilatura's where the judge expects less of itself; and the share of those."""
    texts = {key: judgement.text for key, judgement in judged.items()}
    asked = [key for key, judgement in judged.items() if judgement.expected_f1 < below]
    for folder, key in asked:
        tree = by_trafilatura.load(read_html(folders[folder], key))
        texts[folder, key] = by_trafilatura.text_of(tree, None, settings) or texts[folder, key]
    return texts, len(asked) / len(judged)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument(
        "--weight", action="append", default=[], metavar="FOLDER=N", help="of a folder's pages, if not 1"
    )
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("-o", "--output", type=Path, default=Path("configs/extraction.json"))
    args = parser.parse_args()
    start = time.process_time()
    weighed = {name: float(weight) for name, _, weight in (each.partition("=") for each in args.weight)}
    pages = [e for folder in args.folders for e in read_folder(folder, weighed.get(folder.name, 1.0))]
    assign_folds(pages, args.folds)
    chance = random.Random(5)  # noqa: S311 - the same pages every time, not secrets
    examples = [*pages, *made(pages, chance)]
    print(f"{len(examples)} pages, {time.process_time() - start:.0f} s", file=sys.stderr)
    counts = WordCounts(pages)
    judged, words = cross_validate(examples, counts, args.folds)
    recipe: dict[str, object] = {
        "pages": dict(sorted(Counter(e.folder for e in examples).items())),
        "sites": len({e.site for e in pages}),
        "blocks": sum(len(e.blocks.texts) for e in examples),
        "weights": weighed,
        "folds": args.folds,
        "lightgbm": lightgbm.__version__,
        "rounds": ROUNDS,
        "parameters": PARAMETERS,
    }
    settings = load_settings().extract
    for name, below in (("alone", 0.0), ("fallback below .8", 0.8), ("fallback below .9", 0.9)):
        texts, asked = with_fallback(judged, below, {folder.name: folder for folder in args.folders}, settings)
        recipe[f"cross_validation, {name}"] = {"asked": round(asked, 4), **figures(pages, texts)}
    values = measured(examples, words)
    write(model_of(counts.fit(()), fit_trees(examples, values), recipe), args.output)
    print(json.dumps(recipe, indent=1))
    print(
        f"{args.output}: {args.output.stat().st_size / 1024:.0f} KB, {time.process_time() - start:.0f} s",
        file=sys.stderr,
    )


def write(model: Data, path: Path) -> None:
    """Write one tree a line, so that two models can be compared."""
    plain = msgspec.to_builtins(model)
    rest = {key: value for key, value in plain.items() if key != "trees"}
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False, separators=(",", ":"))}' for key, value in rest.items()]
    written = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in plain["trees"])
    path.write_text("{\n" + ",\n".join([*lines, f'"trees": [\n{written}\n]']) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
