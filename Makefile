# Everything a person types here. The environment lives in .venv and is made when it is missing or out of date.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: studio test test-long test-live check bench lock migration clean

studio: $(VENV)/.studio
	@studio up

test: $(VENV)/.dev
	@$(BIN)/python tests/browser.py --install
	@$(BIN)/pytest -n logical --maxprocesses 8 --dist worksteal

# With the neural models on tiny weights: the optional sets are installed into the same environment first.
test-long: $(VENV)/.dev $(VENV)/.kokoro $(VENV)/.xtts $(VENV)/.musicgen $(VENV)/.stable-audio
	@$(BIN)/pytest -m long
	@$(BIN)/pytest tests/voice/providers/test_kokoro.py tests/contracts -k kokoro
	@$(BIN)/pytest tests/voice/providers/test_xtts.py tests/voice/providers/test_coqui.py tests/voice/cloning/test_learned_by_xtts.py
	@$(BIN)/pytest tests/contracts -k "xtts or coqui"
	@$(BIN)/pytest tests/music/providers tests/music/styles

# Asks the real services whose keys are in the environment, for a quarter of a dollar at most: tests/live.
test-live: $(VENV)/.dev
	@$(BIN)/pytest -m live tests/live -rs

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench

# requirements.txt holds no `-e .`: Spaces installs it before the code is there. So the project comes last, by itself.
$(VENV)/.studio: requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or say make PYTHON=/path/to/python3.11" >&2; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.studio requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# A torch for the processor; on a machine with an NVIDIA card: make test-long TORCH_INDEX=
TORCH_INDEX ?= --extra-index-url https://download.pytorch.org/whl/cpu
$(VENV)/.kokoro: $(VENV)/.dev requirements-kokoro.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-kokoro.txt $(TORCH_INDEX)
	@touch $@

$(VENV)/.xtts: $(VENV)/.dev requirements-xtts.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-xtts.txt $(TORCH_INDEX)
	@touch $@

$(VENV)/.musicgen: $(VENV)/.dev requirements-musicgen.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-musicgen.txt $(TORCH_INDEX)
	@touch $@

$(VENV)/.stable-audio: $(VENV)/.dev requirements-stable-audio.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-stable-audio.txt $(TORCH_INDEX)
	@touch $@

# Compile the pins from pyproject.toml (needs uv: pip install uv).
lock:
	uv pip compile --quiet pyproject.toml -o requirements.txt
	uv pip compile --quiet pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt

# A new migration from what changed in core/store: make migration MESSAGE="what changed"
migration: $(VENV)/.dev
	$(BIN)/python -m core.store.migrations.new "$(MESSAGE)"

clean:
	rm -rf $(VENV) build *.egg-info
