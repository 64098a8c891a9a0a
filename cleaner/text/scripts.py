"""Scripts and signs: which are written without spaces, which end a sentence, which close it, which are typography.

Python's standard library knows categories of characters and no scripts, so they are listed here, once. A room that
needs a part of a table takes a part that has a name, with the reason for what it leaves out.
"""

from __future__ import annotations

import functools
import re

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # Han: iteration mark, closing mark, zero
    (0x3021, 0x302D),  # Han: numerals of Suzhou, tone marks
    (0x3031, 0x3035),  # kana: iteration marks
    (0x3038, 0x303B),  # Han: numerals, vertical iteration mark
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana for Ainu
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Myanmar
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),  # Han
    (0xFF66, 0xFF9F),  # Katakana, half as wide
    (0x1AFF0, 0x1B16F),  # kana
    (0x20000, 0x3FFFF),  # Han
)
"""First and last code points of scripts that are written without spaces. Hangul has spaces.

The blocks also hold figures and a few signs, which are no letters wherever letters and signs are told apart.
"""
UNSPACED_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED)
"""The same for a class of characters in a regular expression; to compile it takes 4 ms, so do it when it is needed."""
FIRST_UNSPACED = chr(UNSPACED[0][0])

STATEMENT_ENDS = ".…。｡।۔։።။។៕"
"""What ends a sentence that neither asks nor exclaims; a headline may do both, and has none of these."""
SENTENCE_ENDS = STATEMENT_ENDS + "!?！？؟‼⁇⁈⁉"
"""What ends a sentence: Latin, Han, Devanagari, Urdu, Armenian, Ethiopic, Myanmar, Khmer and Arabic signs."""
DOUBLE_QUOTES = '"”»」』'
"""Quotation marks that close what somebody says, without those that may be an apostrophe."""
CLOSING_QUOTES = DOUBLE_QUOTES + "'’"
CLOSING = CLOSING_QUOTES + ")]"
"""What may stand behind the end of a sentence and belongs to it."""

TYPOGRAPHIC = "‘’“”–—…"
"""Most of the characters in English news that are not ASCII."""
PLAIN_TYPOGRAPHY = {sign: "" if sign in "‘’" else " " for sign in TYPOGRAPHIC + "\u00a0"}
"""What phrases have in place of such signs and the fixed space: nothing for an apostrophe, a space for the others."""


@functools.cache
def unspaced_characters() -> re.Pattern[str]:
    """Return what finds the characters of scripts that are written without spaces."""
    return re.compile(f"[{UNSPACED_CLASS}]")


def has_unspaced(text: str) -> bool:
    """Tell whether a text holds a character of a script that is written without spaces."""
    return not is_western(text) and unspaced_characters().search(text) is not None


def is_western(text: str) -> bool:
    """Tell quickly that a text has nothing but letters of the west of Europe and typographic signs, as most have."""
    if text.isascii():
        return True
    for sign in PLAIN_TYPOGRAPHY:  # replacing beats a table tenfold
        text = text.replace(sign, "")
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
