//! Everything that costs a gate something without a credential, at once and over
//! and over, while an agent works. `GATEWRIGHT_SOAK_SECONDS` makes it long.

use std::time::{Duration, Instant};

use crate::agent::{DEADLINE, call};
use crate::raw::{
    self, MESSAGE_BYTES, PREFACE, PREFACE_BEGUN, crowd, head, metric, metric_is, request, sent,
    unfinished,
};
use crate::scene::{Scene, Setting};

/// Unless the environment says otherwise.
const SECONDS: u64 = 2;

/// Sockets that send too little, in each round.
const SILENT: usize = 200;

/// Unfinished bodies, on each of two connections in each round.
const BODIES: usize = 64;

/// One round, from all sides.
async fn attack(scene: &Scene) {
    let mut held = Vec::new();
    let partial = head(scene, None, MESSAGE_BYTES);
    for number in 0..SILENT.min(crowd() / 3) {
        let bytes = match number % 4 {
            0 => &b""[..],
            1 => PREFACE_BEGUN,
            2 => PREFACE,
            _ => partial.as_bytes(),
        };
        held.push(sent(scene.address, bytes).await);
    }
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (sender, _connection) = raw::http2(scene, None).await;
        for _ in 0..BODIES {
            let mut sender = sender.clone();
            let request = request(scene, None, unfinished(MESSAGE_BYTES));
            answers.spawn(async move {
                // The connection may have had to make room.
                if sender.ready().await.is_ok() {
                    let _ = sender.send_request(request).await;
                }
            });
        }
    }
    let answered = async { while answers.join_next().await.is_some() {} };
    let answered = tokio::time::timeout(DEADLINE, answered).await;
    assert!(answered.is_ok(), "refusals are waited for");
}

#[tokio::test]
async fn a_siege_leaves_agents_their_answers() {
    let seconds = std::env::var("GATEWRIGHT_SOAK_SECONDS").map_or(SECONDS, |seconds| {
        seconds
            .parse()
            .expect("GATEWRIGHT_SOAK_SECONDS is a number")
    });
    let scene = Scene::of(Setting {
        limits: "connections_max = 128\nclient_timeout = \"2s\"".to_owned(),
        ..Setting::default()
    })
    .await;
    let end = Instant::now() + Duration::from_secs(seconds);
    let agent = scene.agent();
    let besieging = async {
        let mut rounds = 0;
        while Instant::now() < end {
            attack(&scene).await;
            rounds += 1;
        }
        rounds
    };
    let working = async {
        let mut calls = 0;
        while Instant::now() < end {
            let answer = agent.post(&call("read", "{}")).await;
            assert_eq!(answer.status, 200, "call {calls}: {answer:?}");
            calls += 1;
            let open = metric(&scene, "gatewright_connections_open").await;
            assert!(open <= 64, "{open} connections of one peer are open");
        }
        calls
    };
    let (rounds, calls): (u64, u64) = tokio::join!(besieging, working);
    println!("{rounds} rounds, {calls} calls");
    assert!(rounds > 0 && calls > 0);
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == 0).await;
    metric_is(&scene, "gatewright_connections_open", |open| open == 0).await;
    assert_eq!(metric(&scene, "gatewright_panics_total").await, 0);
}
