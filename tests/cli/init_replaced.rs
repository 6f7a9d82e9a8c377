//! Entries that a person replaced by hand after a gate was put before them: they are that
//! person's, and nothing older is written over them.

use std::fs;

use serde_json::json;

use super::init_user::{SECRET, User, json_of, kept};

#[test]
fn what_was_replaced_by_hand_is_left_until_its_user_says_otherwise() {
    let user = User::new();
    let one = json!({ "command": "python3", "args": [user.server()], "env": { "TOKEN": SECRET } });
    let two = json!({ "command": "python3", "args": [user.server(), "two"] });
    let text = json!({ "mcpServers": { "one": one, "two": two } }).to_string();
    let path = user.has(".cursor/mcp.json", &text);
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    let other = json!({ "command": "python3", "args": [user.server(), "other"] });
    let three = json!({ "command": "python3", "args": [user.server(), "three"] });
    let mut now = json_of(&path);
    now["mcpServers"]["one"] = other.clone();
    now["mcpServers"]["three"] = three.clone();
    fs::write(&path, now.to_string()).unwrap();
    // What is new gets a gate, also where it is written a second time.
    for _ in 0..2 {
        let ran = user.init(&["--write-clients"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let left = "one  stays as it is: it was replaced by hand";
        assert!(ran.stdout.contains(left), "{ran:?}");
        assert!(ran.stdout.contains("take `one` out of `"), "{ran:?}");
        assert!(
            ran.stdout.contains("mcp.json.before-gatewright`, and run"),
            "{ran:?}"
        );
        let now = json_of(&path);
        assert_eq!(now["mcpServers"]["one"], other);
        assert_eq!(now["mcpServers"]["three"]["args"][0], "wrap");
        let before = json!({ "mcpServers": { "one": one, "two": two, "three": three } });
        assert_eq!(json_of(&kept(&path)), before, "nothing of it is lost");
    }
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for name in ["two", "three"] {
        let line = ran.stdout.lines().find(|line| line.contains("put back"));
        assert!(line.unwrap().contains(name), "{ran:?}");
    }
    assert!(
        ran.stdout.contains("one was replaced by hand, and stays"),
        "{ran:?}"
    );
    let back = json!({ "mcpServers": { "one": other, "two": two, "three": three } });
    assert_eq!(json_of(&path), back);
    // What it was before stands nowhere else.
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(json_of(&kept(&path))["mcpServers"]["one"], one);
    assert!(!format!("{ran:?}").contains(SECRET));
    // Its user takes it over as the output says.
    let mut before = json_of(&kept(&path));
    before["mcpServers"].as_object_mut().unwrap().remove("one");
    fs::write(kept(&path), before.to_string()).unwrap();
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(json_of(&path)["mcpServers"]["one"]["args"][0], "wrap");
    assert_eq!(user.init(&["--undo"]).code, 0);
    assert_eq!(json_of(&path), back);
    assert!(!kept(&path).exists());
}

/// A gate of their own, or another secret in the one that was put there.
#[test]
fn undo_writes_nothing_older_over_what_somebody_changed() {
    let user = User::new();
    let entry =
        json!({ "command": "python3", "args": [user.server()], "env": { "TOKEN": SECRET } });
    let text = json!({ "mcpServers": { "one": entry, "two": entry } });
    let path = user.has(".cursor/mcp.json", &text.to_string());
    let mine =
        json!({ "command": "gatewright", "args": ["connect", "https://gate.example.com/mcp"] });
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    let mut now = json_of(&path);
    now["mcpServers"]["one"] = mine;
    now["mcpServers"]["two"]["env"]["TOKEN"] = json!("a-newer-secret");
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout
            .contains("one, two was replaced by hand, and stays"),
        "{ran:?}"
    );
    assert_eq!(json_of(&path), now);
    assert_eq!(json_of(&kept(&path)), text);
    // What a client adds by itself is no change.
    now["mcpServers"]["two"] = json!({
        "type": "stdio",
        "command": now["mcpServers"]["two"]["command"],
        "args": now["mcpServers"]["two"]["args"],
        "env": { "TOKEN": SECRET },
    });
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 1, "one of them leads to a gate: {ran:?}");
    let still = "one leads to a gate, and is not what `init` wrote";
    assert!(ran.stdout.contains(still), "{ran:?}");
    assert_eq!(json_of(&path)["mcpServers"]["two"], entry);
    assert_eq!(
        json_of(&path)["mcpServers"]["one"],
        now["mcpServers"]["one"]
    );
    assert_eq!(json_of(&kept(&path)), text);
}

/// One was switched off when the gate came, the other did not start.
#[test]
fn what_no_gate_stood_before_gets_one_once_it_can() {
    let user = User::new();
    let one = json!({ "command": "python3", "args": [user.server()] });
    let off = json!({ "command": "python3", "args": [user.server(), "two"], "disabled": true });
    let broken = json!({ "command": "python3", "args": ["no-such-server.py"] });
    let text = json!({ "mcpServers": { "one": one, "two": off, "three": broken } });
    let path = user.has(".cursor/mcp.json", &text.to_string());
    user.init(&["--write-clients"]);
    let mut now = json_of(&path);
    assert_eq!(now["mcpServers"]["one"]["args"][0], "wrap");
    let two = json!({ "command": "python3", "args": [user.server(), "two"] });
    let three = json!({ "command": "python3", "args": [user.server(), "three"] });
    now["mcpServers"]["two"] = two.clone();
    now["mcpServers"]["three"] = three.clone();
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for name in ["one", "two", "three"] {
        let entry = &json_of(&path)["mcpServers"][name];
        assert_eq!(entry["args"][0], "wrap", "{name}: {ran:?}");
    }
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let mended = json!({ "mcpServers": { "one": one, "two": two, "three": three } });
    assert_eq!(json_of(&path), mended);
    assert!(!kept(&path).exists());
}
