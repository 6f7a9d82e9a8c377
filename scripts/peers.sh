#!/usr/bin/env bash
# Installs what the tests put around the gate: Node 22, the MCP conformance
# suite, real MCP servers, the official clients and those of frameworks, all inside
# the build folder.
# Quick when nothing changed since the last time.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
peers=${CARGO_TARGET_DIR:-$root/target}/peers
source=$root/tests/peers
manifests=("$source/package.json" "$source/package-lock.json" "$source/requirements.txt" "$source/requirements-1.txt"
    "$root/scripts/peers.sh")

die() {
    echo "peers: $1" >&2
    echo "  hint: $2" >&2
    exit 1
}

mkdir -p "$peers"
exec 9>"$peers/.lock"
flock 9

stamp=$(cat "${manifests[@]}" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$peers/.stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "peers: up to date in $peers"
    exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] || die "these tests run on Linux x86_64, this is $(uname -sm)" "run them in a container"
command -v npm >/dev/null || die "npm is missing" "install Node (any version that still gets fixes) with npm"
command -v python3 >/dev/null || die "python3 is missing" "install Python 3.10 or later"
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    die "this python3 is too old or has no venv" "install Python 3.10 or later and its venv package"

rm -f "$peers/.stamp"

echo "peers: installing npm packages (Node 22, conformance suite, servers, clients, browser driver)"
cp "$source/package.json" "$source/package-lock.json" "$peers/"
npm ci --prefix "$peers" --ignore-scripts --no-audit --no-fund --loglevel=error

# What stands on the official client 1.x needs a place of its own.
python() {
    rm -rf "${peers:?}/$1"
    python3 -m venv "$peers/$1"
    "$peers/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        --requirement "$source/$2"
}
echo "peers: installing Python packages (client, FastMCP)"
python python requirements.txt
echo "peers: installing Python packages (client 1.x, LangChain, OpenAI Agents)"
python python-1 requirements-1.txt

# Node looks for packages beside the path of a script, so the scripts get a path here.
ln -sfn "$source/clients" "$peers/clients"

echo "$stamp" >"$peers/.stamp"
echo "peers: ready in $peers"
