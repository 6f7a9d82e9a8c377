//! Asking a policy, and a configuration, about one request.

use serde_json::Value;

use super::{Folder, plugin};

const REQUEST: &str = r#"{ "subject": { "scopes": ["files:*"] },
    "action": { "server": "files", "name": "read_file" }, "arguments": { "path": "/a" } }"#;

fn settings(effect: &str) -> String {
    format!("rules = [{{ tools = [\"read_*\"], effect = \"{effect}\" }}]\n")
}

fn outcome(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn the_exit_code_is_the_decision() {
    let folder = Folder::new();
    let policy = plugin("tool-gate").display().to_string();
    folder.write("request.json", REQUEST);
    for (effect, code, decision) in [
        ("allow", 0, "allow"),
        ("deny", 3, "deny"),
        ("ask", 4, "hold"),
    ] {
        folder.write("settings.toml", &settings(effect));
        let ran = folder.run(&[
            "eval",
            "request.json",
            "--policy",
            &policy,
            "--settings",
            "settings.toml",
        ]);
        assert_eq!(ran.code, code, "{ran:?}");
        let answer = outcome(&ran.stdout);
        assert_eq!(answer["decision"], decision);
        assert!(
            answer["opinions"][0]["fuel"].as_u64().unwrap() > 0,
            "{answer}"
        );
    }
}

#[test]
fn a_request_may_be_toml_and_says_what_is_wrong_with_it() {
    let folder = Folder::new();
    let policy = plugin("tool-gate").display().to_string();
    folder.write("settings.toml", &settings("allow"));
    folder.write(
        "request.toml",
        "action = { name = \"read_file\" }\narguments = { path = \"/a\" }\n",
    );
    let ran = folder.run(&[
        "eval",
        "request.toml",
        "--policy",
        &policy,
        "--settings",
        "settings.toml",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write("request.toml", "acton = {}\n");
    let ran = folder.run(&[
        "eval",
        "request.toml",
        "--policy",
        &policy,
        "--settings",
        "settings.toml",
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("acton") && ran.stderr.contains("hint: "),
        "{ran:?}"
    );
}

#[test]
fn settings_that_the_policy_refuses_are_shown() {
    let folder = Folder::new();
    let policy = plugin("tool-gate").display().to_string();
    folder.write("request.json", REQUEST);
    folder.write("settings.json", "{ \"rulez\": [] }");
    let ran = folder.run(&[
        "eval",
        "request.json",
        "--policy",
        &policy,
        "--settings",
        "settings.json",
    ]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("rulez"), "{ran:?}");
}

#[test]
fn a_configuration_is_asked_with_scopes_and_all_its_policies() {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    ));
    folder.write("request.json", REQUEST);
    let ran = folder.run(&["eval", "request.json", "--config", "gatewright.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(outcome(&ran.stdout)["opinions"][0]["binding"], "rules");
    folder.write("request.json", &REQUEST.replace("files:*", "files:write_*"));
    let ran = folder.run(&["eval", "request.json", "--config", "gatewright.toml"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(outcome(&ran.stdout)["reason"], "insufficient_scope");
    assert!(
        !folder.path("state/audit.jsonl").exists(),
        "asking records nothing"
    );
}

/// In the folder of a policy nobody types its files.
#[test]
fn in_a_folder_of_a_policy_that_one_is_asked() {
    let folder = Folder::new();
    folder.write("request.json", REQUEST);
    let ran = folder.run(&["eval", "request.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("nothing says which policy to ask"),
        "{}",
        ran.stderr
    );
    folder.write("policy.toml", "name = \"ours\"\nworld = \"policy\"\n");
    std::fs::copy(plugin("tool-gate"), folder.path("ours.wasm")).unwrap();
    folder.write(
        "settings.json",
        r#"{ "rules": [{ "tools": ["read_*"], "effect": "deny" }] }"#,
    );
    let ran = folder.run(&["eval", "request.json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    folder.write("settings.json", "{ \"rules\": ");
    let ran = folder.run(&["eval", "request.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("settings are one JSON object"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_no_component_is_told_on_one_line() {
    let folder = Folder::new();
    folder.write("request.json", REQUEST);
    folder.write("page.wasm", "<html>");
    let ran = folder.run(&["eval", "request.json", "--policy", "page.wasm"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(
        ran.stderr,
        "error: `page.wasm`: this is not a WebAssembly component: \
         its first bytes are of another kind of file\n"
    );
}
