# Needs make and Python 3.11 or newer; everything else is fetched into .venv and .web.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run test unit check bench screenshots clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## Serve the app in the foreground, at http://127.0.0.1:8000 unless PORT or HOST say otherwise
	@exec $(BIN)/rxapp run

test: $(READY) ## Run every test: unit, API, PostgreSQL, and a real browser
	@$(BIN)/python -m tests.e2e.chromium
	@$(BIN)/python -m pytest -n 2 $(PYTEST)

unit: $(READY) ## Run what answers within about a minute: no browser, no PostgreSQL, nothing killed
	@$(BIN)/python -m pytest -n 2 -m 'not e2e and not slow' -k 'not postgres' $(PYTEST)

check: $(READY) ## Check formatting, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(READY) ## Measure how fast it is
	@$(BIN)/python -m tests.bench

screenshots: $(READY) ## Take the pictures of docs/guide anew
	@$(BIN)/python -m tests.e2e.chromium
	@$(BIN)/python -m tests.e2e.screenshots

clean: ## Remove everything that was fetched or built; the data stays
	rm -rf .venv .web .cache .states *.egg-info test-results
	rm -rf .mypy_cache .ruff_cache .pytest_cache assets/external
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("rxapp needs Python 3.11 or newer; say which with PYTHON=/path/to/python3")'
	@echo "Setting up .venv. The first time this takes a minute or two."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
