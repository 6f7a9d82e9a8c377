#!/bin/bash
# The story of a pack, told by the real programs: a vendor releases, a platform
# team's gate follows, what must not get in does not. See README.md. Ends by itself.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$(cd "$here/../.." && pwd)/target}
export PATH="$target/release:$PATH"
unset GATEWRIGHT_PASSPHRASE
work=$(mktemp -d)
processes=()

finish() {
    local code=$?
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${processes[@]}"; do wait "$process" 2>/dev/null || true; done
    cd / && rm -rf "$work"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

chapter() { printf '\n== %s\n' "$1"; }

fail() {
    echo "vendor-pack: $1" >&2
    for log in gate.log registry.log; do [ ! -f "$log" ] || tail -n 20 "$log" >&2; done
    exit 1
}

# Says what a command shows, then the command, then what it prints.
show() { show_ending_with 0 "$@"; }

show_ending_with() {
    local wanted=$1 code=0
    printf '\n# %s\n$ %s\n' "$2" "$3"
    eval "$3" 2>&1 || code=$?
    [ "$code" = "$wanted" ] || fail "\`$3\` ended with $code, not with $wanted"
}

# Waits, a minute at the most, until a command succeeds.
wait_until() {
    local deadline=$((SECONDS + 60))
    until eval "$2" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail "still waiting for: $1"
        sleep 0.1
    done
}

release() { # <revision> <version>: what the vendor edits for a release
    sed -i "s/^revision = .*/revision = \"$1\"/; s/^version = .*/version = $2/" pack.toml
}

build_and_push() { # <revision> <folder> <key> [--untested]
    gatewright pack build pack.toml --out "$2" ${4:+"$4"} &&
        gatewright pack sign "$2" --key "$3" ${4:+"$4"} &&
        gatewright pack push "$2" "$repository:$1" --plain-http
}

in_force() { gatewright status | grep '^pack '; }
refused() { gatewright status | grep '^  refused'; }

show_in_force() { show "$1" "gatewright status | grep '^pack '"; }
show_refused() { show "$1" "gatewright status | grep -e '^pack ' -e '^  refused'"; }

cd "$work"
mkdir files && echo 'Buy milk.' >files/notes.md
cp -r "$here/pack.toml" "$here/call.sh" "$here/file-rules" .
cp "$target/plugins/tool-gate.wasm" file-rules/file-rules.wasm ||
    fail "no policies are built; hint: make plugins"
sed -i 's|^component = .*|component = "file-rules/file-rules.wasm"|' pack.toml
command -v docker-registry >/dev/null || fail "docker-registry is not there; hint: make registry"
command -v skopeo >/dev/null || fail "skopeo is not there; hint: make registry"

cat >registry.yml <<YML
version: 0.1
log: { level: info, formatter: json }
storage: { filesystem: { rootdirectory: $work/registry } }
http: { addr: "127.0.0.1:0", secret: example }
YML
docker-registry serve registry.yml >registry.log 2>&1 &
processes+=($!)
wait_until 'the registry' "grep -q 'listening on 127' registry.log"
registry=$(sed -n 's/.*listening on \(127[0-9.:]*\).*/\1/p' registry.log | head -n 1)
repository=$registry/acme/guards

chapter 'The vendor releases 1.0'
show 'A key to sign with; its name is what others are to trust.' \
    'gatewright key new vendor.key --plain | tee vendor.did'
show 'The policies become one pack, with everything that a gate must know.' \
    'gatewright pack build pack.toml --out guards-1.0'
show 'The signature is about the pack and each component in it.' \
    'gatewright pack sign guards-1.0 --key vendor.key'
show 'What the team will see: who signed, and what the policies import and ask for.' \
    'gatewright pack inspect guards-1.0'
show 'Any OCI registry carries it.' \
    'gatewright pack push guards-1.0 $repository:1.0.0 --plain-http'
show 'Others read it too: to skopeo the layout is an OCI image like any other.' \
    'skopeo inspect --raw oci:guards-1.0:1.0.0 | grep -o "application/vnd.gatewright.pack.v1+json"'

chapter 'The platform team trusts the vendor, and serves'
issuer=$(gatewright credential key issuer.key 2>/dev/null)
sed "s|ISSUER|$issuer|; s|PUBLISHER|$(cat vendor.did)|; s|REGISTRY|$registry|" \
    "$here/gatewright.toml" >gatewright.toml
gatewright credential issue --key issuer.key --agent did:example:bot --principal user:alice \
    --scope 'files:*' --valid-for 1h >bot.credential 2>/dev/null
export CREDENTIAL=$work/bot.credential
show 'The publisher, what it may sign, how much it may do, and what is followed.' \
    'sed -n "/^\[\[publisher/,\$p" gatewright.toml'
gatewright serve --format json >gate.json 2>gate.log &
gate=$!
processes+=("$gate")
wait_until 'the gate' 'grep -q listen gate.json'
listen=$(grep -o '"listen":"[^"]*"' gate.json | cut -d'"' -f4)
admin=$(grep -o '"admin":"[^"]*"' gate.json | cut -d'"' -f4)
export GATE=http://$listen
sed -i "s|^listen = .*|listen = \"$listen\"|; s|^admin = .*|admin = \"$admin\"|" gatewright.toml
wait_until 'version 1' 'in_force | grep -q "1.0.0 (version 1"'
show_in_force 'The gate took the highest 1.x before it opened.'
show 'Version 1 lets agents read.' './call.sh read_file'
show 'Nobody allows writing.' './call.sh write_file'

chapter 'The vendor releases 1.1, and the gate follows'
# An agent goes on calling; each answer is written down.
(while [ ! -f enough ]; do ./call.sh read_file || echo "no answer"; done >answers.txt 2>&1) &
agent=$!
processes+=("$agent")
release 1.1.0 2
sed -i 's|^    { tools = \["read_\*"\].*|&\n    { tools = ["write_file"], effect = "allow" },|' pack.toml
show 'A new label, a higher version, and a rule more: writing is allowed.' \
    'build_and_push 1.1.0 guards-1.1 vendor.key'
show 'What is new in it, for those who are to trust it.' \
    'gatewright pack diff guards-1.0 guards-1.1'
wait_until 'version 2' 'in_force | grep -q "1.1.0 (version 2"'
show_in_force 'The gate found it, verified it, ran its cases and swapped. Nothing was restarted.'
touch enough
wait "$agent"
answers=$(wc -l <answers.txt)
answered=$(grep -c 'Buy milk' answers.txt)
echo
echo "# An agent called all the while: $answered of $answers calls were answered with the file."
[ "$answers" = "$answered" ] && [ "$answers" -gt 0 ] || fail "calls were lost in the swap"
show 'Now writing is allowed.' './call.sh write_file'

chapter 'What must not get in'
gatewright key new stranger.key --plain >/dev/null 2>&1
release 1.1.1 3
show 'Somebody who can write to the registry pushes a version signed with a key of their own.' \
    'build_and_push 1.1.1 forged stranger.key'
wait_until 'the refusal' 'refused | grep -q "no key of publisher"'
show_refused 'The gate refuses it, says why, and stays at what it had.'
show 'Then they give the vendor'"'"'s own old version a new tag.' \
    'skopeo copy --quiet --src-tls-verify=false --dest-tls-verify=false docker://$repository:1.0.0 docker://$repository:1.1.2'
wait_until 'the refusal' 'refused | grep -q "was seen before"'
show_refused 'It is signed by the vendor, and older than what was seen: refused.'
show_ending_with 3 'By hand it is refused as well.' 'gatewright pack activate guards-1.0 --by team'

chapter 'A version that does not do what it says'
release 1.1.3 3
sed -i 's|verdict = "allow"|verdict = "deny"|' file-rules/cases.toml
show 'The vendor expects other answers in its own cases than its policy gives, and runs none.' \
    'build_and_push 1.1.3 broken vendor.key --untested'
wait_until 'the way back' 'refused | grep -q "went back"'
show_refused 'The gate asked the cases before it let the version judge a call, and wants 1.1 again.'
sed -i 's|verdict = "deny"|verdict = "allow"|' file-rules/cases.toml

chapter 'A version that wants more waits for the team'
release 1.2.0 4
sed -i 's|"write_file"\], effect = "allow"|"write_file"], effect = "ask"|' pack.toml
sed -i 's|^authority = .*|authority = ["allow", "deny", "ask"]|' file-rules/policy.toml
show '1.2 has a person asked before something is written: authority that 1.1 had not.' \
    'build_and_push 1.2.0 guards-1.2 vendor.key'
wait_until 'the refusal' 'refused | grep -q "asks for ask"'
show_refused 'The gate does not take that on its own.'
show 'Somebody of the team looks at it and grants it.' \
    'gatewright pack activate guards-1.2 --grant --by team'
wait_until 'version 4' 'in_force | grep -q "1.2.0 (version 4"'
show_in_force 'Granted once, it is in force.'
show 'Writing is held now, for a person.' './call.sh write_file'

chapter 'A candidate is tried on real calls'
release 1.3.0-rc.1 5
sed -i 's|^    { tools = \["read_\*"\].*|&\n    { tools = ["delete_file"], effect = "allow" },|' pack.toml
show 'A pre-release: the range ^1 does not follow it.' \
    'build_and_push 1.3.0-rc.1 guards-1.3 vendor.key'
show 'The team puts it beside what is in force. It is asked, and does not count.' \
    'gatewright pack pull $repository:1.3.0-rc.1 candidate --plain-http && gatewright pack activate candidate --mode observe --by team'
wait_until 'the candidate' 'gatewright status | grep -q "candidate 1.3.0-rc.1"'
show 'Deleting is denied: 1.2 is in force.' './call.sh delete_file'
show 'The candidate would have allowed it. That is what the team sees before it counts.' \
    'gatewright flips'

chapter 'Back'
show 'The set before: 1.2 without a candidate.' 'gatewright pack rollback --by team'
wait_until 'no candidate' '! gatewright status | grep -q candidate'
show 'And once more it is what was wanted before 1.2, by its revision.' \
    'gatewright pack rollback --to 2 --by team'
wait_until 'version 2' 'in_force | grep -q "1.1.0 (version 2"'
show_in_force 'The gate is at 1.1 again.'
show 'Writing is allowed, as 1.1 had it.' './call.sh write_file'
kill "$gate"
wait "$gate" || fail "the gate did not end well"
echo
echo 'The end: the gate stopped with 0.'
