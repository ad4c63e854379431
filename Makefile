# Each target sets up what it needs by itself: a virtual environment of the project's own in .venv, and, for the tests
# that drive a real editor or a real sandbox, Debian packages: Neovim unpacked into .cache, bubblewrap installed where
# that is allowed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOP := $(VENV)/.develop
NVIM := .cache/nvim/nvim

.PHONY: demo test check bench docs clean

demo: $(INSTALLED)
	$(BIN)/tactful demo

test: $(DEVELOP) $(NVIM) bubblewrap
	$(BIN)/python -m pytest

check: $(DEVELOP)
	$(BIN)/ruff format --check server tests bench
	$(BIN)/ruff check server tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v luacheck >/dev/null; then cd client-neovim && luacheck -q .; \
		else echo "luacheck is not installed: the Lua files are not checked (apt-get install lua-check)"; fi

# The benchmarks that need nothing but this repository; bench/README.md has those that take data folders.
bench: $(DEVELOP)
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/gate.py

# docs/settings.md is written from the settings' own dataclasses.
docs: $(INSTALLED)
	$(BIN)/python -m tactful.docs > docs/settings.md

$(INSTALLED): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable ".[demo]"
	touch $@

$(DEVELOP): $(INSTALLED)
	$(BIN)/python -m pip install --quiet --group dev --editable ".[train]"
	touch $@

$(NVIM): tests/editors/get_nvim.sh
	tests/editors/get_nvim.sh $(abspath $(dir $@))

.PHONY: bubblewrap
bubblewrap:
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get -qq update && \
		apt-get -qq install -y --no-install-recommends bubblewrap >/dev/null; } || \
		echo "bubblewrap is not installed: its tests are skipped (apt-get install bubblewrap)"

clean:
	rm -rf $(VENV) .cache build dist test-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
