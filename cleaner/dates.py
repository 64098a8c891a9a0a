"""Dates as news pages write them, in many languages, to ISO 8601; strictly, and never with the help of a clock.

A wrong date is worse than none: it moves an article to another story. So every word of a text must be a month, a
weekday, a time or a word that is known to stand beside dates; "3/4/2018" is no date unless the order is given; "today"
and "3 hours ago" are none at all. The words are data: `configs/dates.toml`.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from cleaner.resources import configs

_MAX_CHARS = 120
_PLAIN = 5  # letters; no ordinal ending or unit of time behind a number has as many
_BUDDHIST = 543
_FIRST_YEAR, _LAST_YEAR = 1800, 2199

_MARKS = re.compile("[\u0300-\u036f]")
_DROPPED = re.compile("['’ʼ\u200c\u200e\u200f\u00ad\ufeff]|(?<=[^\\W\\d])\\.(?=[^\\W\\d]|\\s|,|$)")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)?(z|[+-]\d\d:?\d\d)?")
_EAST = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]?")
_NUMERIC = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?![\d:/-])\.?")
_CLOCK = re.compile(
    r"(?<![\d.-])(?<!\d:)(\d{1,2})\s?(?:[:h時时]|시)\s?(\d\d?)(?:\s?[:分분]\s?(\d\d)?)?(?:\.\d{1,6}(?!\d))?\s?[秒초분분]?(?![\d:])"
)
_DOTTED_CLOCK = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,2})\.(\d\d)()(?![\d.:/-])")
_HOUR = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,2})()()(?=\s?[ap]m\b)")
_OFFSET = re.compile(r"\s*\(?(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d\d)?(?![\d:])\)?")
_BETWEEN = re.compile(r"[\s,;:.|·•()\[\]/–—-]+")
_BARS = re.compile(r"\s*[|•·●\n]\s*|\s+[–—/-]\s+|\s*;\s*")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class DateLine:
    """A line of a page that holds a date.

    `label` is "published", "updated" or "" where the line does not say; `iso` is as precise as the text; `whole` is
    false if something else stands beside the date, behind a bar ("2 min read | 16 October 2018").
    """

    label: str
    iso: str
    weekday: bool
    whole: bool


class _Words(NamedTuple):
    months: dict[str, frozenset[int]]
    weekdays: frozenset[str]
    labels: dict[str, str]
    filler: frozenset[str]
    noon: dict[str, int]
    zones: dict[str, int | None]
    ordinal: re.Pattern[str]
    joined: frozenset[str]
    parts: frozenset[str]  # every word that a date may have, also those of names of several words


class _Read(NamedTuple):
    """What a text says: an ISO date with or without a time, or (iso is empty) only part of a date."""

    iso: str
    label: str
    weekday: bool


@functools.cache
def _words() -> _Words:
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
    return _Words(
        months, weekdays, labels, filler, noon, zones,
        re.compile(rf"(?<=\d)\s?-?(?:{ordinals})\b"), frozenset(word for word in known if "_" in word),
        frozenset(part for word in (*known, *filler, *zones) for part in word.split("_")),
    )  # fmt: skip


def fold(text: str) -> str:
    """Return a text as dates are compared: lower case, ASCII digits, no accents, no full stops after letters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text))).replace("ı", "i")
        text = re.sub(r"[^\W0-9]", _ascii_digit, text)
    return " ".join(_DROPPED.sub("", text).split())


def _ascii_digit(found: re.Match[str]) -> str:
    return str(unicodedata.decimal(found[0], found[0]))


def parse_date(text: str, *, day_first: bool | None = None) -> str | None:
    """Return a date in ISO 8601, as precise as the text, or None if it is no date or could be two.

    `day_first` decides numeric dates of which both readings exist; dates with full stops are always day first.

    >>> parse_date("Oct. 16, 2018 3:04 p.m. EDT"), parse_date("20 июня 2017"), parse_date("2018年10月16日")
    ('2018-10-16T15:04-04:00', '2017-06-20', '2018-10-16')
    >>> parse_date("03/04/2018"), parse_date("03/04/2018", day_first=True)
    (None, '2018-04-03')
    """
    if len(text) > _MAX_CHARS or not _YEAR.search(text):
        return None
    read = _read(fold(text), day_first)
    return read.iso or None if read and not read.label else None


