# The few verbs of this project. Each sets up what it needs in .venv; nothing is installed by hand.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
EXAMPLE ?= bank_account
CONSOLE := src/stepwell/console/static/index.html
CONSOLE_SOURCES := $(shell find console -type f -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: run test check console bench clean help

help:            ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile

run: $(READY) $(CONSOLE)  ## the bank, or EXAMPLE=order_processing, etl_pipeline, account_deletion
	@$(BIN)/python examples/$(EXAMPLE)/run.py

test: $(READY) $(CONSOLE)  ## all tests
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY)  ## lint, format and types, of the console's page too
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python tools/build_console.py check

console: $(READY) $(CONSOLE)  ## the console's page, with Node: this machine's or one of PyPI

bench: $(READY)  ## what a workflow costs here, beside moto in the same run
	@$(BIN)/python bench/compare.py $(ARGS)

clean:           ## forget what was set up
	rm -rf console/node_modules src/stepwell/console/static
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(CONSOLE): $(CONSOLE_SOURCES) | $(READY)
	@$(BIN)/python tools/build_console.py

$(READY): requirements.lock pyproject.toml
	@echo "setting up .venv (once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)
