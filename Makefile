# The README's two commands, for those who have make.
.PHONY: run test
run:
	python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/cleaner run seeds -o out
test:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/python tests
