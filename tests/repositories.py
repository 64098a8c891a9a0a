"""Git repositories for tests: made in a temporary folder, without a trace of the settings of whoever runs the tests."""

import os
import subprocess


def git_environment(home):
    """An environment without the settings of the user and of a git hook that these tests may be running in."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT_"))}
    who = {f"GIT_{role}_{key}": "test@example.org" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    return {
        **clean,
        **who,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PIP_NO_COMPILE": "1",  # most of what is installed is never imported
    }


class Repository:
    def __init__(self, path, environment):
        self.path = path
        self.environment = environment
        path.mkdir(exist_ok=True)

    @classmethod
    def init(cls, path, environment, *options):
        made = cls(path, environment)
        made.git("init", "-q", "-b", "main", *options)
        return made

    def run(self, *command, code=0, cwd=None, **variables):
        done = subprocess.run(
            command,
            cwd=cwd or self.path,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def git(self, *command, **options):
        return self.run("git", *command, **options).stdout

    def stage(self, **files):
        """Write files and stage them; `a_txt` is a.txt."""
        for name, content in files.items():
            self.write(name.replace("_", "."), content)

    def write(self, name, content, *, stage=True):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if stage:
            self.git("add", "-f", "--", name)
        return path

    def commit(self, *options, code=0):
        return self.run("git", "commit", "-q", "-m", "A commit", "--allow-empty", *options, code=code)
