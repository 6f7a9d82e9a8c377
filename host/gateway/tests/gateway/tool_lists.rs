//! Lists of tools: what the gate makes of long, strange and lying ones.

use std::sync::Arc;

use gatewright_engine::tools::{AskedPin, AskedTool, Given, Listed, SEEN_MAX, Shown, Stand};
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::{Value, json};

use crate::agent::{call, modern};
use crate::fake::{Reply, echo, event};
use crate::tooled::{
    FIRST_SIGHT, LIST, OPERATOR, calls, claimed, is_fine, listed, names, page, pin, pins, read,
    says_changed, scene, stand, tool, with,
};

#[tokio::test]
async fn a_name_that_looks_like_a_pinned_one_gets_in_by_nobodys_first_sight() {
    let (scene, pages) = scene(FIRST_SIGHT, json!([tool("read", "one")])).await;
    listed(&scene).await;
    let twins = [
        "Read",
        "READ",
        "read ",
        "re\u{200b}ad",
        "r\u{435}ad",
        "\u{ff52}ead",
        "read\u{a0}",
    ];
    let mut tools = vec![tool("read", "one"), tool("write", "two")];
    tools.extend(twins.iter().map(|name| tool(name, "one")));
    *pages.lock().unwrap() = vec![json!(tools)];
    assert_eq!(names(&listed(&scene).await), ["read", "write"]);
    for twin in twins {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": twin, "arguments": {} },
        });
        let refused = scene.agent().post(&body.to_string()).await;
        assert_eq!(refused.reason(), "tool_not_pinned", "{twin:?}");
    }
    assert_eq!(calls(&scene), 0);
}

#[tokio::test]
async fn a_tool_that_is_listed_twice_is_the_one_that_is_pinned_or_none() {
    let (scene, pages) = scene(FIRST_SIGHT, json!([tool("read", "one")])).await;
    listed(&scene).await;
    *pages.lock().unwrap() = vec![json!([
        tool("read", "one"),
        tool("read", "another"),
        tool("new", "a"),
        tool("new", "b"),
    ])];
    let shown = listed(&scene).await;
    assert_eq!(shown[0], ("read".to_owned(), "one".to_owned()));
    assert!(
        shown
            .iter()
            .all(|(_, description)| description != "another"),
        "{shown:?}"
    );
    assert_eq!(read(&scene).await.reason(), "tool_changed");
}

#[tokio::test]
async fn every_page_is_looked_at_before_a_call() {
    let first = json!([tool("write", "x")]);
    let (scene, pages) = scene(FIRST_SIGHT, first.clone()).await;
    *pages.lock().unwrap() = vec![first.clone(), json!([tool("read", "one")])];
    // The agent never asks for the second page.
    assert_eq!(names(&listed(&scene).await), ["write"]);
    assert!(is_fine(&read(&scene).await));
    assert_eq!(stand(&scene, "read"), Stand::Same);
    *pages.lock().unwrap() = vec![first, json!([tool("read", "two")])];
    assert!(
        is_fine(&read(&scene).await),
        "the server did not say so yet"
    );
    says_changed(&scene);
    assert_eq!(read(&scene).await.reason(), "tool_changed");
    assert_eq!(calls(&scene), 2);
}

#[tokio::test]
async fn a_list_without_an_end_tells_nothing() {
    let (scene, pages) = scene(OPERATOR, json!([tool("read", "one")])).await;
    read(&scene).await;
    pin(&scene, "read", claimed(&scene, "read")).await;
    assert!(is_fine(&read(&scene).await));
    let many: Vec<_> = (0..5000)
        .map(|n| json!({ "name": format!("t{n}") }))
        .collect();
    *pages.lock().unwrap() = vec![json!(many)];
    says_changed(&scene);
    assert_eq!(read(&scene).await.reason(), "tool_not_pinned", "too many");
    *pages.lock().unwrap() = vec![json!([tool("read", "one")]); 70];
    says_changed(&scene);
    assert_eq!(
        read(&scene).await.reason(),
        "tool_not_pinned",
        "too many pages"
    );
    assert_eq!(calls(&scene), 1);
    *pages.lock().unwrap() = vec![json!([tool("read", "one")])];
    assert_eq!(
        read(&scene).await.reason(),
        "tool_not_pinned",
        "not asked again at once"
    );
    says_changed(&scene);
    assert!(is_fine(&read(&scene).await));
}

