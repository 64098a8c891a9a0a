"""Times of day in a line that may be a date: "3:04 p.m. EDT", "15h04", "15時04分"."""

from __future__ import annotations

import re

from cleaner.dates.vocabulary import date_words

_CLOCK = re.compile(
    r"(?<![\d.-])(?<!\d:)(\d{1,2})\s?(?:[:h時时]|시)\s?(\d\d?)(?:\s?[:分분]\s?(\d\d)?)?(?:\.\d{1,6}(?!\d))?\s?[秒초분분]?(?![\d:])"
)
_DOTTED_CLOCK = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,2})\.(\d\d)()(?![\d.:/-])")
_HOUR = re.compile(r"(?<![\d./-])(?<!\d:)(\d{1,2})()()(?=\s?[ap]m\b)")
_OFFSET = re.compile(r"\s*\(?(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d\d)?(?![\d:])\)?")


def take_time(text: str) -> tuple[str, str | None]:
    """Cut the time of day out of a folded text: "T15:04-04:00", "" if there is none, None if it is impossible."""
    found = _CLOCK.search(text) or _HOUR.search(text) or _DOTTED_CLOCK.search(text)
    if not found:
        return text, ""
    before, after = text[: found.start()], text[found.end() :]
    words = date_words()
    noon = None
    if (following := re.match(r"\s?([^\W\d]+|a m|p m)", after)) and (
        name := following[1].replace(" ", "_")
    ) in words.noon:
        noon, after = words.noon[name], after[following.end() :]
    elif (leading := re.search(r"([^\W\d]+|\w \w)\s?$", before)) and leading[1].replace(" ", "_") in words.noon:
        noon, before = words.noon[leading[1].replace(" ", "_")], before[: leading.start()]
    zone = ""
    if offset := _OFFSET.match(after):
        zone, after = iso_offset(offset[1] + offset[2].zfill(2) + (offset[3] or "00")), after[offset.end() :]
    elif (named := re.match(r"\s*\(?([^\W\d]{1,5})\b\)?", after)) and named[1] in words.zones:
        zone, after = _named_offset(words.zones[named[1]]), after[named.end() :]
    time = iso_time(found[1], found[2], found[3], noon)
    return f"{before} {after}", None if time is None else time + zone


def iso_time(hour: str, minute: str | None, second: str | None, noon: int | None) -> str | None:
    """Return "T15:04" with seconds where there are some, or None for what is no time; `noon`: 12 for "pm"."""
    hours = int(hour)
    if noon is not None:
        if not 1 <= hours <= 12 and not (noon == 12 and 12 < hours < 24):
            return None
        hours = hours % 12 + noon if hours <= 12 else hours
    if hours > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return None
    return f"T{hours:02}:{int(minute or 0):02}" + (f":{int(second):02}" if second else "")


def iso_offset(zone: str) -> str:
    """Return the offset of a zone written in figures, or of UTC, as "-04:00"; "" if there is none such."""
    if zone in {"z", "utc", "gmt"}:
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits[:2] <= "14" and digits[2:] < "60" else ""


def _named_offset(hours: int | None) -> str:
    return "" if hours is None else f"{'-' if hours < 0 else '+'}{abs(hours):02}:00"
