# Every target prepares what it needs and says what it does. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

CARGO ?= cargo

.PHONY: help demo test bench fuzz soak alone deny deb image conformance plugins pack build release lint fmt doc peers registry database toolchains opa clean tools

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: pack ## Watch a gate at work: a screenful, ends by itself
	@$(CARGO) build --release --workspace --bin gatewright --bin gatewright-demo --bin gatewright-demo-tools
	@target/release/gatewright-demo

test: tools ## Everything: lints, docs, unit, end-to-end, plugins, peers, every SDK, conformance
	@scripts/fetch.sh $(MAKE) --no-print-directory lint doc build pack
	@scripts/test.sh

bench: build release plugins toolchains opa ## Measure what is shipped, and write target/bench.json
	@examples/one-policy-every-language/build.sh
	@target/release/gatewright build tests/bench/policy --out target/bench/
	@ulimit -Sn "$$(ulimit -Hn)"; GATEWRIGHT=$(CURDIR)/target/dist/gatewright target/release/gatewright-bench $(BENCH)

fuzz: tools ## Fuzz what reads bytes from outside, guided by coverage: FUZZ_SECONDS=300 for each, TARGET=json for one
	@scripts/fuzz.sh

soak: build ## For half an hour what tests do for seconds: SOAK_SECONDS=1800
	@scripts/soak.sh

alone: tools ## Check that each package compiles by itself, with the features that it names
	@scripts/alone.sh

deny: tools ## Advisories, licences, sources: cargo-deny over deny.toml
	@scripts/deny.sh

deb: build ## A Debian package of the program, target/package/*.deb: cargo-deb
	@scripts/package.sh deb

image: build ## A container image of the program, localhost/gatewright: buildah
	@scripts/package.sh image

conformance: build plugins peers ## The MCP conformance suite, directly and through the gate
	@target/release/gatewright-conformance

plugins: tools ## Compile the policies that ship with the project into target/plugins
	@scripts/wasm-target.sh
	@scripts/plugins.sh

pack: plugins ## Build and sign the starter pack, target/starter-pack, of those policies
	@scripts/pack.sh

build: tools ## Compile everything that runs natively
	@$(CARGO) build --release --workspace --bins

release: tools ## The program as it is shipped, linked as a whole: target/dist/gatewright
	@$(CARGO) build --profile dist --workspace --bin gatewright

lint: tools ## Formatting and clippy
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --release --workspace --all-targets -- -D warnings

doc: tools ## The API documentation, warnings refused
	@RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --workspace --no-deps --document-private-items

fmt: ## Format the code
	@$(CARGO) fmt --all

peers: ## Fetch the official MCP clients and servers that tests talk to
	@scripts/tools.sh peers
	@scripts/peers.sh

registry: ## Fetch the OCI registry and client that packs are tested with
	@scripts/tools.sh registry

database: ## Fetch the PostgreSQL that the memory of several gates is tested with
	@scripts/tools.sh database

toolchains: ## Fetch what policies in Go, C, Python and from npm are built with
	@scripts/tools.sh peers
	@scripts/toolchains.sh

opa: toolchains ## Build the OPA that the gate is measured against
	@scripts/opa.sh

clean: ## Remove everything that was built
	@rm -rf target

tools:
	@scripts/tools.sh
