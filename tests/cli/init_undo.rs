//! Files of clients that are changed again, by this program or a person, and put back.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::init_user::{SECRET, User, json_of, kept, mode};

#[test]
fn what_comes_later_is_added_and_what_was_changed_since_stays() {
    let user = User::new();
    let entry = json!({ "command": "python3", "args": [user.server()] });
    let path = user.has(
        ".cursor/mcp.json",
        &json!({ "mcpServers": { "one": entry } }).to_string(),
    );
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    let config = fs::read_to_string(user.config()).unwrap();
    let edited = format!("# mine\n{config}");
    fs::write(user.config(), &edited).unwrap();
    // The user adds a server, and a setting.
    let mut now = json_of(&path);
    let later = json!({ "command": "python3", "args": [user.server(), "later"] });
    now["mcpServers"]["two"] = later.clone();
    now["other"] = json!(true);
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("one  behind a gate already"), "{ran:?}");
    let config = fs::read_to_string(user.config()).unwrap();
    assert!(config.starts_with(&edited), "{config}");
    assert_eq!(config.matches("[[server]]").count(), 2, "{config}");
    let both = json_of(&path);
    for (name, args) in [("one", 4), ("two", 4)] {
        assert_eq!(both["mcpServers"][name]["args"][args], name, "{both}");
    }
    assert_eq!(user.init(&["--undo"]).code, 0);
    let back = json!({ "mcpServers": { "one": entry, "two": later }, "other": true });
    assert_eq!(json_of(&path), back);
    assert!(!kept(&path).exists());
    // The configuration has both already.
    let ran = user.init(&["--write-clients"]);
    assert!(!ran.stdout.contains("gate  "), "{ran:?}");
    assert_eq!(fs::read_to_string(user.config()).unwrap(), config);
    // No pin is changed behind anybody's back: another command says what is new.
    let ran = user.init(&["--write-clients"]);
    assert!(ran.stdout.contains("--connect`"), "{ran:?}");
    assert_eq!(fs::read_to_string(user.config()).unwrap(), config);
    // Somebody mends the file by hand: what was kept is of no use, and has secrets.
    fs::write(&path, back.to_string()).unwrap();
    assert!(kept(&path).exists());
    let ran = user.init(&["--undo", "--dry-run"]);
    assert!(ran.stdout.contains("would be removed"), "{ran:?}");
    assert!(kept(&path).exists());
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!kept(&path).exists(), "{ran:?}");
    assert_eq!(json_of(&path), back);
    // What stands nowhere else is not thrown away.
    user.init(&["--write-clients"]);
    fs::write(&path, json!({ "mcpServers": { "two": later } }).to_string()).unwrap();
    for arguments in [&["--undo", "--dry-run"][..], &["--undo"]] {
        let ran = user.init(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stdout.contains(" has one, and stays"), "{ran:?}");
        assert!(kept(&path).exists());
    }
}

/// Entries of two servers, the first with a secret.
fn one_and_two(user: &User) -> (Value, Value) {
    let one = json!({ "command": "python3", "args": [user.server()], "env": { "TOKEN": SECRET } });
    let two = json!({ "command": "python3", "args": [user.server(), "two"] });
    (one, two)
}

#[test]
fn what_was_taken_out_by_hand_stays_out_and_is_kept() {
    let user = User::new();
    let (one, two) = one_and_two(&user);
    let text = json!({ "mcpServers": { "one": one, "two": two } }).to_string();
    let path = user.has(".cursor/mcp.json", &text);
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    let mut now = json_of(&path);
    now["mcpServers"].as_object_mut().unwrap().remove("one");
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("put back two"), "{ran:?}");
    assert!(ran.stdout.contains(" has one, and stays"), "{ran:?}");
    let back = json!({ "mcpServers": { "two": two } });
    assert_eq!(json_of(&path), back);
    assert_eq!(fs::read_to_string(kept(&path)).unwrap(), text);
}

#[test]
fn another_run_loses_nothing_of_what_was_kept() {
    let user = User::new();
    let (one, two) = one_and_two(&user);
    let text = json!({ "mcpServers": { "one": one, "two": two } }).to_string();
    let path = user.has(".cursor/mcp.json", &text);
    let mut aside = kept(&path).into_os_string();
    aside.push(".1");
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    // One goes, another one comes.
    let three = json!({ "command": "python3", "args": [user.server(), "three"] });
    let mut now = json_of(&path);
    now["mcpServers"].as_object_mut().unwrap().remove("one");
    now["mcpServers"]["three"] = three.clone();
    fs::write(&path, now.to_string()).unwrap();
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout.contains("mcp.json.before-gatewright.1, too"),
        "{ran:?}"
    );
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    assert_eq!(mode(Path::new(&aside)), 0o600);
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let back = json!({ "mcpServers": { "two": two, "three": three } });
    assert_eq!(json_of(&path), back);
    assert!(!kept(&path).exists(), "{ran:?}");
    // It has a secret: its user is told, and nobody else removes it.
    assert!(ran.stdout.contains("was taken out by hand"), "{ran:?}");
    assert_eq!(fs::read_to_string(&aside).unwrap(), text);
    assert!(!format!("{ran:?}").contains(SECRET));
    // A copy of which nothing stands alone is written over, as ever.
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    fs::write(&path, back.to_string()).unwrap();
    assert_eq!(user.init(&["--write-clients"]).code, 0);
    let files = fs::read_dir(path.parent().unwrap()).unwrap();
    assert_eq!(
        files.count(),
        3,
        "the file, what was kept, and what was kept before"
    );
    // Nor is one overlooked where an older one was removed.
    let mut second = kept(&path).into_os_string();
    second.push(".2");
    fs::rename(&aside, &second).unwrap();
    let ran = user.init(&["--undo"]);
    assert!(ran.stdout.contains("before-gatewright.2` has"), "{ran:?}");
    assert_eq!(fs::read_to_string(&second).unwrap(), text);
}

#[test]
fn a_link_stays_a_link() {
    let user = User::new();
    let text = json!({ "mcpServers": { "a": { "command": "python3", "args": [user.server()] } } });
    let real = user.has("dotfiles/claude.json", &text.to_string());
    let link = user.path(".claude.json");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(json_of(&real)["mcpServers"]["a"]["args"][0], "wrap");
    assert!(kept(&real).exists());
    // What cannot be put back is a failure.
    let gated = fs::read_to_string(&real).unwrap();
    fs::write(&real, "{").unwrap();
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("stays as it is"), "{ran:?}");
    fs::write(&real, gated).unwrap();
    assert_eq!(user.init(&["--undo"]).code, 0);
    assert_eq!(json_of(&real), text);
}

/// Nor does it get what stands in another file of the user.
#[test]
fn what_was_kept_of_a_project_is_no_link() {
    let user = User::new();
    let gated = json!({ "command": "gatewright", "args": ["wrap"] });
    let text = json!({ "mcpServers": { "a": gated } }).to_string();
    user.0.write("work/.mcp.json", &text);
    let entry = json!({ "command": "python3", "env": { "TOKEN": SECRET } });
    let other = json!({ "mcpServers": { "a": entry } }).to_string();
    let other = user.has(".claude.json", &other);
    let file = user.0.path("work/.mcp.json");
    std::os::unix::fs::symlink(&other, kept(&file)).unwrap();
    let ran = user.init(&["--undo"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.contains("what was kept is a link"), "{ran:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
