"""Stories on the seeds and on small news of our own."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cleaner.arrays.pairs import Grouping, Pairs
from cleaner.article import Article
from cleaner.corpus.corpus import Corpus
from cleaner.report import groups_summary
from cleaner.settings.load import load_settings
from cleaner.settings.schema import StorySettings
from cleaner.stories.candidates import GAP
from cleaner.stories.evidence import cohesions, shared_terms, summarise
from cleaner.stories.grouping import ArticleFacts, score_pairs, story_groups
from cleaner.stories.local_scaling import ALIKE, LEVEL, LocalScaling, ScalingCounter
from cleaner.stories.scoring import LINKED, nearness
from cleaner.stories.terms import terms, terms_of
from cleaner.words.tokenising import words

SEEDS = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))]
SEED_DAYS = [dt.date(2017, 6, 20).toordinal(), dt.date(2018, 10, 16).toordinal(), 0, 0, 0]
FURNITURE = {
    "Sunday, 27 May 2018",
    "Latest news",
    "20 June 2017",
    "This story has not been edited.",
    "2 min read",
    "16 October, 2018",
    "Advertisement",
    "Share",
}
DAY = dt.date(2024, 3, 5).toordinal()

FLOOD = (
    "Dresden evacuates old town as Elbe dam breaks. The Elbe burst a dam near Dresden on Monday and flooded the old "
    "town; mayor Dirk Hilbert ordered 4,000 residents out of their homes."
)
FLOOD_AGAIN = (
    "Mayor orders evacuation after dam on the Elbe fails. Four thousand residents left the old town of Dresden after a "
    "dam on the Elbe gave way. Hilbert, the mayor, said the flood would crest at night."
)
FLOOD_ELSEWHERE = (
    "Residents of Passau clear up after the Danube flood. The Danube fell below its banks in Passau and residents "
    "shovelled mud out of cellars; the mayor Juergen Dupper thanked volunteers."
)
CHESS = (
    "Gukesh beats Ding to win the chess title. Gukesh Dommaraju, 18, beat Ding Liren in the last game in Singapore and "
    "became the youngest world chess champion."
)
CHESS_AGAIN = (
    "Youngest chess champion crowned in Singapore. Ding Liren blundered in the last game and Gukesh Dommaraju took the "
    "world chess title at 18."
)
JAPANESE = (
    "ドレスデンでエルベ川の堤防が決壊し、旧市街が浸水した。市長は住民四千人に避難を命じた。",
    "エルベ川の堤防決壊で、ドレスデンの市長は旧市街の住民四千人に避難命令を出した。",
    "シンガポールで行われたチェス世界選手権でグケシュが丁立人に勝ち、最年少の王者となった。",
)
GERMAN = (
    (
        "Nach dem Dammbruch an der Elbe ist die Altstadt von Dresden überflutet worden. Der Oberbürgermeister ordnete "
        "an, dass rund 4000 Menschen ihre Häuser verlassen müssen. Die Feuerwehr ist mit allen Kräften im Einsatz."
    ),
    (
        "Dresden: Tausende müssen die Altstadt verlassen. Der Damm der Elbe hielt nicht mehr stand, und das Wasser ist "
        "in die Straßen gelaufen. Der Oberbürgermeister hat die Bewohner gebeten, der Feuerwehr zu folgen."
    ),
    (
        "Der Bundestag hat am Donnerstag das neue Rentengesetz beschlossen. Die Koalition hat sich nach langem Streit "
        "auf die Stabilisierung des Rentenniveaus geeinigt, und die Opposition ist mit ihrem Antrag gescheitert."
    ),
    (
        "Die Fußballer von Bayern München haben nach dem Sieg den Einzug in das Viertelfinale gefeiert. Der Trainer "
        "sagte nach dem Spiel, dass er mit der Leistung der Mannschaft sehr zufrieden ist."
    ),
)
RUSSIAN = (
    (
        "После прорыва дамбы на реке Урал в городе Орск затоплены тысячи домов. Власти объявили эвакуацию, и в регион "
        "направлены спасатели МЧС. По словам губернатора, вода в реке будет подниматься ещё несколько дней."
    ),
    (
        "В Орске из-за прорыва дамбы эвакуируют жителей. Вода из реки Урал затопила тысячи домов, и губернатор "
        "попросил всех покинуть опасные районы. Спасатели МЧС на лодках вывозят людей из домов."
    ),
    (
        "Центральный банк на заседании в пятницу повысил ключевую ставку до 18 процентов. По словам главы регулятора, "
        "инфляция в стране остаётся высокой, и ставка будет оставаться на этом уровне до конца года."
    ),
    (
        "Сборная по хоккею на чемпионате мира обыграла команду Финляндии и вышла в полуфинал. По словам тренера, матч "
        "был трудным, и команда в третьем периоде показала свой лучший хоккей на этом турнире."
    ),
)
NEWS = (FLOOD, FLOOD_AGAIN, FLOOD_ELSEWHERE, CHESS, CHESS_AGAIN)


def default() -> StorySettings:
    return load_settings().stories


def group(
    texts: list[str],
    days: list[int] | None = None,
    labels: list[int] | None = None,
    rank: list[int] | None = None,
    how: StorySettings | None = None,
    size: int = 3,
    memory: int = 1 << 30,
) -> Grouping:
    how = how or load_settings().stories
    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    found = (terms_of([(None, text) for text in part], words(part), how) for part in parts)
    known = ArticleFacts(
        np.array(days or [0] * len(texts), np.int32),
        np.arange(len(texts)) if rank is None else np.array(rank),
        None if labels is None else np.array(labels),
    )
    return story_groups(found, known, how, memory)


def without_furniture(text: str) -> str:
    """Leave out what a reader of the first page sees to be the site's, and the newsletter footer of the third."""
    lines = text.partition("Share this with family and friends")[0].split("\n")
    titles = {line for line in lines if lines.count(line) > 1 and line.strip()}
    return "\n".join(line for line in lines if line.strip() not in FURNITURE | titles)


