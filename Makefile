# Synapse. `make help` lists what there is; every target sets up what it needs.
#
# What was done is remembered under .make/, so a target that is up to date costs nothing.

.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
# What is done at the same time says so itself (AT_ONCE, scripts/run_suites.py).
$(if $(AT_ONCE),,$(eval .NOTPARALLEL:))

# Commands for everything run from here: uv, and Node where the machine has none.
export PATH := $(CURDIR)/.make/bin:$(PATH)
PY := .venv/bin/python

# A stamp whose result was deleted by hand is worth nothing.
$(if $(wildcard .venv/bin/python),,$(shell rm -f .make/python .make/npm))
$(if $(wildcard js/node_modules/typescript),,$(shell rm -f .make/npm))
$(if $(wildcard benchmarks/.venv/bin/python),,$(shell rm -f .make/bench))
$(if $(wildcard benchmarks/node_modules/undici),,$(shell rm -f .make/bench))
$(if $(wildcard docs/site/node_modules/vitepress),,$(shell rm -f .make/site))
$(if $(wildcard tests/compilers/node_modules/typescript-5.4),,$(shell rm -f .make/compilers))
$(if $(wildcard tests/templates/node_modules/typescript),,$(shell rm -f .make/templates))
$(if $(and $(wildcard js/python/manifest.json),$(wildcard python_side/synapse_worker/compiled/contents.json)),,$(shell rm -f .make/runtime))
$(if $(wildcard js/dist/cjs/package.json),,$(shell rm -f .make/build))
$(if $(and $(wildcard examples/digits/dist/demo.js),$(wildcard examples/digits/node_modules/synapse-worker)),,$(shell rm -f .make/demo))

PYTHON_SOURCES := $(shell find python_side templates -type f -not -path '*/__pycache__/*' -not -path '*/.venv/*' -not -path '*/node_modules/*' 2>/dev/null)
JS_SOURCES := $(shell find js/src js/scripts -type f 2>/dev/null) $(wildcard js/tsconfig*.json js/package-root.*) js/package.json

DEMO_SOURCES := $(shell find examples/digits/src -type f 2>/dev/null)

.PHONY: help setup demo test test-python test-js check lint types format build runtime pack docs docs-serve bench bench-quick lock clean distclean node

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installing waits for the network most of the time: all that has to be installed is fetched at once.
setup: ## Set up everything that the other targets use
	@$(MAKE) AT_ONCE=1 -j4 parts

PARTS := .make/python .make/npm .make/compilers .make/templates .make/runtime .make/build
.PHONY: parts
parts: node $(PARTS)
	@:

# Where all is there, this make looks whether it is out of date: to start another takes 40 ms.
demo: $(if $(filter-out $(wildcard $(PARTS)),$(PARTS)),setup,node $(PARTS)) .make/demo ## Run the main job on real input: examples/digits, from Node
	@node examples/digits/dist/demo.js

# Each runs to its end also where the other has failed: one run says everything that is wrong.
test: setup ## Run all suites: pytest and Jest, at the same time
	@$(PY) scripts/run_suites.py pytest jest

test-python: setup
	@$(PY) scripts/run_suites.py pytest

test-js: setup
	@$(PY) scripts/run_suites.py jest

# What a test would install by itself, one suite waiting for it, is installed beside the rest.
check: ## Lint, check types and run all suites (what CI runs)
	@$(MAKE) AT_ONCE=1 -j5 lint types parts .make/site
	@$(MAKE) test

lint: lint-python lint-js ## Check style: ruff, biome

types: types-python types-js ## Check types: mypy --strict, tsc

# Apart from each other: what needs no packages of npm's need not wait for them.
.PHONY: lint-python lint-js types-python types-js
lint-python: .make/python
	$(PY) -m ruff check
	$(PY) -m ruff format --check

lint-js: node .make/npm
	js/node_modules/.bin/biome check --error-on-warnings

types-python: .make/python
	$(PY) -m mypy
	$(PY) -m mypy scripts

types-js: node .make/npm
	cd js && node node_modules/typescript/bin/tsc -p tsconfig.json --noEmit
	cd js && node node_modules/typescript/bin/tsc -p tsconfig.test.json

format: .make/python node .make/npm ## Lay out all sources as the house does
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	js/node_modules/.bin/biome check --write

build: .make/build ## Build js/dist

runtime: .make/runtime ## Fill js/python, the runtime folder of the npm package

pack: .make/build .make/runtime ## Leave the npm tarball and the Python wheel in dist/
	$(PY) scripts/pack.py

