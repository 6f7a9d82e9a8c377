#!/bin/bash
# Fetches what tests need besides crates while the command that it is given runs, which
# compiles: one waits for the network and the other for the processors.
set -euo pipefail
cd "$(dirname "$0")/.."

for what in peers registry database; do scripts/tools.sh "$what"; done
log=target/fetch.log
mkdir -p target
# A group of its own, which ends as a whole where the command fails.
set -m
{ scripts/peers.sh && scripts/toolchains.sh; } >"$log" 2>&1 </dev/null &
fetching=$!
set +m
trap 'kill -- "-$fetching" 2>/dev/null || true' EXIT
"$@"
trap - EXIT
echo "fetch: what tests need besides crates"
wait "$fetching" || { cat "$log" >&2; exit 1; }
cat "$log"
