#!/usr/bin/env bash
# Builds the OPA that `make bench` measures the gate against, inside the build folder,
# with the project's own Go. Quick when nothing changed since the last time.
set -euo pipefail

version=v1.22.4

root=$(cd "$(dirname "$0")/.." && pwd)
toolchains=${CARGO_TARGET_DIR:-$root/target}/toolchains
go=$toolchains/python/bin/go
opa=$toolchains/opa

die() {
    echo "opa: $1" >&2
    echo "  hint: $2" >&2
    exit 1
}

[ -x "$go" ] || die "the project's Go is not there" "run \`make toolchains\`"

mkdir -p "$opa"
exec 9>"$opa/.lock"
flock 9

stamp=$(cat "$root/scripts/opa.sh" "$root/tests/languages/requirements.txt" | sha256sum | cut -d ' ' -f 1)
if [ -x "$opa/bin/opa" ] && [ "$(cat "$opa/.stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "opa: up to date in $opa"
    exit 0
fi

rm -f "$opa/.stamp"
echo "opa: building OPA $version with the project's Go"
# Nothing of whoever builds counts: no flags, no workspace, no other Go. What is fetched can
# be removed like everything else here.
export GOPATH="$opa/packages" GOCACHE="$opa/cache" GOBIN="$opa/bin" GOENV=off
export GOTOOLCHAIN=local GOWORK=off GOFLAGS=-modcacherw CGO_ENABLED=0
"$go" install "github.com/open-policy-agent/opa@$version" ||
    die "OPA $version cannot be fetched or built, so the peers cannot be measured" \
        "it comes from the Go module proxy (GOPROXY); other groups need none of it: target/release/gatewright-bench --only gate"
# The program alone is needed from now on.
rm -rf "$opa/packages" "$opa/cache"

echo "$stamp" >"$opa/.stamp"
echo "opa: ready in $opa"
