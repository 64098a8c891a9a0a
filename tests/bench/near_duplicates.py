"""Compare `cleaner group --only near-duplicates` with the MinHash libraries: time, memory and agreement with the truth.

usage: python tests/bench/near_duplicates.py [INPUT] [--documents N] [--seed S] [--source FILE] [--tools NAME...]
           [--recall] [--environments DIR [--install]]
       python tests/bench/near_duplicates.py --growth 10000 100000 1000000 [--jobs N] [--seed S] [--source FILE]

INPUT is JSON lines with `id`, `text` and `cluster`, the group each text belongs to (without `cluster`: figures of time
and memory alone). With no INPUT a seeded corpus is made: sentences of invented words, their frequencies after Zipf, or
sentences taken from the `text` of the JSON lines in --source, put together anew. Six documents in ten stand alone, and
some of those share half of their sentences with another one or are one report with other figures; the rest are clusters
of two to eight: one text and copies of it, with words replaced or left out, cut, framed by page furniture, with
paragraphs in another order, or in capitals.

Every tool is a process of its own and reads the same file; one row of a Markdown table each: CPU and wall seconds, peak
memory, precision, recall and F1 of pairs, B-cubed F1, and with --recall the share of the pairs with an exact 5-gram
Jaccard similarity of 0.7 or more (of one cluster) that are in one group. The libraries are used as their users would:
word 5-grams of the lower-cased text, 128 permutations, threshold 0.7, and connected components of what they report
(union-find). Those that are not installed are skipped. The same arguments give the same corpus. `cleaner` gets one
process, as they do, unless --jobs says otherwise (CPU seconds are then those of the first process alone).

With --environments DIR each library runs in an environment of its own in that folder; --install makes those that are
not there yet.

With --growth there is a row for each number of documents instead: what `cleaner` needs as a corpus grows.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import importlib.util
import json
import multiprocessing
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

PERMUTATIONS, THRESHOLD, SHINGLE = 128, 0.7, 5
BANDS = 16  # of 8 rows: half of the pairs at 0.7 meet
EDITS = ("words 2%", "words 5%", "words 10%", "words 20%", "cut", "framed", "reordered", "capitals", "copy")
FURNITURE = ("Share this article", "By our staff, 4 min read", "Advertisement", "Read more: what we know so far")
FOOTERS = ("Copyright 2024 Example Media. All rights reserved.", "Sign up for our daily briefing.", "Follow us.")


# The corpus


def invented_sentences(chance: np.random.Generator, count: int) -> list[str]:
    """Make sentences of 6 to 30 words out of 30,000 syllabic words; the n-th commonest has a share of 1/n."""
    syllables = np.array(
        ["ba", "co", "di", "fen", "gor", "hu", "ik", "lam", "mo", "nes", "or", "pri", "ru", "sta", "ti", "ul"]
    )
    vocabulary = ["".join(word) for word in chance.choice(syllables, (30_000, 4))]
    vocabulary = [word[: chance.integers(2, 10)] for word in vocabulary]
    shares = 1 / np.arange(1, len(vocabulary) + 1)
    sizes = chance.integers(6, 31, count)
    drawn = chance.choice(len(vocabulary), sizes.sum(), p=shares / shares.sum())
    found, at = [], 0
    for size in sizes:
        found.append(" ".join(vocabulary[word] for word in drawn[at : at + size]).capitalize() + ".")
        at += size
    return found


def taken_sentences(path: Path) -> list[str]:
    """Take the different sentences of 6 to 60 words from a file of JSON lines."""
    found: dict[str, None] = {}
    for row in rows(path):
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"])", " ".join(row["text"].split())):
            if 6 <= len(sentence.split()) <= 60:
                found[sentence] = None
    return list(found)


def edit(chance: np.random.Generator, kind: str, paragraphs: list[str], vocabulary: Sequence[str]) -> str:
    """Return an edited copy."""
    text = "\n\n".join(paragraphs)
    if kind.startswith("words"):
        share, kept = float(kind[6:-1]) / 100, []
        for word in text.split(" "):
            draw = chance.random()
            if draw >= share / 2:
                kept.append(vocabulary[int(chance.integers(len(vocabulary)))] if draw < share else word)
        return " ".join(kept)
    if kind == "framed":
        return "\n\n".join(
            [*chance.choice(FURNITURE, 2, replace=False), *paragraphs, *chance.choice(FOOTERS, 2, replace=False)]
        )
    if kind == "reordered":
        return "\n\n".join(paragraphs[at] for at in chance.permutation(len(paragraphs)))
    return {"cut": text[: len(text) * 6 // 10], "capitals": text.upper(), "copy": text}[kind]


def corpus(chance: np.random.Generator, count: int, pool: list[str]) -> list[dict[str, Any]]:
    """Return documents in random order."""
    vocabulary = [word for sentence in pool[::7] for word in sentence.split()]

    def story() -> list[str]:
        size, found, words = max(12, int(chance.lognormal(5.6, 0.6))), [], 0
        while words < size:
            found.append(pool[chance.integers(len(pool))])
            words += found[-1].count(" ") + 1
        return found

    documents: list[tuple[int, str]] = []
    cluster, last = 0, story()
    while len(documents) < count * 6 // 10:
        sentences = story()
        if cluster % 10 == 8:  # half of another story
            sentences = last[: len(last) // 2] + sentences
        if cluster % 10 == 9:  # one report with the figures of another day
            figures = chance.integers(1, 1000, 4)
            form = pool[cluster // 40 * 4 :][:4]  # four reports have the same
            sentences = [f"{sentence} It closed at {n} points." for sentence, n in zip(form, figures, strict=False)]
        documents.append((cluster, "\n\n".join(sentences)))
        cluster, last = cluster + 1, sentences
    while len(documents) < count:
        sentences = story()
        paragraphs = [" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)]
        documents.append((cluster, "\n\n".join(paragraphs)))
        copies = min(int(chance.choice([1, 1, 1, 2, 2, 3, 4, 5, 7])), count - len(documents))
        kinds = chance.choice(EDITS, copies).tolist()
        documents += [(cluster, edit(chance, kind, paragraphs, vocabulary)) for kind in kinds]
        cluster += 1
    order = chance.permutation(len(documents))
    return [
        {"id": f"d{at:07}", "text": documents[row][1], "cluster": documents[row][0]} for at, row in enumerate(order)
    ]


# The tools


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def grams(text: str) -> list[str]:
    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[at : at + SHINGLE]) for at in range(max(1, len(words) - SHINGLE + 1))] if words else []


def by_datasketch(texts: list[str]) -> Iterator[list[int]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    for row, text in enumerate(texts):
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([gram.encode() for gram in grams(text)])
        yield index.query(signature)
        index.insert(row, signature)


def by_rensa(texts: list[str]) -> Iterator[list[int]]:
    rensa = importlib.import_module("rensa")
    index = rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    known: list[Any] = []
    for row, text in enumerate(texts):
        (signature,) = rensa.RMinHash.from_token_sets([grams(text)], num_perm=PERMUTATIONS, seed=42)
        yield [other for other in index.query(signature) if signature.jaccard(known[other]) >= THRESHOLD]
        index.insert(row, signature)
        known.append(signature)


def by_gaoya(texts: list[str]) -> Iterator[list[int]]:
    minhash = importlib.import_module("gaoya.minhash")
    index = minhash.MinHashStringIndex(
        32, THRESHOLD, BANDS, PERMUTATIONS // BANDS, None, "word", True, (SHINGLE, SHINGLE)
    )
    for row, text in enumerate(texts):
        yield index.query(text)
        index.insert_document(row, text)


def by_text_dedup(path: Path) -> list[int]:
    """Run its own program: sentences are split by what is no letter, thresholds are its own for 128 permutations."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"path": "json", "data_files": path.resolve(), "split": "train", "column": "text"}
        options |= {"cache_dir": f"{folder}/cache", "output": f"{folder}/out", "use_auth_token": "false"}
        options |= {"ngram": SHINGLE, "threshold": THRESHOLD, "num_perm": PERMUTATIONS, "num_proc": 1}
        command = [sys.executable, "-m", "text_dedup.minhash", "--debug"]
        command += [f"--{name}={value}" for name, value in options.items()]
        subprocess.run(command, check=True, stdout=sys.stderr)
        parents = pickle.loads(Path(folder, "out", "uf.pkl").read_bytes()).parent  # noqa: S301

    def root(row: int) -> int:
        while parents.get(row, row) != row:
            row = parents[row]
        return row

    return [root(row) for row in range(sum(1 for _ in rows(path)))]


