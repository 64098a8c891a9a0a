"""What the attributes of an element say about its text: words of class names and ids, marks of body and furniture."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from cleaner.extraction.segmenting import TAGS, Blocks
from cleaner.judging.page_arrays import Floats

_ATTRIBUTE: Final = re.compile(
    rb" (?:class|id|itemprop|role|data-testid|data-component|data-qa|data-module|data-type|data-block"
    rb'|data-component-name|aria-label)="([^"]*)"'
)
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_FURNITURE: Final = re.compile(
    r"related|promo|share|social|comment|newsletter|sidebar|footer|nav|menu|recirc|recommend|advert|sponsor|\bads?\b"
    r"|widget|cookie|consent|subscri|sign-?up|popular|trending|most.?read|breadcrumb|byline|author|tags|caption|credit"
    r"|copyright|teaser|more.?from|outbrain|taboola|modal|popup|paywall|banner|toolbar|meta\b|timestamp|dateline"
    r"|read.?more|also|poll|gallery|player|video|disclaimer|correction|bio\b"
)
_COMMENTS: Final = re.compile(r"comment|disqus|discuss|respond|livefyre|reply|replies|forum|guestbook")
_HIDDEN: Final = re.compile(rb'display\s*:\s*none|visibility\s*:\s*hidden| hidden=""|aria-hidden="true"', re.IGNORECASE)
_DIGITS: Final = b"0123456789"
_MOST_WORDS, _WORD_SIZE = 24, 16
_CACHE: Final = 1 << 16  # attributes, and names, whose words are remembered: sites repeat theirs on every page


class Hints(NamedTuple):
    """What an element's attributes say."""

    words: tuple[str, ...]  # of class names, ids and the like, each once
    furniture: int  # marks of it
    comments: int
    hidden: bool


@functools.lru_cache(_CACHE)
def _of_name(name: str) -> tuple[tuple[str, ...], int, int]:
    words = tuple(word.lower()[:_WORD_SIZE] for word in _WORD.findall(name)[:_MOST_WORDS] if len(word) > 1)
    low = name.lower()
    return words, len(_FURNITURE.findall(low)), len(_COMMENTS.findall(low))


def hints(attributes: bytes) -> Hints:
    """Read what stands behind a tag's name; `numberless` made it."""
    words: dict[str, None] = {}
    furniture = comments = 0
    for value in _ATTRIBUTE.findall(attributes):
        for name in value.decode("utf-8", "replace").split():
            found, marks, more = _of_name(name)
            words.update(dict.fromkeys(found))
            furniture, comments = furniture + marks, comments + more
    return Hints(tuple(words)[:_MOST_WORDS], furniture, comments, _HIDDEN.search(attributes) is not None)


def numberless(attributes: bytes) -> bytes:
    """Leave out digits: numbered ids would make every element another."""
    return attributes.translate(None, _DIGITS)


class ElementWords:
    """Weights of words for an element's text being body: one if it is any ancestor's, one if a near one's.

    A word is of a class name or id, or a tag's name after "<". Weights are whole 1,024ths, so that sums of them are
    exact whatever is summed before.
    """

    ROWS: Final = ("all", "near", "furniture", "comments", "named", "hidden")

    def __init__(self, everywhere: Mapping[str, float], near: Mapping[str, float]) -> None:
        self._weights = tuple({word: _exact(weight) for word, weight in part.items()} for part in (everywhere, near))
        names = [f"<{tag}" for tag in (*TAGS, "?")]
        self._tags = np.array([[part.get(name, 0.0) for name in names] for part in self._weights])
        self._seen = functools.lru_cache(_CACHE)(self._weigh)

    def _weigh(self, attributes: bytes) -> Sequence[float]:
        words, furniture, comments, hidden = hints(attributes)
        sums = [sum(part.get(word, 0.0) for word in words) for part in self._weights]
        return (*sums, furniture, comments, bool(words), hidden)

    def measure(self, blocks: Blocks) -> Floats:
        """Return the rows of `ROWS` for each element, (rows, elements)."""
        found = np.zeros((len(self.ROWS), len(blocks.tag)))
        found[:2] = self._tags[:, blocks.tag]
        where = [number for number, written in enumerate(blocks.attributes) if written]
        if where:
            seen = self._seen
            found[:, where] += np.array([seen(numberless(blocks.attributes[number])) for number in where], float).T
        return found


def _exact(weight: float) -> float:
    return round(weight * 1024) / 1024
