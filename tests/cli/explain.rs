//! Which rule spoke about one request, asked of a component and of a configuration.

use serde_json::Value;

use super::{Folder, Ran, plugin};

const REQUEST: &str = r#"{ "subject": { "scopes": ["files:*"] },
    "action": { "server": "files", "name": "read_file" }, "arguments": { "path": "/etc/passwd" } }"#;

fn explanation(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn texts(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    let texts = list.map(|it| it[member].as_str().unwrap().to_owned());
    texts.collect()
}

#[test]
fn a_component_is_shown_with_the_rule_that_spoke() {
    let folder = Folder::new();
    let policy = plugin("path-guard").display().to_string();
    folder.write("request.json", REQUEST);
    folder.write("settings.toml", "roots = { read = [\"/srv/data\"] }\n");
    let explain = |more: &[&str]| {
        let arguments = [
            "explain",
            &policy,
            "request.json",
            "--settings",
            "settings.toml",
        ];
        folder.run(&[&arguments, more].concat())
    };
    let ran = explain(&[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    for part in [
        "The gate denies the call: invalid_arguments\n",
        "1. `policy` denies, since the arguments are wrong: ",
        "   rule `",
        "   asked about: ",
        "arguments /path",
        "   fuel: ",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    let ran = explain(&["--json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let json = explanation(&ran);
    assert_eq!(ran.stdout, explain(&["--format", "json"]).stdout);
    assert_eq!(json["decision"], "deny");
    let [policy] = json["policies"].as_array().unwrap().as_slice() else {
        panic!("{json}");
    };
    assert_eq!(policy["world"], "policy");
    assert!(policy["opinion"]["fuel"].as_u64().unwrap() > 0, "{json}");
    // What the policy says of its rules beforehand stands beside what it says now.
    assert!(policy["rules"][0]["title"].is_string(), "{json}");
    let reads = policy["reads"].as_array().unwrap();
    let reads_path = |it: &&Value| it["of"] == "arguments" && it["at"] == "/path";
    assert_eq!(reads.iter().filter(reads_path).count(), 1, "{json}");
}

#[test]
fn what_a_policy_did_not_ask_about_is_not_shown() {
    let folder = Folder::new();
    let policy = plugin("tool-gate").display().to_string();
    folder.write("request.json", REQUEST);
    folder.write(
        "settings.toml",
        "rules = [{ name = \"reads\", tools = [\"read_*\"], effect = \"allow\" }]\n",
    );
    let ran = folder.run(&[
        "explain",
        &policy,
        "request.json",
        "--settings",
        "settings.toml",
        "--json",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let json = explanation(&ran);
    let reads = texts(&json["policies"][0]["reads"], "of");
    assert!(reads.contains(&"action.name".to_owned()), "{json}");
    assert!(!reads.contains(&"arguments".to_owned()), "{json}");
}

#[test]
fn a_configuration_is_shown_with_every_binding_that_the_call_meets() {
    let folder = Folder::new();
    let (gate, paths, shield) = (
        plugin("tool-gate"),
        plugin("path-guard"),
        plugin("secret-shield"),
    );
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {gate:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n\n\
         [[binding]]\nname = \"paths\"\npolicy = {paths:?}\nauthority = [\"deny\", \"allow\"]\n\
         settings = {{ roots = {{ read = [\"/srv\"] }} }}\n\n\
         [[binding]]\nname = \"looked-at\"\npolicy = {gate:?}\nmode = \"observe\"\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"deny\" }}] }}\n\n\
         [[binding]]\nname = \"others\"\npolicy = {gate:?}\ntools = [\"write_*\"]\n\
         settings = {{ rules = [] }}\n\n\
         [[binding]]\nname = \"secrets\"\npolicy = {shield:?}\nsettings = {{}}\n"
    ));
    folder.write("request.json", REQUEST);
    let ran = folder.run(&["explain", "gatewright.toml", "request.json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let numbered = ran.stdout.lines().filter(|line| line.contains(". `"));
    let numbered: Vec<_> = numbered.collect();
    assert_eq!(numbered.len(), 4, "{ran:?}");
    for (line, part) in numbered.iter().zip([
        "1. `rules` allows",
        "2. `paths` denies, since the arguments are wrong: ",
        "3. `looked-at` denies: ",
        "4. `secrets` looks at the result",
    ]) {
        assert!(line.starts_with(part), "{line}");
    }
    assert!(
        numbered[2].ends_with("(observed: it does not count)"),
        "{ran:?}"
    );
    let ran = folder.run(&[
        "explain",
        "gatewright.toml",
        "request.json",
        "--json",
        "--binding",
        "paths",
    ]);
    let json = explanation(&ran);
    assert_eq!(texts(&json["policies"], "binding"), ["paths"]);
    assert_eq!(
        (ran.code, json["reason"].as_str()),
        (3, Some("invalid_arguments"))
    );
    // What the gate refuses by itself, no policy was asked about.
    folder.write("request.json", &REQUEST.replace("files:*", "files:write_*"));
    let ran = folder.run(&["explain", "gatewright.toml", "request.json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("The gate denies the call: insufficient_scope\n"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("1. `rules` was not asked\n"), "{ran:?}");
    assert!(
        !folder.path("state/audit.jsonl").exists(),
        "asking records nothing"
    );
}

#[test]
fn what_cannot_be_explained_says_what_to_do() {
    let folder = Folder::new();
    let policy = plugin("tool-gate").display().to_string();
    folder.write("request.json", REQUEST);
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\nsettings = {{ rules = [] }}\n"
    ));
    for (arguments, part) in [
        (
            &["explain", "nowhere.wasm", "request.json"][..],
            "cannot be read",
        ),
        (
            &["explain", &policy, "request.json", "--binding", "rules"],
            "is about a configuration",
        ),
        (
            &[
                "explain",
                "gatewright.toml",
                "request.json",
                "--binding",
                "ruels",
            ],
            "meets no binding `ruels`",
        ),
        (
            &[
                "explain",
                "gatewright.toml",
                "request.json",
                "--settings",
                "request.json",
            ],
            "has the settings of its policies",
        ),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains(part) && ran.stderr.contains("hint: "),
            "{ran:?}"
        );
    }
}
