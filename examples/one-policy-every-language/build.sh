#!/usr/bin/env bash
# Makes the policy of this folder in every language, as its author would: new,
# build, test. Components go to target/every-language, with how long each build took.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
out=$target/every-language
languages=(rust assemblyscript c go javascript typescript python)

# What scripts/toolchains.sh fetched comes first on the path.
export PATH="$target/release:$target/toolchains/python/bin:$PATH"
export GOTOOLCHAIN=local ZIG_GLOBAL_CACHE_DIR=$target/toolchains/zig npm_config_cache=$target/toolchains/npm
export npm_config_prefer_offline=true npm_config_audit=false npm_config_fund=false
export CARGO_TARGET_DIR=$target/new-policy

mkdir -p "$out"
for language in "${@:-${languages[@]}}"; do
    # Outside of the repository, where an author is.
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    (
        cd "$folder"
        gatewright new files --lang "$language" >/dev/null
        cd files
        case $language in
            assemblyscript | javascript | typescript) npm install --loglevel=error >/dev/null ;;
        esac
        # The first build fills the toolchain's caches; the one after a change is what
        # an author waits for.
        gatewright build --out "$out/$language.wasm" >/dev/null
        find . -type f \( -name 'lib.rs' -o -name 'policy.*' \) -exec touch {} +
        begin=$(date +%s.%N)
        gatewright build --out "$out/$language.wasm"
        end=$(date +%s.%N)
        awk -v begin="$begin" -v end="$end" 'BEGIN { printf "%.2f\n", end - begin }' >"$out/$language.seconds"
        gatewright test --component "$out/$language.wasm"
    )
    rm -rf "$folder"
done
