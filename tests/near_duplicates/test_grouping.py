"""Which texts are one text: real cases in several scripts, and properties that hold for any texts."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.arrays.pairs import Grouping, Pairs
from cleaner.article import Article
from cleaner.corpus.article_chunk import ArticleChunk
from cleaner.corpus.collecting import Wanted, collect
from cleaner.near_duplicates.comparison import StoredWords, compare
from cleaner.near_duplicates.fingerprints import SeenTexts
from cleaner.near_duplicates.grouping import NearDuplicates
from cleaner.near_duplicates.star_clustering import Links, expand_copies, stars
from cleaner.near_duplicates.verdicts import LEADS, LinkFlags
from cleaner.settings.load import load_settings
from cleaner.settings.schema import NearDuplicateSettings
from cleaner.words.tokenising import batches

DEFAULT = load_settings().near_duplicates
STORM = (
    "The storm that crossed the coast on Monday left four villages without power and closed the road along the river "
    "until the evening. Fire crews pumped water from cellars in the old town, where the level had risen faster than "
    "the forecast said. Nobody was hurt, the mayor told reporters, but the damage would take weeks to count. Farmers "
    "lost most of the barley that was still standing, and two bridges will stay shut until engineers have looked at "
    "them. The weather service expects a quiet end of the week, with showers in the hills and sun in the valley. "
    "Schools open again on Wednesday, and trains will run from noon, a spokeswoman for the railway said."
)
RATES = (
    "The central bank cut its main rate by a quarter of a point on Thursday, the third time this year, and said that "
    "it might do so again before the summer. Prices rose more slowly than at any time since the spring of last year, "
    "while unemployment went up for a second month. Shares gained in early trade and the currency fell a little "
    "against the dollar. Most analysts had expected the move, although two members of the board voted against it. "
    "Banks will pass the cut on to borrowers within days, the head of their association said, and savers will feel it."
)
FOOTER = "Copyright Example Media. All rights reserved. Sign up for our daily briefing. Follow us on social media."
RESULT = (
    "Alpha Corp said net profit for the quarter was {} million dollars, or {} cents a share, on sales of {} million "
    "dollars, up from {} million a year ago. The company paid a dividend of {} cents a share on {} million shares."
)
RESULTS = RESULT.format(12, 34, 560, 11, 8, 37)


@contextlib.contextmanager
def engine(texts: list[str], limits: NearDuplicateSettings = DEFAULT) -> Iterator[NearDuplicates]:
    """Give what has taken the texts, a few in each chunk."""
    with tempfile.TemporaryDirectory() as folder:
        found, seen = NearDuplicates(limits, Path(folder)), SeenTexts()
        for number, batch in enumerate(batches([Article(str(at), text) for at, text in enumerate(texts)], 500, size)):
            collect(Path(folder, str(number)), batch, Wanted(limits), seen)
            chunk = ArticleChunk.load(Path(folder, str(number)))
            found.take(chunk.texts, chunk.fingerprints())
        yield found


def size(article: Article) -> int:
    return len(article.text)


def group(texts: list[str], limits: NearDuplicateSettings = DEFAULT) -> Grouping:
    """Group texts, ranked by their content."""
    rank = np.argsort(np.argsort(np.array(texts, object), kind="stable"))
    with engine(texts, limits) as found:
        return found.groups(rank)


def together(one: str, other: str, limits: NearDuplicateSettings = DEFAULT) -> bool:
    labels = group([one, other], limits).labels
    return bool(labels[0] == labels[1])


def drop(text: str, every: int) -> str:
    return " ".join(word for at, word in enumerate(text.split()) if at % every != every - 1)


@pytest.mark.parametrize(
    ("label", "one", "other", "expected"),
    [
        ("the same", STORM, STORM, True),
        ("another story", STORM, RATES, False),
        ("case, quotes, spaces", STORM, STORM.upper().replace(" ", "\u00a0\n"), True),
        ("a tenth of the words gone", STORM, drop(STORM, 10), True),
        ("a sixth of the words gone", f"{STORM} {RATES}", drop(f"{STORM} {RATES}", 6), True),
        ("the first two thirds", STORM, STORM[: len(STORM) * 2 // 3], True),
        ("the first quarter", f"{STORM} {RATES} {STORM.upper()[::-1]}", STORM[:450], True),
        ("the first half in another story", RATES + STORM[: len(STORM) // 2], STORM, False),
        ("framed", STORM, "By our staff | 3 min read\n" + STORM + "\n" + FOOTER, True),
        ("sentences in another order", STORM, ". ".join(reversed(STORM.split(". "))), True),
        ("two stories in one roundup", STORM, STORM + " " + RATES + " " + RATES[::-1], True),
        ("a shared paragraph", STORM[:330] + RATES[330:], STORM, False),
        ("a shared footer", FOOTER * 2 + STORM, FOOTER * 2 + RATES, False),
        ("one-line items", "Markets closed.", "Markets closed today.", False),
        ("the same one-line item", "Markets closed.", "MARKETS CLOSED", True),
        ("other one-line items", "Rain tomorrow.", "Markets closed.", False),
        ("items that differ in a word", "The council meets at noon today.", "The council meets at noon.", False),
        ("nothing", "", "", False),
        ("no words", "...", "!?", False),
        ("results of another quarter", RESULTS, RESULT.format(29, 81, 910, 25, 9, 39), False),
        ("the same results, framed", RESULTS, "Alpha results: " + RESULTS + " End", True),
        ("a corrected figure in a long text", f"{STORM} {RATES} 14 hurt", f"{STORM} {RATES} 15 hurt", True),
        ("one figure, the same words", STORM[:330] + " 14 hurt", STORM[:330] + " 15 hurt", False),
        ("one figure in an edited text", STORM + " 14 hurt 7 12", drop(STORM, 12) + " 15 hurt 7 12", True),
    ],
)  # fmt: skip
def test_pairs(label: str, one: str, other: str, expected: bool) -> None:
    assert together(one, other) is expected, label
    assert together(other, one) is expected, label


SCRIPTS = {
    "Chinese": (
        (
            "气象台星期一发布暴雨红色预警，预计未来二十四小时沿海地区将出现大到暴雨，部分河流水位可能超过"
            "警戒线。当地政府已经疏散低洼地区的居民，学校停课一天，多趟列车停运。专家提醒市民尽量减少外出"
            "，注意防范山洪和滑坡等次生灾害。"
        ),
        ("星期一", "周一"),
        (
            "中央银行星期四宣布下调基准利率零点二五个百分点，这是今年以来第三次降息。分析人士认为，此举旨"
            "在刺激内需，稳定就业市场。受此消息影响，股市早盘上涨，人民币对美元汇率小幅走低，债券收益率下"
            "降。"
        ),
    ),
    "Japanese": (
        (
            "気象庁は月曜日、関東地方に大雨特別警報を発表した。二十四時間の降水量は多いところで三百ミリに"
            "達する見込みで、川の氾濫や土砂災害に最大級の警戒を呼びかけている。鉄道各社は始発から運転を見"
            "合わせ、多くの学校が臨時休校となった。"
        ),
        ("多いところ", "山沿い"),
        (
            "日本銀行は木曜日の金融政策決定会合で、政策金利を据え置くことを全員一致で決めた。総裁は記者会"
            "見で、物価の動向を慎重に見極める考えを示した。これを受けて円相場は一時下落し、株価は小幅に上"
            "昇した。"
        ),
    ),
    "Thai": (
        (
            "กรมอุตุนิยมวิทยาประกาศเตือนเมื่อวันจันทร์ว่าจะมีฝนตกหนักถึงหนักมากในภาคใต้ตลอดยี่สิบสี่ชั่"
            "วโมงข้างหน้า ชาวบ้านในพื้นที่ลุ่มต่ำได้รับคำสั่งให้อพยพ โรงเรียนหลายแห่งปิดการเรียนการสอน "
            "และรถไฟหลายขบวนหยุดให้บริการ"
        ),
        ("วันจันทร์", "วานนี้"),
        (
            "ธนาคารแห่งประเทศไทยมีมติเมื่อวันพฤหัสบดีให้คงอัตราดอกเบี้ยนโยบายไว้ที่ระดับเดิม ผู้ว่าการก"
            "ล่าวว่าเศรษฐกิจยังขยายตัวได้ต่อเนื่องแต่เงินเฟ้อยังอยู่ในระดับต่ำ ค่าเงินบาทอ่อนลงเล็กน้อย"
            "หลังการประกาศ"
        ),
    ),
    "Arabic": (
        (
            "أصدرت هيئة الأرصاد الجوية يوم الاثنين تحذيرا من أمطار غزيرة على المناطق الساحلية خلال "
            "الساعات الأربع والعشرين المقبلة، وتوقعت أن يتجاوز منسوب المياه في بعض الأنهار حد الخطر. "
            "وأخلت السلطات المحلية سكان المناطق المنخفضة، وأغلقت المدارس ليوم واحد، وتوقفت عدة قطارات "
            "عن العمل."
        ),
        ("يوم الاثنين", "أمس"),
        (
            "خفض البنك المركزي يوم الخميس سعر الفائدة الرئيسي بربع نقطة مئوية، وهو الخفض الثالث منذ "
            "بداية العام. وقال محللون إن القرار يهدف إلى تحفيز الطلب المحلي ودعم سوق العمل. وارتفعت "
            "الأسهم في التعاملات المبكرة بينما تراجعت العملة قليلا أمام الدولار."
        ),
    ),
    "Hindi": (
        (
            "मौसम विभाग ने सोमवार को तटीय इलाकों में अगले चौबीस घंटों के दौरान भारी बारिश की चेतावनी "
            "जारी की और कहा कि कुछ नदियों का जलस्तर खतरे के निशान से ऊपर जा सकता है। स्थानीय प्रशासन "
            "ने निचले इलाकों के लोगों को सुरक्षित स्थानों पर पहुंचाया, स्कूल एक दिन के लिए बंद रहे और "
            "कई रेलगाड़ियां रद्द कर दी गईं।"
        ),
        ("सोमवार को", "कल"),
        (
            "केंद्रीय बैंक ने गुरुवार को मुख्य ब्याज दर में चौथाई प्रतिशत की कटौती की, जो इस साल की "
            "तीसरी कटौती है। विश्लेषकों का कहना है कि इस कदम का मकसद घरेलू मांग को बढ़ाना और रोजगार "
            "बाजार को सहारा देना है। शुरुआती कारोबार में शेयर बाजार चढ़ा जबकि रुपया डॉलर के मुकाबले "
            "थोड़ा कमजोर हुआ।"
        ),
    ),
    "Korean": (
        (
            "기상청은 월요일 남해안에 호우 경보를 내리고 앞으로 하루 동안 최대 삼백 밀리미터의 비가 내릴 "
            "것으로 예보했다. 일부 하천은 위험 수위를 넘을 수 있어 저지대 주민들이 대피했고 학교는 하루 "
            "휴교했으며 여러 열차의 운행이 중단됐다."
        ),
        ("월요일", "어제"),
        (
            "한국은행은 목요일 기준금리를 현 수준에서 동결하기로 만장일치로 결정했다. 총재는 "
            "기자회견에서 물가 흐름을 신중하게 지켜보겠다고 말했다. 발표 뒤 원화 가치는 조금 떨어졌고 "
            "주가는 소폭 올랐다."
        ),
    ),
    "Russian": (
        (
            "Метеорологи в понедельник объявили штормовое предупреждение для побережья: в ближайшие "
            "сутки ожидаются сильные дожди, уровень воды в некоторых реках может превысить опасную "
            "отметку. Местные власти эвакуировали жителей низменных районов, школы закрыты на один "
            "день, отменено несколько поездов."
        ),
        ("в понедельник", "вчера"),
        (
            "Центральный банк в четверг снизил ключевую ставку на четверть процентного пункта, это уже "
            "третье снижение с начала года. Аналитики считают, что решение поддержит внутренний спрос "
            "и рынок труда. Акции выросли, а курс валюты немного снизился."
        ),
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts(script: str) -> None:
    storm, (word, another), rates = SCRIPTS[script]
    edited = storm.replace(word, another) + " © 2024"
    assert edited.count(another)
    assert group([storm, rates, edited]).labels.tolist() in ([0, 1, 0], [2, 1, 2])
    assert not together(storm[:20], storm[:15])
    assert not together(storm[: len(storm) // 3] + rates, storm)


def test_edited_copies_and_stories_with_shared_sentences_at_the_same_similarity() -> None:
    vocabulary = [f"{a}{b}" for a in "bcdfghklmnprstvw" for b in ("alon", "eris", "imor", "ope", "under", "yst", "as")]
    chance = np.random.default_rng(5)
    story = chance.choice(vocabulary, 600).tolist()
    edited = [str(chance.choice(vocabulary)) if chance.random() < 0.18 else word for word in story]
    sharing = story[:330] + [word + "x" for word in chance.choice(vocabulary, 300)]
    copy, other = " ".join(edited), " ".join(sharing)
    assert together(" ".join(story), copy)
    assert not together(" ".join(story), other)


def test_templates_are_reported_and_can_be_asked_for() -> None:
    texts = [RESULT.format(*range(at, at + 60, 10)) for at in range(1, 8)] + [STORM]
    loose = msgspec.structs.replace(DEFAULT, jaccard=0.3)
    with engine(texts, loose) as found:
        grouping = found.groups(np.arange(8))
        assert grouping.labels.tolist() == list(range(8))
        assert len(found.templates[0]) == 21
    assert group(texts, msgspec.structs.replace(loose, templates_apart=False)).labels.tolist() == [0] * 7 + [7]


def test_texts_that_differ_in_figures_do_not_meet_through_a_third() -> None:
    bare = STORM.replace("four", "some")
    one, other = (bare.replace("some villages", f"{count} villages and {count + 2} farms") for count in (41, 56))
    labels = group([bare, one, other]).labels
    assert labels[1] != labels[2]
    assert labels[0] in (labels[1], labels[2])


def test_a_short_passage_does_not_join_the_stories_it_stands_in() -> None:
    passage = " ".join(f"pledge{at}" for at in range(80))
    stories = [f"{passage} " + " ".join(f"{story}{at}" for at in range(400)) for story in ("storm", "vote", "trial")]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        texts = [[passage, *stories][at] for at in order]
        labels = group(texts).labels.tolist()
        rows = [order.index(at) for at in (1, 2, 3)]
        assert [labels[row] for row in rows] == rows


def test_chains_break() -> None:
    tokens = [f"w{at}" for at in range(2000)]
    texts = [
        " ".join(tokens[at : at + 300]) for at in range(0, 1500, 60)
    ]  # neighbours: Jaccard 2/3, next but two: 0.25
    grouping = group(texts)
    for row, label in enumerate(grouping.labels.tolist()):
        assert abs(row - label) <= 1
    assert len(set(grouping.labels.tolist())) < len(texts)


def test_many_copies() -> None:
    copies = [f"{STORM} {FOOTER} page {chr(97 + at // 26)}{chr(97 + at % 26)}" for at in range(300)]
    grouping = group(copies + [STORM] * 200 + [RATES] * 3)
    assert len(set(grouping.labels[:500].tolist())) == 1
    assert len(set(grouping.labels[500:].tolist())) == 1
    assert grouping.left.size < 200 * 300 * 2
    linked = {*grouping.left.tolist(), *grouping.right.tolist()}
    assert linked == set(range(503))


def naive(text: str) -> set[tuple[str, ...]]:
    tokens = text.split()
    return {tuple(tokens[at : at + 3]) for at in range(len(tokens) - 2)}


WORDS = [
    "storm",
    "rain",
    "wind",
    "coast",
    "river",
    "road",
    "power",
    "12",
    "47",
    "mayor",
    "crews",
    "level",
    "town",
    "hills",
]


@st.composite
def corpora(draw: st.DrawFn) -> list[str]:
    """Draw texts, some of which are edited copies of others."""
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    texts: list[str] = []
    for _ in range(draw(st.integers(0, 14))):
        if texts and chance.random() < 0.6:
            tokens = texts[chance.integers(len(texts))].split()
            share = chance.choice([0, 0.05, 0.15, 0.3])
            tokens = [str(chance.choice(WORDS)) if chance.random() < share else token for token in tokens]
            texts.append(" ".join(tokens[chance.choice([0, 0, len(tokens) // 3]) :]))
        else:
            texts.append(" ".join(chance.choice(WORDS, chance.choice([0, 2, 10, 40, 130, 130]))))
    return texts


SMALL = msgspec.structs.replace(DEFAULT, min_shingles=6, contained_min_shingles=12, edited_min_shingles=30)


@settings(max_examples=60, deadline=None)
@given(corpora(), st.integers(0, 1000))
def test_groups_do_not_depend_on_the_order(texts: list[str], seed: int) -> None:
    def described(order: list[int]) -> tuple[list[int], set[tuple[frozenset[int], float]]]:
        rows = [texts[at] for at in order]
        rank = np.array(order, np.int64)
        with engine(rows, SMALL) as found:
            grouping = found.groups(rank)
        labels = [0] * len(order)
        for row, label in enumerate(grouping.labels.tolist()):
            labels[order[row]] = order[label]
        ends = zip(grouping.left.tolist(), grouping.right.tolist(), grouping.scores.tolist(), strict=True)
        return labels, {(frozenset((order[one], order[other])), score) for one, other, score in ends}

    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    assert described(order) == described(list(range(len(texts))))


@settings(max_examples=60, deadline=None)
@given(corpora())
def test_every_member_was_compared_with_the_centre(texts: list[str]) -> None:
    grouping = group(texts, SMALL)
    scores = {}
    for one, other, score in zip(grouping.left, grouping.right, grouping.scores, strict=True):
        assert one < other
        assert grouping.labels[one] == grouping.labels[other]
        scores[int(one), int(other)] = float(score)
    assert len(scores) == grouping.left.size
    for row, label in enumerate(grouping.labels.tolist()):
        assert grouping.labels[label] == label
        if row != label and texts[row] != texts[label]:
            one, other = naive(texts[row]), naive(texts[label])
            shared = len(one & other)
            score = scores[min(row, label), max(row, label)]
            assert score == pytest.approx(shared / len(one | other)) or score == pytest.approx(shared / len(one))
            assert score >= SMALL.edited_jaccard


def test_any_cut_into_tasks_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [STORM, RATES, f"{STORM} {FOOTER}", RATES.upper(), drop(STORM, 9), RESULTS, STORM]
    whole = group(texts)
    monkeypatch.setattr("cleaner.near_duplicates.comparison._WORDS_A_TASK", (1, 1))
    monkeypatch.setattr("cleaner.near_duplicates.comparison._WORDS_AT_ONCE", 1)
    cut = group(texts)
    assert whole.labels.tolist() == cut.labels.tolist()
    assert whole.scores.tolist() == cut.scores.tolist()
    assert len(whole.scores) > 3


def test_a_chunk_that_ends_too_soon_is_an_error(tmp_path: Path) -> None:
    whole = tmp_path / "chunk"
    collect(whole, [Article("a", STORM), Article("b", f"{STORM} {FOOTER}")], Wanted(DEFAULT))
    chunk = ArticleChunk.load(whole)
    found = NearDuplicates(DEFAULT)
    found.take(chunk.texts, chunk.fingerprints())
    assert found.groups(np.arange(2)).labels.tolist() == [0, 0]
    texts = StoredWords([chunk.fingerprints()], *np.zeros((2, 2), np.int32), np.full(2, 60, np.int32))
    os.truncate(whole, chunk.fingerprints().hashes_begin + 100)
    with pytest.raises(OSError, match="ends too soon"):
        compare(texts, Pairs(np.array([0]), np.array([1])), DEFAULT, map)
    with pytest.raises(OSError, match="ends too soon"):
        found.groups(np.arange(2))


def test_no_texts() -> None:
    grouping = group([])
    assert grouping.labels.size == grouping.left.size == 0


def links(*pairs: tuple[int, int, float, bool, bool]) -> Links:
    left, right, scores, leads, follows = zip(*pairs, strict=True)
    return Links(
        np.array(left), np.array(right), np.array(scores, np.float32), np.array(leads, bool), np.array(follows, bool)
    )


@pytest.mark.parametrize(
    ("label", "pairs", "apart", "expected"),
    [
        ("most neighbours", [(0, 2, 0.6, 1, 1), (1, 2, 0.6, 1, 1), (2, 3, 0.9, 1, 1)], [], [2, 2, 2, 2]),
        ("a tie goes to the lower", [(0, 1, 0.6, 1, 1), (2, 3, 0.6, 1, 1)], [], [0, 0, 2, 2]),
        ("a path breaks", [(0, 1, 0.6, 1, 1), (1, 2, 0.6, 1, 1), (2, 3, 0.7, 1, 1)], [], [1, 1, 3, 3]),
        ("a part follows the whole", [(0, 3, 0.9, 0, 1)], [], [3, 1, 2, 3]),
        ("a part does not lead", [(0, 2, 0.9, 0, 1), (0, 3, 0.95, 0, 1)], [], [3, 1, 2, 3]),
        ("by score", [(0, 1, 0.6, 1, 1), (1, 2, 0.7, 1, 1), (2, 3, 0.6, 1, 1)], [], [1, 1, 1, 3]),
        ("kept apart", [(0, 1, 0.9, 1, 1), (0, 2, 0.8, 1, 1), (0, 3, 0.9, 1, 1)], [(1, 2)], [0, 0, 2, 0]),
        ("two left", [(0, 1, 0.9, 1, 1), (0, 2, 0.8, 1, 1), (0, 3, 0.8, 1, 1), (2, 3, 0.9, 1, 1)], [(1, 2), (1, 3)],
         [0, 0, 2, 2]),
    ],
)  # fmt: skip
def test_stars(
    label: str, pairs: list[tuple[int, int, float, bool, bool]], apart: list[tuple[int, int]], expected: list[int]
) -> None:
    both = np.array(apart, np.int64).reshape(-1, 2)
    assert stars(4, links(*pairs), Pairs(both[:, 0], both[:, 1])).tolist() == expected, label


def test_spread_over_copies() -> None:
    # Node 0 has the rows 4, 5 and 7, node 1 the rows 0 and 9.
    rows, begins = np.array([4, 5, 7, 0, 9]), np.array([0, 3, 5])
    left, right, scores = expand_copies(links((0, 1, 0.5, True, True)), rows, begins, 9)
    found = list(zip(left.tolist(), right.tolist(), scores.tolist(), strict=True))
    assert found == [
        *((0, 4, 0.5), (0, 5, 0.5), (0, 7, 0.5), (0, 9, 1), (4, 5, 1), (4, 7, 1), (4, 9, 0.5)),
        *((5, 7, 1), (5, 9, 0.5), (7, 9, 0.5)),
    ]
    left, right, scores = expand_copies(links((0, 1, 0.5, True, True)), rows, begins, 5)
    found = list(zip(left.tolist(), right.tolist(), scores.tolist(), strict=True))
    assert found == [(0, 4, 0.5), (0, 9, 1), (4, 5, 1), (4, 7, 1)]


@pytest.mark.parametrize(
    ("flags", "turned"),
    [
        (LinkFlags.LEFT_LEADS, LinkFlags.RIGHT_LEADS),
        (LinkFlags.RIGHT_LEADS, LinkFlags.LEFT_LEADS),
        (LEADS, LEADS),
        (LinkFlags.APART | LinkFlags.TEMPLATE, LinkFlags.APART | LinkFlags.TEMPLATE),
        (LinkFlags.APART | LinkFlags.LEFT_LEADS, LinkFlags.APART | LinkFlags.RIGHT_LEADS),
    ],
)
def test_flags_are_seen_from_either_end(flags: LinkFlags, turned: LinkFlags) -> None:
    assert flags.turned() == turned
    assert turned.turned() == flags
