#!/bin/bash
# Licences, sources, and what is ruled out (`deny.toml`), by cargo-deny, which is
# put into target/tools. Advisories need their database, which comes over the
# network: where it cannot be had, that part says so and is left out.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.20.2
deny=target/tools/bin/cargo-deny
if [ "$("$deny" --version 2>/dev/null || true)" != "cargo-deny $version" ]; then
    echo "deny: installing cargo-deny $version into target/tools" >&2
    "${CARGO:-cargo}" install --quiet --locked --root target/tools --version "$version" cargo-deny
fi
"$deny" --all-features check bans licenses sources
if ! "$deny" fetch db 2>/dev/null; then
    echo "deny: the advisory database cannot be fetched here; advisories are not checked" >&2
    exit 0
fi
"$deny" --all-features check advisories
