//! Calls whose agent went away.

use gatewright_policy::request::PastOutcome;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::agent::{Agent, call};
use crate::fake::{Reply, event, result};
use crate::scene::Scene;

/// An agent in the session `one`, whose server then does what the script says.
pub async fn in_session(
    scene: &Scene,
    mut script: impl FnMut(&crate::fake::Seen) -> Reply + Send + 'static,
) -> Agent {
    scene.fake.script(move |seen| {
        let message = seen.json();
        match message["method"] == "initialize" {
            true => {
                let text = result(&message["id"], &json!({ "protocolVersion": "2025-11-25" }));
                Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
            }
            false => script(seen),
        }
    });
    super::sessions::opened(scene, &scene.agent()).await
}

/// 2025-11-25, transports: a disconnection is no cancellation.
#[tokio::test]
async fn a_call_in_a_session_goes_on_when_its_connection_breaks() {
    let scene = Scene::start().await;
    let (say, later) = oneshot::channel();
    let mut later = Some(later);
    let agent = in_session(&scene, move |_| Reply::Later(later.take().unwrap())).await;
    let body = call("deploy", "{}");
    let asking = agent.send("POST", "/mcp/files", &body);
    let cut = async {
        crate::scene::eventually("the call arrives", || {
            (scene.fake.count() == 2).then_some(())
        })
        .await;
    };
    tokio::select! {
        _answer = asking => panic!("it is not answered yet"),
        () = cut => {}
    }
    say.send(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#.to_owned())
        .unwrap();
    let completed = scene.completed(2).await;
    assert_eq!(completed[1].outcome, PastOutcome::Allowed, "{completed:?}");
    assert_eq!(completed[1].message, "");
}

#[tokio::test]
async fn a_call_without_its_agent_is_finished_when_the_gate_stops() {
    let mut scene = Scene::start().await;
    let (say, later) = oneshot::channel();
    let mut later = Some(later);
    let agent = in_session(&scene, move |_| Reply::Later(later.take().unwrap())).await;
    let body = call("deploy", "{}");
    let arrives = crate::scene::eventually("the call arrives", || {
        (scene.fake.count() == 2).then_some(())
    });
    tokio::select! {
        _answer = agent.send("POST", "/mcp/files", &body) => panic!("it is not answered yet"),
        () = arrives => {}
    }
    scene.stop();
    let address = scene.address;
    crate::scene::eventually("it accepts nobody", || {
        std::net::TcpStream::connect(address).is_err().then_some(())
    })
    .await;
    say.send(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#.to_owned())
        .unwrap();
    scene.stopped().await;
    let completed = scene.completions();
    assert_eq!(completed[1].outcome, PastOutcome::Allowed, "{completed:?}");
}

#[tokio::test]
async fn an_agent_comes_back_for_a_stream_that_the_server_does_not_keep() {
    let scene = Scene::start().await;
    let (say, live) = mpsc::channel(4);
    let mut live = Some(live);
    let agent = in_session(&scene, move |_| Reply::Live(live.take().unwrap())).await;
    let note = |progress: u8| {
        event(&format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":1,"progress":{progress}}}}}"#
        ))
    };
    say.send(note(1)).await.unwrap();
    let mut open = agent
        .open("POST", "/mcp/files", &call("deploy", "{}"))
        .await;
    let block = open.block().await.unwrap();
    let id = block
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();
    drop(open);
    say.send(note(2)).await.unwrap();
    say.send(event(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#))
        .await
        .unwrap();
    drop(say);
    scene.completed(2).await;
    let other = scene.agent_named("did:example:other", &["files:*"]);
    let other = other
        .with("mcp-session-id", "one")
        .with("last-event-id", &id);
    assert_eq!(other.request("GET", "/mcp/files", "").await.status, 404);
    let narrow = scene.agent_named("did:example:agent", &["files:read"]);
    let narrow = narrow
        .with("mcp-session-id", "one")
        .with("last-event-id", &id);
    let refused = narrow.request("GET", "/mcp/files", "").await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let back = agent
        .with("last-event-id", &id)
        .request("GET", "/mcp/files", "")
        .await;
    assert_eq!(back.status, 200);
    let events = back.events();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0]["params"]["progress"], 2);
    assert_eq!(events[1]["result"], json!({"content": []}));
    // Nothing of it reached the tool server: the gate kept it.
    assert_eq!(scene.fake.count(), 2);
}
