import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.dates.parsing import DateLine, date_line, parse_date
from cleaner.dates.vocabulary import fold_date
from cleaner.resources import configs

TABLES = tomllib.loads((configs() / "dates.toml").read_text(encoding="utf-8"))

DATES = [
    ("2018-10-16", "2018-10-16"),
    ("2018-10-16T15:04", "2018-10-16T15:04"),
    ("2018-10-16T15:04:05Z", "2018-10-16T15:04:05+00:00"),
    ("2018-10-16T15:04:05.123+0200", "2018-10-16T15:04:05+02:00"),
    ("2018-10-16 15:04:05 -05:30", "2018-10-16T15:04:05-05:30"),
    ("20181016T150405Z", "2018-10-16T15:04:05+00:00"),
    ("Tue, 16 Oct 2018 15:04:00 +0000", "2018-10-16T15:04:00+00:00"),
    ("Tue, 16 Oct 2018 15:04:05 GMT", "2018-10-16T15:04:05+00:00"),
    ("16 October, 2018", "2018-10-16"),
    ("October 16th, 2018", "2018-10-16"),
    ("Oct. 16, 2018 3:04 p.m. EDT", "2018-10-16T15:04-04:00"),
    ("10:42 AM EDT, Mon July 9, 2018", "2018-07-09T10:42-04:00"),
    ("12:05 AM, July 9, 2018", "2018-07-09T00:05"),
    ("12:05 PM, July 9, 2018", "2018-07-09T12:05"),
    ("3pm 16 May 2018", "2018-05-16T15:00"),
    ("Fri 15 Dec 2023 10.42 GMT", "2023-12-15T10:42+00:00"),
    ("Dec 12, 2023 04:05 pm IST", "2023-12-12T16:05"),
    ("May 2018", "2018-05"),
    ("16.10.2018", "2018-10-16"),
    ("03.04.2018", "2018-04-03"),
    ("13/04/2018", "2018-04-13"),
    ("04/13/2018", "2018-04-13"),
    ("04/04/2018", "2018-04-04"),
    ("2018/4/3", "2018-04-03"),
    ("16. Oktober 2018, 14:05 Uhr", "2018-10-16T14:05"),
    ("16 de octubre de 2018", "2018-10-16"),
    ("1er juin 2017", "2017-06-01"),
    ("mar. 16 oct. 2018", "2018-10-16"),
    ("mardi 16 mars 2021 à 14h05", "2021-03-16T14:05"),
    ("20 июня 2017 г.", "2017-06-20"),
    ("16 октября 2018, 15:04 МСК", "2018-10-16T15:04+03:00"),
    ("16 Ekim 2018 Salı", "2018-10-16"),
    ("16 lokakuuta 2018", "2018-10-16"),
    ("الثلاثاء 16 أكتوبر 2018", "2018-10-16"),
    ("١٦ أكتوبر ٢٠١٨", "2018-10-16"),
    ("16 تشرين الأول 2018", "2018-10-16"),
    ("२० जून २०१७", "2017-06-20"),
    ("16 ตุลาคม 2561", "2018-10-16"),
    ("16 tháng 10, 2018", "2018-10-16"),
    ("2018年10月16日", "2018-10-16"),
    ("2018年10月16日（火）15時04分", "2018-10-16T15:04"),
    ("2018年10月16日 下午3:04", "2018-10-16T15:04"),
    ("2018년 10월 16일 오후 3:04", "2018-10-16T15:04"),
]

NO_DATES = [
    "",
    "yesterday",
    "3 hours ago",
    "2018",
    "12:00",
    "03/04/2018",
    "03-04-2018",
    "16/10/18",
    "32 May 2018",
    "30 February 2018",
    "31.02.2018",
    "2018-13-01",
    "2018-10-16T25:00",
    "16 October 0218",
    "16 October 2018 25:61",
    "16 October 2018 17 November 2018",
    "In May 2018 we met",
    "He was born on 3 May 2018",
    "May 2018 be kinder to us",
    "16 Smarch 2018",
    "1.2.3.2018",
    "Version 10.16.2018.4",
    "x" * 500 + " 16 May 2018",
]

