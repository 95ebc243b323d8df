# Every target makes the environment it needs (.venv) from the lock files; set PYTHON= to choose the interpreter.
.DEFAULT_GOAL := help
.PHONY: help install run test lint bench reference lock clean
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore $(BIN)/python -m pip --quiet
KEY := $(shell cat pyproject.toml requirements/build.lock requirements/run.lock | cksum | tr ' ' -)
RUN := .venv/.run-$(KEY)
DEV := .venv/.dev-$(KEY)-$(shell cksum < requirements/dev.lock | tr ' ' -)

help: ## list these targets
	@awk -F ': .*## |: ## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

install: $(RUN) ## make .venv with Steppe in it
	@echo "Steppe is installed: $(BIN)/steppe --help"

run: $(RUN) ## run the reference experiment: results, figures and report
	$(BIN)/steppe run

test: $(DEV) ## run all tests, with array bounds checked
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: $(DEV) ## check format, lint, types and the direction of imports
	@failed=; for check in "ruff format --check" "ruff check" mypy lint-imports; do \
	echo "$$check"; $(BIN)/$$check || failed="$$failed, $$check"; done; \
	test -z "$$failed" || { echo "make lint: failed: $${failed#, }" >&2; exit 1; }

bench: $(DEV) ## measure speed, memory and start-up (PART=sweeps: one part of it)
	$(BIN)/python -m tests.bench.run $(PART)

reference: $(RUN) ## make results/reference/ anew, after a change that is meant to alter results
	$(BIN)/python scripts/reference.py

lock: ## renew the lock files from pyproject.toml (UPGRADE=--upgrade for newer releases)
	scripts/lock $(UPGRADE)

clean: ## remove .venv, caches and build leftovers; results/ is kept
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find sim tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment made by another Python or half made is made anew; one with other locks is brought up to date.
$(RUN):
	@python=$$(scripts/find-python) || exit 2; \
	test -x $(BIN)/python && $(BIN)/python -c 'import pip' 2>/dev/null || { \
	echo "Making .venv with $$python (some minutes, once)"; "$$python" -m venv --clear .venv; }
	@rm -f .venv/.run-* .venv/.dev-*
	@$(PIP) install --require-hashes --requirement requirements/build.lock
	@$(PIP) install --require-hashes --no-build-isolation --requirement requirements/run.lock
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUN)
	@$(PIP) install --require-hashes --no-build-isolation --requirement requirements/dev.lock
	@touch $@
