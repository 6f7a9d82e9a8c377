#!/bin/bash
# Packs the program that is built: `package.sh deb` as target/package/*.deb, with
# completions, manual pages and a unit for systemd; `package.sh image` as a container
# image without a system around it, called localhost/gatewright.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
program=$target/release/gatewright

die() {
    echo "package: $1" >&2
    echo "  hint: $2" >&2
    exit 1
}

# What the program says of itself, as packages have it.
pages() {
    rm -rf target/package
    mkdir -p target/package/completions
    "$program" man --out target/package/man1 >/dev/null
    "$program" completions bash >target/package/completions/gatewright
    "$program" completions zsh >target/package/completions/_gatewright
    "$program" completions fish >target/package/completions/gatewright.fish
}

deb() {
    cargo deb --version >/dev/null 2>&1 || die "cargo-deb is missing" "cargo install cargo-deb --locked"
    pages
    cargo deb --package gatewright-cli --no-build --output target/package/
}

image() {
    command -v buildah >/dev/null || die "buildah is missing" "apt-get install buildah"
    local certificates=/etc/ssl/certs/ca-certificates.crt
    [ -f "$certificates" ] || die "there are no certificates at $certificates" "apt-get install ca-certificates"
    local image=target/image root=target/image/root
    rm -rf "$image"
    # Nobody (65534) reads and runs what is in it, whoever makes it.
    umask 022
    mkdir -p "$root"/usr/bin "$root"/etc/ssl/certs "$root"/etc/gatewright "$image"/owned/{state,cache}
    chmod 0700 "$image"/owned/*
    cp "$program" "$root"/usr/bin/
    # The libraries of this machine, at the places where the program looks for them.
    ldd "$program" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
    cp -L "$certificates" "$root$certificates"
    cp packaging/Containerfile "$image"/
    buildah bud --quiet --tag localhost/gatewright "$image"
}

[ -x "$program" ] || die "there is no $program" "make build"
case "${1:-}" in
deb | image) "$1" ;;
*) die "say what to make" "package.sh deb, package.sh image" ;;
esac