def by_datatrove(path: Path) -> list[int]:
    """Run its three steps in this process; word tokens are spaCy's, as it chooses for English."""
    executor = importlib.import_module("datatrove.executor").LocalPipelineExecutor
    steps = importlib.import_module("datatrove.pipeline.dedup.minhash")
    reader = importlib.import_module("datatrove.pipeline.readers").JsonlReader
    config = steps.MinhashConfig(n_grams=SHINGLE, num_buckets=BANDS, hashes_per_bucket=PERMUTATIONS // BANDS)
    with tempfile.TemporaryDirectory() as folder:
        read = reader(str(path.resolve().parent), glob_pattern=path.name)
        sign = steps.MinhashDedupSignature(output_folder=f"{folder}/signatures", config=config)
        meet = steps.MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)
        join = steps.MinhashDedupCluster(f"{folder}/buckets", f"{folder}/groups", config, save_cluster_id=True)
        for pipeline, tasks in (([read, sign], 1), ([meet], BANDS), ([join], 1)):
            executor(pipeline, tasks=tasks, workers=1, logging_dir=f"{folder}/log{tasks}{pipeline[-1].name}").run()
        labels = list(range(sum(1 for _ in rows(path))))
        first: dict[int, int] = {}
        for file in Path(folder, "groups").glob("*.clusters"):
            for row, group in np.frombuffer(file.read_bytes(), "<u4").reshape(-1, 2).tolist():
                labels[row] = first.setdefault(group, row)
    return labels


