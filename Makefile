# The only front door. What each target really does is written in Rust: `qudao local --help`.
.DEFAULT_GOAL := help
.PHONY: help up down demo demo-reset test check fmt lint schemas docs clean-local
.PHONY: binary failpoints page proto k8s web journey tools events openapi providers release-events bench chaos
.PHONY: fuzz-rest security

TARGET := $(or $(CARGO_TARGET_DIR),target)
QUDAO := $(TARGET)/debug/qudao
WEB := services/gateway/web
PEERS := target/tools/peers
BUF := $(WEB)/node_modules/.bin/buf
# The newest release, else the commit before: what the contracts must stay compatible with.
BASE := $(shell git describe --tags --abbrev=0 2>/dev/null || git rev-parse --verify --quiet HEAD~1)
CHROMIUM ?= $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name))))

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## Start the whole system on this machine, with demonstration data
	@$(MAKE) --no-print-directory -j2 binary page
	@$(QUDAO) local up

down: $(QUDAO) ## Stop it; data stays
	@$(QUDAO) local down

demo-reset: $(QUDAO) ## Delete its data and start over
	@$(QUDAO) local reset
	@$(MAKE) --no-print-directory up

demo: ## Play the first month of a brand with 2,000 dealers into the running system: make demo DAYS=28 SEED=1
	@$(MAKE) --no-print-directory binary
	@$(QUDAO) simulate --world m --seed $(or $(SEED),1) --days $(or $(DAYS),28) --progress

test: lint web k8s events openapi providers journey failpoints binary ## Everything that has to pass before a change lands
	$(if $(shell command -v cargo-nextest),cargo nextest run --workspace --no-fail-fast,cargo test --workspace --no-fail-fast)

check: lint k8s events openapi ## The part of it that needs no servers and no browser
	cargo test --workspace --lib --bins

fmt: ## Format the code
	cargo fmt --all

lint: proto ## Formatting, compiler and contract warnings
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings

schemas: ## Write the event schemas and the documents made from code anew
	UPDATE=1 cargo test --package cluster-tests -- schemas rpc_matrix asyncapi openapi errors

docs: ## Build the documentation of the code
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

bench: $(PEERS)/bin/umadb $(PEERS)/node ## Measure against other event stores; writes docs/benchmarks.md
	cargo build --release --package qudao
	cargo build --release --manifest-path bench/peers/Cargo.toml --target-dir $(TARGET)
	$(TARGET)/release/bench-peers --full --document docs/benchmarks.md --out docs/benchmarks.json

chaos: ## Break things on purpose and check that nothing is lost; writes docs/reliability.md
	cargo build --package qudao --package cluster-tests --bins --features qudao/failpoints
	$(TARGET)/debug/chaos --out docs/reliability.json --document docs/reliability.md $(CHAOS)

fuzz-rest: tools binary ## Call every rpc over REST with generated requests: make fuzz-rest CASES=20000
	$(QUDAO) local with-system -- $(CURDIR)/target/tools/bin/python tests/fuzz_rest.py \
		--cases $(or $(CASES),20000) --seed $(or $(SEED),1)

security: ## Attack a running system and check that all of it is refused; writes docs/security.md
	cargo build --package qudao --package cluster-tests --bins $(if $(RELEASE),--release)
	$(TARGET)/$(if $(RELEASE),release,debug)/security --out docs/security.json --document docs/security.md $(SECURITY)

clean-local: $(QUDAO) ## Stop the system and delete all it has, fetched servers too
	@$(QUDAO) local clean

binary:
	@command -v cargo >/dev/null || { echo "cargo is missing: install Rust, https://rustup.rs"; exit 1; }
	cargo build --package qudao

# Beside the executable that everybody uses, for the row F1 of the fault suite.
failpoints:
	cargo build --package qudao --features failpoints
	cp $(QUDAO) $(QUDAO)-failpoints

$(QUDAO):
	@$(MAKE) --no-print-directory binary

page: $(WEB)/dist/index.html

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20.19 or newer"; exit 1; }
	cd $(WEB) && npm ci --no-audit --no-fund || { echo "npm ci failed, see above: is the registry reachable, does it have every package of package-lock.json?"; exit 1; }
	@touch $@

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(shell find proto $(WEB) \
		\( -name node_modules -o -name dist -o -name gen -o -name journey -o -name test-results \) -prune -o -type f -print)
	cd $(WEB) && npm run --silent build -- --logLevel warn

proto: $(WEB)/node_modules/.package-lock.json
	$(BUF) lint proto
	@if git cat-file -e "$(BASE):proto" 2>/dev/null; then set -x; \
		$(BUF) breaking proto --against ".git#ref=$$(git rev-parse "$(BASE)^{commit}"),subdir=proto"; \
	else echo "no earlier contracts to compare with"; fi

k8s: target/tools/bin/kubernetes-validate
	target/tools/bin/python tests/k8s_render.py
	target/tools/bin/python tests/deploy_check.py

target/tools/bin/kubernetes-validate:
	@command -v python3 >/dev/null || { echo "python3 is missing"; exit 1; }
	python3 -m venv target/tools
	target/tools/bin/pip install --quiet --disable-pip-version-check kubernetes-validate==1.37.0

tools: target/tools/.requirements tests/node/node_modules/.package-lock.json

target/tools/.requirements: tests/requirements.txt
	@command -v python3 >/dev/null || { echo "python3 is missing"; exit 1; }
	python3 -m venv target/tools
	target/tools/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@

tests/node/node_modules/.package-lock.json: tests/node/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: install Node.js 20.19 or newer"; exit 1; }
	cd tests/node && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

events: tools
	target/tools/bin/python tests/event_compat.py
	cd tests/node && node asyncapi.mjs

openapi: tests/node/node_modules/.package-lock.json
	cd tests/node && REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true \
		node_modules/.bin/redocly lint --max-problems 20 ../../docs/openapi.json

providers: tools
	cargo build --quiet --package psp-simulator --example serve
	target/tools/bin/python crates/psp-simulator/tests/cross_check.py $(TARGET)/debug/examples/serve

release-events: tools ## Freeze the event schemas of a release: make release-events VERSION=0.2.0
	target/tools/bin/python tests/event_compat.py --release $(VERSION)

$(PEERS)/bin/umadb: bench/peers/Cargo.lock
	@command -v protoc >/dev/null || { echo "UmaDB is built with protoc: apt-get install protobuf-compiler"; exit 1; }
	cargo install umadb@0.7.8 --locked --root $(PEERS) --target-dir $(PEERS)/build
	@touch $@

$(PEERS)/node: bench/peers/node/package-lock.json
	cd bench/peers/node && npm ci --no-audit --no-fund
	@mkdir -p $(PEERS) && touch $@

web: $(WEB)/node_modules/.package-lock.json
	cd $(WEB) && npm run --silent test

journey: binary page tests/node/node_modules/.package-lock.json
	@test -x "$(CHROMIUM)" || { echo "the journey needs Chromium: apt-get install chromium fonts-wqy-microhei, or set CHROMIUM"; exit 1; }
	CHROMIUM=$(CHROMIUM) QUDAO_OUTBOUND_PRIVATE=true QUDAO_SCREENSHOTS=$(CURDIR)/target/screenshots \
		$(QUDAO) local with-system -- npm --prefix $(WEB) run --silent journey
