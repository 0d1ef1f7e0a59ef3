# Everything a developer does. `make run` and `make test` need nothing but Python 3.11+ and make.

PYTHON = $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell \
	command -v $(name) >/dev/null && $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $(name))))
BIN := .venv/bin
# Compiled for the oldest Python we support, so that one lock serves all of them.
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate \
	--python-version 3.11 pyproject.toml --group build
WORKERS ?= 2
SCOPE ?= one
CHECKS := check-types check-format check-lint check-imports check-schema check-gateway check-shell \
	check-ansible

.DELETE_ON_ERROR:
.PHONY: help run test machines check format schema bench lock setup $(CHECKS)

help:              ## Tell what can be made.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

run: setup         ## Start the hub with its sandbox; Ctrl-C stops it.
	@HUB_SANDBOX=$${HUB_SANDBOX:-1} exec $(BIN)/python -m app.supervision

test: setup        ## Run the whole test suite (WORKERS=2 at a time).
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(TESTS)

machines: setup    ## Test machines with systemd, playbooks over SSH (root; SCOPE=one, several, ha, restore, bad, debian13, all).
	@$(BIN)/python -m tests.machines walk $(SCOPE)

check: setup       ## Format, lint, types, import arrows, schema, gateway, shell, playbooks: seconds.
	@$(MAKE) --no-print-directory --keep-going --jobs 2 $(CHECKS)
	@echo 'check: all good'

check-types:
	@$(BIN)/mypy --no-error-summary
check-format:
	@$(BIN)/ruff format --check --quiet .
check-lint:
	@$(BIN)/ruff check --quiet .
check-imports:
	@$(BIN)/lint-imports >.venv/imports.log || { cat .venv/imports.log; exit 1; }
check-schema:
	@$(BIN)/python -m tests.house.schema_check
check-gateway:
	@$(BIN)/python -m tests.ops.gateway_check
check-shell:
	@bash -n .ci/run
check-ansible:
	@cd ansible && PATH=$(CURDIR)/$(BIN):$$PATH ANSIBLE_HOME=$(CURDIR)/.venv/ansible \
		LC_ALL=C.UTF-8 ansible-lint -q --nocolor --project-dir . .

format: setup      ## Put the code into shape.
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

schema: setup      ## Dump sql/schema.sql anew from the migrations.
	@$(BIN)/python -m tests.house.schema_check --write

bench: setup       ## Measure (PART=webhooks, writes, queue, monitoring, telegram or documents; none: all); writes bench.json.
	@$(BIN)/orderhub bench $(PART)

lock: setup        ## Compile the locked requirements anew from pyproject.toml.
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --group dev -o requirements-dev.txt

setup: .venv/ready ## Make .venv as the lock says (again only when the lock has changed).

.venv/ready: requirements-dev.txt pyproject.toml
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed (with its venv module).' >&2; exit 1; }
	@test -x $(BIN)/uv || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo '$(PYTHON) cannot make a virtual environment: apt install python3-venv' >&2; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(BIN)/uv pip sync --quiet --require-hashes requirements-dev.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
