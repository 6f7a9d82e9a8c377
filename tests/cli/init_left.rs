//! What is left alone where a gate is put before the tool servers of clients.

use std::fs;

use serde_json::json;

use super::init_user::{Desktop, User, json_of, kept};

/// What lets resources through lets no tool through that came later, whatever its name.
#[test]
fn a_tool_that_comes_later_is_none_until_somebody_pins_it() {
    let user = User::new();
    let entry = json!({ "command": "python3", "args": [user.server()] });
    user.has(
        ".cursor/mcp.json",
        &json!({ "mcpServers": { "one": entry } }).to_string(),
    );
    assert_eq!(user.init(&["--write"]).code, 0);
    let config = fs::read_to_string(user.config()).unwrap();
    let server = config.split("[[server]]").nth(1).unwrap();
    let server = server.split("[server.tools]").next().unwrap();
    assert!(
        server.contains("\ndefinitions = \"operator\"\n"),
        "{config}"
    );
}

#[test]
fn what_is_not_understood_is_left_alone() {
    let user = User::new();
    let server = user.server();
    let entry = format!("{{\"command\": \"python3\", \"args\": [\"{server}\"]}}");
    for (text, why) in [
        ("[]".to_owned(), "it is no object"),
        (
            "{\"mcpServers\": []}".to_owned(),
            "`mcpServers` is no object",
        ),
        (
            format!("{{\"mcpServers\": {{\"a\": {entry}}}"),
            "it is no JSON",
        ),
        (
            format!("{{\"mcpServers\": {{'a': {entry}}}}}"),
            "it is no JSON",
        ),
        (
            format!("{{\"mcpServers\": {{\"a\": {entry} \"b\": 1}}}}"),
            "it is no JSON",
        ),
        (
            format!("{{\"mcpServers\": {{\"a\": {entry}, \"a\": {entry}}}}}"),
            "has `a` twice",
        ),
        (
            format!("{{\"mcpServers\": {{\"a\": {entry}}}, \"mcpServers\": {{}}}}"),
            "has `mcpServers` twice",
        ),
        (
            format!("{{\"mcpServers\": {{\"a\": {entry}}}}} {{}}"),
            "it is no JSON",
        ),
        (
            "{\"mcpServers\": {\"a\": {\"command\": \"python3\", \"args\": \"x\"}}}".to_owned(),
            "`args` are no list",
        ),
        (
            "{\"mcpServers\": {\"a\": {\"command\": \"false\"}}}".to_owned(),
            "it cannot be asked",
        ),
        (
            "{\"mcpServers\": {\"\\u001b[2J\": 1}}".to_owned(),
            "\\u{1b}[2J  stays as it is",
        ),
    ] {
        let path = user.has(".cursor/mcp.json", &text);
        let ran = user.init(&["--write-clients"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stdout.contains(why), "`{why}` is not in {ran:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(!kept(&path).exists() && !user.config().exists(), "{text}");
    }
    assert!(!user.was_started());
    fs::write(
        user.path(".cursor/mcp.json"),
        b"{\"mcpServers\": {\"\xff\": 1}}",
    )
    .unwrap();
    let ran = user.init(&["--write-clients"]);
    assert!(ran.stdout.contains("it is no UTF-8"), "{ran:?}");
}

/// Whoever wrote a repository does not start programs of whoever looks at it.
#[test]
fn files_of_a_project_count_only_when_asked() {
    let user = User::new();
    let text = json!({ "mcpServers": { "a": { "command": "python3", "args": [user.server()] } } });
    user.0.write("work/.mcp.json", &text.to_string());
    let ran = user.init(&["--write-clients"]);
    assert!(ran.stdout.contains("there is nothing to do"), "{ran:?}");
    assert!(ran.stderr.contains("say `--project`"), "{ran:?}");
    assert!(!user.was_started());
    let ran = user.init(&["--write-clients", "--project", "--client", "zed"]);
    assert!(ran.stdout.contains("there is nothing to do"), "{ran:?}");
    let ran = user.init(&["--write-clients", "--project"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let now = json_of(&user.0.path("work/.mcp.json"));
    let entry = &now["mcpServers"]["a"];
    let work = fs::canonicalize(user.0.path("work")).unwrap();
    assert!(
        Desktop::start(&user, entry)
            .call("read_file")
            .ends_with(work.to_str().unwrap())
    );
    assert_eq!(user.init(&["--undo"]).code, 0);
    assert_eq!(json_of(&user.0.path("work/.mcp.json")), text);
}

#[test]
fn a_configuration_of_somebody_else_is_not_written_to() {
    let user = User::new();
    let text = json!({ "mcpServers": { "a": { "command": "python3", "args": [user.server()] } } });
    user.has(".cursor/mcp.json", &text.to_string());
    let config = user.has(".config/gatewright/gatewright.toml", "[gate]\n");
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("has no [local]"), "{ran:?}");
    assert_eq!(fs::read_to_string(config).unwrap(), "[gate]\n");
    assert!(!user.was_started());
}
