"""Text that was damaged on its way: the only module that names ftfy.

Mojibake, HTML entities, control characters and lone surrogates are mended; quotes, dashes, ligatures and full-width
letters stay as the author had them (with ftfy's defaults 308 of 367 clean articles came back altered, with these none).
"""

from __future__ import annotations

import re
import unicodedata

from cleaner.text.scripts import TYPOGRAPHIC

# What ftfy might change: text outside ASCII that is not a lone letter or typographic mark between ASCII ones, letters
# that begin mojibake, entities, control characters. Testing for it first spares nine lines of ten the slow way.
_SUSPECT = re.compile(
    r"[^\x00-\x7f][^\x00-\x7f]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u00c2\u00c3\u00c4\u00c5\u00e2\u2028\u2029\ufeff\ufffd\ud800-\udfff]"
    r"|&#?[0-9A-Za-z]{1,24};"
)
# What needs no look among ASCII. (Nor does a typographic mark: no encoding takes one for a part of another's letters.)
_PLAIN = bytes(c for c in (9, 10, *range(32, 127)) if chr(c) != "&")
_ENTITY = re.compile("&#?[0-9A-Za-z]{1,24};")
# Line and paragraph separators end lines here already, or a second pass would judge other lines than the first.
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Marks of line breaking and of encoding that scrapers leave inside words and nobody can see. The joiners U+200C and
# U+200D stay: Persian, Hindi and emoji are spelt with them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,20}38|#[xX]0{0,20}26);){2,}")
# Marks stand on letters, a few at a time. More than these need a look, because to normalise takes time with the square
# of their number.
_MANY_MARKS = re.compile(r"[^\w\s\x00-\u02ff]{31,}")
_MOST_MARKS, _JOINER = 30, "\u034f"


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    r"""Return the text mended, and the names of the repairs that changed it, sorted.

    Works line by line, so that one damaged line cannot mislead the guess about another. Clean text comes back as it is.

    >>> repair("The Mona Lisa doesnâ€™t have eyebrows.\nFish &amp; chips")
    ('The Mona Lisa doesn’t have eyebrows.\nFish & chips', ('decode utf-8', 'unescape_html'))
    """
    bounded = text if text.isascii() else _MANY_MARKS.sub(_bounded, text)
    if bounded != text:
        mended, others = repair(bounded)
        return mended, tuple(sorted({*others, "marks"}))
    if not _suspect(text) and unicodedata.is_normalized("NFC", text):
        return text, ()
    steps: set[str] = set()
    lines = [_line(line, steps) for line in _LINE_ENDS.sub("\n", text).split("\n")]
    return "\n".join(lines), tuple(sorted(steps))


def _bounded(found: re.Match[str]) -> str:
    """Set a joiner that nobody sees after every 30th mark in a row: the Stream-Safe Text Format of UAX #15."""
    marks, run = [], 0
    for mark in found[0]:
        run = run + 1 if unicodedata.combining(mark) else 0
        if run > _MOST_MARKS:
            marks.append(_JOINER)
            run = 1
        marks.append(mark)
    return "".join(marks)


def _suspect(text: str) -> bool:
    """Tell whether ftfy might change a text."""
    plain = text
    if not plain.isascii():
        for mark in TYPOGRAPHIC:
            plain = plain.replace(mark, "")
    if not plain.isascii():
        return _SUSPECT.search(text) is not None
    left = plain.encode("ascii").translate(None, _PLAIN)
    return left.strip(b"&") != b"" or (left != b"" and _ENTITY.search(text) is not None)


def _line(line: str, steps: set[str]) -> str:
    """Return a line mended, and add the names of the repairs, if they changed it."""
    composed = unicodedata.normalize("NFC", line)
    found = {"nfc"} if composed != line else set()
    mended = _mended(line, found) if _suspect(line) else composed
    if mended != line:
        steps |= found
    return mended


def _mended(line: str, steps: set[str]) -> str:
    from ftfy import TextFixerConfig, fix_and_explain  # only damaged text needs it

    # `fix_text(..., option=False)` ignores options on one path, so the configuration is passed whole.
    config = TextFixerConfig(
        unescape_html=True, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False
    )
    # Of an ampersand that was escaped many times ftfy would take one time a pass.
    fixed, explanation = fix_and_explain(_AMPERSANDS.sub("&amp;", line), config)
    for step in explanation or ():
        # "apply" names the repair; of a chain of encodings its last decoding says what the text was.
        if step.action in {"apply", "transcode"}:
            steps.add(step.parameter)
        elif step.action == "decode":
            steps.add(f"decode {step.parameter}")
    for name, pattern, replacement in (("surrogates", _SURROGATE, "\ufffd"), ("invisible", _INVISIBLE, "")):
        fixed, changed = pattern.subn(replacement, fixed)
        if changed:
            steps.add(name)
    return unicodedata.normalize("NFC", fixed)
