# make demo and make test install all they need; `make` alone prints what there is.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install dev demo run test check bench clean

help:
	@echo "make demo     демонстрационный город: установка, база, стол на http://127.0.0.1:8000"
	@echo "make test     установка всего нужного, проверки и все тесты"
	@echo "make install  окружение .venv и команда .venv/bin/okno"
	@echo "make check    ruff, mypy, договоры комнат, миграции, переводы, схемы YAML"
	@echo "make run      запустить настроенную установку (okno up)"
	@echo "make bench    все замеры: наше рядом с пределом того же прогона"

install: .venv/installed .venv/compiled

.venv/bin/python:
	@.ci/need-python "$(PYTHON)"
	$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# An installation compiles everything at once, as whoever runs it may not write here; a demo compiles what it reads.
.venv/compiled: .venv/installed
	$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null || true
	@touch $@

# What is made from the sources: the style sheet and the compiled translations.
.venv/made: .venv/installed $(shell find okno/web locale -name '*.html' -o -name '*.po' -o -path '*/frontend/*.css' -o -name '*.js' 2>/dev/null)
	$(BIN)/python -m okno.web.frontend
	$(BIN)/okno translations compile
	@touch $@

.venv/dev: .venv/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

dev: .venv/dev .venv/made

demo: .venv/installed .venv/made
	@# The voices come while the town is built: the telephones are the last to start.
	@(.ci/need-festival >/dev/null || echo "Голосов нет: демонстрация откроется, но робот никому не позвонит." >&2) & \
	$(BIN)/okno demo $(ARGS)

run: .venv/installed .venv/compiled .venv/made
	$(BIN)/okno up

check: .venv/dev .venv/made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m tests.migrations
	$(BIN)/okno translations check
	$(BIN)/python -m tests.schemas

test: .venv/dev .venv/made check
	@.ci/need-chromium
	@.ci/need-sipp
	@.ci/need-festival
	$(BIN)/pytest -n 2 -m "not browser" $(ARGS)
	$(BIN)/pytest -m browser $(ARGS)

bench: .venv/dev .venv/made
	@.ci/need-festival
	@for name in posting gate spreadsheet register cycle rebuild bills speech dialogs answering-machine; do $(BIN)/okno bench $$name $(ARGS) || exit 1; done

clean:
	rm -rf .venv artefacts demo-town .mypy_cache .ruff_cache .pytest_cache