@pytest.mark.parametrize("days", [[0] * 5, SEED_DAYS], ids=["undated", "dated"])
@pytest.mark.parametrize("texts", [SEEDS, [without_furniture(text) for text in SEEDS]], ids=["scraped", "cleaned"])
def test_seeds(texts: list[str], days: list[int]) -> None:
    assert group(texts, days).labels.tolist() == [0, 1, 2, 2, 2]
    how = load_settings().stories
    found = terms(words([""] * 5), words(texts), how.kept_terms, how.fade_words, how.prior_documents)
    pairs, scores = score_pairs(found, np.array(days, np.int32), how)
    inside = (pairs.left >= 2) & (pairs.right >= 2)
    assert scores[inside].min() > LINKED + 0.02
    assert scores[~inside].max() < LINKED - 0.02


def test_small_news() -> None:
    found = group(list(NEWS))
    assert found.labels.tolist() == [0, 0, 2, 3, 3]
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 1), (3, 4)]
    assert (found.scores > LINKED).all()
    assert (found.scores <= 1).all()


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([0, 0], [0, 0]),
        ([DAY, DAY + 1], [0, 0]),
        ([DAY, 0], [0, 0]),
        ([DAY, DAY + GAP + 1], [0, 1]),
    ],
)
def test_dates(days: list[int], expected: list[int]) -> None:
    assert group([FLOOD, FLOOD_AGAIN], days).labels.tolist() == expected


@pytest.mark.parametrize("days", [0, DAY])
@pytest.mark.parametrize("texts", [GERMAN, RUSSIAN], ids=["German", "Russian"])
def test_function_words_of_other_languages_hold_no_story_together(texts: tuple[str, ...], days: int) -> None:
    assert group(list(texts), [days] * 4).labels.tolist() == [0, 0, 2, 3]


def test_scripts_without_spaces() -> None:
    assert group(list(JAPANESE)).labels.tolist() == [0, 0, 2]


