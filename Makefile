# The only commands; people and CI use the same words.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CACHE := $(HOME)/.cache/dragops
UV := $(CACHE)/uv/bin/uv
PYTHON := .venv/bin/python
export PYTHONUTF8 := 1

help: ## say what each command does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

test: .venv/.ready ## run every layer of tests, quick ones first
	$(PYTHON) -m pytest -q tests/unit tests/contract

check: .venv/.ready ## format, lint, types, import contracts; changes nothing
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	.venv/bin/lint-imports
	$(PYTHON) -m mypy

fmt: .venv/.ready ## format, and fix what can be fixed
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .

# uv has an environment of its own, because `uv pip sync` removes what the lock does not list
$(UV):
	python3 -m venv $(CACHE)/uv
	$(CACHE)/uv/bin/pip install --quiet uv

.venv/.ready: requirements/dev.txt pyproject.toml | $(UV)
	@test -x $(PYTHON) || $(UV) venv --quiet --python python3 .venv
	$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements/dev.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --python $(PYTHON) -e .
	@touch $@

.PHONY: help test check fmt
