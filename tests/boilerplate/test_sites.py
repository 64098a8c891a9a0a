import itertools
import json
import subprocess
import sys
import tomllib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.article import Article
from cleaner.boilerplate.profile_files import to_toml, write_profiles
from cleaner.boilerplate.sites import UNKNOWN, Learner, Line, Profile, merge, read_profiles, site_of, site_profiles
from cleaner.settings.load import load_settings
from cleaner.settings.schema import SettingsError
from cleaner.text.folding import fold_phrase

SETTINGS = load_settings().sites
STORY = "The council of {0} met on Monday to talk about {0} and the {1} that its people want so much now."
SENTENCE = "Our reporters are on call for you day and night, so tell them what they ought to know about it."


@pytest.mark.parametrize(
    ("fields", "site"),
    [
        ({"url": "https://www.example.org/a"}, "example.org"),
        ({"url": "https://amp.example.org:8080/a"}, "example.org"),
        ({"site": "WWW.Example.org"}, "example.org"),
        ({"site": "The Example"}, "The Example"),
        ({"url": "http://[::1"}, None),
        ({"provenance": {"source": "crawl/www.example.org/a.html"}}, "example.org"),
        ({"provenance": {"source": "seeds/000.txt"}}, None),
        ({}, None),
    ],
)
def test_site(fields, site):
    assert site_of(Article("1", "", **fields)) == site


def pages(*blocks, n=6, site="example.org", **fields):
    """Make pages of a site that have the same lines around other stories."""
    names = ["".join(pair) for pair in itertools.product("ABCDEFG", "abcdefg")]
    stories = [STORY.format(f"{names[i]}ton", f"{names[i]}bridge") for i in range(n)]
    texts = ["\n\n".join([story if block == "STORY" else block for block in blocks]) for story in stories]
    return [
        Article(str(i), text, url=f"https://{site}/{i}" if site else None, **fields) for i, text in enumerate(texts)
    ]


def learned(articles, settings=SETTINGS):
    learner = Learner(settings)
    for article in articles:
        learner.add(article)
    return learner.profiles()


def test_what_stands_on_many_pages_is_the_site():
    profile = learned(pages("Our Town Herald", "STORY", "12 letters", published="2021-05-03"))["example.org"]
    assert profile.pages == 6
    assert [(line.text, line.pages, line.where, line.first) for line in profile.lines.values()] == [
        ("12 letters", 6, "tail", "2021-05-03"),
        ("Our Town Herald", 6, "head", "2021-05-03"),
    ]
    assert profile.judge(["Our town herald", STORY, "Other", "7 letters"]) == {0: "site", 3: "site"}


@pytest.mark.parametrize(
    ("n", "site", "block", "known"),
    [
        (1, "example.org", "Our Town Herald", False),
        (2, "example.org", "Our Town Herald", True),
        (4, "example.org", SENTENCE, False),
        (5, "example.org", SENTENCE, True),
        (4, None, "Our Town Herald", False),
        (5, None, "Our Town Herald", True),
    ],
)
def test_sentences_and_unknown_sites_need_more_pages(n, site, block, known):
    profiles = learned(pages("STORY", block, n=n, site=site))
    assert ((site or UNKNOWN) in profiles) == known


def test_a_line_on_few_of_many_pages_is_no_furniture():
    rare = pages("STORY", "Our Town Herald", n=3)
    assert "example.org" not in learned([*rare, *pages("STORY", n=40)[3:]])


def test_reprints_of_one_story_count_once():
    text = f"{STORY}\n\nSo it goes"
    reprints = [Article(str(i), text, url=f"https://example.org/{i}") for i in range(50)]
    assert learned(reprints) == {}


@given(st.randoms())
def test_the_result_does_not_depend_on_the_order(random):
    articles = pages("Our Town Herald", "STORY", "12 letters", n=12) + pages("STORY", "Much more", n=12, site="b.org")
    few = msgspec.structs.replace(SETTINGS, sample=5)
    assert learned(random.sample(articles, len(articles)), few) == learned(articles, few)
    assert learned(articles, few)["example.org"].pages == 5


lines = st.builds(
    Line,
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
    pages=st.integers(0, 99),
    where=st.sampled_from(["head", "tail", "anywhere"]),
    first=st.none() | st.just("2021-05-03"),
    keep=st.booleans(),
)


@given(st.lists(lines, max_size=5))
def test_a_profile_is_written_and_read_as_it_is(found):
    written = to_toml(Profile("example.org", 7, dict(enumerate(found))))
    table = tomllib.loads(written)
    assert table["pages"] == 7
    assert sorted([Line(**line) for line in table.get("line", [])], key=str) == sorted(found, key=str)


def test_what_people_wrote_stays(tmp_path):
    (tmp_path / "example.org.toml").write_text('[[line]]\ntext = "Our Town Herald"\nkeep = true\n')
    articles = pages("Our Town Herald", "STORY", "12 letters")
    profile = merge([read_profiles(tmp_path), learned(articles)])["example.org"]
    assert profile.judge(["Our Town Herald", "12 letters"]) == {1: "site"}


