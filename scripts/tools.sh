#!/bin/bash
# Checks that the programs the build needs are there. As root, or in CI, missing
# Debian packages are installed; otherwise it says what to run. Never sudo.
# `tools.sh peers` asks for what the official MCP clients and servers need too,
# `tools.sh database` for the database that the memory of several gates is tested with,
# `tools.sh registry` for the OCI registry and the client that packs are tested with.
set -euo pipefail

missing=()
have() { command -v "$1" >/dev/null || missing+=("$2"); }
have cc gcc
have make make
have curl curl
if [ "${1:-}" = peers ]; then
    have npm npm
    have python3 python3
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
    have chromium chromium
fi
if [ "${1:-}" = registry ]; then
    have docker-registry docker-registry
    have skopeo skopeo
fi

if [ "${1:-}" = database ] && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    have initdb postgresql
fi

if ! command -v cargo >/dev/null; then
    echo "tools: no Rust toolchain found" >&2
    echo "  hint: install Rust 1.95 or newer from https://rustup.rs, and open a new shell" >&2
    exit 1
fi
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

install=(apt-get install -y --no-install-recommends "${missing[@]}")
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "tools: installing ${missing[*]}" >&2
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive "${install[@]}" >&2
else
    echo "tools: missing: ${missing[*]}" >&2
    echo "  hint: sudo ${install[*]}" >&2
    exit 1
fi