def test_titles_count() -> None:
    bare = ["He said that it was over.", "It had been a long day."]
    found = terms_of([("Gukesh beats Ding for chess title", text) for text in bare], words(bare), default())
    known = ArticleFacts(np.zeros(2, np.int32), np.arange(2))
    assert story_groups([found], known, default()).labels.tolist() == [0, 0]
    assert group(bare).labels.tolist() == [0, 1]


def test_copies_inherit_the_story_of_their_representative() -> None:
    copies = [FLOOD_AGAIN, CHESS, FLOOD_AGAIN + " Reuters", FLOOD, FLOOD]
    found = group(copies, labels=[2, 1, 2, 3, 3])
    assert found.labels.tolist() == [2, 1, 2, 2, 2]
    assert found.left.tolist() == [2]
    assert found.right.tolist() == [3]


def test_copies_are_dated_by_the_earliest() -> None:
    days = [DAY + 90, DAY, DAY]
    assert group([FLOOD, FLOOD, FLOOD_AGAIN], days, labels=[0, 0, 2]).labels.tolist() == [0, 0, 0]
    assert group([FLOOD, FLOOD_AGAIN], [DAY + 90, DAY]).labels.tolist() == [0, 1]


def test_nothing_and_nearly_nothing() -> None:
    assert group([]).labels.size == 0
    assert group([""]).labels.tolist() == [0]
    assert group(["", "", "the of and", "the of and", "\0", "\ud800"]).labels.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("exact", [0, 1000], ids=["minhash", "all pairs"])
def test_minhash_finds_what_all_pairs_find(exact: int) -> None:
    how = msgspec.structs.replace(load_settings().stories, exact_documents=exact)
    assert group([*NEWS, *JAPANESE], how=how).labels.tolist() == [0, 0, 2, 3, 3, 5, 5, 7]


def test_thousands_of_copies_do_no_harm() -> None:
    found = group([FLOOD] * 3000 + [CHESS])
    assert len(set(found.labels.tolist())) < 1500
    assert found.labels[-1] == 3000
    assert found.left.size < 3000 * 64 * 11


def test_a_large_story_in_crowded_buckets_stays_whole() -> None:
    names = ["Hilbert", "Elbe", "Dresden", "dam", "evacuation", "residents", "Saxony", "levee", "crest", "sandbags"]
    chance = np.random.default_rng(4)
    texts = [f"{' '.join(chance.permutation(names))} reporter{number}" for number in range(80)]
    how = msgspec.structs.replace(load_settings().stories, exact_documents=0, neighbours=2, prior_documents=100_000)
    assert set(group(texts, [DAY] * 80, how=how).labels.tolist()) == {0}


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(8)), st.sampled_from([0, 1000]))
def test_input_order_does_not_matter(order: list[int], exact: int) -> None:
    texts, days = [*NEWS, *JAPANESE], [DAY, DAY + 2, DAY, 0, DAY, 0, 0, DAY]
    how = msgspec.structs.replace(load_settings().stories, exact_documents=exact)
    straight = group(texts, days, how=how)
    shuffled = group([texts[i] for i in order], [days[i] for i in order], rank=order, how=how)
    assert [order[label] for label in shuffled.labels.tolist()] == [straight.labels.tolist()[row] for row in order]

    def links(found: Grouping, names: list[int]) -> set[tuple[int, int, float]]:
        rows = zip(found.left.tolist(), found.right.tolist(), found.scores.tolist(), strict=True)
        return {(min(names[a], names[b]), max(names[a], names[b]), score) for a, b, score in rows}

    assert links(shuffled, order) == links(straight, list(range(8)))
    assert (shuffled.left < shuffled.right).all()


@pytest.mark.parametrize("exact", [0, 1000], ids=["minhash", "all pairs"])
def test_a_story_goes_on_while_its_reports_come(exact: int) -> None:
    """Four reports at intervals of fifty days are one story; without the two between them, the others are none."""
    how = msgspec.structs.replace(default(), exact_documents=exact)
    chance = np.random.default_rng(6)
    texts = [" ".join(chance.permutation(FLOOD.split())) for _ in range(4)]
    assert group(texts, [DAY, DAY + 50, DAY + 100, DAY + 150], how=how).labels.tolist() == [0, 0, 0, 0]
    assert group(texts[::3], [DAY, DAY + 150], how=how).labels.tolist() == [0, 1]
    bound = msgspec.structs.replace(how, window_days=60)
    assert group(texts, [DAY, DAY + 50, DAY + 100, DAY + 150], how=bound).labels.tolist() == [0, 0, 2, 2]


