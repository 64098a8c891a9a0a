"""Fillings of one template are no story: the same form in many languages, each time with other people and figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from cleaner.arrays.pairs import Pairs
from cleaner.settings.load import load_settings
from cleaner.stories.grouping import ArticleFacts, story_groups
from cleaner.stories.templates import MATES, Templates, left_over, likely_template
from cleaner.stories.terms import Terms, terms_of
from cleaner.stories.vectors import copying, weigh
from cleaner.words.tokenising import words

DAY = dt.date(2024, 3, 4).toordinal()
TEMPLATES = {
    "German obituary": (
        (
            "{0}, {1} Jahre alt, aus {2} ist am Sonntag im Kreis der Familie friedlich eingeschlafen. {3} war "
            "viele Jahre {4} und in der Gemeinde aktiv. Die Trauerfeier findet am Donnerstag um zehn Uhr in "
            "der Kirche Sankt Anna statt. Anstelle von Blumen bittet die Familie um Spenden für das Hospiz. "
            "Wir danken den Pflegerinnen für ihre Fürsorge in den vergangenen Monaten."
        ),
        (
            ("Karl Brenner", "84", "Fulda", "Brenner", "Schreiner"),
            ("Ilse Wagner", "91", "Kassel", "Wagner", "Lehrerin"),
            ("Otto Maurer", "77", "Hanau", "Maurer", "Bergmann"),
        ),
    ),
    "German match": (
        (
            "{0} hat am Samstagabend gegen {1} mit {2} gewonnen. {3} traf in der Schlussphase zum "
            "entscheidenden Treffer. Zur Pause stand es noch unentschieden, doch nach dem Wechsel übernahmen "
            "die Gastgeber das Spiel. Der Trainer lobte die Moral seiner Mannschaft. Am kommenden Spieltag "
            "müssen beide Teams auswärts antreten. Vor dem Spiel hatte es eine Schweigeminute gegeben."
        ),
        (
            ("Darmstadt", "Kiel", "3:2", "Schuster"),
            ("Rostock", "Aue", "2:1", "Lindner"),
            ("Bochum", "Paderborn", "4:3", "Yilmaz"),
        ),
    ),
    "French arrest": (
        (
            "Un homme de {0} ans a été interpellé {1} à {2}, soupçonné de {3}. Les policiers avaient été "
            "alertés par un voisin peu après minuit, {4}. {5} a été placé en garde à vue et devrait être "
            "présenté au parquet dans la semaine. Toute personne ayant des informations est invitée à "
            "contacter le commissariat. L'enquête se poursuit, a indiqué une porte-parole sans donner plus de "
            "détails."
        ),
        (
            ("34", "mardi", "Rouen", "cambriolage", "rue du Moulin", "Pierre Vasseur"),
            ("51", "samedi", "Rouen", "incendie volontaire", "boulevard Gambetta", "Louis Carpentier"),
            ("28", "lundi", "Le Havre", "agression", "avenue Foch", "Julien Morel"),
        ),
    ),
    "Spanish quake": (
        (
            "Un sismo de magnitud {0} sacudió {1} la zona de {2}, informó el servicio geológico. El epicentro "
            "se situó a {3} kilómetros de la costa y a una profundidad de {4} kilómetros. No se han reportado "
            "víctimas ni daños materiales. No se emitió alerta de tsunami. Los vecinos sintieron un leve "
            "temblor y algunos salieron de sus casas. Se esperan réplicas menores en los próximos días."
        ),
        (
            ("4,6", "el viernes", "Orellana", "31", "10"),
            ("5,1", "el martes", "Coquimbo", "112", "25"),
            ("4,9", "el domingo", "Arequipa", "64", "40"),
        ),
    ),
    "Russian earnings": (
        (
            "Компания {0} сообщила о чистой прибыли в размере {1} миллиона рублей за {2} квартал. Выручка "
            "выросла на {3} процента и составила {4} миллионов. В компании заявили, что спрос был устойчивым "
            "во всех регионах, и подтвердили прогноз на год. Аналитики в среднем ожидали меньшей прибыли. "
            "Акции {5} почти не изменились в начале торгов."
        ),
        (
            ("Уралмет", "31", "первый", "4", "412", "Уралмета"),
            ("Волгахим", "22", "первый", "2", "388", "Волгахима"),
            ("Сибтранс", "44", "первый", "3", "501", "Сибтранса"),
        ),
    ),
    "Russian weather": (
        (
            "Во вторник в {0} ожидается облачная погода, во второй половине дня возможен дождь. Температура "
            "воздуха составит {1} градусов днём и {2} градуса ночью. Ветер слабый, западный. Водителям следует "
            "соблюдать осторожность на мокрых дорогах, сообщили в гидрометцентре. К выходным ожидается "
            "прояснение и туман в низинах утром."
        ),
        (
            ("Омске", "12", "4"),
            ("Самаре", "15", "3"),
            ("Рязани", "9", "2"),
        ),
    ),
    "Portuguese vote": (
        (
            "{0} foi eleito prefeito de {1} com {2} por cento dos votos, informou a junta eleitoral na noite "
            "de domingo. {3} reconheceu a derrota e desejou sorte ao vencedor. A participação foi maior do que "
            "há quatro anos. O novo prefeito toma posse em janeiro e presidirá a primeira sessão da câmara na "
            "mesma semana. A campanha foi marcada por aluguéis, escolas e o estado das ruas."
        ),
        (
            ("Marcos Teixeira", "Itabuna", "53,1", "Luiz Prado"),
            ("Renato Falcão", "Araxá", "61,4", "Davi Nogueira"),
            ("Heitor Lacerda", "Sobral", "55,0", "Caio Meireles"),
        ),
    ),
    "Turkish house sale": (
        (
            "{0} {1} semtinde bulunan bir ev {2} liraya satıldı. Satıcı {3}, alıcı ise {4} oldu. Evin üç yatak "
            "odası, iki banyosu ve bir garajı var. Bina altmışlı yıllarda inşa edildi ve uzun süredir el "
            "değiştirmemişti. Emlak vergileri ödenmiş durumda. Bölgedeki evler ortalama otuz gün içinde "
            "satılıyor ve fiyatlar yıl boyunca yükseldi."
        ),
        (
            ("Bursa", "Nilüfer", "4.120.000", "Hakan Demir", "Ayşe Kurt"),
            ("Konya", "Meram", "6.550.000", "Murat Aksoy", "Zeynep Koç"),
            ("Adana", "Seyhan", "3.900.000", "Kemal Taş", "Elif Şahin"),
        ),
    ),
    "Chinese appointment": (
        (
            "{0}公司宣布任命{1}为新任首席执行官，任命从下月一日起生效。{1}此前在{2}负责欧洲业务。董事会感谢即将离任的首席执行官多年来的贡献。公司同时确认了全年业"
            "绩预期。股价变化不大。分析人士表示，这一选择符合投资者的预期。"
        ),
        (
            ("华岳水泵", "李国栋", "海岭阀门"),
            ("东川银行", "王晓梅", "天泽保险"),
            ("北港航运", "陈志远", "南星物流"),
        ),
    ),
    "Japanese quake": (
        (
            "{0}、{1}で震度{2}を観測する地震がありました。震源の深さは約{3}キロ、地震の規模を示すマグニチュードは{4}と推定されています。この地震による津波の心"
            "配はありません。けが人や建物の被害の情報は入っていません。気象庁は今後の揺れに注意するよう呼びかけています。"
        ),
        (
            ("金曜日の夜", "青森県八戸市", "4", "60", "5.1"),
            ("火曜日の朝", "熊本県阿蘇市", "3", "10", "4.2"),
            ("日曜日の昼", "茨城県水戸市", "4", "50", "4.8"),
        ),
    ),
    "Arabic obituary": (
        (
            "توفي {0} عن عمر ناهز {1} عاما يوم الأحد في {2} محاطا بأسرته. عمل الراحل {3} لسنوات طويلة وكان "
            "عضوا نشطا في جمعية الحي. ستقام صلاة الجنازة يوم الخميس بعد صلاة الظهر في المسجد الكبير، ويستقبل "
            "العزاء في بيت العائلة ثلاثة أيام. تشكر الأسرة الأطباء والممرضات على رعايتهم خلال الأشهر الماضية."
        ),
        (
            ("حسن العلي", "84", "حلب", "نجارا"),
            ("فؤاد منصور", "91", "طرابلس", "معلما"),
            ("سليم بركات", "77", "إربد", "خبازا"),
        ),
    ),
    "Polish verdict": (
        (
            "{0} został w czwartek skazany na {1} lat więzienia po tym, jak sąd uznał go za winnego {2}. "
            "Sędzia powiedział, że zbrodnia pozostawiła głębokie rany. Prokuratura domagała się wyższego "
            "wyroku. Obrona zapowiedziała apelację w ciągu miesiąca. Krewni ofiar objęli się na sali sądowej. "
            "Proces trwał trzy tygodnie i przesłuchano czterdziestu świadków."
        ),
        (
            ("Rafał Tomczak", "19", "zabójstwa wspólnika"),
            ("Leszek Wirt", "12", "podpalenia domu opieki"),
            ("Bogdan Hajduk", "15", "napadu na bank w Kaliszu"),
        ),
    ),
    "English recall": (
        (
            "{0} is recalling about {1} {2} vehicles because {3}, federal regulators said {4}. Owners will be "
            "notified by mail and dealers will make the repair at no cost. The company said it was not aware "
            "of any injuries related to the issue. The recall covers vehicles from the {5} model years. Owners "
            "can check whether their vehicle is included by entering the identification number on the agency's "
            "website."
        ),
        (
            ("Hanro", "120,000", "Vesta", "a door may open in a crash", "Tuesday", "2021 to 2023"),
            ("Bellmoor", "43,500", "Tarn", "the brake pedal may loosen", "Friday", "2019 and 2020"),
            ("Okuda", "310,000", "Kite", "a fuel pump may fail", "Thursday", "2018 to 2022"),
        ),
    ),
    "English jobs": (
        (
            "The unemployment rate in {0} was {1} percent in {2}, the labor department said on Thursday, "
            "compared with {3} percent a month earlier. Employers added {4} jobs, mostly in health care and "
            "construction. Manufacturing lost positions for the third month in a row. The national rate was "
            "unchanged. The department publishes the figures for counties next week."
        ),
        (
            ("Ohio", "4.1", "March", "4.2", "8,200"),
            ("Nevada", "5.3", "March", "5.1", "2,900"),
            ("Georgia", "3.2", "March", "3.3", "11,400"),
        ),
    ),
}


def found(texts: list[str]) -> Terms:
    return terms_of([(None, text) for text in texts], words(texts), load_settings().stories)


def labels(texts: list[str], days: list[int]) -> list[int]:
    known = ArticleFacts(np.array(days, np.int32), np.arange(len(texts)), np.arange(len(texts)))
    return story_groups([found(texts)], known, load_settings().stories).labels.tolist()


def filled(language: str) -> list[str]:
    template, fillings = TEMPLATES[language]
    return [template.format(*filling) for filling in fillings]


@pytest.mark.parametrize("dated", [False, True])
@pytest.mark.parametrize("language", TEMPLATES)
@pytest.mark.parametrize("fillings", [2, 3])
def test_fillings_of_one_template_are_no_story(language: str, fillings: int, *, dated: bool) -> None:
    texts = filled(language)[:fillings]
    days = [(DAY + 2 * row) * dated for row in range(fillings)]
    assert labels(texts, days) == list(range(fillings))


def test_fillings_stay_apart_in_a_corpus_of_all() -> None:
    texts = [text for language in TEMPLATES for text in filled(language)]
    assert labels(texts, [DAY] * len(texts)) == list(range(len(texts)))


def test_two_reports_in_other_words_on_one_of_many_fillings_are_a_story() -> None:
    """Its form is that of forty others; what the two share beyond it are names and figures."""
    form = (
        "{0} reported net income of {1} million for the quarter, compared with a year earlier. Revenue rose to {2} "
        "million. The company said demand was strong in all regions and confirmed its outlook for the full year. "
        "Shares of {0} were little changed in early trading, and analysts had expected less."
    )
    chance = np.random.default_rng(3)
    syllables = ["bar", "cor", "dil", "fen", "gor", "hul", "lam", "mod", "nes", "pri"]
    firms = ["".join(chance.choice(syllables, 3)).title() for _ in range(40)]
    figures = chance.integers(11, 999, (40, 2)).tolist()
    texts = [form.format(firm, *pair) for firm, pair in zip(firms, figures, strict=True)]
    firm, (income, revenue) = firms[0], figures[0]
    other = f"{firm} earned {income} million. Pump maker {firm} sold {revenue} million worth of pumps, {firm} says."
    assert labels([*texts, other], [0] * 41) == [*range(40), 0]


def test_copies_of_one_text_are_of_one_hand_and_no_template() -> None:
    one, other = filled("German obituary")[:2]
    vectors = weigh(found([one, one, one + " Wir trauern.", other]), 96, 3000)
    told = copying(vectors, Pairs(np.zeros(3, np.int64), np.arange(1, 4)))
    assert told.copied[0] == 1
    assert (told.copied > 0.8).all()
    assert told.replaced.tolist()[:2] == pytest.approx([0, 0], abs=1e-6)
    assert told.replaced[2] > 0.05
    assert likely_template(told, copies=True)[:2].tolist() == [0, 0]
    assert likely_template(told, copies=True)[2] > 0.8
    assert left_over(np.array([0, 1], np.float32)) == pytest.approx([0, np.log(0.03)])


def test_other_figures_tell_two_events_of_one_kind() -> None:
    hit = "A woman was hit by a car in Mill Street in Brenn on Monday and taken to hospital, police said. She was 34."
    dies = "The woman, 34, who was hit by a car in Mill Street in Brenn on Monday died in hospital, police said."
    boy = "A boy was hit by a car in Mill Street in Brenn on Friday and taken to hospital, police said. He was 11."
    pairs = Pairs(np.array([0, 0, 1]), np.array([1, 2, 2]))
    told = copying(weigh(found([hit, dies, boy]), 96, 3000), pairs)
    assert told.other_figures.tolist() == [False, True, True]
    assert labels([hit, dies, boy], [DAY, DAY + 1, DAY + 4]) == [0, 0, 2]


def test_a_term_of_most_mates_is_the_templates() -> None:
    """Of twenty fillings each has 19 mates; what all have counts for little, what few have in full."""
    texts = [
        f"court sentenced defendant prison jury trial verdict person{row} person{row // 2 * 2}b" for row in range(20)
    ]
    vectors = weigh(found(texts), 96, 3000)
    mates = Pairs(*np.triu_indices(20, 1))
    own = Templates.of(vectors, mates, copies=False).own
    assert own.shape == (20, 96)
    assert (np.sort(own[:, :9], axis=1)[:, 0] == np.float32(1 - (19 - MATES) / 19)).all()
    assert (own.max(axis=1) == 1).all()
    assert Templates.of(vectors, mates.take(mates.right <= MATES), copies=False).own.size == 0
