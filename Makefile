PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test check format e2e crash chaos bench assets words lock audit sbom

run: ; $(PYTHON) manage.py up

test: ; $(PYTHON) manage.py test

# Everything that reads the code without running it.
check: ; $(BIN)/python -m tests.check

format: ; $(BIN)/ruff format . && $(BIN)/ruff check --fix . && cd static/src && npm run fix

e2e: ; $(PYTHON) manage.py test tests/e2e

# A kill at every place of every program; ten minutes of harm to everything that runs depend on.
crash: ; $(BIN)/python -m tests.crash

chaos: ; $(BIN)/python -m tests.chaos --seconds 600

bench: ; $(BIN)/python -m tests.bench

# The committed browser files, from their sources.
assets: ; cd static/src && npm install --no-save && npm run build

# The catalogues of the languages, from the marked texts of the sources and the translations in locale/.
words: ; DJANGO_SETTINGS_MODULE=studio.settings $(BIN)/python -m tests.words

# requirements*.txt, with hashes, from requirements*.in. UPGRADE=--upgrade takes newer versions.
lock: ; $(BIN)/python -m tests.supply lock $(UPGRADE)

# Known holes of the locked packages; needs the internet, and says so when it is not there.
audit: ; $(BIN)/python -m tests.supply audit

# What the runtime consists of, as CycloneDX JSON.
sbom: ; @$(BIN)/python -m tests.supply sbom
