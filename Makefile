# Every target starts from a fresh clone: `setup` makes .venv when it is missing or out of date, and is silent otherwise.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# Processes that run tests: one a core; TEST_PROCESSES=0 runs them in one process, as a debugger needs.
TEST_PROCESSES ?= logical
# More options for pytest, e.g. `make test ARGS='-k idempotency -x'`.
ARGS ?=
# Of each test of `make soak`.
MINUTES ?= 10
DATA ?= ../shared/data/uci_online_retail

.PHONY: help setup demo replay serve test test-fast soak clients test-clients lint fmt types proto docs bench sbom lock clean

help: ## Show the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv from the lock files (does nothing when it is up to date)
	@tools/setup

demo: setup ## Start a server, run returns through it on real sample data, print a transcript
	@$(BIN)/python -m tools.demo $(ARGS)

replay: setup ## Replay a data folder through a server and check the books (DATA=folder)
	@$(BIN)/python -m tools.replay --data $(DATA) $(ARGS)

serve: setup ## Run a development server on 127.0.0.1:50051 with SQLite in ./data
	@exec $(BIN)/returns-server serve --dev $(ARGS)

test: setup ## Run every test, on SQLite and on a PostgreSQL that the tests start
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) $(ARGS)

test-fast: setup ## Run the tests that need no server and no PostgreSQL
	@$(BIN)/python -m pytest tests/unit -m 'not postgres and not slow and not soak' -n $(TEST_PROCESSES) $(ARGS)

soak: setup ## Run the tests that take minutes: load without end, one after the other (MINUTES=10 each)
	@SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest -m soak -s $(ARGS)

clients: setup ## Generate and build the clients of all languages whose toolchains are there
	@$(BIN)/python -m tools.clients build $(ARGS)

test-clients: setup ## Let each client play the scenarios against a real server (ARGS='python --rounds 5')
	@$(BIN)/python -m tools.clients test --rough $(ARGS)

lint: setup ## Check style, types, imports and protos; change nothing
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml
	$(BIN)/deptry server
	$(BIN)/deptry tests tools benchmarks --ignore DEP002,DEP004
	(cd clients/python && ../../$(BIN)/deptry src)
	tools/proto-lint
	$(BIN)/python -m tools.make_sync --check
	$(BIN)/python -m tools.docs --check

fmt: setup ## Format the code and fix what ruff can fix
	@$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m tools.make_sync

types: setup ## Check the types alone
	@$(BIN)/mypy

proto: setup ## Generate the Python code from protos/
	@tools/proto-generate

docs: setup ## Write the parts of the documentation that follow from the code
	@$(BIN)/python -m tools.docs

bench: setup ## Run the benchmarks
	@$(BIN)/python -m benchmarks $(ARGS)

sbom: setup ## Write what a server is made of, as CycloneDX JSON, into build/
	@$(BIN)/python -m tools.sbom

lock: setup ## Resolve pyproject.toml into requirements/*.txt (ARGS=--upgrade takes newer versions)
	@tools/lock $(ARGS)

clean: ## Remove .venv, caches and builds; ./data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.egg-info' -type d -prune -exec rm -rf {} +
