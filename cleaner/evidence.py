"""Why articles are one story, in words.

Grouping keeps hashes only. The few articles that someone asks about are weighed again, by the background alone: their
own corpus may be gone. So shares are close to those that decided, and not the same to the last digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cleaner.terms import term_keys, terms
from cleaner.vectors import weigh
from cleaner.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaner.settings import StorySettings
    from cleaner.words import Words

Document = tuple[str, str]
"""Title (empty where the text starts with it) and text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A term that several articles share, as it is compared (lower case), and how much it speaks for one story."""

    term: str
    share: float
    """Its part of the agreement, 0 to 1: of the cosine of two articles, or of the mean cosine of a group's pairs."""


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
    batches = [(batch, *term_keys(batch)[:2]) for batch in (titles, texts)]
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
    """Spell the term that stands at a word: two characters of a script without spaces, or the word itself."""
    last = place + bool(batch.single[place])
    return batch.buffer[batch.begins[place] : batch.ends[last]].decode("utf-8", "replace")
