"""Run everything that must pass: `python tests`. Linters, types, then the tests; the first failure ends it."""

import subprocess
import sys

STEPS = [
    ["ruff", "check"],
    ["ruff", "format", "--check"],
    ["mypy"],
    ["pytest", "-q"],
]

for step in STEPS:
    print("$", *step, flush=True)
    code = subprocess.run([sys.executable, "-m", *step], check=False).returncode
    if code:
        sys.exit(code)
