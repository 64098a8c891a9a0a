"""How the measures of `quality` are counted: a function a family, from a text to its measures by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cleaner.text.blocks import split
from cleaner.text.scripts import CLOSING, CLOSING_QUOTES, SENTENCE_ENDS, UNSPACED_CLASS, has_unspaced

_WORDS = re.compile(rf"[{UNSPACED_CLASS}]{{1,2}}|[^\s{UNSPACED_CLASS}]+")
_PARAGRAPHS = re.compile(r"\n\s*\n")
# C4 drops lines that end in an ellipsis; a closing quotation mark ends one.
_ENDS = tuple(SENTENCE_ENDS.replace("…", "") + CLOSING_QUOTES)
_ALWAYS_ENDS = re.sub("[.!?…]", "", SENTENCE_ENDS)  # the others also stand in abbreviations, figures, quotations
_SENTENCE_ENDS = re.compile(rf"[.!?][{re.escape(CLOSING)}]*(?=\s+[^\sa-z]|\s*$)|[{_ALWAYS_ENDS}]")
_ELLIPSES = ("...", "…")
_BULLETS = ("•", "-", "–", "—", "*", "‣", "▪", "●")
_AROUND = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~“”‘’«»„…–—•"
_POLICY = re.compile(r"terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies")
_REQUIRED = frozenset({"the", "be", "to", "of", "and", "that", "have", "with"})
_FEW_WORDS, _LONG_WORD, _SHORT_LINE = 5, 1000, 30


@dataclass(frozen=True, slots=True)
class TextCounts:
    """What more than one measure asks of a text. `words` are without the punctuation around them."""

    text: str
    lines: tuple[str, ...]
    words: tuple[str, ...]
    tokens: int
    characters: int

    @classmethod
    def of(cls, text: str) -> TextCounts:
        """Count what is in a text."""
        lines = tuple(" ".join(block.text.split()) for block in split(text) if block.text.strip())
        tokens = _WORDS.findall(text) if has_unspaced(text) else text.split()
        words = tuple(word for word in (token.strip(_AROUND) for token in tokens) if word)
        return cls(text, lines, words, len(tokens), sum(map(len, words)))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _c4(counts: TextCounts) -> dict[str, float]:
    """Raffel et al. drop lines, then judge the page by what is left; their list of bad words is not used here."""
    flaws = [_line_flaws(line) for line in counts.lines]
    lines = len(flaws)
    folded = counts.text.casefold()
    kept = (line for line, found in zip(counts.lines, flaws, strict=True) if not any(found))
    shares = [_share(sum(column), lines) for column in zip(*flaws, strict=True)] or [0.0] * 4
    return {
        "dropped_line_ratio": _share(sum(map(any, flaws)), lines),
        **dict(zip(("no_terminal_ratio", "few_words_ratio", "javascript_ratio", "policy_ratio"), shares, strict=True)),
        "kept_sentences": float(sum(len(_SENTENCE_ENDS.findall(line)) for line in kept)),
        "lorem_ipsum": float(folded.count("lorem ipsum")),
        "curly_bracket": float(folded.count("{")),
    }


def _line_flaws(line: str) -> tuple[bool, bool, bool, bool]:
    words = _WORDS.findall(line)
    folded = line.casefold()
    return (
        not line.endswith(_ENDS) or line.endswith(_ELLIPSES),
        len(words) < _FEW_WORDS,
        "javascript" in folded,
        _POLICY.search(folded) is not None or max(map(len, words), default=0) > _LONG_WORD,
    )


def _gopher(counts: TextCounts) -> dict[str, float]:
    words, lines = counts.words, len(counts.lines)
    ellipses = sum(map(counts.text.count, _ELLIPSES))
    alpha = sum(word.isalpha() or any(map(str.isalpha, word)) for word in words)
    return {
        "word_count": float(len(words)),
        "mean_word_length": _share(counts.characters, len(words)),
        "symbol_word_ratio": _share(max(counts.text.count("#"), ellipses), len(words)),
        "bullet_line_ratio": _share(sum(line.startswith(_BULLETS) for line in counts.lines), lines),
        "ellipsis_line_ratio": _share(sum(line.endswith(_ELLIPSES) for line in counts.lines), lines),
        "alpha_word_ratio": _share(alpha, counts.tokens),
        "stop_words": float(len(_REQUIRED.intersection(map(str.lower, words)))),
    }


def _gopher_repetition(counts: TextCounts) -> dict[str, float]:
    paragraphs = [part.strip() for part in _PARAGRAPHS.split(counts.text) if part.strip()]
    found = {}
    for name, parts in (("line", counts.lines), ("para", paragraphs)):
        repeated = _repeated(parts)
        found[f"dup_{name}_frac"] = _share(len(repeated), len(parts))
        found[f"dup_{name}_char_frac"] = _share(sum(map(len, repeated)), sum(map(len, parts)))
    return found | _n_grams(counts)


def _n_grams(text: TextCounts) -> dict[str, float]:
    """Measure n words that recur, for growing n: only where n words recur can one more word make n + 1 that do."""
    words = text.words
    found = {}
    places: Sequence[int] = range(len(words))
    for n in range(2, 11):
        grams = [(at, words[at : at + n]) for at in places if at + n <= len(words)]
        counts = Counter(gram for _, gram in grams)
        recurring = [(at, gram) for at, gram in grams if counts[gram] > 1]
        places = [at for at, _ in recurring]
        if n < 5:
            found[f"top_{n}_gram"] = min(_share(_top(counts), text.characters), 1.0)
        else:
            found[f"dup_{n}_gram"] = _share(_covered(recurring, n), text.characters)
    return found


def _repeated(parts: Iterable[str]) -> list[str]:
    """Return the parts that equal an earlier one."""
    seen: set[str] = set()
    repeated = []
    for part in parts:
        if part in seen:
            repeated.append(part)
        seen.add(part)
    return repeated


def _top(counts: Counter[tuple[str, ...]]) -> int:
    """Return the characters in all occurrences of the most frequent n-gram (the longest of them if several are).

    Those that occur once repeat nothing, so then it is 0 (datatrove: the length of one). Occurrences that overlap
    ("ha ha ha") count as often as they occur.
    """
    most = max(counts.values(), default=0)
    longest = max((sum(map(len, gram)) for gram, count in counts.items() if count == most), default=0)
    return most * longest if most > 1 else 0


def _covered(recurring: Iterable[tuple[int, tuple[str, ...]]], n: int) -> int:
    """Return the characters in n-grams that stood before, read from the left; what is counted is passed over."""
    seen: set[tuple[str, ...]] = set()
    covered = free = 0
    for at, gram in recurring:
        if at < free:
            continue
        if gram in seen:
            covered += sum(map(len, gram))
            free = at + n
        seen.add(gram)
    return covered


def _fineweb(counts: TextCounts) -> dict[str, float]:
    lines = counts.lines
    return {
        "line_punct_ratio": _share(sum(line.endswith(_ENDS) for line in lines), len(lines)),
        "short_line_ratio": _share(sum(len(line) < _SHORT_LINE for line in lines), len(lines)),
        "char_dup_ratio": _share(sum(map(len, _repeated(lines))), sum(map(len, lines))),
        "list_ratio": _share(max(len(lines) - 1, 0), len(counts.words)),
    }


FAMILIES: Mapping[str, Callable[[TextCounts], dict[str, float]]] = {
    "c4": _c4, "gopher": _gopher, "gopher_repetition": _gopher_repetition, "fineweb": _fineweb,
}  # fmt: skip
"""The families of measures, by the name of their filter."""