def date_line(block: str) -> DateLine | None:
    """Return the date of a block that is a date line, or None. The first date counts where there are several.

    >>> date_line("Published: 3 May 2021 | Updated 4 May")
    DateLine(label='published', iso='2021-05-03', weekday=False, whole=True)
    >>> date_line("He was born on 3 May 2021.") is None
    True
    """
    if len(block) > _MAX_CHARS or not _YEAR.search(block):
        return None
    text = fold(block)
    read = _read(text, None)
    if read and len(read.iso) >= len("2017-06-20"):
        return DateLine(read.label, read.iso, read.weekday, whole=True)
    pieces = _pieces(block)
    reads = [_read(piece, None) for piece in pieces] if len(pieces) > 1 else []
    for read in reads:
        if read and len(read.iso) >= len("2017-06-20"):
            return DateLine(read.label, read.iso, read.weekday, whole=all(reads))
    return None


def _pieces(block: str) -> list[str]:
    """Split a line at bars, and before a second label ("Published 3 May 2021 Updated 4 May 2021")."""
    pieces: list[str] = []
    for piece in _BARS.split(block):
        words = fold(piece).split()
        labels = [at for at, word in enumerate(words) if word.strip(":,") in _words().labels]
        cut = next((at for at in labels if any(any(map(str.isdecimal, word)) for word in words[:at])), len(words))
        if cut and words[cut - 1] in {"last", "zuletzt", "-"}:
            cut -= 1
        pieces += [" ".join(words[:cut]), " ".join(words[cut:])]
    return [piece for piece in pieces if piece]


def _read(text: str, day_first: bool | None) -> _Read | None:
    """Read a folded text of which every word must belong to a date; None if one does not."""
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, zone = found.groups()
        date = _date(int(year), int(month), int(day))
        time = _time(hour, minute, second, None) if hour else ""
        return None if not date or time is None else _Read(date + time + (_offset(zone) if zone else ""), "", False)
    words = _words()
    text, time = _take_time(text) if _plausible(text) else (text, None)
    if time is None:
        return None
    date, rest = _numeric_date(text, day_first)
    tokens = _tokens(words.ordinal.sub("", rest))
    if date is None or not all(_known(token) for token in tokens):
        return None
    labels = [words.labels[token] for token in tokens if token in words.labels]
    weekday = any(token in words.weekdays for token in tokens)
    if not date:
        date, weekday = _written_date(tokens)
        if date is None:
            return None
    elif any(token.isdecimal() or (token in words.months and token not in words.weekdays) for token in tokens):
        return None
    iso = date + time if len(date) == len("2017-06-20") else date if not time else ""
    return _Read(iso, "updated" if "updated" in labels else "published" if labels else "", weekday)


def _plausible(text: str) -> bool:
    """Tell at a glance whether a text may be a date: most lines with a year are headlines, and one word shows it.

    Only plain words are looked at. What `_take_time` and the ordinals cut out has signs, or is known or shorter.
    """
    parts = _words().parts
    return not any(len(word) >= _PLAIN and word.isalpha() and word not in parts for word in text.split())


def _known(token: str) -> bool:
    words = _words()
    return token.isdecimal() or any(
        token in known for known in (words.months, words.weekdays, words.labels, words.filler, words.noon, words.zones)
    )


def _tokens(text: str) -> list[str]:
    """Split into words and numbers; names of two words ("tháng giêng", "كانون الثاني") become one."""
    words = _words()
    tokens: list[str] = []
    for token in _BETWEEN.split(text):
        if tokens and f"{tokens[-1]}_{token}" in words.joined:
            tokens[-1] += f"_{token}"
        elif token:
            tokens.append(token)
    return tokens


def _take_time(text: str) -> tuple[str, str | None]:
    """Cut the time of day out of a folded text: "T15:04-04:00", "" if there is none, None if it is impossible."""
    found = _CLOCK.search(text) or _HOUR.search(text) or _DOTTED_CLOCK.search(text)
    if not found:
        return text, ""
    before, after = text[: found.start()], text[found.end() :]
    words = _words()
    noon = None
    if (following := re.match(r"\s?([^\W\d]+|a m|p m)", after)) and (
        name := following[1].replace(" ", "_")
    ) in words.noon:
        noon, after = words.noon[name], after[following.end() :]
    elif (leading := re.search(r"([^\W\d]+|\w \w)\s?$", before)) and leading[1].replace(" ", "_") in words.noon:
        noon, before = words.noon[leading[1].replace(" ", "_")], before[: leading.start()]
    zone = ""
    if offset := _OFFSET.match(after):
        zone, after = _offset(offset[1] + offset[2].zfill(2) + (offset[3] or "00")), after[offset.end() :]
    elif (named := re.match(r"\s*\(?([^\W\d]{1,5})\b\)?", after)) and named[1] in words.zones:
        zone, after = _named_offset(words.zones[named[1]]), after[named.end() :]
    time = _time(found[1], found[2], found[3], noon)
    return f"{before} {after}", None if time is None else time + zone