def test_nearness_falls_with_days_and_ends_at_the_window() -> None:
    last = DAY + default().window_days
    days = np.array([DAY, DAY, DAY + 1, DAY + 7, last, last + 1, 0], np.int32)
    found = nearness(days, Pairs(np.zeros(6, np.int64), np.arange(1, 7)), load_settings().stories)
    assert found[0] == 1
    assert (np.diff(found[:5]) < 0).all()
    assert found[4] == 0
    assert 0 < found[5] < 1


def surroundings(
    documents: int, pairs: Pairs, cosine: NDArray[np.float32], close: NDArray[np.float32], how: StorySettings
) -> LocalScaling:
    lookout = ScalingCounter(documents, how)
    lookout.add(pairs, cosine, close, np.ones(cosine.size, np.int64))
    return lookout.surroundings()


def test_crowding_is_bounded_and_none_in_a_small_corpus() -> None:
    how = load_settings().stories
    dense, sparse = 40, 400
    left, right = np.triu_indices(dense, 1)
    cosine = np.full(left.size, 0.5, np.float32)
    crowds = surroundings(dense + sparse, Pairs(left, right), cosine, cosine, how).crowds
    assert crowds[:dense].max() <= how.crowding_most
    assert crowds[dense:].max() < 0 < crowds[:dense].min()
    few = np.flatnonzero(right < how.crowd)
    none = surroundings(how.crowd, Pairs(left, right).take(few), cosine[few], 0 * cosine[few], how)
    assert none.crowds == pytest.approx((how.crowded_alone + how.crowded_theme) * 200 / (how.crowd + 200))


def test_a_small_corpus_of_one_theme_is_crowded() -> None:
    """The more pairs of ten articles are somewhat alike, the more crowded it is taken to be."""
    left, right = np.triu_indices(10, 1)
    pairs = Pairs(left, right)
    crowds = []
    for alike in (0, 5, 20, 45):
        cosine = np.where(np.arange(45) < alike, ALIKE, 0.9 * ALIKE).astype(np.float32)
        crowds.append(float(surroundings(10, pairs, cosine, cosine, default()).crowds[0]))
    assert crowds == sorted(set(crowds))
    assert crowds[0] == pytest.approx(default().crowded_alone * 200 / 210)


def test_evidence_names_the_terms_in_the_order_of_their_weight() -> None:
    found = shared_terms([("", FLOOD), ("", FLOOD_AGAIN)], load_settings().stories)
    assert {"elbe", "dresden", "dam"} <= {evidence.term for evidence in found[:6]}
    assert all(one.share >= other.share > 0 for one, other in itertools.pairwise(found))
    assert "決壊" in {
        evidence.term for evidence in shared_terms([("", text) for text in JAPANESE[:2]], load_settings().stories)
    }
    assert shared_terms([("", CHESS), ("", "")], load_settings().stories) == ()


def test_an_account_names_the_story_as_its_articles_spell_it() -> None:
    told = summarise([("", FLOOD), ("", FLOOD_AGAIN)], [None, "2024-03-06", "2024-03-05T10:00"], 0.75, default())
    assert {"Elbe", "Dresden"} <= set(told.name.split(", "))
    assert (told.first, told.last, told.cohesion) == ("2024-03-05T10:00", "2024-03-06", 0.75)
    assert told.terms == shared_terms([("", FLOOD), ("", FLOOD_AGAIN)], default())
    assert "エルベ" in summarise([("", text) for text in JAPANESE[:2]], [], 1.0, default()).name
    nothing = summarise([("", CHESS), ("", "")], [None], 1.0, default())
    assert (nothing.name, nothing.terms, nothing.first, nothing.last) == ("", (), None, None)


