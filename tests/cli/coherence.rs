//! Whether what an agent is shown is what it can do.

use serde_json::{Value, json};

use super::{Folder, Ran, plugin};

/// A gate with rules, a credential, and what the tool server lists.
fn folder(rules: &str, more: &str, tools: &Value) -> Folder {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"rules\"\npolicy = {policy:?}\n{more}\nsettings = {{ rules = [{rules}] }}\n"
    ));
    let ran = folder.run(&[
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        "did:example:bot",
        "--principal",
        "user:kim",
        "--scope",
        "files:read_*",
        "--scope",
        "files:move",
        "--valid-for",
        "1h",
    ]);
    folder.write("bot.credential", &ran.stdout);
    folder.write("list.json", &json!({ "tools": tools }).to_string());
    folder
}

fn coherence(folder: &Folder, more: &[&str]) -> Ran {
    let arguments = [
        "coherence",
        "--credential",
        "bot.credential",
        "--list",
        "files=list.json",
    ];
    folder.run(&[&arguments, more].concat())
}

fn words(ran: &Ran) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|it| (text(&it["name"]), text(&it["word"])))
        .collect()
}

fn tool(name: &str) -> Value {
    json!({ "name": name, "inputSchema": {
        "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] } })
}

#[test]
fn what_is_listed_can_be_called_and_what_is_hidden_cannot() {
    let rules = "{ tools = [\"read_*\"], effect = \"allow\" }, \
                 { tools = [\"move\"], arguments = [{ pointer = \"/path\", matches = [\"/srv/*\"] }], effect = \"allow\" }";
    let tools = json!([tool("read_file"), tool("move"), tool("write_file")]);
    let folder = folder(rules, "", &tools);
    let ran = coherence(&folder, &["--format", "json", "--strict"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let coherent = |name: &str| (name.to_owned(), "coherent".to_owned());
    let expected = [
        coherent("read_file"),
        coherent("move"),
        coherent("write_file"),
    ];
    assert_eq!(words(&ran), expected, "{ran:?}");
    let ran = coherence(&folder, &[]);
    assert!(
        ran.stdout
            .contains("listed  files:move  goes ahead with {\"path\":\"/srv/"),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("hidden  files:write_file  never goes ahead: the credential"),
        "{ran:?}"
    );
}

#[test]
fn what_is_listed_and_nobody_may_allow_is_a_contradiction() {
    let rules = "{ tools = [\"*\"], effect = \"allow\" }";
    let folder = folder(
        rules,
        "authority = [\"deny\", \"ask\"]",
        &json!([tool("read_file")]),
    );
    let ran = coherence(&folder, &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.stdout.contains("CONTRADICTION listed  files:read_file  never goes ahead: no policy that counts here may allow it"),
        "{ran:?}"
    );
}

#[test]
fn what_depends_on_arguments_that_nobody_found_is_unknown() {
    let rules = "{ tools = [\"read_*\"], arguments = [{ pointer = \"/n\", above = 41, below = 43 }], effect = \"allow\" }";
    let folder = folder(rules, "", &json!([tool("read_file")]));
    let ran = coherence(&folder, &["--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(
        words(&ran),
        [("read_file".to_owned(), "unknown".to_owned())]
    );
    assert_eq!(coherence(&folder, &["--strict"]).code, 3);
    folder.write("try.json", "[{\"n\": 1}, {\"n\": 42}]");
    let ran = coherence(
        &folder,
        &[
            "--arguments",
            "files:read_file=try.json",
            "--format",
            "json",
        ],
    );
    assert_eq!(
        words(&ran),
        [("read_file".to_owned(), "coherent".to_owned())]
    );
}

#[test]
fn what_cannot_be_looked_at_is_an_error() {
    let folder = folder("", "", &json!([]));
    let ran = coherence(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("neither `tools` nor"), "{ran:?}");
    folder.write("list.json", "{\"tools\":[{\"name\":\"a\"}]}");
    let ran = coherence(&folder, &["--list", "elsewhere=list.json"]);
    assert!(ran.stderr.contains("has no server `elsewhere`"), "{ran:?}");
    folder.write("bot.credential", "nonsense");
    let ran = coherence(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
}

/// A tool server with a tool on each of two pages, and a prompt.
const SERVER: &str = r#"
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if m.get("id") is None: continue
    params = m.get("params", {})
    tool = {"inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}}}
    lists = {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "prompts": {}},
                       "serverInfo": {"name": "t", "version": "1"}},
        "tools/list": {"tools": [{"name": "write_file", **tool}]} if params.get("cursor")
                      else {"tools": [{"name": "read_file", **tool}], "nextCursor": "2"},
        "prompts/list": {"prompts": [{"name": "read_aloud"}]},
    }
    answer = {"result": lists[m["method"]]} if m["method"] in lists else {"error": {"code": -32601, "message": "no"}}
    print(json.dumps({"jsonrpc": "2.0", "id": m["id"], **answer}), flush=True)
"#;

#[test]
fn a_running_server_is_asked_what_it_lists() {
    let rules = "{ tools = [\"read_*\"], effect = \"allow\" }";
    let folder = folder(rules, "", &json!([tool("from_the_file")]));
    folder.write("server.py", SERVER);
    let config = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    let starts = config.replace("[\"cat\"]", "[\"python3\", \"server.py\"]");
    assert_ne!(starts, config);
    folder.write("gatewright.toml", &starts);
    let connect = [
        "coherence",
        "--credential",
        "bot.credential",
        "--connect",
        "--format",
        "json",
    ];
    let ran = folder.run(&connect);
    assert_eq!(ran.code, 0, "{ran:?}");
    let names = |ran: &Ran| -> Vec<String> {
        let words = words(ran).into_iter();
        words.map(|(name, _)| name).collect()
    };
    assert_eq!(names(&ran), ["read_file", "write_file", "read_aloud"]);
    // What a file says of a server counts, and the server is not asked.
    let ran = folder.run(&[&connect[..], &["--list", "files=list.json"]].concat());
    assert_eq!(names(&ran), ["from_the_file"]);
    assert!(!folder.path("state").exists(), "nothing is recorded");
    // A server that does not start is named, and no list is made up.
    folder.write(
        "gatewright.toml",
        &config.replace("[\"cat\"]", "[\"false\"]"),
    );
    let ran = folder.run(&connect);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("`files` cannot be asked what it lists"),
        "{ran:?}"
    );
    let ran = folder.run(&connect[..3]);
    assert_eq!(ran.code, 2, "neither a list nor a server: {ran:?}");
}