LINES = [
    ("20 June 2017", DateLine("", "2017-06-20", weekday=False, whole=True)),
    ("Sunday, 27 May 2018", DateLine("", "2018-05-27", weekday=True, whole=True)),
    ("Published: 3 May 2021 | Updated 4 May", DateLine("published", "2021-05-03", weekday=False, whole=True)),
    (
        "Updated 10:42 AM EDT, Mon July 9, 2018",
        DateLine("updated", "2018-07-09T10:42-04:00", weekday=True, whole=True),
    ),
    (
        "Published December 17, 2023 at 12:34 PM Updated December 18, 2023 at 1:00 PM",
        DateLine("published", "2023-12-17T12:34", weekday=False, whole=True),
    ),
    (
        "December 22, 2023 / 1:54 PM EST / KCAL News",
        DateLine("", "2023-12-22", weekday=False, whole=False),
    ),
    ("December 20, 2023/10:21 p.m. ET", DateLine("", "2023-12-20T22:21", weekday=False, whole=True)),
    ("2 min read | 16 October 2018", DateLine("", "2018-10-16", weekday=False, whole=False)),
    ("● December 23, 2025 ●", DateLine("", "2025-12-23", weekday=False, whole=True)),
    ("Veröffentlicht am 16.10.2018", DateLine("published", "2018-10-16", weekday=False, whole=True)),
    ("Mis à jour le 16 octobre 2018", DateLine("updated", "2018-10-16", weekday=False, whole=True)),
    ("Опубликовано: 20 июня 2017, 14:05", DateLine("published", "2017-06-20T14:05", weekday=False, whole=True)),
    ("发布时间：2018-10-16 15:04", DateLine("published", "2018-10-16T15:04", weekday=False, whole=True)),
    (
        "입력 2018.10.16. 오후 3:04 수정 2018.10.17. 오전 9:10",
        DateLine("published", "2018-10-16T15:04", weekday=False, whole=True),
    ),
]


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_dates(text: str, iso: str) -> None:
    assert parse_date(text) == iso


@pytest.mark.parametrize("text", NO_DATES)
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_day_first_decides() -> None:
    assert parse_date("03/04/2018", day_first=True) == "2018-04-03"
    assert parse_date("03/04/2018", day_first=False) == "2018-03-04"
    assert parse_date("13/04/2018", day_first=False) is None


@pytest.mark.parametrize(("block", "line"), LINES)
def test_date_lines(block: str, line: DateLine) -> None:
    assert date_line(block) == line


@pytest.mark.parametrize(
    "block",
    [
        "He was born on 3 May 2021.",
        "London, 20 June 2017",
        "May 2018",
        "Published",
        "In May 2018 the group said it had 2018 members.",
        "Published 4 hours ago",
        "03/04/2018",
    ],
)
def test_no_date_lines(block: str) -> None:
    assert date_line(block) is None


DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
MONTHS = [
    (language, number, form.replace("_", " "))
    for language, names in TABLES["months"].items()
    for number, forms in enumerate(names.split(","), start=1)
    for form in forms.split()
]


@given(DAYS, st.sampled_from(MONTHS))
def test_round_trip_of_every_months_name(day: dt.date, month: tuple[str, int, str]) -> None:
    _, number, name = month
    day = day.replace(day=min(day.day, 28), month=number)
    assert parse_date(f"{day.day} {name} {day.year}") == day.isoformat()
    assert parse_date(f"{name} {day.day}, {day.year}") == day.isoformat()
    assert parse_date(f"{day.day}. {name.upper()} {day.year}") == day.isoformat()


@given(DAYS, st.times())
def test_round_trip_of_iso(day: dt.date, time: dt.time) -> None:
    assert parse_date(day.isoformat()) == day.isoformat()
    text = f"{day.isoformat()}T{time:%H:%M:%S}"
    assert parse_date(text) == text
    assert parse_date(f"{day:%Y}年{day.month}月{day.day}日") == day.isoformat()


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    iso = parse_date(text)
    assert iso is None or dt.datetime.fromisoformat(iso if len(iso) > 7 else f"{iso}-01")
    assert date_line(text) is None or "-" in str(date_line(text))


PIECES = st.sampled_from(
    ["16", "2018", "may", "mar", "年", "月", ":", "10:42", "pm", ".", "/", "utc", "+02", "updated", "|", "٣"]
)


@given(st.lists(PIECES, max_size=9).map(" ".join))
def test_near_dates_are_valid_or_none(text: str) -> None:
    iso = parse_date(text)
    assert iso is None or dt.datetime.fromisoformat(iso if len(iso) > 7 else f"{iso}-01")
    line = date_line(text)
    assert line is None or dt.datetime.fromisoformat(line.iso)


@given(st.text(max_size=60))
def test_folding_is_idempotent_for_ascii(text: str) -> None:
    once = fold_date(text.encode("ascii", "ignore").decode())
    assert fold_date(once) == once