def records(articles: list[Article]) -> list[dict[str, Any]]:
    with Corpus(load_settings()) as corpus:
        for article in articles:
            corpus.add(article)
        return list(corpus.groups().records())


def test_a_storys_record_says_what_holds_it_together() -> None:
    dates = ["2024-03-06", None, None, "2024-03-05", "2024-03-09"]
    [flood, chess] = records([Article(f"{at}", text, published=dates[at]) for at, text in enumerate(NEWS)])
    assert (flood["kind"], flood["title"], flood["first"], flood["last"]) == ("story", None, "2024-03-06", "2024-03-06")
    assert {"Elbe", "Dresden"} <= set(flood["name"].split(", "))
    assert {"elbe", "dresden"} <= {part["term"] for part in flood["terms"]}
    assert sum(part["share"] for part in flood["terms"]) == pytest.approx(1, abs=0.01)
    assert flood["cohesion"] == flood["weakest_link"]["score"] == flood["members"][1]["score"]
    assert (chess["first"], chess["last"]) == ("2024-03-05", "2024-03-09")
    assert groups_summary({"stories": 2}, 3, [flood, chess])[1] == f"  story of 2: {flood['name']}"


def test_copies_count_as_one_in_a_storys_record() -> None:
    copies = [Article(f"copy{at}", SEEDS[0]) for at in range(3)]
    [_, story] = records(copies)
    assert [member["score"] for member in story["members"]] == [1, 1, 1]
    assert (story["weakest_link"]["score"], story["cohesion"]) == (1, 1)
    assert "Damascus" in story["name"]
    [near, story] = records([*(Article(f"copy{at}", SEEDS[2]) for at in range(3)), Article("other", SEEDS[3])])
    assert (near["kind"], len(near["members"]), len(story["members"])) == ("near_duplicates", 3, 4)
    assert len({member["score"] for member in story["members"] if member["id"] != story["id"]}) in {1, 2}
    assert story["cohesion"] == story["weakest_link"]["score"] < 1


def test_cohesion_is_the_mean_of_all_pairs_with_copies_as_one() -> None:
    labels = np.array([0, 0, 0, 0, 4, 5, 5])
    found = Grouping(labels, np.array([0, 0, 5]), np.array([1, 2, 6]), np.array([0.9, 0.6, 0.8], np.float32))
    assert cohesions(found, np.array([0, 1, 2, 2, 4, 5, 6])) == pytest.approx([0.5] * 4 + [1] + [0.8] * 2)
    assert cohesions(found) == pytest.approx([0.25] * 4 + [1] + [0.8] * 2)


def test_a_crowded_corpus_makes_no_article_lonely() -> None:
    count = 300
    left, right = np.triu_indices(count, 1)
    same = np.where(right < 30, 0.2, 0.4).astype(np.float32)
    assert surroundings(count, Pairs(left, right), same, same, default()).crowds.min() >= 0


def test_a_throng_counts_where_all_stand_in_it() -> None:
    left, right = np.triu_indices(300, 1)
    likeness, how = np.full(left.size, 0.04, np.float32), msgspec.structs.replace(default(), crowded_alone=0)
    crowds = surroundings(300, Pairs(left, right), likeness, likeness, how).crowds
    assert 0 < crowds.min() == crowds.max() <= how.crowding_most
    few = msgspec.structs.replace(how, throng=300)
    assert surroundings(300, Pairs(left, right), likeness, likeness, few).crowds == pytest.approx(0, abs=1e-6)