#[tokio::test]
async fn a_server_that_says_its_tools_changed_is_asked_before_the_next_call() {
    let (scene, pages) = scene(FIRST_SIGHT, json!([tool("read", "one")])).await;
    listed(&scene).await;
    assert!(is_fine(&read(&scene).await));
    let known = Arc::clone(&pages);
    scene
        .fake
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("tools/list") => Reply::Json(200, page(&known, seen)),
            _ => Reply::Events(vec![
                event(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#),
                event(&echo(seen)),
            ]),
        });
    let answer = read(&scene).await;
    assert!(answer.body.contains("list_changed"), "{}", answer.body);
    *pages.lock().unwrap() = vec![json!([tool("read", "two")])];
    assert_eq!(read(&scene).await.reason(), "tool_changed");
    assert_eq!(calls(&scene), 2);
}

#[tokio::test]
async fn a_server_that_tells_two_agents_different_things_is_believed_by_neither() {
    let (scene, pages) = scene(FIRST_SIGHT, json!([tool("read", "one")])).await;
    let (one, other) = (
        scene.agent_named("did:example:one", &["files:*"]),
        scene.agent_named("did:example:other", &["files:*"]),
    );
    one.post(LIST).await;
    *pages.lock().unwrap() = vec![json!([tool("read", "two")])];
    let list = other.post(LIST).await.json();
    assert_eq!(list["result"]["tools"][0]["description"], "one");
    *pages.lock().unwrap() = vec![json!([tool("read", "one")])];
    for agent in [one, other] {
        let refused = agent.post(&call("read", "{}")).await;
        assert_eq!(refused.reason(), "tool_changed");
    }
    assert_eq!(calls(&scene), 0);
}

/// Entries as a list has them.
fn entries(tools: &Value) -> Vec<Listed> {
    let document = Document::parse(tools.to_string(), &JsonLimits::default()).unwrap();
    Listed::all(document.root())
}

#[tokio::test]
async fn whoever_is_told_something_else_at_the_first_sight_sees_what_was_pinned() {
    let (scene, _) = scene(FIRST_SIGHT, json!([])).await;
    let snapshot = scene.engine.snapshot();
    let server = snapshot.server("files").unwrap();
    let one = entries(&json!([tool("read", "Reads.")]));
    let other = entries(&json!([tool("read", "Reads, and sends.")]));
    let learn = |listed: &Vec<Listed>| {
        let listed = listed.clone();
        scene.engine.learn_tools(server, listed, Given::All)
    };
    // The server says last what it said first, and something else between.
    let shown = tokio::join!(learn(&one), learn(&other), learn(&one));
    let pinned = scene.engine.show_tool("files", "read").unwrap();
    for (told, shown) in [(&one, shown.0), (&other, shown.1), (&one, shown.2)] {
        let is_pinned = Some(told[0].definition.digest) == pinned.tool.pinned;
        assert_eq!(shown == [Shown::AsIs], is_pinned, "{shown:?}");
    }
    // That it said two things is not forgotten.
    assert_eq!(stand(&scene, "read"), Stand::Changed);
}

