# One target for each thing people do. Needs Python 3.11 to 3.13 and make, nothing else.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin

.PHONY: help install demo test unit integration check format eval bench chaos fuzz knowledge weights mutants mail-kills
.PHONY: dashboards dashboards-preview soak

help:  ## show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 16

install: .venv/installed  ## virtual environment, locked dependencies, the condotta command

.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Condotta needs Python 3.11, 3.12 or 3.13; found: $$(python3 --version 2>&1 || echo none). Set PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "installing into .venv with $(PYTHON) (once; about a minute)"
	@test -x $(BIN)/python && $(BIN)/python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install  ## the main job on this machine: Kafka, agents, sample articles, claims and the mail
	@$(BIN)/condotta demo

test: check unit integration  ## what CI runs

unit: install  ## fast tests, no Kafka
	@$(BIN)/python -m pytest -q -n auto -m "not integration and not tools and not long"

integration: install  ## long tests, then those against a real Kafka that they start and stop
	@$(BIN)/python -m pytest -q -n auto -m "long and not integration and not tools"
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --durations=12 -m "integration or tools"

check: install  ## format, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: install  ## format and mend what ruff can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

eval: install  ## scores of claim extraction; ARGS=--record keeps them to compare with, ARGS=-v lists what went wrong
	@$(BIN)/python -m tests.evaluation $(ARGS)

bench: install  ## throughput and latency through a real Kafka; about ten minutes
	@$(BIN)/python ops/bench/throughput.py
	@$(BIN)/python ops/bench/novelty.py
	@$(BIN)/python ops/bench/claims.py

mail-kills: install  ## kill mailers 100 times while 500 alerts are sent, for each way to treat a doubt; about an hour
	@for what in verify park resend postgres; do $(BIN)/python -m tests.integration.mail_kills $$what || exit 1; done

chaos: install  ## break workers, brokers, disks, mail and clocks, and count what is lost; half an hour
	@$(BIN)/python -m ops.chaos

fuzz: install  ## look for input that a stage does not stand; SECONDS=240
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/hostile/fuzz.lock
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(or $(SECONDS),240)

knowledge: install  ## make the generated knowledge again from its raw extracts
	@$(BIN)/python -m ops.knowledge

weights: install  ## learn what claims are weighed by again from the labelled articles; ARGS=--check shows sets left out
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/weights.lock
	@$(BIN)/python -m tests.weights $(ARGS)

dashboards: install  ## write Grafana's JSON of the dashboards
	@$(BIN)/python -m ops.grafana.build

dashboards-preview: dashboards  ## draw every panel from a live Prometheus (needs prometheus and chromium)
	@$(BIN)/python -m ops.grafana.preview

soak: install  ## ten healthy minutes without an alert, then faults that fire theirs; about half an hour
	@$(BIN)/python -m ops.watch.soak

mutants: install  ## remove each guarantee by a patch and show that a test fails
	@$(BIN)/python -m tests.mutants

.PHONY: frames
eval: frames
frames: install  ## score of every field of a claim's frame; part of eval
	@$(BIN)/python -m tests.frames
