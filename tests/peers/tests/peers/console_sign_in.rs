//! The console with a real identity provider, in a real browser: who signs in there, approves
//! with a passkey of their own, and may what their groups say.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use gatewright_harness::{
    Binaries, Credential, Fixture, GateBuilder, Process, Stream, Workspace, free_port,
};
use gatewright_peers::AuthorizationServer;
use serde_json::{Value, json};

/// How long a browser may take for all of it.
const DEADLINE: Duration = Duration::from_secs(180);

/// From RFC 8410, 10.3: of the tests, and of nobody.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

const JWK: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"}"#;

/// A person with a role is asked about one tool.
const ASKING: &str = r#"
[[binding]]
name = "asks"
policy = "tool-gate.wasm"
authority = ["allow", "ask"]
settings = { rules = [{ tools = ["test_simple_text"], effect = "ask", title = "Show a text?", roles = ["finance"] }, { tools = ["*"], effect = "allow" }] }
"#;

#[test]
fn a_team_signs_in_where_it_does_and_signs_what_it_decides() {
    check(false);
}

#[test]
fn the_console_proves_a_key_to_the_identity_provider() {
    check(true);
}

fn check(has_key: bool) {
    let binaries = Binaries::locate();
    let fixture = Fixture::start(&binaries).unwrap();
    let workspace = Workspace::create().unwrap();
    workspace.add_plugin("tool-gate").unwrap();
    let person =
        json!({ "sub": "248289761001", "preferred_username": "kim", "groups": ["payments"] });
    let person = workspace.write("person.json", &person.to_string()).unwrap();
    let key = workspace.write("console.key", KEY).unwrap();
    std::fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    let port = free_port().unwrap();
    let console = format!("http://localhost:{port}");
    let back = format!("{console}/sign-in/oidc/back");
    let mut told = vec![
        ("CONSOLE", back.as_str()),
        ("PERSON", person.to_str().unwrap()),
    ];
    let proof = match has_key {
        true => {
            told.push(("CLIENT_JWK", JWK));
            format!("client_key_file = {key:?}\n")
        }
        false => String::new(),
    };
    let provider = AuthorizationServer::start_with(&[], Duration::from_secs(60), &told).unwrap();
    let gate = GateBuilder::new()
        .with(&format!(
            "[console]\nlisten = \"127.0.0.1:{port}\"\n[console.oidc]\nissuer = {:?}\n\
             client_id = \"console\"\n{proof}scopes = [\"profile\", \"groups\"]\n\
             name_claim = \"preferred_username\"\nname_prefix = \"user:\"\n\
             [console.oidc.groups.payments]\nrights = [\"approve\"]\nroles = [\"finance\"]\n",
            provider.issuer()
        ))
        .with(ASKING)
        .with_url("fixture", fixture.url())
        .start(&workspace)
        .unwrap();
    let mut browser = binaries
        .node_script(&binaries.client("console-sign-in.mjs").unwrap())
        .unwrap();
    browser
        .env("CONSOLE", &console)
        .env("PERSON", &person)
        .env("GATE", gate.endpoint("fixture"))
        .env("TOKEN", workspace.issue(&Credential::default()).unwrap())
        .env("CALL", json!({ "call": "test_simple_text" }).to_string());
    let mut browser = Process::spawn(browser).unwrap();
    browser.wait(DEADLINE).unwrap();
    let seen: Value = serde_json::from_str(&browser.lines(Stream::Out).join("")).unwrap();
    let told = format!(
        "{seen:#}\n{}\n{}",
        gate.process().printed(),
        provider.printed()
    );
    assert_eq!(seen["failed"], Value::Null, "{told}");
    let steps = json!([
        ["first", "Sign in"],
        ["signed in", "Your passkey"],
        ["again", "Approvals"],
        ["without a group", "Sign in"],
    ]);
    assert_eq!(seen["steps"], steps, "{told}");
    assert_eq!(
        seen["complaints"],
        json!([]),
        "the browser has nothing to object to"
    );
    assert_eq!(seen["called"][1]["isError"], json!(false), "{told}");
    let cookies = json!([["gatewright-console", "Strict", true]]);
    assert_eq!(seen["cookies"], cookies, "{told}");
    for (what, said) in [
        ("stranger", "begun in another browser"),
        ("late", "is over, or was not begun here"),
        ("twice", "is over, or was not begun here"),
        ("impostor", "an account with this name already"),
        ("later", "in no group that may use this console"),
    ] {
        assert!(
            seen[what].as_str().unwrap().contains(said),
            "{what}: {told}"
        );
    }
    // The record has the signature; nothing of the sign-in is in it, or in what was printed.
    let ledger = workspace.read("state/audit.jsonl").unwrap();
    assert!(
        ledger.contains("\"user:kim\"") && ledger.contains("webauthn"),
        "{told}"
    );
    let accounts = workspace.read("state/console.json").unwrap();
    assert!(accounts.contains("248289761001"), "{accounts}");
    for text in [ledger, accounts, gate.process().printed()] {
        // How a token begins, and how a key does.
        assert!(
            !text.contains("eyJhbGci") && !text.contains("MC4CAQ"),
            "{text}"
        );
    }
}