def _time(hour: str, minute: str | None, second: str | None, noon: int | None) -> str | None:
    hours = int(hour)
    if noon is not None:
        if not 1 <= hours <= 12 and not (noon == 12 and 12 < hours < 24):
            return None
        hours = hours % 12 + noon if hours <= 12 else hours
    if hours > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return None
    return f"T{hours:02}:{int(minute or 0):02}" + (f":{int(second):02}" if second else "")


def _offset(zone: str) -> str:
    if zone in {"z", "utc", "gmt"}:
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits[:2] <= "14" and digits[2:] < "60" else ""


def _named_offset(hours: int | None) -> str:
    return "" if hours is None else f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"


def _numeric_date(text: str, day_first: bool | None) -> tuple[str | None, str]:
    """Cut a date of three numbers out: its ISO form, "" if there is none, None if it is impossible or ambiguous."""
    if found := _EAST.search(text):
        date = _date(int(found[1]), int(found[2]), int(found[3]))
    elif found := _NUMERIC.search(text):
        date = _ordered(found[1], found[3], found[4], True if found[2] == "." else day_first)
    else:
        return "", text
    return date, f"{text[: found.start()]} {text[found.end() :]}"


def _ordered(first: str, middle: str, last: str, day_first: bool | None) -> str | None:
    if len(first) == 4 and len(last) <= 2:
        return _date(int(first), int(middle), int(last))
    if len(last) != 4 or len(first) > 2:
        return None
    as_day = _date(int(last), int(middle), int(first))
    as_month = _date(int(last), int(first), int(middle))
    if day_first is None:
        return (as_day or as_month) if as_day is None or as_month is None or as_day == as_month else None
    return as_day if day_first else as_month


def _written_date(tokens: list[str]) -> tuple[str | None, bool]:
    """Return the date of tokens with a month's name, "" if a part is missing, None if they are no date."""
    words = _words()
    months = [token for token in tokens if token in words.months]
    # "Mar" is both March and a Tuesday in Romance languages: with another month beside it, it is the day.
    weekday = any(token in words.weekdays and token not in words.months for token in tokens)
    if len(months) > 1 and any(token in words.weekdays for token in months):
        weekday = True
        months = [token for token in months if token not in words.weekdays] or months[-1:]
    numbers = [token for token in tokens if token.isdecimal()]
    month, numbers = _month(months, numbers, tokens)
    if month is None:
        return ("" if not numbers and not months else None), weekday
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if len(years) > 1 or len(days) > 1 or len(years) + len(days) != len(numbers):
        return None, weekday
    year = int(years[0]) if years else 0
    if year > _LAST_YEAR and re.search("[\u0e00-\u0e7f]", "".join(months)):
        year -= _BUDDHIST
    if not years:
        return ("" if days else None), weekday
    if not days:
        return (f"{year:04}-{month:02}" if _FIRST_YEAR <= year <= _LAST_YEAR else None), weekday
    return _date(year, month, int(days[0])), weekday


def _month(months: list[str], numbers: list[str], tokens: list[str]) -> tuple[int | None, list[str]]:
    if len(months) == 1 and len(_words().months[months[0]]) == 1:
        return min(_words().months[months[0]]), numbers
    for at, token in enumerate(tokens[:-1]):
        # Vietnamese numbers its months: "16 tháng 10, 2018".
        if not months and token in {"thang", "thg"} and tokens[at + 1].isdecimal() and 1 <= int(tokens[at + 1]) <= 12:
            others = [token for token in (*tokens[:at], *tokens[at + 2 :]) if token.isdecimal()]
            return int(tokens[at + 1]), others
    return None, numbers


def _date(year: int, month: int, day: int) -> str | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date.isoformat() if _FIRST_YEAR <= year <= _LAST_YEAR else None
