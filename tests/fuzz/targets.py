"""Targets for coverage-guided fuzzing with atheris, which is no dependency: `make fuzz` installs and runs it.

usage: python tests/fuzz/targets.py TARGET [FOLDER] [-max_total_time=SECONDS] [other options of libFuzzer]

A target fails where a promise does not hold or an exception comes out that is not its own. An input that is found
becomes a row of a test.
"""

import io
import sys
from collections.abc import Callable, Mapping

import atheris

with atheris.instrument_imports(include=["cleaner"]):
    from cleaner.article import Article, Page
    from cleaner.boilerplate.strip import strip
    from cleaner.formats.charset import NotTextError, decode
    from cleaner.formats.json_values import encode, parse, parse_damaged
    from cleaner.formats.pages import read
    from cleaner.formats.sources import Source
    from cleaner.hooks.fix_file import fix_bytes
    from cleaner.report import shown
    from cleaner.settings import load_settings
    from cleaner.stages.repair import repair

SETTINGS = load_settings()


def read_bytes(data: bytes) -> None:
    """Reading gives pages or what is rejected, whatever comes."""
    stream = io.BufferedReader(io.BytesIO(data))
    for found in read([Source(None, "-", "-")], stream, max_bytes=1 << 20):
        if isinstance(found, Page) and not found.html:
            Article.from_fields(found.id, found.content, found.fields)


def codec(data: bytes) -> None:
    """What is parsed is written and parsed again the same; damaged lines are parsed or refused."""
    try:
        value = parse(data)
    except (ValueError, RecursionError):
        try:
            parse_damaged(data)
        except (ValueError, RecursionError):
            return
        return
    try:
        written = encode(value)
    except (ValueError, RecursionError):
        return
    assert encode(parse(written)) == written


def characters(data: bytes) -> None:
    """Bytes are decoded or no text, and what is shown is one line that steers nothing."""
    try:
        text, _, _ = decode(data)
    except NotTextError:
        return
    assert shown(text).isprintable() or "\n" not in shown(text)


def mend(data: bytes) -> None:
    """A second repair changes nothing."""
    text = data.decode("utf-8", "surrogatepass" if data.isascii() else "replace")
    once, _ = repair(text)
    assert repair(once) == (once, ()), (text, once)


def strip_blocks(data: bytes) -> None:
    """A second pass removes nothing, and no block is lost."""
    text, _ = repair(data.decode("utf-8", "replace"))
    by_rules = type(SETTINGS.strip)(
        **{name: getattr(SETTINGS.strip, name) for name in SETTINGS.strip.__struct_fields__} | {"model": False}
    )
    once = strip(Article("1", text), by_rules)
    again = strip(once, by_rules)
    assert again.text == once.text, (text, once.text, again.text)


def fix(data: bytes) -> None:
    """A fixed file is fixed, as text, Markdown and JSON."""
    for kind in ("text", "markdown", "json"):
        try:
            once = fix_bytes(data, kind, SETTINGS.strip).data
        except NotTextError:
            continue
        assert fix_bytes(once, kind, SETTINGS.strip).data == once, (kind, data, once)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "read": read_bytes,
    "codec": codec,
    "characters": characters,
    "repair": mend,
    "strip": strip_blocks,
    "fix": fix,
}

if __name__ == "__main__":
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()