RELEASES = {
    "datasketch": ["datasketch==2.0.0"],
    "rensa": ["rensa==0.5.0"],
    "gaoya": ["gaoya==0.2.2"],
    "text_dedup": ["text-dedup==0.4.0"],
    "datatrove": ["datatrove[processing,io]==0.10.1", "spacy==3.8.18"],
}
LIBRARIES: dict[str, Callable[[list[str]], Iterator[list[int]]]] = {
    "datasketch": by_datasketch,
    "rensa": by_rensa,
    "gaoya": by_gaoya,
}


PROGRAMS: dict[str, Callable[[Path], list[int]]] = {"text_dedup": by_text_dedup, "datatrove": by_datatrove}
"""Tools that read the file themselves, and give each row the row that names its group."""
TOOLS = [*LIBRARIES, *PROGRAMS]


def run_program(name: str, path: Path) -> None:
    """Group with a program, in this process; print what `cleaner group` prints, as far as it is needed."""
    labels = PROGRAMS[name](path)
    ids = [row["id"] for row in rows(path)]
    for key, label in zip(ids, labels, strict=True):
        print(json.dumps({"id": key, "near_duplicates": ids[label]}))


def run_library(name: str, path: Path) -> None:
    """Group with a library, in this process; print what `cleaner group` prints, as far as it is needed."""
    documents = [(row["id"], row["text"]) for row in rows(path)]
    parent = list(range(len(documents)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for at, others in enumerate(LIBRARIES[name]([text for _, text in documents])):
        for other in others:
            parent[root(at)] = root(other)
    for at, (key, _) in enumerate(documents):
        print(json.dumps({"id": key, "near_duplicates": documents[root(at)][0]}))


def alike(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return all pairs of texts with an exact Jaccard similarity of word 5-grams of THRESHOLD or more.

    Two such sets share one of the rarest grams of each, so many that the rest would not do (prefix filtering;
    Chaudhuri, Ganti and Kaushik, 2006). Only pairs that share one of those are compared.
    """
    numbers: dict[str, int] = {}
    sets = []
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        ids = np.array([numbers.setdefault(word, len(numbers)) for word in words], np.uint64)
        mixed = (ids + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        runs = np.zeros(max(0, ids.size - SHINGLE + 1), np.uint64)
        for at in range(SHINGLE):
            runs = runs * np.uint64(0xD6E8FEB86659FD93) + mixed[at : at + runs.size]
        sets.append(np.unique(runs ^ runs >> np.uint64(32)))
    sizes = np.array([grams.size for grams in sets])
    all_grams, text = np.concatenate(sets), np.repeat(np.arange(len(sets)), sizes)
    order = np.argsort(all_grams, kind="stable")
    edges = np.flatnonzero(np.diff(all_grams[order], prepend=all_grams[order[:1]] + np.uint64(1)))
    counts = np.diff(np.append(edges, order.size))
    common = np.empty(order.size, np.int64)
    common[order] = np.repeat(counts, counts)
    order = np.lexsort((all_grams, common, text))
    place = np.arange(order.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    first = order[place < (sizes - np.ceil(THRESHOLD * sizes).astype(np.int64) + 1)[text[order]]]
    first = first[np.lexsort((text[first], all_grams[first]))]
    gram, owner = all_grams[first], text[first]
    found: set[tuple[int, int]] = set()
    for ahead in range(1, int(counts.max(initial=1))):
        same = np.flatnonzero(gram[ahead:] == gram[:-ahead])
        if not same.size:
            break
        one, other = owner[same], owner[same + ahead]
        near = np.minimum(sizes[one], sizes[other]) >= THRESHOLD * np.maximum(sizes[one], sizes[other])
        found.update(zip(one[near].tolist(), other[near].tolist(), strict=True))
    close = []
    for left, right in sorted(found):
        both = np.intersect1d(sets[left], sets[right], assume_unique=True).size
        if both >= THRESHOLD * (sets[left].size + sets[right].size - both):
            close.append((left, right))
    return close


def close_pairs(path: Path) -> list[tuple[str, str]]:
    """Return the ids of the pairs of `alike` that are of one cluster."""
    documents = list(rows(path))
    pairs = ((documents[i], documents[j]) for i, j in alike([row["text"] for row in documents]))
    return [(one["id"], two["id"]) for one, two in pairs if one.get("cluster") == two.get("cluster")]


def measure(command: list[str]) -> tuple[dict[str, Any], float, float, float]:
    """Run a command: group of every id, CPU seconds, wall seconds, peak megabytes."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        assert process.stderr is not None
        said = process.stderr.read().decode(errors="replace")
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}: {said.strip()[-500:]}")
        out.seek(0)
        groups = {row["id"]: row["near_duplicates"] for row in map(json.loads, out)}
    peak = used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return groups, used.ru_utime + used.ru_stime, wall, peak


def score(gold: Sequence[Any], found: Sequence[Any]) -> tuple[float, float, float, float]:
    """Return precision, recall and F1 of pairs, and B-cubed F1 (Bagga and Baldwin, 1998)."""
    in_gold, in_found, in_both = Counter(gold), Counter(found), Counter(zip(gold, found, strict=True))
    true, said, right = (sum(n * (n - 1) // 2 for n in counts.values()) for counts in (in_gold, in_found, in_both))
    precision = sum(n * n / in_found[group] for (_, group), n in in_both.items()) / len(gold)
    recall = sum(n * n / in_gold[group] for (group, _), n in in_both.items()) / len(gold)
    b_cubed = 2 * precision * recall / (precision + recall)
    return right / said if said else 1.0, right / true if true else 1.0, 2 * right / max(1, said + true), b_cubed


def cleaner(path: Path, jobs: int) -> list[str]:
    """Return the command."""
    return [sys.executable, "-m", "cleaner", "group", "--only", "near-duplicates", "--jobs", str(jobs), str(path)]


def grow(args: argparse.Namespace) -> None:
    """Print the table of growth."""
    print("| documents | MB | CPU s | CPU µs a document | wall s | peak MB |")
    print("|---|---|---|---|---|---|")
    for count in args.growth:
        with made(args, count) as path:
            _, cpu, wall, peak = measure(cleaner(path, args.jobs))
            size = path.stat().st_size / 1e6
        print(f"| {count:,} | {size:.0f} | {cpu:.1f} | {cpu / count * 1e6:.0f} | {wall:.1f} | {peak:.0f} |", flush=True)


@contextlib.contextmanager
def made(args: argparse.Namespace, documents: int) -> Iterator[Path]:
    """Give the path of a new corpus.

    It is made in a process of its own: what this one has used would count in the peak memory of those it starts.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.jsonl"
        options = ["--documents", str(documents), "--seed", str(args.seed), "--make", str(path)]
        source = ["--source", str(args.source)] if args.source else []
        subprocess.run([sys.executable, __file__, *options, *source], check=True)
        yield path


def interpreter(tool: str, folder: Path | None, *, install: bool) -> str | None:
    """Return the Python that has a library, None if there is none."""
    python = None if folder is None else folder / tool / "bin" / "python"
    if python is None:
        return sys.executable if importlib.util.find_spec(tool) else None
    if install and not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
        subprocess.run([str(python), "-m", "pip", "-q", "install", "numpy", *RELEASES[tool]], check=True)
    return str(python) if python.exists() else None


def compare(path: Path, args: argparse.Namespace) -> None:
    """Print the table."""
    print(f"{path.stat().st_size / 1e6:.0f} MB of documents\n")
    print("| tool | CPU s | wall s | peak MB | pair P | pair R | pair F1 | B-cubed F1 | recall at J >= 0.7 |")
    print("|---|---|---|---|---|---|---|---|---|")
    close = []
    if args.recall:  # in another process, for the reason that `made` has
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as other:
            close = other.submit(close_pairs, path).result()
    for tool in args.tools:
        python = sys.executable if tool == "cleaner" else interpreter(tool, args.environments, install=args.install)
        if python is None:
            print(f"| {tool}: not installed, skipped |" + " |" * 8)
            continue
        itself = [python, str(Path(__file__).resolve()), str(path), "--run", tool]
        groups, cpu, wall, peak = measure(cleaner(path, args.jobs) if tool == "cleaner" else itself)
        gold = {row["id"]: row.get("cluster") for row in rows(path)}
        labelled = None not in gold.values()
        figures = score(list(gold.values()), [groups[key] for key in gold]) if labelled else ()
        cells = [f"{cpu:.1f}", f"{wall:.1f}", f"{peak:.0f}", *(f"{figure:.4f}" for figure in figures)]
        cells += [""] * (7 - len(cells))
        cells.append(f"{sum(groups[one] == groups[two] for one, two in close) / len(close):.4f}" if close else "")
        print(f"| {tool} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="?", type=Path)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", type=Path)
    parser.add_argument("--tools", nargs="+", default=["cleaner", *TOOLS], choices=["cleaner", *TOOLS])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--recall", action="store_true")
    parser.add_argument("--environments", type=Path, metavar="DIR")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--growth", nargs="+", type=int, metavar="N")
    parser.add_argument("--run", choices=TOOLS, help=argparse.SUPPRESS)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run:
        (run_program if args.run in PROGRAMS else run_library)(args.run, args.input)
    elif args.make:
        chance = np.random.default_rng(args.seed)
        pool = taken_sentences(args.source) if args.source else invented_sentences(chance, 5 * args.documents)
        with args.make.open("w", encoding="utf-8") as out:
            for document in corpus(chance, args.documents, pool):
                out.write(json.dumps(document, ensure_ascii=False) + "\n")
    elif args.growth:
        grow(args)
    elif args.input:
        compare(args.input, args)
    else:
        with made(args, args.documents) as path:
            compare(path, args)


if __name__ == "__main__":
    main()