def test_a_pair_behind_a_step_in_the_matches_of_its_articles_stands_apart() -> None:
    """Article 0 has the matches .5, .45, .2 and .04; of the others' only the pair of 1 and 2 is seen."""
    pairs = Pairs(np.array([0, 0, 0, 0, 1]), np.array([1, 2, 3, 4, 2]))
    cosine = np.array([0.5, 0.45, 0.2, 0.04, 0.44], np.float32)
    around = surroundings(5, pairs, cosine, cosine, default())
    step, small = np.log(0.5 / 0.25), np.log(0.55 / 0.5)
    # Seen from 0 the second match is a small step below the first, the third a large one; 3 and 4 have no better match.
    expected = [0, small, step, np.log(0.25 / 0.09), np.log(0.55 / 0.49) + np.log(0.5 / 0.49)]
    assert around.gap_before(pairs, cosine, 0) == pytest.approx(expected, abs=1e-6)
    assert around.gap_before(pairs, cosine, 0.5) == pytest.approx(np.maximum(np.array(expected) - 0.5, 0), abs=1e-6)
    # A pair that was not looked at before is judged by those that were.
    new = around.gap_before(Pairs(np.array([3]), np.array([4])), np.array([LEVEL], np.float32), 0)
    assert new == pytest.approx(np.log(0.25 / 0.1), abs=1e-6)


def test_no_matches_no_step() -> None:
    none, nothing = Pairs.none(), np.zeros(0, np.float32)
    around = surroundings(3, none, nothing, nothing, default())
    assert around.gap_before(Pairs(np.array([0]), np.array([2])), np.array([0.3], np.float32), 0).tolist() == [0]


@pytest.mark.parametrize("in_memory", [0, 1 << 20])
def test_surroundings_are_the_same_in_parts(in_memory: int) -> None:
    chance = np.random.default_rng(2)
    left, right = np.triu_indices(200, 1)
    some = np.flatnonzero(chance.random(left.size) < 0.4)
    pairs, cosine = Pairs(left[some], right[some]), (0.2 * chance.random(some.size)).astype(np.float32)
    close = cosine / np.float32(3)
    whole = surroundings(200, pairs, cosine, close, default())
    lookout = ScalingCounter(200, default(), in_memory)
    for first in range(0, 200, 30):
        part = (pairs.left >= first) & (pairs.left < first + 30)
        lookout.add(pairs.take(part), cosine[part], close[part], np.ones(cosine.size, np.int64)[part])
    cut = lookout.surroundings()
    for name in ("crowds", "order", "steps"):
        assert getattr(cut, name).tolist() == getattr(whole, name).tolist()
    assert len(set(cut.crowds.tolist())) > 100
    assert cut.steps.max() > 0.1


@pytest.mark.parametrize("dated", [False, True])
def test_seeds_among_thousands_of_others(*, dated: bool) -> None:
    """Reports on invented events, with the seeds' commonest theme words strewn in."""
    chance = np.random.default_rng(5)
    syllables = ["ba", "co", "di", "fen", "gor", "hu", "lam", "mo", "nes", "pri", "ru", "sta", "ti", "ul"]
    theme = ["iran", "syria", "missile", "russian", "strike", "said", "army", "fighters", "official", "war"]
    names = ["".join(parts) for parts in chance.choice(syllables, (3000, 3))]
    others = []
    for _ in range(700):
        event = [*chance.choice(names, 30), *chance.choice(theme, 4)]
        others += [" ".join(chance.choice(event, 90)) for _ in range(2)]
    days = np.where(chance.random(1400) < 0.8, chance.integers(SEED_DAYS[0] - 30, SEED_DAYS[0] + 30, 1400), 0) * dated
    found = group([*SEEDS, *others], [day * dated for day in SEED_DAYS] + days.tolist(), size=500).labels.tolist()
    assert found[:5] == [0, 1, 2, 2, 2]
    assert not {0, 1, 2} & set(found[5:])
    assert sum(found[at] == found[at + 1] for at in range(5, 1405, 2)) > 560


@pytest.mark.parametrize("exact", [0, 1000], ids=["minhash", "all pairs"])
def test_tables_in_files_give_the_same_groups(exact: int, monkeypatch: pytest.MonkeyPatch) -> None:
    how = msgspec.structs.replace(default(), exact_documents=exact)
    texts, rank = [*NEWS, *JAPANESE], list(range(8))[::-1]
    expected = group(texts, rank=rank, how=how)
    monkeypatch.setattr("cleaner.stories.candidates._PAIRS_AT_ONCE", 2)
    found = group(texts, rank=rank, how=how, memory=0)
    assert found.labels.tolist() == expected.labels.tolist()
    assert found.scores.tolist() == expected.scores.tolist()