docs: .make/site .make/npm ## Build the documentation site in docs/.site
	node js/node_modules/typescript/bin/tsc -p docs/site
	cd docs/site && node node_modules/vitepress/bin/vitepress.js build

docs-serve: .make/site ## Show the documentation site, following every change of a page
	cd docs/site && node node_modules/vitepress/bin/vitepress.js dev --host 127.0.0.1

bench: setup .make/bench .make/demo ## Measure everything against limits and peers; write docs/benchmarks.md
	node benchmarks/run.mjs --json benchmarks/results/full.json
	node benchmarks/publish.mjs

bench-quick: setup .make/bench .make/demo ## The same in under three minutes; publishes nothing
	node benchmarks/run.mjs --quick

lock: .make/python node ## Write the lockfiles again (make lock UPGRADE=1: newest Python versions)
	$(PY) scripts/lock.py $(if $(UPGRADE),--upgrade)
	cd js && npm install --package-lock-only --ignore-scripts --loglevel=error
	cd js && node scripts/complete-lock.mjs
	cd tests/compilers && npm install --package-lock-only --ignore-scripts --loglevel=error
	cd tests/templates && npm install --package-lock-only --ignore-scripts --loglevel=error
	cd js && node scripts/complete-lock.mjs ../tests/templates/package-lock.json
	cd docs/site && npm install --package-lock-only --ignore-scripts --loglevel=error
	cd js && node scripts/complete-lock.mjs ../docs/site/package-lock.json
	cd benchmarks && npm install --package-lock-only --ignore-scripts --loglevel=error

clean: ## Remove what was built
	rm -rf js/dist js/python js/coverage dist docs/.site docs/site/.vitepress/cache examples/*/dist build .make/build .make/runtime .make/downloads .make/compiled python_side/synapse_worker/compiled

distclean: clean ## Remove everything that `make setup` made
	rm -rf .make .venv js/node_modules tests/compilers/node_modules tests/templates/node_modules docs/site/node_modules benchmarks/node_modules benchmarks/.venv examples/*/node_modules examples/*/.venv benchmarks/modules/*/.venv

# --- what the targets above stand on -------------------------------------------------------------

.make/python: requirements/dev.lock scripts/create_venv.py pyproject.toml
	@mkdir -p .make/bin
	python=$$(sh scripts/find_python.sh) && "$$python" scripts/create_venv.py .venv requirements/dev.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@ln -sfn ../../.venv/bin/uv .make/bin/uv
	@touch $@

# What is found on PATH may be another one by now, so it is asked each time, and Python only where the answer is not plain.
node: | .make/python
	@case "$$(node --version 2>&1)" in v2[0-9].* | v[3-9][0-9].*) command -v npm >/dev/null ;; *) false ;; esac \
	|| $(PY) scripts/provide_node.py .make/bin

.make/npm: js/package-lock.json | node
	cd js && npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@

.make/compilers: tests/compilers/package-lock.json | node
	cd tests/compilers && npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@

.make/templates: tests/templates/package-lock.json | node
	cd tests/templates && npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@

# What builds the documentation: not part of `make setup`, since only `make docs` and one test use it.
.make/site: docs/site/package-lock.json | node
	cd docs/site && npm ci --ignore-scripts --no-progress --loglevel=error
	@mkdir -p .make && touch $@

# The peers of the benchmarks. What needs a compiler is left out where there is none: the report says so.
.make/bench: benchmarks/package-lock.json benchmarks/requirements.lock | .make/python node
	cd benchmarks && npm ci --ignore-scripts --no-progress --loglevel=error
	cd benchmarks && PATH="$$(../$(PY) -c "import sys; print(sys.base_prefix)")/bin:$$PATH" npm rebuild --loglevel=error node-calls-python || true
	$(PY) scripts/create_venv.py benchmarks/.venv benchmarks/requirements.lock
	@touch $@

.make/runtime: $(PYTHON_SOURCES) $(wildcard requirements/runtime/*.lock) pyproject.toml README.md LICENSE scripts/stage_runtime.py scripts/compile_hot_path.py | .make/python
	$(PY) scripts/stage_runtime.py
	@touch $@

# Compiled once: running it by tsx costs each start two more processes.
.make/demo: $(DEMO_SOURCES) .make/npm | node
	@mkdir -p examples/digits/node_modules
	@ln -sfn ../../../js examples/digits/node_modules/synapse-worker
	@js/node_modules/.bin/esbuild examples/digits/src/demo.ts --bundle --packages=external --platform=node --format=esm --outfile=examples/digits/dist/demo.js --log-level=warning
	@touch $@

.make/build: $(JS_SOURCES) .make/npm | node
	cd js && node scripts/build.mjs
	@touch $@
