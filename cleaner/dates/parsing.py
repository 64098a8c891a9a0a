"""Dates as news pages write them, in many languages, to ISO 8601; strictly, and never with the help of a clock.

A wrong date is worse than none: it moves an article to another story. So every word of a text must be a month, a
weekday, a time or a word that is known to stand beside dates; "3/4/2018" is no date unless the order is given; "today"
and "3 hours ago" are none at all. The words are data: `configs/dates.toml`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import NamedTuple

import msgspec

from cleaner.article import Article
from cleaner.dates.clock import iso_offset, iso_time, take_time
from cleaner.dates.vocabulary import date_tokens, date_words, fold_date, known, plausible

_MAX_CHARS = 120
_BUDDHIST = 543
_FIRST_YEAR, _LAST_YEAR = 1800, 2199
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s?(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)?(z|[+-]\d\d:?\d\d)?")
_EAST = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日号號일]?")
_NUMERIC = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?![\d:/-])\.?")
_BARS = re.compile(r"\s*[|•·●\n]\s*|\s+[–—/-]\s+|\s*;\s*")
_YEAR = re.compile(r"\d{4}")


class DateLine(msgspec.Struct, frozen=True):
    """A line of a page that holds a date.

    `label` is "published", "updated" or "" where the line does not say; `iso` is as precise as the text; `whole` is
    false if something else stands beside the date, behind a bar ("2 min read | 16 October 2018").
    """

    label: str
    iso: str
    weekday: bool
    whole: bool


class _Read(NamedTuple):
    """What a text says: an ISO date with or without a time, or (iso is empty) only part of a date."""

    iso: str
    label: str
    weekday: bool


def parse_date(text: str, *, day_first: bool | None = None) -> str | None:
    """Return a date in ISO 8601, as precise as the text, or None if it is no date or could be two.

    `day_first` decides numeric dates that can be read in two ways; dates with full stops are always day first.

    >>> parse_date("Oct. 16, 2018 3:04 p.m. EDT"), parse_date("20 июня 2017"), parse_date("2018年10月16日")
    ('2018-10-16T15:04-04:00', '2017-06-20', '2018-10-16')
    >>> parse_date("03/04/2018"), parse_date("03/04/2018", day_first=True)
    (None, '2018-04-03')
    """
    if len(text) > _MAX_CHARS or not _YEAR.search(text):
        return None
    read = _read(fold_date(text), day_first)
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
    text = fold_date(block)
    read = _read(text, None)
    if read and len(read.iso) >= len("2017-06-20"):
        return DateLine(read.label, read.iso, read.weekday, whole=True)
    pieces = _pieces(block)
    reads = [_read(piece, None) for piece in pieces] if pieces != [text] else []
    for read in reads:
        if read and len(read.iso) >= len("2017-06-20"):
            return DateLine(read.label, read.iso, read.weekday, whole=all(reads))
    return None


def _pieces(block: str) -> list[str]:
    """Split a line at bars, and before a second label ("Published 3 May 2021 Updated 4 May 2021")."""
    pieces: list[str] = []
    for piece in _BARS.split(block):
        words = fold_date(piece).split()
        labels = [at for at, word in enumerate(words) if word.strip(":,") in date_words().labels]
        cut = next((at for at in labels if any(any(map(str.isdecimal, word)) for word in words[:at])), len(words))
        if cut and words[cut - 1] in {"last", "zuletzt", "-"}:
            cut -= 1
        pieces += [" ".join(words[:cut]), " ".join(words[cut:])]
    return [piece for piece in pieces if piece]


def _read(text: str, day_first: bool | None) -> _Read | None:
    """Read a folded text in which every word must belong to a date; None if one does not."""
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day, hour, minute, second, zone = found.groups()
        date = _date(int(year), int(month), int(day))
        time = iso_time(hour, minute, second, None) if hour else ""
        return None if not date or time is None else _Read(date + time + (iso_offset(zone) if zone else ""), "", False)
    words = date_words()
    text, time = take_time(text) if plausible(text) else (text, None)
    if time is None:
        return None
    date, rest = _numeric_date(text, day_first)
    tokens = date_tokens(words.ordinal.sub("", rest))
    if date is None or not all(known(token) for token in tokens):
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
    words = date_words()
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
    if len(months) == 1 and len(date_words().months[months[0]]) == 1:
        return min(date_words().months[months[0]]), numbers
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


def day_of(published: str | None) -> int:
    """Return the proleptic ordinal of a date, 0 if it is not known to the day."""
    try:
        return dt.date.fromisoformat((published or "")[:10]).toordinal()
    except ValueError:
        return 0


def with_dates(article: Article) -> Article:
    """Bring the dates into ISO 8601; of one that cannot be understood the provenance keeps what it said."""
    published, modified = (value and parse_date(value) for value in (article.published, article.modified))
    lost = {
        name: f"not understood: {said}"
        for name, said, iso in (
            ("published", article.published, published),
            ("modified", article.modified, modified),
        )
        if said and not iso
    }
    if not lost and (published, modified) == (article.published, article.modified):
        return article
    return replace(article, published=published, modified=modified, provenance={**article.provenance, **lost})
