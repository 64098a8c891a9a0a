# The README's two commands, for those who have make, and fuzzing.
.PHONY: run test fuzz
run:
	python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/cleaner run seeds -o out
test:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/python tests
# Coverage-guided fuzzing, SECONDS for each target: `make fuzz SECONDS=3600`. What breaks is kept as crash-*.
SECONDS ?= 60
fuzz:
	python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' atheris
	for target in read codec characters repair fix strip; do \
		.venv/bin/python tests/fuzz/targets.py $$target -max_total_time=$(SECONDS) -max_len=4096 || exit 1; \
	done
