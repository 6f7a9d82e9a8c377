#!/usr/bin/env bash
# How long it takes from nothing to a policy that passes its cases, in each language: what
# the language's tools fetch, `new`, `build` and `test`, in a fresh folder and with an empty
# cache of compiled policies. Prints a row for each language: seconds on the clock, and of
# the processor.
#
# Needs a release build and the toolchains (`make build toolchains`).
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
gatewright=${GATEWRIGHT:-$target/release/gatewright}
toolchains=${TOOLCHAINS:-$target/toolchains}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export PATH="$toolchains/python/bin:$PATH" GOTOOLCHAIN=local PYTHONDONTWRITEBYTECODE=1
export XDG_CACHE_HOME="$folder/cache" ZIG_GLOBAL_CACHE_DIR="$folder/zig" GOCACHE="$folder/go"
export GOMODCACHE="$folder/modules" npm_config_cache="$folder/npm"
export npm_config_audit=false npm_config_fund=false
unset CARGO_TARGET_DIR

# Seconds on the clock and of the processor that a command takes.
timed() {
    local clock user system
    TIMEFORMAT='%R %U %S'
    { time "$@" >"$folder/said" 2>&1; } 2>"$folder/time" || { cat "$folder/said" >&2; exit 1; }
    read -r clock user system <"$folder/time"
    awk -v a="$clock" -v b="$user" -v c="$system" 'BEGIN { printf "%.1f (%.1f)", a, b + c }'
}

echo "load at the beginning: $(cut -d' ' -f1-3 /proc/loadavg); processors: $(nproc)"
echo "| language | fetch | new | build | test |"
echo "|---|---|---|---|---|"
for language in "${@:-rust go assemblyscript c javascript typescript python}"; do
    # One argument may be several languages.
    for language in $language; do
        cd "$folder"
        new=$(timed "$gatewright" new "first-$language" --lang "$language")
        cd "first-$language"
        case $language in
            assemblyscript | javascript | typescript) fetch=$(timed npm install) ;;
            *) fetch="-" ;;
        esac
        build=$(timed "$gatewright" build)
        test=$(timed "$gatewright" test)
        echo "| $language | $fetch | $new | $build | $test |"
    done
done
echo "load at the end: $(cut -d' ' -f1-3 /proc/loadavg)"
