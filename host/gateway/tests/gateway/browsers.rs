//! Pages in browsers, and what these ask before they send.

use crate::agent::{Agent, Answer, call};
use crate::scene::{Scene, Setting};

const ORIGIN: &str = "https://app.example";

fn web() -> Setting {
    Setting {
        gate: format!("origins = [\"{ORIGIN}\"]"),
        ..Setting::default()
    }
}

fn grants(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("vary"), Some("origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("mcp-session-id"), "{exposed}");
}

#[tokio::test]
async fn a_page_that_may_use_the_gate_can_read_every_answer() {
    let scene = Scene::of(web()).await;
    let page = |agent: Agent| agent.with("origin", ORIGIN);
    let answers = [
        page(scene.agent()).post(&call("read", "{}")).await,
        page(scene.agent()).post("nonsense").await,
        page(scene.stranger()).post(&call("read", "{}")).await,
        page(scene.agent())
            .request("POST", "/mcp/other", &call("read", "{}"))
            .await,
        page(scene.agent()).request("GET", "/nowhere", "").await,
    ];
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 400, 401, 403, 404]);
    answers.iter().for_each(grants);
    let foreign = scene.agent().with("origin", "https://evil.example");
    let refused = foreign.post(&call("read", "{}")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), None);
    let plain = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(plain.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_browser_asks_before_it_sends_and_needs_no_credential() {
    let scene = Scene::of(web()).await;
    let asks = |origin: &str| {
        scene
            .stranger()
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with(
                "access-control-request-headers",
                "authorization, mcp-param-city, cookie, mcp-session-id",
            )
    };
    let answer = asks(ORIGIN).request("OPTIONS", "/mcp/files", "").await;
    assert_eq!(answer.status, 204);
    grants(&answer);
    let allowed = answer.header("access-control-allow-headers").unwrap();
    let names: Vec<_> = allowed.split(", ").collect();
    for name in [
        "authorization",
        "mcp-session-id",
        "mcp-param-city",
        "last-event-id",
    ] {
        assert!(names.contains(&name), "{allowed}");
    }
    assert!(!names.contains(&"cookie"), "{allowed}");
    let methods = answer.header("access-control-allow-methods");
    assert_eq!(methods, Some("GET, POST, DELETE"));
    let foreign = asks("https://evil.example");
    let refused = foreign.request("OPTIONS", "/mcp/files", "").await;
    assert_eq!(refused.status, 403);
    assert_eq!(scene.fake.count(), 0);
}
