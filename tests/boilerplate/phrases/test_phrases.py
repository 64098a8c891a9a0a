import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.boilerplate.phrases.library import CLASSES, load
from cleaner.boilerplate.phrases.pattern import Match
from cleaner.resources import configs
from cleaner.text.folding import count_phrase_words, fold_phrase, fold_phrases, is_edge, phrase_words

FILES = sorted((configs() / "boilerplate").glob("*.toml"))

# block, class, sure
FURNITURE = [
    ("Share", "share", True),
    ("▶ SHARE:", "share", True),
    ("Share this article", "share", True),
    ("Share this with family and friends", "share", True),
    ("Click to share on Facebook (Opens in new window)", "share", True),
    ("Facebook", "share", False),
    ("Advertisement", "advert", True),
    ("Story continues below advertisement", "advert", True),
    ("Sign up for our newsletter", "newsletter", True),
    ("Get ABC News daily and direct to your Inbox", "newsletter", True),
    ("Already a subscriber? Sign in", "subscription", True),
    ("This website uses cookies to improve your experience.", "cookies", True),
    ("Download our apps", "app", True),
    ("Listen to our podcasts", "podcast", True),
    ("READ MORE: Storm closes three schools", "related", True),
    ("Most read", "related", True),
    ("Skip to main content", "navigation", True),
    ("World", "navigation", False),
    ("2 min read", "read_time", True),
    ("12 MIN READ", "read_time", True),
    ("Published", "date_label", False),
    ("Published 4 hours ago", "date_label", True),
    ("[Getty]", "caption", True),
    ("(Image: Getty)", "caption", True),
    ("Photo: Jane Doe/AP", "caption", True),
    ("A street in the old town after the flood [Getty]", "caption", False),
    ("© 2024 Example Media Ltd. All rights reserved.", "copyright", True),
    ("12 Comments", "comments", True),
    ("This story has not been edited.", "notice", True),
    ("(With inputs from agencies)", "notice", True),
    ("(Reporting by Jane Doe in Oslo; Editing by John Roe)", "notice", True),
    ("The Associated Press contributed to this report.", "notice", True),
    ("By Jane Doe", "byline", False),
    ("By Jane Doe and John Roe, Associated Press", "byline", True),
    ("Follow us on Facebook and Twitter", "follow", True),
    ("Donate now", "support", True),
    ("Listen to this article", "player", True),
    ("Your browser does not support the audio element.", "error", True),
    ("By subscribing, you agree to our terms of service and privacy policy.", "legal", True),
    ("This site is protected by reCAPTCHA and the Google Privacy Policy applies.", "legal", True),
    ("Teilen", "share", True),
    ("Lesen Sie auch: Hochwasser in Passau", "related", True),
    ("# Min. Lesezeit".replace("#", "3"), "read_time", True),
    ("PUBLICITÉ", "advert", True),
    ("PUBLICITE", "advert", True),
    ("Lire aussi : Les prix baissent", "related", True),
    ("Suscríbete a nuestra newsletter", "newsletter", True),
    ("Todos os direitos reservados", "copyright", True),
    ("© RIPRODUZIONE RISERVATA", "copyright", True),
    ("Lees ook: Treinen rijden weer", "related", True),
    ("Реклама", "advert", True),
    ("Читайте также: В городе открыли мост", "related", True),
    ("Читайте також: У місті відкрили міст", "related", True),
    ("Czytaj też: Most otwarty", "related", True),
    ("İLGİLİ HABERLER", "related", True),
    ("اقرأ أيضا: افتتاح الجسر", "related", True),
    ("بیشتر بخوانید", "related", True),
    ("ये भी पढ़ें: पुल खुला", "related", True),
    ("相关阅读：大桥通车", "related", True),
    ("延伸閱讀", "related", True),
    ("責任編輯：王小明", "notice", True),
    ("関連記事", "related", True),
    ("無断転載を禁じます", "copyright", True),
    ("무단전재 및 재배포 금지", "copyright", True),
    ("Baca juga: Jembatan dibuka", "related", True),
    ("Home | News | Sport", "navigation", False),
    ("Share | Print this page", "share", True),
]

