# Needs make and Python 3.11 or newer, nothing else: every target makes its own environment in .venv.
# Another interpreter:  make test PYTHON=/path/to/python3.12      Another folder:  make test VENV=.venv-312

VENV   ?= .venv
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
            "$$p" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
            && { echo "$$p"; break; }; done)
BIN    := $(VENV)/bin
RUN    := $(BIN)/python -m
PIP    := $(RUN) pip install --quiet --disable-pip-version-check
# Tests wait for servers, processes and disks: three keep two cores busy.
JOBS   ?= 3
# Databases that live for a second need no disk: they would wait for it at every commit. Where memory is short, they do.
MEMORY := $(shell test -w /dev/shm && df -Pk /dev/shm | awk 'NR == 2 && $$4 > 6000000 {print "/dev/shm"}')
PYTEST := $(if $(MEMORY),PYTEST_DEBUG_TEMPROOT=$(MEMORY)) $(RUN) pytest

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports docs fields heavy test-spark fuzz answers mutants mutation coverage stateful bench bench-10m clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.installed-demo  ## the whole story on real data, ends with a report to open
	$(RUN) demo $(ARGS)

test: $(VENV)/.installed-dev  ## every test (ARGS="tests/unit -k money" for some)
	$(PYTEST) -n $(JOBS) --dist worksteal $(ARGS)

lint: $(VENV)/.installed-dev imports  ## ruff: rules and format; import contracts
	$(RUN) ruff check .
	$(RUN) ruff format --check .

imports: $(VENV)/.installed-dev  ## who may import whom
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.installed-dev  ## mypy strict and pyright strict
	$(RUN) mypy
	$(RUN) pyright --pythonpath $(BIN)/python

docs: $(VENV)/.installed-dev  ## the documentation, into site/
	NO_MKDOCS_2_WARNING=1 $(RUN) mkdocs build --strict --quiet

fields: $(VENV)/.installed-dev  ## rewrite what is generated from the attribute declarations
	$(RUN) tools.generate_fields

heavy: $(VENV)/.installed-dev  ## what takes minutes: every scenario of interleaving on both databases, 2,000 histories
	$(RUN) pytest -n $(JOBS) -m heavy $(ARGS)

test-spark: $(VENV)/.installed-spark  ## rules on Spark: starts a Java virtual machine (17 or newer)
	$(RUN) pytest -m spark $(ARGS)

fuzz: $(VENV)/.installed-dev  ## 100,000 generated pairs of rule and data on every engine (two hours; goes on where it was)
	$(RUN) tests.rules.fuzz --jobs $(JOBS) $(ARGS)

answers: $(VENV)/.installed-dev  ## 200,000 mutated e-mail addresses and phone numbers: the libraries' answers (five minutes)
	$(RUN) tests.unit.values.mutated $(ARGS)

mutants: $(VENV)/.installed-dev  ## remove one safeguard after the other: the tests must notice each (ten minutes)
	$(RUN) tests.mutants.run --jobs $(JOBS) $(ARGS)

mutation: $(VENV)/.installed-mutation  ## mutants of any line of rules, freshness and consent, a sample (an hour)
	$(RUN) tests.mutants.sampled --jobs $(JOBS) $(ARGS)

coverage: $(VENV)/.installed-dev  ## which lines and branches the suite runs, by room (twice as long as make test)
	$(PYTEST) -n $(JOBS) --dist worksteal --cov=mimcore --cov-branch --cov-report=json:.cache/coverage.json --cov-report= $(ARGS)
	$(RUN) tools.coverage_by_room

stateful: $(VENV)/.installed-dev  ## 10,000 steps on three stores that must agree (a quarter of an hour)
	MIMCORE_STATEFUL_STEPS=10000 $(RUN) pytest tests/properties/test_agreeing_stores.py -k agree $(ARGS)

bench: $(VENV)/.installed-dev  ## measure against hand-written code
	$(RUN) benchmarks $(ARGS)

bench-10m: $(VENV)/.installed-dev  ## ten million contacts on SQLite: 20 minutes, 7 GB
	$(RUN) benchmarks ten_million $(ARGS)

clean:  ## remove environments, caches and everything built
	rm -rf $(VENV) .cache .ruff_cache .import_linter_cache .hypothesis build dist site demo-output
	find . -name __pycache__ -type d -not -path './.git/*' -exec rm -rf {} +

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "mimcore needs Python 3.11 or newer with venv and ensurepip, and found none on the PATH." >&2; \
	  echo "Install one (Debian and Ubuntu: python3 and python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; \
	  exit 1; \
	fi
	@echo "Making the environment $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed-demo: pyproject.toml | $(BIN)/python
	@echo "Installing mimcore and what the demo needs"
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "Installing mimcore and the development tools"
	@$(PIP) --editable '.[dev,frames,demo,docs]'
	@touch $@

$(VENV)/.installed-mutation: $(VENV)/.installed-dev
	@echo "Installing mutmut"
	@$(PIP) --editable '.[mutation]'
	@touch $@

$(VENV)/.installed-spark: $(VENV)/.installed-dev
	@echo "Installing Spark"
	@$(PIP) --editable '.[dev,spark]'
	@touch $@
