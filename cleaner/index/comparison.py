"""A batch of articles as a value: what is made of them, and what is found by comparing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.article import Article
from cleaner.index.keys import ArticleRow
from cleaner.index.near_duplicates import RowLinks, Texts
from cleaner.index.word_counts import Weighed
from cleaner.stories.terms import Terms


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is made of articles before they are compared with any other."""

    articles: Sequence[Article]
    sizes: Sequence[int]
    """Number of words of each text."""
    texts: Texts
    terms: Terms
    weighed: Weighed
    """The heaviest of the terms, by the word counts at that time."""
    days: NDArray[np.int64]
    """(articles,) day of publication, 0 if it is not known."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The heaviest terms of stored articles that could be in one story with articles of a batch."""

    place: Mapping[int, int]
    """Place of each article, by its number."""
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing a batch with the articles before each of them found. Each sequence has an entry an article."""

    prepared: Prepared
    rows: Sequence[ArticleRow]
    """The articles as they were stored; empty if they are only asked about."""
    links: Sequence[RowLinks]
    """Links to near-duplicates, and to articles that must stay apart; none of a stored copy."""
    alike: Sequence[Mapping[int, float]]
    """How likely the article is one story with others, by their numbers; nothing of a stored copy."""
    among: Mapping[tuple[int, int], float]
    """How likely two stored articles, lower number first, are one story: pairs that one of the batch is alike to."""
    neighbours: Neighbours