BODY = [
    "Share prices fell",
    "Share prices fell sharply on Monday after the bank's warning.",
    "Watch on the Rhine",
    "“All rights reserved” was printed on every page of the leaked document, he said.",
    "Advertisement spending rose 3% last year.",
    "He told readers to subscribe to the newsletter of the party because it was free.",
    "Published figures show a fall in trade.",
    "Reuters reported on Monday that the talks had failed.",
    "Reporting by The Times has shown that ministers knew.",
    "Follow the money",
    "Read my lips",
    "Related firms were fined",
    "Photo albums were found in the wreck",
    "By Monday evening",
    "By the time police arrived, the shop was empty.",
    "Home secretary resigns",
    "Home-made bombs were thrown",
    "Loading docks are busy",
    "Search teams found two bodies.",
    "Support for the party fell.",
    "Contact with the plane was lost.",
    "Like millions of others on Facebook, he posted a photo",
    "I want justice",
    "Teile der Stadt stehen unter Wasser",
    "Von Montag an gilt die neue Regel",
    "Werbung wirkt",
    "Suivez le guide",
    "Publicité mensongère : une amende",
    "Compartir piso es caro",
    "Por la mañana llovió en Madrid",
    "Condividere la sofferenza",
    "Delen van het land staan blank",
    "Реклама — двигатель торговли",
    "Поделиться опытом приехали врачи",
    "Поділитися досвідом приїхали лікарі",
    "Reklama dźwignią handlu",
    "Paylaşım rekoru kırıldı",
    "المزيد من القتلى في غزة",
    "شارك الآلاف في المظاهرة",
    "بازگشت به گذشته ممکن نیست",
    "अपडेट के बाद कीमतें घटीं",
    "分享会在北京举行",
    "广告收入增长3%",
    "首页改版引发争议",
    "搜索队在山区发现两人",
    "関連法案が成立した",
    "写真展が東京で開かれた",
    "공유경제가 성장했다",
    "사진전이 서울에서 열렸다",
    "Bagikan beras kepada warga",
    "",
    " \n",
    "***",
    "404",
    "1,842,000",
    "2,219",
]


@pytest.mark.parametrize(("block", "rule", "sure"), FURNITURE)
def test_furniture_is_recognised(block: str, rule: str, sure: bool) -> None:
    match = load().match(block)
    assert match is not None
    assert (match.rule, match.sure) == (rule, sure)


@pytest.mark.parametrize("block", BODY)
def test_body_is_left_alone(block: str) -> None:
    assert load().match(block) is None


def test_match_names_the_phrase_as_it_stands_in_the_file() -> None:
    assert load().match("3 MIN READ") == Match("read_time", "en", "# min read", sure=True)


def test_long_blocks_are_body() -> None:
    assert load().match("Share " * 200) is None


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_language_has_every_class(file: Path) -> None:
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    assert set(tables) == set(CLASSES)
    assert all(table["sure"].strip() for table in tables.values())


def test_the_languages_asked_for_are_there() -> None:
    asked = ["en", "de", "fr", "es", "pt", "it", "nl", "ru", "uk", "pl", "tr", "ar", "fa", "hi", "zh", "ja", "ko", "id"]
    assert set(asked) <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_sure_phrases_without_gaps_match_themselves(file: Path) -> None:
    phrases = load()
    for table in tomllib.loads(file.read_text(encoding="utf-8")).values():
        for line in table["sure"].splitlines():
            if line and not set(line) & set("…*{"):
                assert phrases.match(line.replace("#", "7")) is not None, line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shares]\nsure = 'Share'", "there is no class"),
        ("[share]\nshure = 'Share'", "no key 'shure'"),
        ("[share]\nsure = '…'", "has no words"),
        ("[share]\nsure = '?!'", "has no words"),
        ("[share]\nsure = '404'", "has no words"),
        ("[share", "xx.toml"),
    ],
)
def test_a_wrong_file_is_an_error_that_names_it(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "xx.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        load(tmp_path)
    assert "xx.toml" in str(caught.value)


def test_own_phrases(tmp_path: Path) -> None:
    text = "[share]\nmax_words = 4\nsure = ['Tell …', 'Give … away | 6']\nunsure = '''\nPass it to *\nSaid {name}'''\n"
    (tmp_path / "en.toml").write_text(text, encoding="utf-8")
    phrases = load(tmp_path)
    assert phrases.match("Tell all your friends") == Match("share", "en", "Tell …", sure=True)
    assert phrases.match("Tell all of your friends") is None
    assert phrases.match("Telling tales") is None
    assert phrases.match("Give one to your friend away") == Match("share", "en", "Give … away", sure=True)
    assert phrases.match("Pass it to Jane") == Match("share", "en", "Pass it to *", sure=False)
    assert phrases.match("Pass it to Jane Doe") is None
    assert phrases.match("said Jane Doe") == Match("share", "en", "Said {name}", sure=False)
    assert phrases.match("Said nobody at all") is None


@given(st.text(max_size=80))
def test_normalisation_is_idempotent(text: str) -> None:
    assert fold_phrase(fold_phrase(text)) == fold_phrase(text)


@given(st.lists(st.text(max_size=30).map(lambda text: text.replace("\n", " ").replace("\r", " ")), min_size=1))
def test_normalising_together_is_normalising_one_by_one(lines: list[str]) -> None:
    assert fold_phrases(lines) == [fold_phrase(line) for line in lines]


@given(st.text(max_size=120))
def test_match_never_raises(text: str) -> None:
    match = load().match(text)
    assert match is None or match.rule in CLASSES


PIECES = st.sampled_from(
    ["Share", "newsletter", "©", "|", "…", "photo:", "分享", "關", "реклама", "İ", "[", "7", "\n", "By"]
)


@given(st.lists(PIECES, max_size=12).map(" ".join))
def test_match_never_raises_on_near_phrases(text: str) -> None:
    match = load().match(text)
    assert match is None or match.rule in CLASSES


def test_words_of_scripts_without_spaces() -> None:
    assert phrase_words("share 分享 ok") == ["share", "分", "享", "ok"]
    assert count_phrase_words("分享到微信") >= 5
    assert is_edge("分享到", 1)
    assert not is_edge("share", 2)