HERALD = Line("Our Town Herald", 9, "head")
LETTERS = Line('12 "letters"\n', 5, "tail", "2021-05-03", "2021-05-04")
OLD = Line("Old line", 40)
EXTENDED = [
    (  # all of a file of somebody's: comments, keys of their own, their order
        """\
# Ours since 2019.
owner = "Ada" # who knows

# The paper's name, in all years.
[[line]]
text = "our town herald"   # as it was
keep = true

# Behind.
[[line]]
text = "Old line"
[notes]
seen = 2020-01-01
""",
        """\
# Ours since 2019.
owner = "Ada" # who knows

# The paper's name, in all years.
[[line]]
text = "our town herald"   # as it was
keep = true

# Behind.
[[line]]
text = "Old line"

[[line]]
text = "12 \\"letters\\"\\n"
pages = 5
where = "tail"
first = "2021-05-03"
last = "2021-05-04"
[notes]
seen = 2020-01-01
""",
    ),
    ('pages = 10 # more\nline = [ {text = "OUR TOWN HERALD"}, {text = "12 \'letters\'"} ]\n', None),
    ("pages = 12\n[[line]]\ntext = 'Our Town Herald'\n[[line]]\ntext = '12 letters'\n", "same"),
]


@pytest.mark.parametrize(("before", "after"), EXTENDED, ids=["comments", "inline", "nothing new"])
def test_what_people_wrote_in_a_file_stays_as_it_stands(before, after, tmp_path):
    file = tmp_path / "example.org.toml"
    file.write_text(before)
    lines = {fold_phrase(line.text): line for line in (HERALD, LETTERS, OLD) if line is not OLD or after != "same"}
    write_profiles(tmp_path, {"example.org": Profile("example.org", 12, lines)})
    if after is None:
        after = before.replace("10 #", "12 #").replace(" ]", ', {text = "Old line", pages = 40, where = "anywhere"} ]')
    assert file.read_text() == (before if after == "same" else after)
    write_profiles(tmp_path, {"example.org": Profile("example.org", 12, lines)})
    assert file.read_text() == (before if after == "same" else after)


@pytest.mark.parametrize(
    "before", ["", "[[line]]\ntext = 'a'", "# only a comment", "[[line]]\r\ntext = 'a'\r\n", "x = 1"]
)
def test_any_profile_takes_new_lines(before, tmp_path):
    (tmp_path / "example.org.toml").write_text(before, newline="")
    write_profiles(tmp_path, {"example.org": Profile("example.org", 3, {fold_phrase(HERALD.text): HERALD})})
    found = read_profiles(tmp_path)["example.org"]
    assert found.lines[fold_phrase(HERALD.text)] == HERALD
    assert ("a" in found.lines) == ("'a'" in before)


def test_the_name_of_a_site_cannot_write_toml_of_its_own(tmp_path):
    site = "a/b\n[[line]]\ntext = 'x'\n#\ud800"
    write_profiles(tmp_path, {site: Profile(site, 3, {"a": HERALD})})
    [found] = read_profiles(tmp_path).values()
    assert found.pages == 3
    assert list(found.lines.values()) == [HERALD]


def test_a_file_that_is_no_profile_is_named(tmp_path):
    (tmp_path / "example.org.toml").write_text('[[line]]\ntxt = "Our Town Herald"\n')
    with pytest.raises(ValueError, match=r"example\.org\.toml: is no site profile"):
        read_profiles(tmp_path)


def test_a_folder_of_profiles_that_is_not_there_is_an_error():
    settings = load_settings(("mine", {"sites": {"folder": "nowhere/sites"}})).sites
    with pytest.raises(SettingsError, match=r"^sites\.folder: there is no folder 'nowhere/sites'"):
        site_profiles(settings)


def test_learn_writes_profiles_that_clean_applies_and_run_learns_unasked(tmp_path):
    rows = [json.dumps(a.record()) for a in pages("Our Town Herald", "STORY", "12 letters")]
    (tmp_path / "pages.jsonl").write_text("\n".join(rows))

    def cleaner(*args):
        command = [sys.executable, "-m", "cleaner", *args]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout

    def texts(data):
        return "".join(json.loads(row)["text"] for row in data.splitlines())

    cleaner("run", "pages.jsonl", "-o", "out")
    assert "Herald" not in texts((tmp_path / "out/articles.jsonl").read_bytes())
    assert "Herald" in texts(cleaner("clean", "pages.jsonl"))
    learning = cleaner("clean", "--learn", "pages.jsonl").splitlines()
    assert ["Herald" in json.loads(row)["text"] for row in learning] == [True, True, False, False, False, False]
    shown = cleaner("learn", "pages.jsonl").decode()
    assert 'text = "Our Town Herald"' in shown
    (tmp_path / "pyproject.toml").write_text('[tool.cleaner.sites]\nfolder = "sites"\n')
    cleaner("learn", "pages.jsonl", "-o", "sites")
    assert (tmp_path / "sites/example.org.toml").read_text() == shown
    assert "Herald" not in texts(cleaner("clean", "pages.jsonl"))
