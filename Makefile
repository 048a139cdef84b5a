# The only commands; people and CI use the same words.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/dragops
UV := $(CACHE)/uv/bin/uv
PYTHON := .venv/bin/python
DRIVER := $(PYTHON) -m dragops_localcluster
export PYTHONUTF8 := 1
# The machine's certificates, as pip and Go use them; a company's own are among them.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CONTEXT VALUES

help: ## say what each command does
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

up: .venv/.ready ## a cluster, the product in it, an example that ran; CONTEXT=name VALUES=file for yours
	@$(DRIVER) up

down: .venv/.ready ## undo what make up made, wherever that was
	@$(DRIVER) down

kubectl: .venv/.ready ## kubectl for the cluster of the last make up: make kubectl ARGS='get pat,pdep'
	@$(DRIVER) kubectl $(ARGS)

# Tests run the snippets that people are given; a bare Debian lacks some of what runs them.
# What takes minutes on a fresh machine is built while the quick tests run; who needs it waits for it.
# The order is that in which a process that is free takes the next: who waits long begins first.
test: .venv/.ready ## run every layer of tests, on all cores
	@type -P curl node openssl >/dev/null || { apt-get -qq update && apt-get -qq install -y \
		-o DPkg::Lock::Timeout=600 --no-install-recommends curl nodejs openssl; }
	@mkdir -p .local; $(DRIVER) prepare >.local/prepare.log 2>&1 </dev/null & prepare=$$!; \
	trap 'kill $$prepare 2>/dev/null' EXIT; \
	$(PYTHON) -m pytest -q -n auto --no-loadscope-reorder \
		tests/e2e tests/unit tests/contract tests/integration tests/localcluster

check: .venv/.ready ## format, lint, types, import contracts, generated files; changes nothing
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	.venv/bin/lint-imports
	$(PYTHON) -m mypy
	$(PYTHON) tools/crds.py --check
	$(PYTHON) tools/examples.py --check
	$(PYTHON) tools/openapi.py --check
	$(PYTHON) tools/cli.py --check
	$(PYTHON) tools/nodes.py --check

fmt: .venv/.ready ## format, fix what can be fixed, write generated files
	$(PYTHON) -m ruff check --fix-only .
	$(PYTHON) -m ruff format .
	$(PYTHON) tools/crds.py
	$(PYTHON) tools/examples.py
	$(PYTHON) tools/openapi.py
	$(PYTHON) tools/cli.py
	$(PYTHON) tools/nodes.py

bench: .venv/.ready ## measure speed and memory, beside others where these install; takes long
	$(PYTHON) -m bench

# uv has an environment of its own, because `uv pip sync` removes what the lock does not list.
# A bare Debian has no ensurepip, so venv fails there until its package is installed.
$(UV):
	@python3 -m venv --clear $(CACHE)/uv 2>/dev/null || { \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends python3-venv && \
		python3 -m venv --clear $(CACHE)/uv; }
	$(CACHE)/uv/bin/pip install --quiet uv

.venv/.ready: requirements/dev.txt pyproject.toml | $(UV)
	@test -x $(PYTHON) || $(UV) venv --quiet --python python3 .venv
	$(UV) pip sync --quiet --require-hashes --python $(PYTHON) requirements/dev.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation --python $(PYTHON) -e .
	@touch $@

.PHONY: help up down kubectl test check fmt bench
