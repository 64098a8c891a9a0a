"""Why articles are one story, in words.

Grouping keeps hashes only. Articles that someone asks about are weighed again, by the background alone, because their
own corpus may be gone. So shares are close to the ones that decided, and not the same to the last digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cleaner.stories.terms import stemmed_keys, terms
from cleaner.stories.vectors import weigh
from cleaner.words.term_keys import ALPHABET, alphabetic
from cleaner.words.tokenising import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cleaner.arrays.pairs import Grouping
    from cleaner.settings.schema import StorySettings
    from cleaner.words.tokenising import Words

Document = tuple[str, str]
"""Title (empty where the text starts with it) and text."""
NAMED = 4
"""Words in the name of a story: enough for who, what and where, and still read at a glance."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A term that several articles share, as it is compared (lower case), and how much it speaks for one story."""

    term: str
    share: float
    """Its part of the agreement, 0 to 1: of the cosine of two articles, or of the mean cosine of a group's pairs."""


@dataclass(frozen=True, slots=True)
class StorySummary:
    """What holds a story together, for `groups.jsonl` and for people."""

    name: str
    """Its heaviest shared terms as the articles spell them, heaviest first; empty if they share none."""
    terms: tuple[Evidence, ...]
    first: str | None
    """Earliest date of publication known (ISO 8601, as precise as given), None if none is."""
    last: str | None
    """Latest date of publication known, None if none is."""
    cohesion: float
    """Mean score of all pairs of different articles, 0 to 1; 1 where all are copies of one."""

    def record(self) -> dict[str, Any]:
        """Return its part of a group's record."""
        terms = [{"term": evidence.term, "share": evidence.share} for evidence in self.terms]
        return {
            "name": self.name,
            "terms": terms,
            "first": self.first,
            "last": self.last,
            "cohesion": self.cohesion,
        }


def summarise(
    documents: Sequence[Document], published: Sequence[str | None], cohesion: float, settings: StorySettings
) -> StorySummary:
    """Say what holds a story together: terms, time span, cohesion and a name in words.

    `documents`: its members, or a few dozen of a larger story, because more do not change its name. `published`: the
    dates of all its members. `cohesion`: as `cohesions` gives it.

    >>> from cleaner.settings import load_settings
    >>> one, other = ("", "Storm floods Dresden."), ("", "The floods of Dresden recede.")
    >>> summarise([one, other], ["2024-03-05", None], 0.9, load_settings().stories).name
    'Dresden, floods'
    """
    found = shared_terms(documents, settings)
    dates = sorted(date for date in published if date)
    first, last = (dates[0], dates[-1]) if dates else (None, None)
    return StorySummary(_name(found, documents), found, first, last, round(cohesion, 4))


def cohesions(grouping: Grouping, copies: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Return for each row the mean score of all pairs in its story, (rows,) float64, 1 where it is alone.

    Pairs that were too weak to be kept count as 0. `copies`: near-duplicate labels; copies count as one article, as
    they did when stories were made.
    """
    rows = grouping.labels.size
    different = np.arange(rows) == (np.arange(rows) if copies is None else copies)
    sizes = np.bincount(grouping.labels[different], minlength=rows)
    total = np.bincount(grouping.labels[grouping.left], grouping.scores, rows)
    mean = np.where(sizes > 1, total / np.maximum(sizes * (sizes - 1) / 2, 1), 1.0)
    return mean[grouping.labels]


def _name(found: Sequence[Evidence], documents: Sequence[Document]) -> str:
    whole = "\n".join(f"{title}\n{text}" for title, text in documents)
    chosen: list[str] = []
    for term in (evidence.term for evidence in found):
        if term.isascii() and len(chosen) == NAMED:
            continue
        for at, word in enumerate(() if term.isascii() else chosen):  # two characters of one word, without spaces
            longer = next((both for both in (word + term[1:], term + word[1:]) if both in whole), None)
            if longer and (word[-1] == term[0] or term[-1] == word[0]):
                chosen[at] = longer
                break
        else:
            if len(chosen) < NAMED:
                spelled = re.search(rf"\b{re.escape(term)}\b", whole, re.IGNORECASE)
                chosen.append(spelled[0] if spelled else term)
    return ", ".join(chosen)


def shared_terms(documents: Sequence[Document], settings: StorySettings, most: int = 12) -> tuple[Evidence, ...]:
    """Return the terms that two or more articles agree in, the heaviest first, at most `most`.

    >>> from cleaner.settings import load_settings
    >>> one, other = ("", "Storm floods Dresden."), ("", "The floods of Dresden recede.")
    >>> [evidence.term for evidence in shared_terms([one, other], load_settings().stories)]
    ['dresden', 'floods']
    """
    titles, texts = words([title for title, _ in documents]), words([text for _, text in documents])
    found = terms(titles, texts, settings.kept_terms, settings.fade_words, settings.prior_documents)
    vectors = weigh(found, settings.vector_terms, settings.prior_documents)
    size = vectors.keys.size + 1
    # Over all pairs, the products of a term's weights add up to half of the square of the sum less the sum of squares.
    total = np.bincount(vectors.ids.ravel(), vectors.weights.ravel(), size)
    squares = np.bincount(vectors.ids.ravel(), vectors.weights.ravel() ** 2, size)
    shared = np.bincount(vectors.ids.ravel(), minlength=size) > 1
    shared[0] = False  # unused places
    products = np.where(shared, np.maximum(total**2 - squares, 0.0), 0.0)
    heaviest = np.argsort(-products, kind="stable")[:most]
    heaviest = heaviest[products[heaviest] > 1e-4 * max(float(products.sum()), 1e-9)]
    batches = [(batch, *keys[:2]) for batch, keys in zip((titles, texts), stemmed_keys(titles, texts), strict=True)]
    named = []
    for term in heaviest.tolist():
        for batch, keys, places in batches:
            at = np.flatnonzero(keys == vectors.keys[term - 1])
            if at.size:
                share = round(float(products[term] / products.sum()), 4)
                named.append(Evidence(_spell(batch, int(places[at[0]])), share))
                break
    return tuple(named)


def _spell(batch: Words, place: int) -> str:
    """Spell the term that stands at a word: two or more characters of a script without spaces, or the word itself."""
    width = ALPHABET if alphabetic(batch)[place] else 2
    last = place + (width - 1 if batch.single[place] else 0)
    return batch.buffer[batch.begins[place] : batch.ends[last]].decode("utf-8", "replace")
