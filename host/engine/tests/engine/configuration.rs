//! What a bad configuration gets: file, line and the fix.

use gatewright_engine::config::Loaded;

use crate::gate::{ALLOW, Gate, judge};

/// Text, the line that is named, a part of the message, a part of the hint. The
/// server `files` stands on lines 1 to 3.
const CASES: &[(&str, usize, &str, &str)] = &[
    (
        "[gate]\nlisten = \"127.0.0.1:0\"\nlissen = 1",
        6,
        "unknown field `lissen`",
        "remove the key",
    ),
    (
        "[gate]\nlisten = \"nowhere\"",
        5,
        "invalid socket address",
        "gatewright docs configuration",
    ),
    (
        "[limits]\nbody_bytes_max = \"4MB\"",
        5,
        "not a size",
        "gatewright docs configuration",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"nope.wasm\"",
        6,
        "does not exist",
        "gatewright build",
    ),
    (
        "[[binding]]\nname = \"a b\"\npolicy = \"a.wasm\"",
        5,
        "not a binding name",
        "letters, digits",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nservers = [\"fils\"]",
        7,
        "`fils` matches no server",
        "the servers are: files",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\ntools = []",
        5,
        "judges nothing",
        "leave the key out",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nsettings_file = \"s.json\"",
        7,
        "settings file",
        "mend the path",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nfiles = { modules = \"m.rego\" }",
        7,
        "file `m.rego` does not exist",
        "mend the path",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\n[binding.files]\nmodules = [\"*.rego\"]",
        8,
        "no file fits `*.rego`",
        "mend the path",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nfiles = { m = \"*/a.rego\" }",
        7,
        "a `*` stands in the last part",
        "mend the path",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nfiles = { m = 1 }",
        7,
        "a path, a list of paths, or a table of paths by name",
        "gatewright docs configuration",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\nauthority = [\"alow\"]",
        7,
        "unknown variant `alow`",
        "gatewright docs configuration",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\ndigest = \"sha256:00\"",
        7,
        "not a digest",
        "gatewright build",
    ),
    (
        "[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"\n[[binding]]\nname = \"a\"\npolicy = \"a.wasm\"",
        8,
        "two bindings",
        "rename",
    ),
    (
        "[[server]]\nname = \"a__b\"\ncommand = [\"x\"]",
        5,
        "has `__` in its name",
        "<server>__<tool>",
    ),
    (
        "[[server]]\nname = \"a_\"\ncommand = [\"x\"]",
        5,
        "or `_` at its end",
        "rename it",
    ),
    (
        "[[server]]\nname = \"files\"\ncommand = [\"x\"]",
        5,
        "two servers",
        "rename",
    ),
    (
        "[[server]]\nname = \"b\"",
        5,
        "exactly one of `command` and `url`",
        "stdio",
    ),
    (
        "[[server]]\nname = \"b\"\ncommand = []",
        6,
        "`command` is empty",
        "program and arguments",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"ftp://x\"",
        6,
        "not an http or https URL",
        "MCP endpoint",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\n[server.credential]\nheader = \"x\"",
        7,
        "exactly one of `env`, `file`, `command` and `oauth`",
        "never write it here",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { env = \"X\", command = [\"x\"] }",
        7,
        "exactly one of `env`, `file`, `command` and `oauth`",
        "never write it here",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { command = [] }",
        7,
        "`command` of a credential is empty",
        "program and arguments",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { command = [\"x\"], lasts = \"10ms\" }",
        7,
        "`lasts` is shorter",
        "default",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { file = \"x\", env_pass = [\"X\"] }",
        7,
        "`env_pass` is for a credential that a `command` prints",
        "leave it out",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { oauth = { token_url = \"http://idp.example/token\", client_id = \"g\", client_secret_env = \"X\" } }",
        7,
        "is not an https URL",
        "token_endpoint",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { oauth = { token_url = \"https://idp.example/token\", client_id = \"g\" } }",
        7,
        "exactly one of `client_secret_env`, `client_secret_file` and",
        "never write it here",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { oauth = { token_url = \"https://idp.example/token\", client_id = \"g\", client_secret_env = \"X\", client_key_id = \"one\" } }",
        7,
        "say something of a key that is not there",
        "`client_key_file`",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { oauth = { token_url = \"https://idp.example/token\", client_id = \"g\", client_secret_env = \"X\", grant = \"token-exchange\" } }",
        7,
        "need each other",
        "name the issuers",
    ),
    (
        "[[server]]\nname = \"b\"\nurl = \"http://x\"\ncredential = { oauth = { token_url = \"https://idp.example/token\", client_id = \"\", client_secret_env = \"X\", scopes = [\"a b\"] } }",
        7,
        "`client_id` is empty",
        "knows the gate",
    ),
    (
        "[[issuer]]\nid = \"did:web:x\"\nscopes = [\"files:*\"]",
        5,
        "not an Ed25519 did:key",
        "gatewright credential key",
    ),
    (
        "[[issuer]]\nid = \"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp\"\nscopes = [\"fils:*\"]",
        6,
        "covers no server",
        "files",
    ),
    (
        "[[issuer]]\nid = \"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp\"\nscopes = [\"files:*\"]\ntask_claim = \"jti\"",
        7,
        "`jti` names no task",
        "txn",
    ),
    (
        "[[issuer]]\nid = \"http://idp.example\"\nscopes = [\"files:*\"]",
        5,
        "is not an https URL",
        "as its tokens name it",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\njwks_url = \"http://idp.example/k\"",
        7,
        "is not an https URL",
        "this machine alone",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\njwks_file = \"missing.json\"",
        7,
        "cannot be read",
        "JWK Set",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nalgorithms = [\"none\"]",
        7,
        "unknown variant `none`",
        "every key",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nalgorithms = []",
        7,
        "`algorithms` lets nothing pass",
        "default",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nscope_map = { a = [\"*:*\"] }",
        7,
        "wider than the `scopes` of its issuer",
        "narrow",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nrole_map = { a = [\"files:*\"] }",
        5,
        "no claim that names roles",
        "groups",
    ),
    (
        "[[issuer]]\nid = \"https://idp.example\"\nscopes = [\"files:*\"]\nkeys_kept = \"1s\"",
        5,
        "kept for a shorter time",
        "keys_refresh",
    ),
    (
        "[[issuer]]\nid = \"spiffe://example.org\"\nscopes = [\"files:*\"]\nrole_map = { a = [\"files:*\"] }",
        5,
        "has no bundle",
        "jwks_file",
    ),
    (
        "[[issuer]]\nid = \"spiffe://example.org/agents\"\nscopes = [\"files:*\"]\nrole_map = { a = [\"files:*\"] }",
        5,
        "not a trust domain",
        "without a path",
    ),
    (
        "[[issuer]]\nid = \"https://cluster.example\"\nkind = \"kubernetes\"\nscopes = [\"files:*\"]",
        5,
        "stand for nothing",
        "role_map",
    ),
    (
        "[[issuer]]\nid = \"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp\"\nscopes = [\"files:*\"]\naudience = [\"a\"]",
        5,
        "say by themselves",
        "leave",
    ),
    (
        "[audit]\npath = \"\"",
        5,
        "names no file",
        "state/audit.jsonl",
    ),
    (
        "[limits]\nhistory_calls_max = 65",
        5,
        "is over 64",
        "a restarted gate",
    ),
    (
        "[[server]]\nname = \"b\"\ncommand = [\"x\"]\ntimeout = \"0s\"",
        5,
        "no time",
        "leave the key out",
    ),
];

/// Limits that no call fits when they are 0.
const NEEDED: [&str; 14] = [
    "body_bytes_max = 0",
    "bodies_bytes_max = 0",
    "result_bytes_max = 0",
    "depth_max = 0",
    "nodes_max = 0",
    "calls_in_flight_max = 0",
    "connections_max = 0",
    "connections_per_peer_max = 0",
    "sessions_max = 0",
    "call_time_max = \"0s\"",
    "session_idle = \"0s\"",
    "tracked_sessions_max = 0",
    "client_timeout = \"0ms\"",
    "instances_max = 0",
];

#[test]
fn a_limit_that_lets_no_call_pass_is_refused() {
    for limit in NEEDED {
        let gate = Gate::new(&format!("[limits]\nshutdown_grace = \"0s\"\n{limit}"), &[]);
        let error = Loaded::read(&gate.config_path()).unwrap_err();
        let problem = &error.problems[0];
        assert_eq!(problem.line, Some(6), "{error}");
        assert!(problem.message.contains("no call can pass"), "{error}");
    }
    let gate = Gate::new(
        "[limits]\nshutdown_grace = \"0s\"\nhistory_calls_max = 0",
        &[],
    );
    assert!(Loaded::read(&gate.config_path()).is_ok());
}

#[test]
fn every_problem_names_file_line_and_fix() {
    for (text, line, message, hint) in CASES {
        let gate = Gate::new(text, &[("a.wasm", judge(ALLOW))]);
        let error = Loaded::read(&gate.config_path()).unwrap_err();
        let problem = &error.problems[0];
        assert_eq!(problem.line, Some(*line), "{text}\n{error}");
        assert!(problem.message.contains(message), "{text}\n{error}");
        assert!(problem.hint.contains(hint), "{text}\n{error}");
        assert!(problem.file.ends_with("gatewright.toml"));
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let text = "[[binding]]\nname = \"a\"\npolicy = \"x.wasm\"\nservers = [\"y\"]\n[[issuer]]\nid = \"z\"\nscopes = []";
    let gate = Gate::new(text, &[]);
    let error = Loaded::read(&gate.config_path()).unwrap_err();
    assert_eq!(error.problems.len(), 3, "{error}");
}

#[test]
fn the_admin_listener_stays_on_loopback() {
    let gate = Gate::new("[gate]\nadmin = \"0.0.0.0:8701\"", &[]);
    let error = Loaded::read(&gate.config_path()).unwrap_err();
    assert!(
        error.to_string().contains("not a loopback address"),
        "{error}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = Loaded::read(std::path::Path::new("nowhere/gatewright.toml")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("nowhere/gatewright.toml: cannot be read"),
        "{error}"
    );
}
