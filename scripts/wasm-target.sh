#!/bin/sh
# Makes this machine ready to build policies: finds, or installs, a Rust
# compiler that can build for wasm32-unknown-unknown. Prints what it did.
#
# In this order: the target is installed; rustup adds it; a distribution's
# compiler with the source of its standard library is there; apt installs that
# (only as root). Never asks for more rights than it has.
set -eu

target=wasm32-unknown-unknown
packages="rustc-web rust-web-src lld"

has_target() {
    sysroot=$("$1" --print sysroot 2>/dev/null) && [ -d "$sysroot/lib/rustlib/$target/lib" ]
}

has_source() {
    sysroot=$("$1" --print sysroot 2>/dev/null) &&
        [ -f "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ] &&
        { command -v wasm-ld >/dev/null || ls "$sysroot"/lib/rustlib/*/bin/rust-lld >/dev/null 2>&1; }
}

ready() {
    for rustc in "${RUSTC:-rustc}" /usr/bin/rustc; do
        if has_target "$rustc"; then
            echo "wasm target: $rustc has $target"
            return 0
        fi
    done
    return 1
}

ready_from_source() {
    for rustc in "${RUSTC:-rustc}" /usr/bin/rustc; do
        if has_source "$rustc"; then
            echo "wasm target: $rustc builds the standard library for $target from source"
            return 0
        fi
    done
    return 1
}

# A compiler from source needs no download, so it goes before one.
ready && exit 0
ready_from_source && exit 0

if command -v rustup >/dev/null; then
    echo "wasm target: rustup target add $target" >&2
    rustup target add "$target" >&2 && ready && exit 0
    echo "wasm target: rustup could not add it" >&2
fi

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "wasm target: apt-get install $packages" >&2
    if apt-get update -q >&2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages >&2; then
        ready && exit 0
        ready_from_source && exit 0
    fi
fi

{
    echo "error: no Rust compiler here builds for $target"
    if command -v rustup >/dev/null; then
        echo "hint: run \`rustup target add $target\`"
    elif command -v apt-get >/dev/null; then
        echo "hint: run \`sudo apt-get install $packages\`"
    else
        echo "hint: install Rust from https://rustup.rs, then run \`rustup target add $target\`"
    fi
} >&2
exit 1
