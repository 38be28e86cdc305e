EXPERIMENT ?= pipeline/experiments/digits.yaml
RUN ?= runs/digits
COUNTERPOISE := .venv/bin/counterpoise
PAYMENTS_STRATEGIES := weights_inverse,focal,balanced_softmax,smote,feature_attention,rule_macro_f1
PYTHON := .venv/bin/python
# What a new version of a library breaks first: layers and losses, the server, what is touched of libraries' private parts.
SMOKE_TESTS := tests/test_private_parts.py tests/models/network/test_contract.py tests/models/network/test_frozen_features.py tests/models/serving/test_export.py tests/models/serving/server/test_rest.py tests/models/serving/server/test_grpc_api.py tests/models/serving/server/test_serve.py

.PHONY: setup demo demo-table smoke test test-slow test-all lint format run tune report serve benchmark benchmark-augmentation clean
.DEFAULT_GOAL := setup

# Set-up leaves a file of this name where .venv is of the Python that is asked for; anywhere else it has to run.
ASKED := $(if $(COUNTERPOISE_PYTHON),.venv/.python-$(COUNTERPOISE_PYTHON))

.venv/.synced: uv.lock pyproject.toml .ci/setup.py $(ASKED)
	python3 .ci/setup.py && touch $@

.venv/.python-%: ;

setup: .venv/.synced

demo: setup
	$(PYTHON) -m pipeline.experiments.make_digits data/digits && $(COUNTERPOISE) run pipeline/experiments/digits.yaml

demo-table: setup
	$(PYTHON) -m pipeline.experiments.make_payments data/payments && $(COUNTERPOISE) strategies pipeline/experiments/payments.yaml --only $(PAYMENTS_STRATEGIES) --seeds 2 --output runs/payments

smoke: demo
	$(PYTHON) -m pytest -m "not slow" $(SMOKE_TESTS)

test: setup
	$(PYTHON) -m pytest -m "not slow"

test-slow: setup
	$(PYTHON) -m pytest -m slow

test-all: setup
	$(PYTHON) -m pytest

lint: setup
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

format: setup
	.venv/bin/ruff check --fix-only . && .venv/bin/ruff format .

run: setup
	$(COUNTERPOISE) run $(EXPERIMENT)

tune: EXPERIMENT = pipeline/experiments/digits_search.yaml
tune: setup
	$(PYTHON) -m pipeline.experiments.make_digits data/digits && $(COUNTERPOISE) tune $(EXPERIMENT)

report: setup
	$(COUNTERPOISE) report $(RUN)

serve: setup
	$(COUNTERPOISE) serve $(RUN)

benchmark: setup
	$(PYTHON) -m benchmarks.digits_baseline

benchmark-augmentation: setup
	$(if $(DATA),,$(error Say where the data are: make benchmark-augmentation DATA=FOLDER))
	$(PYTHON) -m benchmarks.augmentation --data "$(DATA)" --output benchmarks/results/augmentation.md

clean:
	rm -rf runs data .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis
