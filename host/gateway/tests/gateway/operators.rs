//! What operators see.

use std::time::{Duration, Instant};

use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_gateway::{Gateway, GatewayError};

use crate::agent::call;
use crate::guests;
use crate::scene::{DENY, Scene, Setting};

#[tokio::test]
async fn health_readiness_status_and_metrics_are_there() {
    let scene = Scene::start().await;
    let operator = scene.operator();
    assert_eq!(scene.agent().post(&call("read", "{}")).await.status, 200);
    for page in ["/healthz", "/readyz"] {
        assert_eq!(
            operator.request("GET", page, "").await.status,
            200,
            "{page}"
        );
    }
    let status = operator.request("GET", "/status", "").await.json();
    assert_eq!(
        (status["generation"].as_u64(), status["ready"].as_bool()),
        (Some(1), Some(true))
    );
    let metrics = operator.request("GET", "/metrics", "").await.body;
    for line in [
        "gatewright_decisions_total{decision=\"allow\",reason=\"\",server=\"files\"} 1",
        "gatewright_generation 1",
        "gatewright_calls_in_flight 0",
        "mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/call\",error_type=\"\",server=\"files\"} 1",
        "mcp_client_operation_duration_seconds_count{mcp_method_name=\"tools/call\",error_type=\"\",server=\"files\"} 1",
    ] {
        assert!(
            metrics.lines().any(|known| known == line),
            "no `{line}` in\n{metrics}"
        );
    }
    assert_eq!(operator.request("GET", "/nothing", "").await.status, 404);
    assert_eq!(operator.request("POST", "/status", "").await.status, 405);
    assert_eq!(
        operator
            .with("host", "evil.example")
            .request("GET", "/status", "")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn an_operator_can_have_the_ledger_rotated_and_a_foreign_page_cannot() {
    let scene = Scene::start().await;
    let page = scene.operator().with("origin", "https://evil.example");
    assert_eq!(page.request("POST", "/rotate", "").await.status, 403);
    let operator = scene.operator();
    let first = async || {
        let metrics = operator.request("GET", "/metrics", "").await.body;
        let name = "gatewright_ledger_first_sequence ";
        let found = metrics.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(first().await, 0);
    let answer = operator.request("POST", "/rotate", "").await;
    assert_eq!(answer.status, 200);
    let continued = answer.json()["rotated"]["continued_at"].as_u64();
    assert_eq!(continued, Some(first().await));
}

#[tokio::test]
async fn rotations_that_operators_ask_for_follow_one_another_a_second_apart() {
    let scene = Scene::start().await;
    let rotate = || async { scene.operator().request("POST", "/rotate", "").await };
    assert_eq!(rotate().await.status, 200);
    let first = Instant::now();
    assert_eq!(scene.agent().post(&call("read", "{}")).await.status, 200);
    let (one, other) = tokio::join!(rotate(), rotate());
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers, [200, 429]);
    assert!(first.elapsed() >= Duration::from_millis(900));
}

#[tokio::test]
async fn refusals_and_faults_are_counted_and_names_of_agents_are_no_labels() {
    let setting = Setting {
        bindings: vec![
            ("deny", guests::judge("(i32.const 64)", DENY), ""),
            (
                "trap",
                guests::judge("(unreachable)", ""),
                "mode = \"observe\"",
            ),
        ],
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    scene.agent().post(&call("read", "{}")).await;
    scene
        .agent()
        .request("POST", "/mcp/made-up", &call("read", "{}"))
        .await;
    let metrics = scene.operator().request("GET", "/metrics", "").await.body;
    for line in [
        "gatewright_decisions_total{decision=\"deny\",reason=\"forbidden\",server=\"files\"} 1",
        "gatewright_decisions_total{decision=\"deny\",reason=\"insufficient_scope\",server=\"\"} 1",
        "gatewright_policy_faults_total{binding=\"trap\",fault=\"trapped\"} 1",
    ] {
        assert!(
            metrics.lines().any(|known| known == line),
            "no `{line}` in\n{metrics}"
        );
    }
    assert!(!metrics.contains("made-up") && !metrics.contains("did:example"));
}

#[tokio::test]
async fn a_gate_before_its_first_snapshot_refuses_and_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gatewright.toml");
    std::fs::write(&path, "[gate]\nlisten = \"127.0.0.1:0\"\n").unwrap();
    let loaded = Loaded::read(&path).unwrap();
    let (ledger, past) = gatewright_engine::ledger::FileLedger::open(
        &folder.path().join("state/audit.jsonl"),
        gatewright_policy::Timestamp(0),
    )
    .unwrap();
    let engine = Engine::with_ledger(&loaded, Box::new(ledger), past, || {
        gatewright_policy::Timestamp(1)
    })
    .unwrap();
    assert!(!engine.status().ready);
    // The addresses of `Snapshot::deny_all` are the defaults: binding them may
    // fail where another gate runs, and then says which key to change.
    match Gateway::bind(engine).await {
        Ok(gateway) => assert!(gateway.admin_addr().ip().is_loopback()),
        Err(GatewayError::Bind { key, .. }) => assert!(["listen", "admin"].contains(&key)),
        Err(
            error @ (GatewayError::AdminNotLoopback(_)
            | GatewayError::Threads(_)
            | GatewayError::Descriptors(_)),
        ) => panic!("{error}"),
    }
}
