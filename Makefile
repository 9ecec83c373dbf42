# `make` lists the targets. Everything is installed in .venv; outside the checkout only the caches of pip and uv change.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The Python that makes .venv: one of those we test, else any python3 that is new enough.
PYTHON ?= $(shell for candidate in "python3 13" "python3.13 13" "python3.12 13" "python3.11 13" "python3.14 99" "python3 99"; do \
	set -- $$candidate; "$$1" -c "import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$2))" \
	2>/dev/null && echo "$$1" && break; done)

# What is installed: the checkout, or a wheel (make test PACKAGE=dist/endcap-0.1.0-py3-none-any.whl).
PACKAGE ?= .
FROM := $(if $(filter .,$(PACKAGE)),checkout,wheel)
BIN := .venv/bin

.PHONY: help demo storefront test bench lint format docs wheel lock clean force

help: ## List the targets
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

demo: .venv/.$(FROM)-serving ## See a shop's search get better (the first time: installs the serving side)
	@mkdir -p .endcap
	@$(BIN)/endcap demo

storefront: .venv/.$(FROM)-serving ## See the same on a page, at http://localhost:8080; ARGS="--port 9000" for another port
	@mkdir -p .endcap
	@$(BIN)/endcap storefront $(ARGS)

test: .venv/.$(FROM)-test ## Run the whole suite (the first time: installs the training side, too); ARGS="-k word" for a part
	@PYTHONSAFEPATH=1 ENDCAP_TEST_WHEEL=$(if $(filter wheel,$(FROM)),1) $(BIN)/pytest $(ARGS)

bench: .venv-bench/.installed ## Measure speed beside other re-rankers, in .venv-bench (ten minutes); ARGS="--quick" to try
	@HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false .venv-bench/bin/python benchmarks/peers/run.py $(ARGS)

lint: .venv/.$(FROM)-lint $(if $(filter checkout,$(FROM)),wheel) ## Check style, format and, on the built wheel, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@rm -rf .venv/typed
	@$(BIN)/python -m pip install -q --no-deps --target .venv/typed $(if $(filter checkout,$(FROM)),dist/endcap-*.whl,$(PACKAGE))
	@cd .venv/typed && ../bin/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache

format: .venv/.$(FROM)-lint ## Put the sources into the project's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: .venv/.$(FROM)-docs ## Build the documents as a site, site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "Open site/index.html"

wheel: | $(BIN)/python ## Build the wheel into dist/
	@rm -rf build dist
	@$(BIN)/python -m pip wheel -q --no-deps --wheel-dir dist .
	@rm -rf build
	@ls -lh dist/*.whl

lock: .venv/.$(FROM)-serving ## Renew constraints.txt: every dependency's version, for all Pythons and platforms
	@$(BIN)/uv pip compile -q --universal --upgrade --all-extras --python-version 3.11 --no-header --no-annotate \
		-o constraints.txt pyproject.toml

clean: ## Remove .venv, the local indexes and everything built
	@rm -rf .venv .venv-bench .endcap build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "Error: found no Python 3.11 or newer with venv, as python3, python3.13, python3.12 or python3.11." \
		"Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3" >&2; exit 2; }
	@echo "Making .venv with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --clear .venv

# uv takes seconds where pip takes minutes; where it can't be had or fails, pip does the work.
define install
@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.5,<1' || true
@$(BIN)/uv pip install --python $(BIN)/python $(1) || \
	{ echo "Not with uv; with pip, which takes longer:" >&2; $(BIN)/python -m pip install --disable-pip-version-check $(1); }
endef

# The others' libraries, which endcap itself never needs, stay out of .venv.
.venv-bench/.installed: benchmarks/peers/requirements.txt pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m venv --clear .venv-bench
	@$(BIN)/uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -q --disable-pip-version-check 'uv>=0.5,<1' || true
	@$(BIN)/uv pip install --python .venv-bench/bin/python -c constraints.txt -r benchmarks/peers/requirements.txt -e '.[distill]' || \
		.venv-bench/bin/python -m pip install -c constraints.txt -r benchmarks/peers/requirements.txt -e '.[distill]'
	@touch $@

# The stamps .venv/.FROM-EXTRA say what is installed; they age when the metadata or a pinned version changes.
.venv/.checkout-%: pyproject.toml constraints.txt | $(BIN)/python
	$(call install,-c constraints.txt -e '.$(filter-out [serving],[$*])')
	@rm -f .venv/.wheel-* && touch $@ .venv/.checkout-serving

.venv/.wheel-%: force | $(BIN)/python
	@$(BIN)/python -m pip uninstall -qy endcap
	$(call install,-c constraints.txt '$(PACKAGE)$(filter-out [serving],[$*])')
	@rm -f .venv/.checkout-* && touch $@
