# Every verb works from a fresh clone: the first one builds a local virtual environment and the compiled extension.
# Verbs: demo test test-long lint mutants bench bench-peers bench-bars bench-net bench-venue wheel clean

VENV    ?= .venv
PY      := $(VENV)/bin/python
STAMP   := $(VENV)/.dev-installed
EXT     := $(VENV)/.extension-built
RUST    := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml | grep -v '^rust/fuzz')
PYTHON  ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
             command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: demo test test-long lint rust-tests python-tests mutants bench bench-peers bench-bars bench-net bench-venue wheel clean need-python need-cargo
.DEFAULT_GOAL := test

need-python:
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 or newer is needed and none was found on PATH."; \
	  echo "       Install it (Debian/Ubuntu: apt install python3 python3-venv; macOS: brew install python) and run make again."; exit 1; }

need-cargo:
	@command -v cargo >/dev/null || { echo "error: cargo (Rust 1.90 or newer) is needed and was not found on PATH."; \
	  echo "       Install Rust with rustup, or your system's package manager, and run make again."; exit 1; }

$(STAMP): pyproject.toml | need-python
	@echo "==> virtual environment in $(VENV)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --upgrade 'pip>=25.1'
	@$(PY) -m pip install --progress-bar on --group dev | grep -v 'already satisfied' || true
	@touch $@

# `maturin develop` installs the package with its own dependencies, editable, so Python edits need no rebuild.
$(EXT): $(STAMP) $(RUST) pyproject.toml | need-cargo
	@echo "==> building the compiled extension (a minute or two the first time)"
	@VIRTUAL_ENV=$(abspath $(VENV)) $(VENV)/bin/maturin develop --release
	@touch $@

demo: $(EXT)
	@$(VENV)/bin/alipes demo

# What CI runs.
test: lint rust-tests python-tests mutants

lint: $(EXT)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy tests/typing
	$(VENV)/bin/lint-imports
	$(PY) -m mypy.stubtest alipes._core --ignore-missing-stub --mypy-config-file pyproject.toml

rust-tests: | need-cargo
	cargo test --workspace --quiet

python-tests: $(EXT)
	$(PY) -m pytest

# The full counts of every randomised suite; seeds are printed with a failure.
test-long: $(EXT)
	ALIPES_LONG=1 cargo test --workspace --quiet
	ALIPES_LONG=1 $(PY) -m pytest --durations=15

# Each mutant breaks one rule; the suite that guards the rule must fail with it on.
mutants: $(STAMP) | need-cargo
	$(PY) tests/run_mutants.py

bench: $(EXT)
	@$(PY) benches/run.py

bench-peers: $(EXT)
	@$(PY) benches/peers/run.py

# Bar backtests held to vectorbt, then measured beside it; vectorbt alone takes 14 GB and some minutes.
bench-bars: $(EXT)
	@$(PY) benches/bars/run.py

# Connections on loopback, in turns with aiohttp's and websockets' clients.
bench-net: $(EXT)
	@$(PY) benches/bench_net.py

# The local venue on one core, its clients on another.
bench-venue: $(EXT)
	@$(PY) benches/venue/run.py

wheel: $(STAMP) | need-cargo
	$(VENV)/bin/maturin build --release --out dist

clean:
	rm -rf target dist $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find python -name '_core*.so' -delete
