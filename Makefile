SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: help run ui down test check lint types contracts format bench soak screenshots lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.installed ## Load football odds into PostgreSQL (ARGS="--leagues E0,SP1 --seasons 2019-20:2021-22")
	@$(BIN)/monps up $(ARGS)

ui: $(VENV)/.installed ## Open Dagster's UI on 127.0.0.1
	@$(BIN)/monps ui $(ARGS)

down: $(VENV)/.installed ## Stop the embedded PostgreSQL
	@$(BIN)/monps down

test: $(VENV)/.installed-dev ## Install what the tests need and run them
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: lint types contracts ## Lint, types and import contracts

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	@$(BIN)/mypy

contracts: $(VENV)/.installed-dev
	@$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## Format the code and mend what the linter can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure loading, the repositories, the goal model, picks and the quantum tables, each against something plain
	@status=0; \
	$(BIN)/python -m benchmarks.load_odds $(ARGS) || status=1; \
	$(BIN)/python -m benchmarks.query_odds $(ARGS) || status=1; \
	$(BIN)/python -m benchmarks.understat $(ARGS) || status=1; \
	$(BIN)/python -m benchmarks.forecasts $(ARGS) || status=1; \
	$(BIN)/python -m benchmarks.picks $(ARGS) || status=1; \
	$(BIN)/python -m benchmarks.quantum $(ARGS) || status=1; \
	exit $$status

soak: $(VENV)/.installed-dev ## Leave the UI alone with fast schedules for ten minutes, and see that all fires and nothing leaks
	@$(BIN)/python -m benchmarks.soak $(ARGS)

screenshots: $(VENV)/.installed-dev ## Take the documentation's pictures of the UI anew, of the data that is held (needs Chromium)
	@$(BIN)/python -m screenshots.take $(ARGS)

lock: $(VENV)/.installed-dev ## Resolve the dependencies anew into the lock files
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## Remove the virtual environment (never the data in .monps)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "monps needs Python 3.11 or newer; $(PYTHON) is older or missing. Name another one: make run PYTHON=python3.12"; exit 1; }
	@echo "Creating the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "python3 -m venv failed. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing from requirements.lock (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing from requirements-dev.lock ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
