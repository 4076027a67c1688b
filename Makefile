# The tasks of this project. Each target is idempotent; how things are done is in scripts/.
.DEFAULT_GOAL := help
.PHONY: help setup wasm profile run test check demo-author docs soak mutations fuzz bench cost fmt

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

setup: ## install what is missing: the wasm toolchain, valgrind, Envoy (newest and oldest supported), RabbitMQ
	@scripts/setup.sh

wasm: setup ## build the filter to target/lua-modifier.wasm
	@scripts/wasm.sh build

profile: setup ## play requests through modules that count, and write anew what the build knows of them (10 minutes)
	@scripts/wasm.sh profile

run: setup wasm ## play the demo through a real Envoy on 127.0.0.1:10000; SERVE=1 keeps serving until Ctrl-C
	@SERVE=$(SERVE) scripts/with.sh envoy/run.sh

test: setup wasm ## run every test: unit, native cases, the module in host-sim, the module in real Envoy
	cargo build --release --workspace --bins
	scripts/with.sh cargo test --release --workspace

demo-author: setup wasm ## run the commands and scripts of the README and of docs/, and compare what they print with what the pages show
	cargo build --release --workspace --bins
	scripts/with.sh cargo test --release --workspace --test docs -- --nocapture

docs: ## build the manual as a book: target/book/index.html
	@scripts/docs.sh

soak: setup wasm ## the long tests: in a real Envoy load, faults, memory after a million requests, spellings of paths, agents' throughput (20 minutes); mutations
	SOAK=1 scripts/with.sh cargo test --release --workspace --test faults_in_envoy --test endurance --test load --test tokens_in_envoy --test agents_with_rabbitmq -- --nocapture --test-threads 1
	scripts/lua-mutations.sh

mutations: ## the part of `make soak` that takes each redefinition of filter/c out, and looks for a test that fails
	@scripts/lua-mutations.sh

fuzz: setup ## give the filter random input for SECONDS (60) a target
	@scripts/fuzz.sh $(or $(SECONDS),60)

check: setup ## rustfmt, clippy (native and wasm) with warnings as errors, the layers, the cost of an exchange, subjects of commits
	@scripts/subjects.sh
	cargo fmt --all --check
	cargo clippy --release --workspace --all-targets -- -D warnings
	scripts/wasm.sh clippy
	cargo test --release --workspace --test layers --test style
	$(COST) compare $(COSTS)

bench: setup wasm ## measure in Envoy, beside its own Lua: bench/results/table.md
	@scripts/with.sh bench/run.sh

# A package alone: with those of the whole workspace, shared crates would have other features and other figures.
COST = cargo run --quiet --release --package cost --
COSTS = bench/results/cost.md

cost: setup ## count instructions and allocations of an exchange, natively, against bench/results/cost.md; KEEP=1 writes it anew
	@$(COST) $(if $(KEEP),keep,compare) $(COSTS)

fmt: ## format the Rust sources
	cargo fmt --all
