# Everything a newcomer or CI runs. Only Python 3.11 or newer and make have to be there; the rest is installed into
# .venv. TORCH is what pip is asked for; where that brings a build for graphics cards and you want the smaller one for
# processors, give another requirement or set pip's index.

PYTHON ?= python3
BIN := .venv/bin
TORCH ?= torch==2.13.0
NOTES ?= examples/notes

.PHONY: run test test-all check format bench clean

run: .venv/base  ## annotate the example notes: a table here, a page in annotated.html
	$(BIN)/epicrisis extract $(NOTES)
	$(BIN)/epicrisis extract $(NOTES) --format html --out annotated.html
	@echo "The same as a page: annotated.html"

test: .venv/dev  ## the tests, within ten minutes
	$(BIN)/python -m pytest -q

test-all: .venv/dev  ## the slow ones, too
	$(BIN)/python -m pytest -q -m "slow or not slow"

check: .venv/dev  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/base: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/dev: .venv/base
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable ".[train,corpora,dev]"
	touch $@

clean:
	rm -rf .venv build dist annotated.html .mypy_cache .ruff_cache .pytest_cache .hypothesis
