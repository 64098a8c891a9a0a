import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.resources import configs
from cleaner.stages.spun import is_spun

FLAGGED = 1.5  # points


@pytest.mark.parametrize(
    "text",
    [
        "The attack was the work of suicide auto bombers, police said. A second auto bomb was found.",
        "Missiles that Russian Federation fired fell short, and Russian Federation's ministry said Russia's did not.",
        "Russia was silent. Observers accused Russian Federation of haste. Ties with Russian Federation are poor.",
        "A USA official, who gave no name, spoke of the new USA strategy. US officials had denied it.",
        "“If there is a USA missile attack, we will answer”, he said. Earlier U.S. ships left. The USA troops stay.",
        "In a courtroom submitting on Friday the federal choose was asked to wait.",
        "The Justice Division stated so on Friday. Brokers of the Justice Division read the courtroom submitting.",
        "He died of a coronary heart assault, and the dying toll rose to five.",
        "In December past year a vehicle bombing closed the city's worldwide airport.",
        "NATO said so, and North Atlantic Treaty Organisation spoke for North Atlantic Treaty Organisation lands.",
    ],
)
def test_a_spun_text(text):
    assert is_spun(text).points >= FLAGGED


@pytest.mark.parametrize(
    "text",
    [
        "The attack was the work of suicide car bombers, police said. A car bomb was found, and an auto shop searched.",
        "Envoys of the Russian Federation and Russia's allies met; the wider Russian Federation followed.",
        "Romania, Russian Federation, Rwanda, Saint Lucia. Russia is on the list:\nRomania\nRussian Federation\nRwanda",
        "The USA won gold and the USA lead the table. Russia, said Team USA officials and USA Today.",
        "Amnesty USA policy director. Pepsi-Cola USA president. US officials.",
        "Share prices fell. The county's juvenile Justice Division met, and the judge chose to wait.",
        "“He said suicide auto bomb, I swear,” the translator told us of the odd phrase.",
        "The states, not federal, choose. He pronounced it useless. She was awarded a second diploma.",
        "Der Fahrer der USA-Regierung kam aus Russland. 俄罗斯联邦说。",
        "",
    ],
)
def test_a_text_that_people_wrote(text):
    assert is_spun(text).points < FLAGGED


def test_the_seeds():
    folder = Path(__file__).parents[2] / "seeds"
    found = {path.name[:3]: is_spun(path.read_text(encoding="utf-8")).points for path in sorted(folder.glob("*.txt"))}
    assert {name for name, points in found.items() if points >= FLAGGED} == {"000", "003", "004"}
    assert found["001"] == found["002"] == 0


def test_signs_say_what_was_found():
    found = is_spun("An auto bomb, an auto bomber and an auto bombing. Many were shot useless.")
    assert [str(sign) for sign in found.signs] == ["auto bomb* (car bomb) × 3", "shot useless (shot dead) × 1"]
    assert [sign.points for sign in found.signs] == [2.0, 1.0]
    assert found.points == 3.0


def test_case_counts_where_the_table_has_capitals():
    assert is_spun("Fox Information said so.").points == 1.0
    assert is_spun("The fox information board says so.").points == 0


ORIGINAL = (
    "Attorneys for the agents spent hours inside the courthouse on Thursday, but they were unable to reach an agreement"
    " before the end of the day. Workers who fear for their safety asked the judge to issue an order that bars the"
    " agency from naming them. A hearing on that request started on Thursday and was scheduled to resume on Friday."
)
COPY = (
    ORIGINAL.replace("agents", "brokers").replace("reach", "attain").replace("end", "shut").replace("fear", "dread")
    .replace("safety", "welfare").replace("issue", "difficulty").replace("naming", "calling")
    .replace("hearing", "trial").replace("started", "commenced").replace("resume", "renew").replace("request", "plea")
)  # fmt: skip


def test_a_report_that_was_copied_word_by_word_makes_it_surer():
    text = f"{COPY} The Justice Division stated so."
    alone, beside = is_spun(text), is_spun(text, [ORIGINAL])
    assert (alone.points, beside.points) == (0.5, 1.5)
    assert beside.signs[0].odd.startswith("brokers, attain")
    assert is_spun(text, ["Rain fell on the whole of the country.", ORIGINAL]) == beside


def test_a_copy_tells_nothing_of_a_text_without_odd_phrases():
    assert is_spun(ORIGINAL, [COPY]).points == 0
    assert is_spun(f"{ORIGINAL} The Justice Division said so.", [ORIGINAL]).points == 0.5


def test_the_table_is_whole():
    table = tomllib.loads((configs() / "spun.toml").read_text(encoding="utf-8"))
    lines = [line for name in ("sure", "likely") for line in table[name]["phrases"].strip().splitlines()]
    odd = [line.partition(" = ")[0] for line in lines]
    assert all(
        len(words.split()) > 1 and words != usual for words, _, usual in (line.partition(" = ") for line in lines)
    )
    assert sorted(set(odd)) == sorted(odd)
    assert not any("-" in words or "’" in words for words in odd)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_any_text_can_be_looked_at(text, siblings):
    found = is_spun(text, siblings)
    assert found.points == sum(sign.points for sign in found.signs)
    assert is_spun(text, siblings) == found
