#!/bin/sh
# Builds every policy in plugins/ into target/plugins/<name>.wasm, with
# `gatewright build`: one cargo run, so that the standard library is built once
# and the policies side by side.
set -eu
cd "$(dirname "$0")/.."

# The whole workspace picks the features, so that nothing is built twice.
cargo build --release --workspace --bin gatewright
exec target/release/gatewright build plugins/*/ --out target/plugins
