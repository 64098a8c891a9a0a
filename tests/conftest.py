import os

import pytest
from hypothesis import settings
from repositories import Repository, git_environment

# The same cases in every run, and no clock: a slow machine is no failure.
settings.register_profile("cleaner", deadline=None, derandomize=True)
settings.load_profile("cleaner")


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """An empty repository, and the variables that git reads set as its own commands get them."""
    environment = git_environment(tmp_path)
    for name in {*os.environ} - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Repository.init(tmp_path / "repository", environment)
