#!/bin/bash
# Every test there is, after what it needs was built. The last line counts them.
set -euo pipefail
cd "$(dirname "$0")/.."

log=target/test.log
failed=0

cargo test --release --workspace --no-fail-fast 2>&1 | tee "$log" || failed=1

echo "conformance:"
target/release/gatewright-conformance || failed=1

awk -v failed="$failed" '
    /^test result:/ { passed += $4; lost += $6 }
    END {
        printf "%d passed, %d failed\n", passed, lost
        if (failed && !lost) print "something else failed: see above"
    }' "$log"
exit "$failed"
