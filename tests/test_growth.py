"""No text makes work grow faster than itself: attacks on every step of a page, at some size and at four times that.

Time is measured here because growth shows in nothing else. The limit lies between linear (4) and quadratic (16), what
takes no time at all is passed over, and a ratio counts only if it comes out high three times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from cleaner.article import Article
from cleaner.boilerplate.strip import strip
from cleaner.dates.parsing import parse_date
from cleaner.formats.charset import decode
from cleaner.formats.json_values import parse_damaged
from cleaner.formats.markdown import front_matter
from cleaner.formats.markup import is_markup
from cleaner.formats.sources import Source, kind_of
from cleaner.hooks.fix_file import fix_bytes
from cleaner.hooks.fix_text import fix_text
from cleaner.report import shown
from cleaner.settings import load_settings
from cleaner.stages.describe import describe
from cleaner.stages.quality import failures
from cleaner.stages.repair import repair
from cleaner.text.blocks import split

SETTINGS = load_settings()
CHARACTERS = " .…aA1-&<>\"“”'([{\\/@#\n\t中。*_|:;,=~`\u0301\u05b0\u00a0\u200d\u202e\x00\ud800\u00c3"
STRINGS = [
    *("\u0301\u0316", "Ã©", "â€™", "&amp;", "&amp", "amp;", "&#38;", "&#x26;#", "<!--", "<!--a-->", "<p>", "</", "://"),
    *('\\"', "\\u00", "www.a.", '{"a":', "[1,", "“a” ", "12:30 ", ". ", " .", "a b ", "a, ", "x=y ", '"a" '),
    *("1/1/20 ", "a.b.", "Monday, ", "Read more: ", "\n\n", "\r\n", "World\n", "Share\n", "A B\n\n"),
    *("World / Business\n", "By A B\n", "1 January 2020\n", "```\n", "---\n", "... ", "[x] (x) ", "|a|b|\n"),
    *("» ", "> a\n", "Advertisement\n", "Read more: rain\n", "Rain fell on Monday.\n", "Related\n\nRain\n\n"),
    *("Cookies help our site. ", "a\n  b\n"),
]  # fmt: skip
UNITS = [*CHARACTERS, *STRINGS]
PARAGRAPH = "Rain fell on the whole of the country on Monday, and more of it is on its way, forecasters said."
FRAMES = ("", ""), ("&", "x"), (f"{PARAGRAPH}\n\n", f"\n\nShare\n\n{PARAGRAPH}")
SIZES = {"repair": 12_000}
SIZE = 3_000  # characters
LIMIT = 9.0


def an_article(text: str) -> Article:
    return Article("1", text, title="Rain fell on Monday", url="https://a.example/" + text[:200])


def data(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


STEPS: dict[str, Callable[[str], object]] = {
    "decode": lambda text: decode(data(text), html=True),
    "parse": lambda text: parse_damaged(data(text)),
    "kind": lambda text: kind_of(Source(None, "-", "-"), data(text)),
    "markup": is_markup,
    "front matter": front_matter,
    "date": parse_date,
    "split": lambda text: list(split(text)),
    "repair": repair,
    "strip": lambda text: strip(an_article(text), SETTINGS.strip),
    "describe": lambda text: describe(an_article(text), SETTINGS.describe),
    "quality": lambda text: failures(text, ("c4", "gopher", "fineweb"), english=True),
    "fix": lambda text: fix_text(text, SETTINGS),
    "fix Markdown": lambda text: fix_text(text, SETTINGS, markdown=True),
    "fix JSON": lambda text: fix_bytes(b'{"text": ' + text.encode("utf-8", "replace"), "json", SETTINGS.strip),
    "fix JSON keys": lambda text: fix_bytes(
        b'{"text": "a"' + text.encode("utf-8", "replace") + b"}", "json", SETTINGS.strip
    ),
    "show": shown,
}


def spent(step: Callable[[str], object], text: str) -> float:
    begin = time.process_time()
    with suppress(ValueError, RecursionError):
        step(text)
    return time.process_time() - begin


def ratio(name: str, unit: str, frame: tuple[str, str]) -> float:
    """Return how many times longer four times the text takes, the least of three times if that is much."""
    step, (start, end) = STEPS[name], frame
    text = unit * (SIZES.get(name, SIZE) // len(unit))
    least = float("inf")
    for _ in range(3):
        long = spent(step, start + text * 4 + end)
        least = min(least, long / max(spent(step, start + text + end), 0.002))
        if least < LIMIT:
            break
    return least


@pytest.mark.parametrize("name", STEPS)
def test_work_grows_as_the_text_does(name: str) -> None:
    spent(STEPS[name], PARAGRAPH)  # loads what is needed
    worst = sorted((ratio(name, unit, frame), unit, frame) for unit in UNITS for frame in FRAMES)
    assert worst[-1][0] < LIMIT, worst[-5:]
