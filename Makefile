# Needs Python >= 3.11 with venv, and make; everything else is installed into .venv from the package
# index. PYTHON=... names an interpreter of your own, VENV=... another place.

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; \
	done; true)
endif

VENV ?= .venv
DATABASE := build/demo.db
DEMO_PLAYTHROUGH ?= $(firstword $(sort $(wildcard stories/diana/tests/*.yaml)))
PYTEST_ARGS ?=
FUZZ_SECONDS ?= 600
SEEDS ?= 20000
KILLS ?= 1000
CUTS ?= 5000
# What `make test` does shortly, and `make faults` as long as was promised.
LONG := DIANA_HISTORIES=1000 DIANA_LEDGER_EXAMPLES=480 DIANA_HOT_STEPS=10000 DIANA_CROWD=100000 DIANA_STOPS=100
FAULTS := $(patsubst %,integration/test_%.py,crowds stops kills power_cuts store_faults full_disks simulation) \
	$(patsubst %,properties/test_%_properties.py,history ledger)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# What pip does with a wheel and not with an editable install: else each command compiles its modules
# again where PYTHONDONTWRITEBYTECODE is set.
COMPILED = @$(BIN)/python -m compileall -q cli diana_engine schema
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test lint fuzz faults format clean

help: ## Show this list
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(RUNTIME) ## Compile the shipped story and play it (without a terminal: watch it played)
	@mkdir -p $(dir $(DATABASE))
	$(BIN)/diana compile --publish stories/diana --database $(DATABASE)
	@set -- --database $(DATABASE) --story diana; \
	[ -t 0 ] || set -- "$$@" --playthrough $(DEMO_PLAYTHROUGH); \
	echo "$(BIN)/diana play $$*"; $(BIN)/diana play "$$@"

test: $(DEV) ## Run every test but those of the built wheel (.ci/run has them)
	$(BIN)/python -m pytest -m "not acceptance" -n auto --dist worksteal $(PYTEST_ARGS)

lint: $(DEV) ## Check style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fuzz: $(DEV) ## Give the compiler stories that a fuzzer makes up, for FUZZ_SECONDS
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(PIP) install --editable '.[fuzz]'
	@mkdir -p build
	$(BIN)/python tests/fuzz/fuzz_stories.py -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz-

faults: $(DEV) ## Simulate SEEDS runs with faults, kill KILLS processes (half as many on PostgreSQL), cut the power CUTS times
	DIANA_SIMULATED_SEEDS=$(SEEDS) DIANA_KILLS=$(KILLS) DIANA_POWER_CUTS=$(CUTS) $(LONG) \
	$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS) $(addprefix tests/,$(FAULTS))

format: $(DEV) ## Mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what make and the tools have made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find cli diana_engine schema stories tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed editable, so only a change of pyproject.toml (dependencies, list of packages) installs again.
$(RUNTIME): pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	$(COMPILED)
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	$(COMPILED)
	@touch $(RUNTIME) $@

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Diana needs Python 3.11 or newer, and none was found (looked for python3, python3.13, ...)."; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; fi
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) to run."; exit 1; }
	@"$(PYTHON)" -c 'import sys; v = sys.version_info; \
		sys.exit("Diana needs Python 3.11 or newer, and $(PYTHON) is %d.%d. Name a newer one: make PYTHON=python3.11 ..." % v[:2] if v < (3, 11) else 0)'
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make an environment. On Debian and Ubuntu, install the package python3-venv."; exit 1; }
