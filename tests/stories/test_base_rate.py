"""How many articles have a story at all is learned from the corpus, and small corpora say nothing of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cleaner.arrays.pairs import Pairs
from cleaner.stories.base_rate import BESIDE, VOICE, BaseRate, shift
from cleaner.stories.vectors import Agreement

NONE = -np.inf


def corpus(articles: int, share: float, odds: float = 4.0) -> np.ndarray:
    """Return the best matches of articles of which a share has a sure one, the others none."""
    return np.where(np.arange(articles) < share * articles, odds, NONE).astype(np.float32)


def alike(cosine: float, lead: float) -> Agreement:
    return Agreement(*(np.array([value], np.float32) for value in (cosine, cosine, lead)))


@pytest.mark.parametrize("articles", [0, 1, 5, 20])
def test_a_few_articles_say_nothing_of_a_rate(articles: int) -> None:
    assert -0.25 < shift(corpus(articles, 0.0)) <= 0


@pytest.mark.parametrize("articles", [5, 500, 50_000])
def test_where_most_have_a_mate_nothing_is_shifted(articles: int) -> None:
    assert shift(corpus(articles, 0.6)) == 0


def test_the_fewer_have_a_mate_the_surer_a_pair_must_be() -> None:
    found = [shift(corpus(5000, share)) for share in (0.5, 0.4, 0.3, 0.2, 0.1, 0.05)]
    assert found == sorted(found, reverse=True)
    assert found[-2] == pytest.approx(math.log(0.1 / 0.9), abs=0.4)  # the prior that most of the articles tell


def test_doubtful_matches_weigh_as_much_as_they_are_likely() -> None:
    sure, doubtful = corpus(5000, 0.3), corpus(5000, 0.3, odds=0.0)
    assert shift(doubtful) < shift(sure) < 0


def test_growing_article_by_article_changes_little_at_a_time() -> None:
    chance = np.random.default_rng(4)
    best = np.where(chance.random(3000) < 0.15, chance.normal(2, 2, 3000), NONE).astype(np.float32)
    found = np.array([shift(best[:size]) for size in range(1, 3000)])
    assert np.abs(np.diff(found)).max() < 0.02
    assert found[0] > -0.05
    assert found[VOICE] < -0.5


def test_order_does_not_matter() -> None:
    chance = np.random.default_rng(4)
    best = chance.normal(0, 3, 2000).astype(np.float32)
    assert shift(best[::-1].copy()) == pytest.approx(shift(best), abs=1e-9)


def test_pairs_of_one_site_and_pairs_with_other_leads_are_shifted_more() -> None:
    pairs = Pairs(np.array([0]), np.array([1]))
    odds = np.array([1.0], np.float32)
    many, one = np.arange(1000, dtype=np.int32) // 2, np.zeros(1000, np.int32)
    plain = BaseRate.of(pairs, odds, None, 1000)
    usual = plain.shifts(pairs, alike(0.3, 0.3))[0]
    assert usual == pytest.approx(plain.shift)
    assert usual < -1
    assert BaseRate.of(pairs, odds, many, 1000).shifts(pairs, alike(0.3, 0.3))[0] == pytest.approx(2 * usual, rel=0.01)
    assert BaseRate.of(pairs, odds, one, 1000).shifts(pairs, alike(0.3, 0.3))[0] == usual
    assert BaseRate.of(pairs, odds, one - 1, 1000).shifts(pairs, alike(0.3, 0.3))[0] == usual
    times = 1 + BESIDE * math.log(0.35 / 0.05)
    assert plain.shifts(pairs, alike(0.3, 0.0))[0] == pytest.approx(times * usual)
    assert plain.shifts(pairs, alike(0.3, 0.6))[0] == usual
