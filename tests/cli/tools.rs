//! Tools from the command line: what they are, and whether somebody agreed to that.

use serde_json::Value;

use super::Folder;
use super::serve::Served;

/// A tool server of the older era, with two pages of tools.
const SERVER: &str = r#"
import json, sys
def answer(m, result): print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}), flush=True)
for line in sys.stdin:
    m = json.loads(line)
    if m.get("method") == "initialize":
        answer(m, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "1"}})
    elif m.get("method") == "tools/list":
        if m["params"].get("cursor"): answer(m, {"tools": [{"name": "wri\u001b[2Jte"}]})
        else: answer(m, {"tools": [{"name": "read"}], "nextCursor": "2"})
"#;

fn folder(server: &str) -> Folder {
    let folder = Folder::new();
    folder.write("server.py", SERVER);
    folder.write(
        "gatewright.toml",
        &format!(
            "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\n\
             [[server]]\nname = \"files\"\ncommand = [\"python3\", \"server.py\"]\n{server}\n"
        ),
    );
    folder
}

#[test]
fn check_connects_to_each_server_and_lists_its_tools() {
    let other = format!("blake3:{}", "0".repeat(64));
    let pinned =
        format!("definitions = \"operator\"\ntools = {{ read = {{ definition = \"{other}\" }} }}");
    let folder = folder(&pinned);
    let ran = folder.run(&["check", "--connect", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let tools = report["servers"][0]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 2, "{report}");
    assert_eq!(tools[0]["name"], "read");
    assert_eq!(tools[0]["pinned"], other.as_str());
    assert_ne!(tools[0]["definition"], other.as_str());
    let ran = folder.run(&["check", "--connect"]);
    for line in [
        "no binding judges `read` of `files`",
        "`read` of `files` is another tool than is pinned",
        "wri\\u{1b}[2Jte",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in {ran:?}");
    }
    let digest = tools[0]["definition"].as_str().unwrap();
    let text = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    folder.write("gatewright.toml", &text.replace(&other, digest));
    let ran = folder.run(&["check", "--connect"]);
    assert!(!ran.stdout.contains("another tool"), "{ran:?}");
}

#[test]
fn check_says_which_server_cannot_be_asked() {
    let folder = Folder::new();
    folder.write(
        "gatewright.toml",
        "[[server]]\nname = \"gone\"\ncommand = [\"false\"]\ntimeout = \"5s\"\n",
    );
    let ran = folder.run(&["check", "--connect"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("`gone` cannot be asked for its tools"),
        "{ran:?}"
    );
}

#[test]
fn nobody_pins_what_the_gate_did_not_see() {
    let folder = folder("");
    let gate = Served::open(&folder);
    let run = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--admin", gate.admin()]);
        folder.run(&all)
    };
    let ran = run(&["tools", "list"]);
    assert!(
        ran.stdout
            .contains("files  definitions first-sight, changed ask"),
        "{ran:?}"
    );
    let ran = run(&["tools", "pin", "files", "read", "--why", "x"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("did not see `read`"), "{ran:?}");
    let digest = format!("blake3:{}", "0".repeat(64));
    let ran = run(&[
        "tools", "pin", "files", "read", "--digest", &digest, "--why", "x",
    ]);
    assert!(ran.stderr.contains("no such definition"), "{ran:?}");
    let ran = run(&[
        "tools", "pin", "nowhere", "read", "--digest", &digest, "--why", "x",
    ]);
    assert!(
        ran.stderr.contains("no tool server has this name"),
        "{ran:?}"
    );
    let ran = run(&["tools", "diff", "files", "read"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(&["tools", "list", "--server", "nowhere"]);
    assert!(ran.stdout.contains("no tool servers"), "{ran:?}");
}
