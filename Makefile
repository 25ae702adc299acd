# graven's one front door. Each target does its own set-up; nothing is installed by hand and no root is needed.
#
#   make demo    the whole loop on real input, narrated, in a terminal     make test    all tests that need no other program
#   make check   lint, types, layers, documents and their examples         make interop real clients and peers, long tests
#   make bench   graven and its peers side by side, ratios printed         make venv    only the set-up: .venv/bin/graven

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help venv dev demo test check interop peers bench oci-conformance rego-conformance vectors requirements clean

help:
	@sed -n 's/^#  //p' Makefile

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"graven needs Python 3.11 or newer, {sys.executable} is {sys.version.split()[0]}: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python has no venv module: install it (Debian: python3-venv), or give another with make PYTHON=..."; exit 1; }
	@echo "setting up $(VENV) (pinned, hashed requirements)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src/graven
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

venv: $(VENV)/run.stamp

dev: $(VENV)/dev.stamp

demo: venv
	@$(BIN)/python demo/run.py

test: dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not interop and not slow and not documents" tests

check: dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry src
	@$(BIN)/vulture
	@$(BIN)/typos
	@$(BIN)/mkdocs build --strict --quiet --site-dir build/site
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "documents and not interop" tests

peers: dev
	@$(BIN)/python tests/interop/install.py

interop: peers
	@$(BIN)/python -m pytest -m "interop or slow" tests
	@$(MAKE) --no-print-directory oci-conformance

oci-conformance: dev
	@$(BIN)/python tests/interop/install.py conformance
	@$(BIN)/python tests/conformance/oci/run.py

rego-conformance: dev
	@$(BIN)/python tests/conformance/rego/run.py $(if $(SUITE),--suite $(SUITE)) $(if $(OUT),--out $(OUT))

bench: dev
	@$(BIN)/python tests/interop/install.py
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script; done

vectors: dev
	@for script in tests/vectors/*/make.py; do $(BIN)/python $$script; done
	@git diff --exit-code -- tests/vectors

# Compiled from requirements/*.in, for every platform and Python at once; uv is fetched into a folder of its own.
requirements:
	@test -x .tools/bin/uv || { $(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet uv; }
	@for name in run dev; do .tools/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --exclude-newer "$$(date -u -d '7 days ago' +%FT00:00:00Z)" --quiet requirements/$$name.in --output-file requirements/$$name.txt; done

clean:
	@rm -rf $(VENV) .tools build .hypothesis .mypy_cache .ruff_cache
