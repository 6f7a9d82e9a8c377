//! `gatewright schema`: the schemas know the keys that the program knows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Folder;

/// A table as it begins in a file, with a key that does not exist; and where its
/// members are in the schema.
const POLICY: [(&str, &str); 1] = [("nothing = 1\n", "/properties")];

const CASES: [(&str, &str); 8] = [
    ("nothing = 1\n", "/properties"),
    ("[[case]]\nnothing = 1\n", "/$defs/case/properties"),
    ("[[case]]\nexpect.nothing = 1\n", "/$defs/expect/properties"),
    (
        "[[case]]\nrequest.nothing = 1\n",
        "/$defs/request/properties",
    ),
    (
        "[[case]]\nrequest.subject.nothing = 1\n",
        "/$defs/request/properties/subject/properties",
    ),
    (
        "[[case]]\nrequest.action.nothing = 1\n",
        "/$defs/request/properties/action/properties",
    ),
    (
        "[[case]]\nrequest.context.nothing = 1\n",
        "/$defs/request/properties/context/properties",
    ),
    (
        "[[case]]\nrequest.context.history = [{ nothing = 1 }]\n",
        "/$defs/request/properties/context/properties/history/items/properties",
    ),
];

const CONFIG: [(&str, &str); 16] = [
    ("nothing = 1\n", "/properties"),
    ("[gate]\nnothing = 1\n", "/properties/gate/properties"),
    ("[audit]\nnothing = 1\n", "/properties/audit/properties"),
    (
        "[audit.payloads]\nnothing = 1\n",
        "/properties/audit/properties/payloads/properties",
    ),
    (
        "[[audit.payloads.keep]]\nnothing = 1\n",
        "/properties/audit/properties/payloads/properties/keep/items/properties",
    ),
    ("[console]\nnothing = 1\n", "/properties/console/properties"),
    (
        "[console.oidc]\nnothing = 1\n",
        "/properties/console/properties/oidc/properties",
    ),
    (
        "[console.oidc.groups.a]\nnothing = 1\n",
        "/properties/console/properties/oidc/properties/groups/additionalProperties/properties",
    ),
    ("[limits]\nnothing = 1\n", "/properties/limits/properties"),
    ("[local]\nnothing = 1\n", "/properties/local/properties"),
    (
        "[[issuer]]\nnothing = 1\n",
        "/properties/issuer/items/properties",
    ),
    (
        "[[server]]\nnothing = 1\n",
        "/properties/server/items/properties",
    ),
    (
        "[[server]]\ncredential = { nothing = 1 }\n",
        "/properties/server/items/properties/credential/properties",
    ),
    (
        "[[server]]\ncredential = { oauth = { nothing = 1 } }\n",
        "/properties/server/items/properties/credential/properties/oauth/properties",
    ),
    (
        "[[binding]]\nnothing = 1\n",
        "/properties/binding/items/properties",
    ),
    (
        "[[binding]]\nlimits = { nothing = 1 }\n",
        "/properties/binding/items/properties/limits/properties",
    ),
];

/// The keys that an error about an unknown one lists.
fn listed(error: &str) -> BTreeSet<&str> {
    let (_, expected) = error
        .split_once(", expected ")
        .unwrap_or_else(|| panic!("{error}"));
    let line = expected.lines().next().unwrap();
    line.split('`').skip(1).step_by(2).collect()
}

fn every_key_is_known(name: &str, file: &str, command: &[&str], tables: &[(&str, &str)]) {
    let folder = Folder::new();
    let ran = folder.run(&["schema", name]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let schema: Value = serde_json::from_str(&ran.stdout).unwrap();
    for (text, place) in tables {
        folder.write(file, text);
        let ran = folder.run(command);
        assert_eq!(ran.code, 1, "{ran:?}");
        let known = schema.pointer(place).and_then(Value::as_object);
        let known: BTreeSet<_> = known.unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            listed(&ran.stderr),
            known,
            "mend `{place}` of host/cli/src/schema/{name}.json"
        );
    }
}

#[test]
fn the_schema_of_a_policy_knows_every_key() {
    every_key_is_known("policy", "policy.toml", &["test"], &POLICY);
}

#[test]
fn the_schema_of_cases_knows_every_key() {
    let command = ["test", "--component", "none.wasm"];
    every_key_is_known("cases", "cases.toml", &command, &CASES);
}

#[test]
fn the_schema_of_the_configuration_knows_every_key() {
    every_key_is_known("config", "gatewright.toml", &["check"], &CONFIG);
}