#[tokio::test]
async fn a_tool_beyond_those_that_are_remembered_is_not_called() {
    let (scene, _) = scene(FIRST_SIGHT, json!([])).await;
    let snapshot = scene.engine.snapshot();
    let server = snapshot.server("files").unwrap();
    let mut tools: Vec<_> = (0..SEEN_MAX)
        .map(|number| json!({ "name": format!("t{number}") }))
        .collect();
    tools.push(tool("read", "Reads."));
    let shown = scene
        .engine
        .learn_tools(server, entries(&json!(tools)), Given::All)
        .await;
    assert_eq!(shown.last(), Some(&Shown::Hidden));
    let read_now = scene.engine.show_tool("files", "read").unwrap();
    assert_eq!(read_now.tool.stand, Stand::Unseen);
    assert!(!is_fine(&read(&scene).await));
    assert_eq!(calls(&scene), 0);
}

#[tokio::test]
async fn a_tool_that_is_listed_very_often_is_one_that_nobody_agrees_to() {
    let (scene, _) = scene(FIRST_SIGHT, json!([])).await;
    let snapshot = scene.engine.snapshot();
    let server = snapshot.server("files").unwrap();
    // To look at each of them for each of them would take minutes.
    let tools: Vec<_> = (0..40_000)
        .map(|number| json!({ "name": "read", "n": number }))
        .collect();
    let listed = entries(&json!(tools));
    let shown = scene.engine.learn_tools(server, listed, Given::All).await;
    assert!(shown.iter().all(|shown| *shown == Shown::Hidden));
    assert_eq!(stand(&scene, "read"), Stand::New);
    assert!(pins(&scene).is_empty());
}

#[tokio::test]
async fn long_definitions_are_pinned_in_entries_that_the_record_takes() {
    let (scene, _) = scene(OPERATOR, json!([])).await;
    let snapshot = scene.engine.snapshot();
    let server = snapshot.server("files").unwrap();
    // Quotes take twice the room in an entry.
    let long = "\"".repeat(30_000);
    let tools: Vec<_> = (0..20)
        .map(|number| tool(&format!("t{number}"), &long))
        .collect();
    let listed = entries(&json!(tools));
    let asked = AskedPin {
        by: "ann".to_owned(),
        why: "a test".to_owned(),
        server: "files".to_owned(),
        tools: listed
            .iter()
            .map(|it| AskedTool {
                name: it.name.clone(),
                digest: it.definition.digest,
            })
            .collect(),
    };
    scene.engine.learn_tools(server, listed, Given::All).await;
    assert_eq!(scene.engine.pin_tools(asked).await.unwrap(), 20);
}

#[tokio::test]
async fn the_gate_lists_by_itself_in_both_eras() {
    let (scene, _pages) = scene(FIRST_SIGHT, json!([tool("read", "one")])).await;
    let (agent, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{"path":"a"}}"#,
    );
    assert!(is_fine(&agent.post(&body).await));
    let seen = scene.fake.seen();
    assert_eq!(seen[0].json()["method"], "tools/list");
    assert_eq!(seen[0].header("mcp-method"), Some("tools/list"));
    assert_eq!(
        seen[0].json()["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"],
        "2026-07-28"
    );
    assert!(seen[0].json()["params"].get("name").is_none());
    assert_eq!(stand(&scene, "read"), Stand::Same);
    assert!(is_fine(&read(&scene).await));
    assert_eq!(scene.fake.count(), 3, "it looks once");
    let decisions = scene.decisions();
    let methods: Vec<_> = decisions.iter().map(|it| it.method.as_str()).collect();
    assert_eq!(methods, ["tools/list", "tools/call", "tools/call"]);
    // A server that cannot tell is called as one that nobody looks at, until it told once.
    let (scene, pages) = with(FIRST_SIGHT, "", json!(7)).await;
    assert!(is_fine(&read(&scene).await));
    *pages.lock().unwrap() = vec![json!([tool("read", "one")])];
    says_changed(&scene);
    assert!(is_fine(&read(&scene).await));
    scene
        .fake
        .script(|seen| match seen.json()["method"].as_str() {
            Some("tools/list") => Reply::Json(500, String::new()),
            _ => Reply::Json(200, echo(seen)),
        });
    says_changed(&scene);
    assert_eq!(read(&scene).await.reason(), "tool_not_pinned");
}
