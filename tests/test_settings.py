import pytest

from cleaner.settings.load import find_project, load_settings, read_tables
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
        ({"read": {"max_bytes": "5"}}, "mine.toml: [read] Expected `int`, got `str` - at `max_bytes`"),
        ({"canonical": {"per": "page"}}, "mine.toml: [canonical] Invalid enum value 'page' - at `per`"),
        ({"read": 5}, "mine.toml: [read] is a section of settings, not a value"),
    ],
)
def test_a_mistake_is_named_with_what_to_type_instead(tables, message):
    with pytest.raises(SettingsError) as error:
        load_settings(("mine.toml", tables))
    assert str(error.value) == message


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
