#!/bin/bash
# rustc for `scripts/fuzz.sh`: what the fuzzer is to see the inside of is compiled
# with counters (LLVM's SanitizerCoverage). Build scripts and macros run by
# themselves and get none.
set -euo pipefail

case " $* " in
    *" build_script_build "* | *" proc-macro "*) exec "$@" ;;
esac
exec "$@" -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
