# Everything a developer or a runner types. `make` alone lists it.
# Each recipe first installs what is missing; see scripts/setup.sh.

with := scripts/setup.sh
cargo := $(with) cargo
FUZZ_SECONDS ?= 600
MUTATIONS ?= 10000
# All that there are, so that none is forgotten.
entries := $(sort $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs))))
civex := $(cargo) run --release --locked --quiet --

.PHONY: help setup demo test test-desktop check bless bench deny fuzz hostile
.DEFAULT_GOAL := help

help: ## list the recipes
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 10

setup: ## install what is missing for building: a C compiler, pkg-config, GDAL, SQLite
	@$(with)

demo: ## assess the Iceland scenario: a table here, areas in demo/assessment.geojson, a page in demo/assessment.html
	$(cargo) build --release --locked
	@mkdir -p demo
	@$(civex) assess data/iceland/scenario.toml
	@$(civex) assess data/iceland/scenario.toml -o demo/assessment.geojson --quiet --overwrite
	@$(civex) compare demo/assessment.geojson --inputs data/iceland -o demo/comparison.md --quiet --overwrite
	@$(civex) report demo/assessment.geojson --inputs data/iceland -o demo/assessment.html --quiet --overwrite
	@echo "demo/assessment.html: open it in any browser: the map, the options, who is there, what to ask"
	@echo "demo/assessment.geojson: open it in QGIS, or any other program that reads GeoJSON"
	@echo "demo/comparison.md: the three courses of action side by side; civex compare demo/assessment.geojson --inputs data/iceland prints it"

test: ## run all tests; what the runner calls
	$(with) --tests cargo test --locked --features parquet --no-fail-fast

test-desktop: ## the page under axe-core, GeoPackage and styled GeoJSON in QGIS (installs both)
	$(with) --tests cargo build --release --locked
	tests/desktop/run.sh

check: ## format, lints, documentation, tests: before each commit
	$(cargo) fmt --check
	$(cargo) clippy --locked --all-targets --features parquet -- -Dwarnings
	RUSTDOCFLAGS=-Dwarnings $(cargo) doc --locked --no-deps --features parquet
	$(with) --tests cargo test --locked --features parquet --no-fail-fast

bless: ## rewrite the recorded results of the tests; read the diff before committing it
	CIVEX_BLESS=1 INSTA_UPDATE=always $(cargo) test --locked --test it
	@git --no-pager diff --stat -- tests data

bench: ## run the benchmarks, also beside peers (needs Python); tables go into benches/README.md
	$(cargo) bench --locked --bench intersect --bench stages
	$(cargo) build --release --locked
	python3 benches/peers.py --write

# Advisories are fetched, so they are checked only where their database can be reached.
deny: ## check licenses, bans, sources and advisories of all dependencies
	@cargo deny --version >/dev/null 2>&1 || $(cargo) install cargo-deny --locked
	$(cargo) deny --locked check bans licenses sources
	@if $(cargo) deny fetch db 2>/dev/null; then $(cargo) deny --locked check --disable-fetch advisories; \
	else echo "deny: advisories not checked: the database cannot be reached" >&2; fi

# The sanitizers need switches of a nightly compiler, which the variable allows on a stable one. What
# GDAL keeps for later is no leak of ours.
fuzz: ## feed each reader and the boundary walk with junk, FUZZ_SECONDS each (600)
	@cargo fuzz --version >/dev/null 2>&1 || $(cargo) install cargo-fuzz --locked
	@for entry in $(entries); do \
	  mkdir -p fuzz/target/corpus/$$entry fuzz/seeds/$$entry && \
	  RUSTC_BOOTSTRAP=1 RAYON_NUM_THREADS=1 ASAN_OPTIONS=detect_leaks=0 $(cargo) fuzz run $$entry fuzz/target/corpus/$$entry fuzz/seeds/$$entry -- \
	    -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1024 \
	    -max_len=8192 -len_control=20 || exit 1; \
	done

hostile: ## run civex on MUTATIONS (10000) hostile inputs, and kill it at any moment (needs Python)
	$(cargo) build --release --locked
	python3 tests/hostile/mutate.py target/release/civex --runs $(MUTATIONS)
	python3 tests/hostile/kill.py target/release/civex
