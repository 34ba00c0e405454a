# The commands of this project; `make help` lists them.  What they do is in CMakeLists.txt, tools/
# and acceptance/.
MAKEFLAGS += --no-print-directory
export MAKE
STEP := tools/step
PROGRAM := build/terraform-provider-gpushare
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
# AWS's published signing vectors; one test reads them.
export SIGV4_VECTORS ?= $(CACHE)/terraform-provider-gpushare/sigv4-vectors

.DEFAULT_GOAL := build
.PHONY: help setup build dev vectors unit tsan gates sandbox codecs acceptance test demo docs bench measure \
        format fuzz clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

setup:
	@$(STEP) "Setting up packages" tools/setup

build: setup ## The provider for use: build/terraform-provider-gpushare
	@$(STEP) "Building the release" tools/build release
	@install -m 755 build/release/terraform-provider-gpushare $(PROGRAM).new
	@mv $(PROGRAM).new $(PROGRAM)

dev: setup
	@$(STEP) "Building the unit tests with sanitizers" tools/build dev

vectors: setup
	@$(STEP) "Fetching the signing vectors" tests/clients/fetch_sigv4_vectors $(SIGV4_VECTORS)

unit: dev vectors ## Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(STEP) "Unit tests" ctest --preset dev -j 2

tsan: setup vectors ## Unit tests under ThreadSanitizer
	@$(STEP) "Building the unit tests with ThreadSanitizer" tools/build tsan
	@$(STEP) "Unit tests under ThreadSanitizer" ctest --preset tsan -j 2

gates: dev build ## Style, structure and documentation checks
	@$(STEP) "Gates" tools/gates

sandbox: setup
	@$(STEP) "Building the sandbox" acceptance/sandbox build

codecs: sandbox dev ## Our codecs against go-cty's, on random values
	@$(STEP) "Codecs against go-cty" acceptance/codecs

acceptance: build sandbox ## Real terraform and tofu against the sandbox
	@$(STEP) "Acceptance" acceptance/run

test: ## Everything
	@tools/test build sandbox unit gates codecs acceptance

demo: build sandbox ## The product in the sandbox, step by step
	@acceptance/demo

docs: build ## Writes the generated pages of docs/
	@$(STEP) "Writing docs/" $(PROGRAM) -docs docs

bench: build sandbox ## Measures against the bars of bench/
	@$(STEP) "Benchmarks" bench/run

fuzz: setup ## Fuzz targets, FUZZ_SECONDS (30) each
	@$(STEP) "Building the fuzz targets" tools/build fuzz
	@$(STEP) "Fuzzing" tools/fuzz $(FUZZ_SECONDS)

measure: ## Function lengths, complexity, comments, tests, beside well-known C projects
	@tools/measure

format: ## Formats all C files in place
	@python3 tools/sources.py all | xargs clang-format -i

clean: ## Removes what was built; downloads and tools stay in the user's cache
	@rm -rf build
