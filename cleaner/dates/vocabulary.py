"""The words of dates, as data and as they are compared: `configs/dates.toml`, read once."""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from typing import NamedTuple

from cleaner.resources import configs

_PLAIN = 5  # letters; no ordinal ending or unit of time behind a number has as many
_MARKS = re.compile("[\u0300-\u036f]")
_DROPPED = re.compile("['’ʼ\u200c\u200e\u200f\u00ad\ufeff]|(?<=[^\\W\\d])\\.(?=[^\\W\\d]|\\s|,|$)")
_BETWEEN = re.compile(r"[\s,;:.|·•()\[\]/–—-]+")


class Words(NamedTuple):
    """What a word of a date means; a name of several words is joined by underscores."""

    months: dict[str, frozenset[int]]
    weekdays: frozenset[str]
    labels: dict[str, str]
    filler: frozenset[str]
    noon: dict[str, int]
    zones: dict[str, int | None]
    ordinal: re.Pattern[str]
    joined: frozenset[str]
    parts: frozenset[str]  # every word that a date may have, also those of names of several words


@functools.cache
def date_words() -> Words:
    """Read the file that ships."""
    tables = tomllib.loads((configs() / "dates.toml").read_text(encoding="utf-8"))
    months: dict[str, frozenset[int]] = {}
    for names in tables["months"].values():
        for number, forms in enumerate(names.split(","), start=1):
            for form in forms.split():
                months[form] = months.get(form, frozenset()) | {number}
    weekdays = frozenset(word for words in tables["weekdays"].values() for word in words.split())
    labels = {word: label for label, words in tables["labels"].items() for word in words.split()}
    noon = {word: hours for hours, key in ((0, "am"), (12, "pm")) for word in tables["words"][key].split()}
    zones: dict[str, int | None] = dict(tables["zones"]) | dict.fromkeys(tables["loose_zones"]["names"].split())
    known = (*months, *weekdays, *labels, *noon)
    filler = frozenset(tables["words"]["filler"].split())
    ordinals = "|".join(sorted(tables["words"]["ordinals"].split(), key=len, reverse=True))
    return Words(
        months, weekdays, labels, filler, noon, zones,
        re.compile(rf"(?<=\d)\s?-?(?:{ordinals})\b"), frozenset(word for word in known if "_" in word),
        frozenset(part for word in (*known, *filler, *zones) for part in word.split("_")),
    )  # fmt: skip


def fold_date(text: str) -> str:
    """Return a text as dates are compared: lower case, ASCII digits, no accents, no full stops after letters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text))).replace("ı", "i")
        text = re.sub(r"[^\W0-9]", _ascii_digit, text)
    return " ".join(_DROPPED.sub("", text).split())


def _ascii_digit(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found[0], found[0]))


def plausible(text: str) -> bool:
    """Tell at a glance whether a text may be a date: most lines with a year are headlines, and one word shows it.

    Only plain words are looked at. What `clock.take_time` and the ordinals cut out has signs, or is known or shorter.
    """
    parts = date_words().parts
    return not any(len(word) >= _PLAIN and word.isalpha() and word not in parts for word in text.split())


def known(token: str) -> bool:
    """Tell whether a token is a number or a word that may stand in a date."""
    words = date_words()
    return token.isdecimal() or any(
        token in known for known in (words.months, words.weekdays, words.labels, words.filler, words.noon, words.zones)
    )


def date_tokens(text: str) -> list[str]:
    """Split into words and numbers; names of two words ("tháng giêng", "كانون الثاني") become one."""
    words = date_words()
    tokens: list[str] = []
    for token in _BETWEEN.split(text):
        if tokens and f"{tokens[-1]}_{token}" in words.joined:
            tokens[-1] += f"_{token}"
        elif token:
            tokens.append(token)
    return tokens
