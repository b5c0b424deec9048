# Everything a developer needs; each target sets up what it uses on a fresh machine with Python >= 3.11.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo pictures test test-pythons test-engines test-neovim test-emacs test-vscode vscode-pictures lint types build check bench clean

$(READY): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tracemend needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

## Run the main job on a small project with bugs in several files.
demo: $(READY)
	@rm -rf build/demo && mkdir -p build && cp -R docs/demo build/demo
	cd build/demo && ../../$(BIN)/tracemend fix --report ../demo-report.html
	@echo "The same as a page: build/demo-report.html"

## The example in the README and the pictures of the documentation, from a run of the demo.
pictures: $(READY)
	$(BIN)/python docs/pictures.py

## The whole test suite, on all cores.
test: $(READY)
	$(BIN)/python -m pytest -n logical --dist worksteal

## The runner's tests in every other Python that this machine has.
test-pythons: $(READY)
	$(BIN)/python tests/bench/pythons.py

## The guides in real engines: vLLM, transformers and llama.cpp, set up under build/engines once, with a model made here.
test-engines: $(READY)
	$(BIN)/python tests/engines/run.py

## Sessions in real editors, one after the other. What they need is set up once, below build/ where it is not Debian's.
test-editors: test-neovim test-emacs test-vscode

## A session in a real Neovim with the plug-in: Debian's, installed where there is none and we may, and a newer one.
test-neovim: $(READY)
	command -v nvim > /dev/null || { apt-get update -qq && apt-get install -y -qq neovim > /dev/null; } || true
	$(BIN)/python tests/editors/neovim.py || test $$? = 2
	@if nvim=$$(tests/editors/neovim_from_debian.sh sid build/neovim-sid); \
	then $(BIN)/python tests/editors/neovim.py "$$nvim" && { $(BIN)/python tests/editors/neotest.py "$$nvim" || test $$? = 2; }; \
	else test $$? = 3 && echo "Skipped: the session in a newer Neovim, for the reason above."; fi

## A session in a real Emacs, configured as docs/editors.md says.
test-emacs: $(READY)
	command -v emacs > /dev/null || { apt-get update -qq && apt-get install -y -qq emacs-nox elpa-eglot > /dev/null; } || true
	$(BIN)/python tests/editors/emacs.py || test $$? = 2

## The extension in a real VS Code; what it needs is set up under build/editors once. With vscode-pictures: the pictures.
test-vscode: $(READY)
	command -v chromium > /dev/null || { apt-get update -qq && apt-get install -y -qq chromium > /dev/null; } || true
	$(BIN)/python tests/editors/vscode.py tests

vscode-pictures: $(READY)
	$(BIN)/python tests/editors/vscode.py pictures docs/images

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

## Build the wheel, install it into an empty environment and let it mend something.
build: $(READY)
	rm -rf dist
	$(BIN)/python -m build --quiet --wheel
	sh .ci/wheel-works "$(PYTHON)"

check: lint types test build

bench: $(READY)
	$(BIN)/python tests/bench/corpus.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
