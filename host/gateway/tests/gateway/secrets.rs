//! What an agent sends, and nobody may read later: not in the ledger, not in the
//! gate's log, not in a span.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use gatewright_policy::record::{Entry, Event};
use tracing::field::{Field, Visit};
use tracing::{Metadata, Subscriber, span};

use crate::agent::{Agent, call, modern};
use crate::fake::{Fake, Reply, result};
use crate::guests;
use crate::scene::{ALLOW, Scene, Setting};

/// May be an argument, or a token. A header, a path and a name can be this.
const SECRET: &str = "sk-live-correct-horse-battery-staple";

/// What the gate's own crates said that holds the secret.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Listener;

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Text {
    fn check(self) {
        // What a policy logs is its own, and for `debug` only.
        if self.0.contains(SECRET) && !self.0.contains("policy log") {
            SAID.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(self.0);
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("gatewright")
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut text = Text(attributes.metadata().name().to_owned());
        attributes.record(&mut text);
        text.check();
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        text.check();
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        text.check();
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A gate whose policy logs the secret, and whose tool `query` mirrors `region`.
async fn scene() -> Scene {
    let _first = tracing::subscriber::set_global_default(Listener);
    let log = format!(
        "(call $log (i32.const 2) (i32.const 256) (i32.const {})) (i32.const 64)",
        SECRET.len()
    );
    let guest = guests::judge(
        &log,
        &format!("{ALLOW} (data (i32.const 256) \"{SECRET}\")"),
    );
    let setting = Setting {
        bindings: vec![("allow", guest, "")],
        ..Setting::default()
    };
    let scene = Scene::with(Fake::start().await, setting).await;
    let tools = r#"{"resultType":"complete","tools":[{"name":"query","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]}"#;
    scene.fake.script(move |seen| {
        let id = &seen.json()["id"];
        Reply::Json(200, result(id, &serde_json::from_str(tools).unwrap()))
    });
    let (lister, list) = modern(&scene.agent(), "tools/list", "{}");
    assert_eq!(lister.post(&list).await.status, 200);
    scene
}

#[tokio::test]
async fn what_an_agent_sends_is_neither_in_the_ledger_nor_in_the_log() {
    let scene = scene().await;
    let wide = scene.agent();
    let narrow = scene.agent_named("did:example:narrow", &["files:read"]);
    let stranger = scene.stranger();
    let garbled = Agent {
        token: Some(format!("{SECRET}.{SECRET}.{SECRET}")),
        ..scene.stranger()
    };
    let path = format!("/mcp/{SECRET}");
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let quoting = format!(r#"{{"secret":"{SECRET}"}}"#);
    let twice = format!(r#"{{"{SECRET}":1,"{SECRET}":2}}"#);
    let (region, body) = modern(
        &wide,
        "tools/call",
        &format!(r#"{{"name":"query","arguments":{{"region":"{SECRET}"}}}}"#),
    );
    let (plain, plain_body) = modern(
        &wide,
        "tools/call",
        r#"{"name":"query","arguments":{"region":"eu"}}"#,
    );
    let method = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{SECRET}"}}"#);
    let told = format!(r#"{{"jsonrpc":"2.0","method":"notifications/{SECRET}"}}"#);
    let unknown = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","{SECRET}":1}}"#);
    let initialize = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{SECRET}","clientInfo":{{"name":"{SECRET}","version":"1"}},"capabilities":{{}}}}}}"#
    );
    let to_files = "/mcp/files";
    for (what, agent, path, body) in [
        (
            "an argument",
            wide.with("x", "y"),
            to_files,
            call("read", &quoting),
        ),
        (
            "a member twice",
            wide.with("x", "y"),
            to_files,
            call("read", &twice),
        ),
        (
            "a mirrored argument",
            region.with("mcp-param-region", "eu"),
            to_files,
            body.clone(),
        ),
        (
            "its header",
            plain.with("mcp-param-region", SECRET),
            to_files,
            plain_body.clone(),
        ),
        (
            "a mirrored name",
            plain.with("mcp-name", SECRET),
            to_files,
            plain_body.clone(),
        ),
        (
            "a mirrored method",
            plain.with("mcp-method", SECRET),
            to_files,
            plain_body.clone(),
        ),
        (
            "a version",
            plain.with("mcp-protocol-version", SECRET),
            to_files,
            plain_body.clone(),
        ),
        (
            "a session",
            wide.with("mcp-session-id", SECRET),
            to_files,
            ping.to_owned(),
        ),
        ("a path", wide.with("x", "y"), &path, ping.to_owned()),
        (
            "a path of a stranger",
            stranger.with("x", "y"),
            &path,
            ping.to_owned(),
        ),
        (
            "a tool",
            narrow.with("x", "y"),
            to_files,
            call(SECRET, "{}"),
        ),
        (
            "a stranger's tool",
            stranger.with("x", "y"),
            to_files,
            call(SECRET, "{}"),
        ),
        ("a token", garbled.with("x", "y"), to_files, ping.to_owned()),
        ("a method", wide.with("x", "y"), to_files, method),
        ("a notification", wide.with("x", "y"), to_files, told),
        ("an unknown member", wide.with("x", "y"), to_files, unknown),
        ("a handshake", wide.with("x", "y"), to_files, initialize),
        (
            "a host",
            wide.with("host", SECRET),
            to_files,
            ping.to_owned(),
        ),
        (
            "an origin",
            wide.with("origin", SECRET),
            to_files,
            ping.to_owned(),
        ),
    ] {
        let before = scene.entries().len();
        let answer = agent.request("POST", path, &body).await;
        assert!(answer.status > 0, "{what}");
        // It is dropped and counted.
        let is_dropped = what == "a notification";
        assert_eq!(scene.entries().len() > before, !is_dropped, "{what}");
        let ledger = scene.folder.path().join("state/audit.jsonl");
        let text = std::fs::read_to_string(ledger).unwrap();
        assert!(!text.contains("correct-horse"), "{what}: {text}");
        let said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(said.is_empty(), "{what}: {said:?}");
    }
}

#[tokio::test]
async fn what_a_tool_server_sends_is_neither_in_the_ledger_nor_in_the_log() {
    let scene = scene().await;
    let agent = scene.agent();
    let twice = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"{SECRET}":1,"{SECRET}":2}}}}"#);
    for reply in [twice, SECRET.to_owned(), format!("[\"{SECRET}\"]")] {
        scene.fake.script(move |_| Reply::Json(200, reply.clone()));
        let answer = agent.post(&call("read", "{}")).await;
        assert!(!answer.body.contains(SECRET), "{}", answer.body);
        let ledger = scene.folder.path().join("state/audit.jsonl");
        let text = std::fs::read_to_string(ledger).unwrap();
        assert!(!text.contains("correct-horse"), "{text}");
        let said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(said.is_empty(), "{said:?}");
    }
}

/// Strangers cost a bounded number of entries; the others are counted, and none is
/// lost from the count.
#[tokio::test]
async fn refusals_of_strangers_are_summed_up() {
    const SENT: u64 = 400;
    let scene = Scene::start().await;
    let stranger = scene.stranger();
    let body = call(&"\\u0001".repeat(1000), "{}");
    for _ in 0..SENT {
        assert_eq!(stranger.post(&body).await.status, 401);
    }
    // Whoever is known is recorded, however many strangers there are.
    let narrow = scene.agent_named("did:example:narrow", &["files:read"]);
    narrow.post(&call("write", "{}")).await;
    let last = scene.decisions().pop().unwrap();
    assert_eq!(last.reason.unwrap().code(), "insufficient_scope");

    let metrics = scene.operator().request("GET", "/metrics", "").await.body;
    let line = format!("reason=\"credential_missing\",server=\"\"}} {SENT}");
    assert!(metrics.contains(&line), "{metrics}");
    scene.engine.stop().await;
    let entries = scene.entries();
    let own = scene.decisions().len() as u64 - 1;
    let summed = |entry: &Entry| match &entry.event {
        Event::Refused(many) => {
            assert!(many.since <= many.until);
            assert_eq!(many.reasons.len(), 1);
            many.count
        }
        _ => 0,
    };
    assert_eq!(own + entries.iter().map(summed).sum::<u64>(), SENT);
    // What comes in a second, and what may come at once.
    let first = entries.first().unwrap().at;
    let seconds = scene.engine.now().since(first).as_secs() + 1;
    assert!(own <= 100 + 10 * seconds, "{own} entries in {seconds} s");
    assert!(matches!(entries.last().unwrap().event, Event::Stopped));
}
