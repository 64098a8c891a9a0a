"""Run everything that must pass: `python tests`. Linters, types, floors, then the tests; the first failure ends it."""

import subprocess
import sys

STEPS = [
    ["-m", "ruff", "check"],
    ["-m", "ruff", "format", "--check"],
    ["-m", "mypy"],
    # import-linter has no `-m`, and its script stands in another folder on each system.
    ["-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-logo", "--no-cache"],
    ["-m", "pytest", "-q"],
]

for step in STEPS:
    print("$ python", *step, flush=True)
    code = subprocess.run([sys.executable, *step], check=False).returncode
    if code:
        sys.exit(code)
