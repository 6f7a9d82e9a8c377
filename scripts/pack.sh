#!/bin/bash
# Builds the starter pack, signs it, and verifies it as a gate would:
#   target/starter-pack        the pack, an OCI image layout
#   target/starter-pack.key    the key that signed it, made here once, not encrypted
#   target/starter-pack.toml   the part of a configuration that trusts that key
# Run again, it makes the same pack. The key is for trying packs on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

gatewright=target/release/gatewright
pack=target/starter-pack

[ -f "$pack.key" ] || "$gatewright" key new "$pack.key" --plain >/dev/null
publisher=$("$gatewright" key show "$pack.key")
cat >"$pack.toml.new" <<TOML
[packs]
store = "starter-pack.store"

[[publisher]]
name = "starter"
keys = ["$publisher"]
packs = ["gatewright/*"]
authority = ["allow", "deny", "ask", "charge", "label", "declassify", "redact", "limit-result", "edit", "block"]

[[pack]]
name = "gatewright/starter"
TOML
mv "$pack.toml.new" "$pack.toml"

# Says nothing of a step unless it fails.
step() {
    local said
    said=$("$gatewright" "$@" 2>&1) || { echo "$said" >&2; exit 1; }
}

# What is there already stays until the new one verifies.
rm -rf "$pack.new"
step pack build plugins/pack.toml --out "$pack.new"
step pack sign "$pack.new" --key "$pack.key"
step pack verify "$pack.new" --config "$pack.toml"
rm -rf "$pack"
mv "$pack.new" "$pack"

policies=$(sed -n 's/^folder = "\(.*\)"/\1/p' plugins/pack.toml | paste -sd ' ')
echo "pack: $pack verifies, signed by $publisher"
echo "pack: $policies"
