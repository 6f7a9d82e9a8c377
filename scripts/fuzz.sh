#!/bin/bash
# Runs each fuzz target under libFuzzer, guided by coverage, for FUZZ_SECONDS
# (default 300); TARGET runs one. What is found goes on from run to run in
# target/fuzz; an input that breaks a law is kept there and ends the run: mend
# the code, and put the input into tests/fuzz/seeds/<target>.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-300}
targets=${TARGET:-$(sed -n 's/^    target("\([a-z]*\)".*/\1/p' tests/fuzz/src/targets/mod.rs)}

RUSTC_WORKSPACE_WRAPPER="$PWD/scripts/instrumented.sh" \
    "${CARGO:-cargo}" build --release --workspace --bin gatewright-fuzz --features gatewright-fuzz/libfuzzer

for target in $targets; do
    found=target/fuzz/$target
    mkdir -p "$found" "tests/fuzz/seeds/$target"
    echo "fuzz: $target for $seconds s"
    GATEWRIGHT_FUZZ_TARGET=$target target/release/gatewright-fuzz \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -artifact_prefix="target/fuzz/$target-" -print_final_stats=1 \
        "$found" "tests/fuzz/seeds/$target" 2>"target/fuzz/$target.log" || {
        tail -n 40 "target/fuzz/$target.log" >&2
        echo "fuzz: $target broke a law; the input is target/fuzz/$target-crash-* (or -timeout-*)" >&2
        exit 1
    }
    grep -E 'stat::(number_of_executed_units|peak_rss_mb)' "target/fuzz/$target.log"
done
