PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test check format e2e bench assets

run: ; $(PYTHON) manage.py up

test: ; $(PYTHON) manage.py test

# Everything that reads the code without running it.
check: ; $(BIN)/python -m tests.check

format: ; $(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd static/src && npm run fix

e2e: ; $(PYTHON) manage.py test tests/e2e

bench: ; $(BIN)/python -m tests.bench

# The committed browser files, from their sources.
assets: ; cd static/src && npm install --no-save && npm run build
