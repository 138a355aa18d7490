# gigafloor: `make demo` shows it, `make check` proves it. `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
FOR_RUN := $(VENV)/.ready-to-run
FOR_DEV := $(VENV)/.ready-to-develop

.PHONY: help demo test test-parts ready lint format types contracts check bench lock

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'
	@echo; echo '  Options go in ARGS, for example: make demo ARGS="--port 8100"   make test ARGS="tests/unit -x"'

demo: $(FOR_RUN) ## Run the whole plant and its screens on this machine; Ctrl-C stops it
	@exec $(BIN)/gigafloor demo $(ARGS)

test: $(FOR_DEV) test-parts ## Install what the tests talk to, then run them
	@exec $(BIN)/python -m pytest $(ARGS)

test-parts: ## Install the servers and tools the tests talk to, where that is possible
	@scripts/test-parts

ready: $(FOR_DEV) ## Set up everything for working on the code

lint: $(FOR_DEV) ## Check style and format
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: $(FOR_DEV) ## Put the code into its format
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: $(FOR_DEV) ## Check types
	@$(BIN)/mypy

contracts: $(FOR_DEV) ## Check that imports point one way
	@$(BIN)/lint-imports

check: lint types contracts test ## All of the above, as before a commit

bench: $(FOR_RUN) ## Measure throughput and latency on this machine
	@exec $(BIN)/gigafloor bench $(ARGS)

lock: ## Pin and hash the dependencies again (ARGS=--upgrade moves them)
	@PYTHON='$(PYTHON)' scripts/lock $(ARGS)

$(BIN)/python:
	@python=$$(PYTHON='$(PYTHON)' scripts/find-python); \
	echo "Making a virtual environment with $$($$python --version)"; \
	$$python -m venv --clear $(VENV)

$(FOR_RUN): requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what gigafloor needs; the first time takes a minute or two"
	@scripts/install-requirements $(VENV) $<
	@touch $@

$(FOR_DEV): requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what development needs; the first time takes a minute or two"
	@scripts/install-requirements $(VENV) $<
	@touch $@ $(FOR_RUN)
