import itertools
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from cleaner.resources import configs
from cleaner.settings.load import find_project, load_settings, read_tables, settings_here
from cleaner.settings.schema import SettingsError


def test_the_later_override_wins():
    merged = load_settings(("a", {"canonical": {"per": "article"}}), ("b", {"canonical": {"per": "near-duplicates"}}))
    assert merged.canonical.per == "near-duplicates"
    assert merged.canonical.by == load_settings().canonical.by


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"cannonical": {}}, "mine.toml: there is no section [cannonical]; did you mean 'canonical'?"),
        ({"read": {"maxbytes": 5}}, "mine.toml: there is no setting 'read.maxbytes'; did you mean 'read.max_bytes'?"),
        ({"read": 5}, "mine.toml: [read] is a section of settings, not a value"),
        (
            {"read": {"max_bytes": "5"}},
            'mine.toml: read.max_bytes = "5" does not fit; it takes a whole number from 1',
        ),
        (
            {"canonical": {"per": "page"}},
            'mine.toml: canonical.per = "page" does not fit; it takes "story", "near-duplicates" or "article"',
        ),
        (
            {"near_duplicates": {"jaccard": 5.0}},
            "mine.toml: near_duplicates.jaccard = 5.0 does not fit; it takes a number from 0 to 1",
        ),
        (
            {"near_duplicates": {"sketch_slots": 0}},
            "mine.toml: near_duplicates.sketch_slots = 0 does not fit; it takes a whole number from 1 to 65,536",
        ),
        (
            {"near_duplicates": {"sketch_slots": 2}},
            (
                "mine.toml: near_duplicates.band_slots = 3 does not fit; it takes at most as many slots as "
                "sketch_slots (2) and opening_slots (16)"
            ),
        ),
        (
            {"extract": {"timeout": float("inf")}},
            "mine.toml: extract.timeout = null does not fit; it takes a number above 0",
        ),
        (
            {"extract": {"metadata": "yes"}},
            'mine.toml: extract.metadata = "yes" does not fit; it takes true or false',
        ),
        (
            {"describe": {"drop": ["too_short", "nosuchflag"]}},
            (
                'mine.toml: describe.drop = ["too_short","nosuchflag"] does not fit; it takes a list of '
                '"machine_spun", "not_article", "paywall_stub", "syndicated", "too_short" or "truncated"'
            ),
        ),
        (
            {"git": {"allow": [{}]}},
            "mine.toml: git.allow = [{}] does not fit; it takes a list of tables of `files` and `reason`",
        ),
        (
            {"canonical": {"sources": "a.example"}},
            'mine.toml: canonical.sources = "a.example" does not fit; it takes a list of text',
        ),
    ],
)
def test_a_mistake_is_named_with_what_to_type_instead(tables, message):
    with pytest.raises(SettingsError) as error:
        load_settings(("mine.toml", tables))
    assert str(error.value) == message


def test_no_number_is_negative_or_without_bound():
    for section, values in msgspec.to_builtins(load_settings()).items():
        for key in (key for key, value in values.items() if type(value) in {int, float}):
            for value in (-1, -0.5, float("nan"), 1e300, 2**80):
                with pytest.raises(SettingsError, match=rf"^mine: {section}\.{key} = .* does not fit; it takes "):
                    load_settings(("mine", {section: {key: value}}))


def test_values_that_only_fit_together_are_taken_together():
    both = {"band_slots": 2, "sketch_slots": 2}
    for tables in (both, dict(reversed(both.items()))):
        assert load_settings(("mine", {"near_duplicates": tables})).near_duplicates.sketch_slots == 2


def test_each_default_stands_in_one_file_with_a_reason_above_it():
    keys = []
    for name in ("default.toml", "tuning.toml"):
        text = (configs() / name).read_text(encoding="utf-8")
        keys += [(section, key) for section, values in tomllib.loads(text).items() for key in values]
        for before, line in itertools.pairwise(text.splitlines()):
            assert before.startswith("#") or not re.match(r"\w+ = ", line)
    assert len(keys) == len(set(keys))
    expected = msgspec.to_builtins(load_settings())
    assert set(keys) == {(section, key) for section, values in expected.items() for key in values}


def test_a_tuning_setting_is_overridden_like_any_other():
    assert load_settings(("mine", {"stories": {"slots": 8}})).stories.slots == 8


@pytest.mark.parametrize(("below", "expected"), [(".", "profiles"), ("a", "../profiles"), ("a/b", "../../profiles")])
def test_the_folder_of_profiles_is_that_beside_the_settings_file(tmp_path, monkeypatch, below, expected):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.cleaner.sites]\nfolder = "profiles"\n')
    (tmp_path / "mine.toml").write_text('[sites]\nfolder = "profiles"\n')
    monkeypatch.chdir(tmp_path / below)
    assert Path(settings_here().sites.folder) == Path(expected)
    assert Path(settings_here(str(tmp_path / "mine.toml")).sites.folder) == Path(expected)
    (tmp_path / "mine.toml").write_text('[sites]\nfolder = ""\n')
    assert settings_here(str(tmp_path / "mine.toml")).sites.folder == ""
    (tmp_path / "mine.toml").write_text(f"[sites]\nfolder = '{tmp_path}'\n")
    assert settings_here(str(tmp_path / "mine.toml")).sites.folder == str(tmp_path)


def test_the_digest_tells_settings_apart():
    assert load_settings().digest() == load_settings(("a", {"canonical": {"per": "story"}})).digest()
    assert load_settings().digest() != load_settings(("a", {"canonical": {"per": "article"}})).digest()


def test_the_nearest_project_with_a_table_is_found(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.cleaner.canonical]\nper = "article"\n')
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/pyproject.toml").write_text("[project]\nname = 'x'\n")
    path = find_project(tmp_path / "a/b")
    assert path == tmp_path / "pyproject.toml"
    assert read_tables(path) == {"canonical": {"per": "article"}}


def test_a_broken_file_is_named(tmp_path):
    (tmp_path / "mine.toml").write_text("[read\n")
    with pytest.raises(SettingsError, match=r"mine\.toml: is not TOML"):
        read_tables(tmp_path / "mine.toml")
