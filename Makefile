# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
#
# make run     sets up, trains the sample office's model if there is none, starts the service
# make test    sets up, runs every check and test
# make help    lists the rest

SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

BIN := .venv/bin
# reuse asks git which files count; git refuses in a folder of another user, as under sudo.
GIT_TRUST := GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$(CURDIR)

.PHONY: help setup setup-test run test check pytest catalogues inbox facts-model benchmarks bench-reading bench-deciding fuzz clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install system packages, uv and the locked Python packages
	@.ci/setup

setup-test:
	@.ci/setup test

run: setup ## start the sample office on http://127.0.0.1:8080
	@.ci/demo

test: setup-test ## run every check and every test
	@$(MAKE) check
	@$(MAKE) pytest

check: setup ## style, types, direction of imports, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(GIT_TRUST) $(BIN)/reuse lint --quiet || $(GIT_TRUST) $(BIN)/reuse lint

pytest: setup-test
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4

catalogues: setup ## collect the messages of the code into the German catalogue
	@mkdir -p var
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --sort-by-file --add-location=file --no-wrap --omit-header \
	  --keywords=_ --keywords=N_ --keywords=ngettext:1,2 --output-file=var/messages.pot router training register_entry
	$(BIN)/pybabel --quiet update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap --domain=postweiche \
	  --input-file=var/messages.pot --output-dir=router/locales --locale=de

inbox: setup ## render the committed inbox of the sample office anew
	$(BIN)/python -m training.sample_office inbox --out data_samples/inbox

facts-model: setup ## train the finder of names and roles that comes with the product
	$(BIN)/python -c 'from pathlib import Path; from training.facts_model import train_shipped_model; \
	  train_shipped_model(Path("data_samples"), Path("router/facts/trained"))'

benchmarks: setup ## measure the figures of docs/benchmarks.md
	$(BIN)/python -m training.benchmarks

bench-reading: setup ## measure reading against bare Tesseract and OCRmyPDF, some 25 minutes
	$(BIN)/python -m training.benchmarks.reading_peers $(ARGS)

bench-deciding: setup ## measure deciding against a peer, by its parts, with little and much history, hours
	$(BIN)/python -m training.benchmarks.deciding_peers $(ARGS)

fuzz: setup-test ## read 20,000 broken files of all kinds
	$(BIN)/python -m tests.router.reading.mutations

clean: ## remove everything set-up made; keeps var/ and models/
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
	find router training register_entry tests -name __pycache__ -type d -prune -exec rm -rf {} +
