#!/bin/bash
# Checks that each package compiles by itself: with the features that it asks for, and
# none that only another member of the workspace switches on.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=$(cargo tree --workspace --depth 0 --prefix none --quiet | cut -d ' ' -f 1 | sort -u)
alone=()
for package in $packages; do
    cargo check --release --quiet --package "$package" || alone+=("$package")
done
if [ ${#alone[@]} -gt 0 ]; then
    echo "alone: these do not compile by themselves: ${alone[*]}" >&2
    echo "  hint: cargo check --package ${alone[0]}; name the feature in its Cargo.toml" >&2
    exit 1
fi
echo "alone: $(wc -w <<<"$packages") packages compile by themselves"
