#!/bin/bash
# What `make test` does for seconds, for SOAK_SECONDS (default 1800), and a gate that is
# killed SOAK_KILLS times (default 10,000), however long that takes: strangers that
# hold connections and bodies, one agent that takes every seat, ledgers that are
# moved, rotated and killed, compile bombs, honest calls on a busy machine, random
# histories, mutations of everything that is parsed. Each round has seeds of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${SOAK_SECONDS:-1800}
kills=${SOAK_KILLS:-10000}
run() { "${CARGO:-cargo}" test --release --workspace --quiet "$@"; }
begin=$SECONDS

echo "soak: a siege, $((seconds / 3)) s"
GATEWRIGHT_SOAK_SECONDS=$((seconds / 3)) run --test gateway siege
echo "soak: 100,000 honest calls of 500 callers on a busy machine"
GATEWRIGHT_HONEST_CALLS=100000 GATEWRIGHT_HONEST_AT_ONCE=500 run --test sandbox clock
echo "soak: a gate that is killed between grant and outcome, $kills times"
GATEWRIGHT_CRASH_ROUNDS=$kills run --test gateway crashes
rounds=0
while [ $((SECONDS - begin)) -lt "$seconds" ]; do
    rounds=$((rounds + 1))
    echo "soak: round $rounds, $((SECONDS - begin)) of $seconds s"
    run --test gateway -- strangers slowness shares room
    run --test engine ledger
    run --test sandbox bombs
    run --lib restarts
    run --test bounded
done
echo "soak: $rounds rounds without a failure"
