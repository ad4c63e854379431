# Each target sets up what it needs by itself: a virtual environment of the project's own, and, for the tests that drive
# a real editor, a Neovim kept in .cache/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NVIM := .cache/nvim/nvim
STAMP := $(VENV)/.installed

.PHONY: demo test check bench setup clean

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group dev --editable ".[train]"
	touch $@

setup: $(STAMP)

clean:
	rm -rf $(VENV) .cache build dist test-output
