//! Stopping finishes what is under way; too much at once is refused.

use tokio::sync::oneshot;

use crate::agent::call;
use crate::fake::Reply;
use crate::scene::{Scene, Setting, eventually};

const RESULT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;

#[tokio::test]
async fn calls_in_flight_are_finished_and_new_ones_refused() {
    let mut scene = Scene::start().await;
    let (answer, later) = oneshot::channel();
    let mut later = Some(later);
    scene
        .fake
        .script(move |_| Reply::Later(later.take().unwrap()));
    let agent = scene.agent();
    let calling = tokio::spawn(async move { agent.post(&call("read", "{}")).await });
    eventually("the call is under way", || {
        (scene.fake.count() == 1).then_some(())
    })
    .await;
    scene.stop();
    let address = scene.address;
    let closed = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(crate::agent::DEADLINE, closed)
        .await
        .expect("it still accepts");
    answer.send(RESULT.to_owned()).unwrap();
    assert_eq!(calling.await.unwrap().body, RESULT);
    scene.stopped().await;
    assert_eq!(scene.completions().len(), 1);
}

#[tokio::test]
async fn what_does_not_finish_is_cut_after_the_grace_period() {
    let setting = Setting {
        limits: "shutdown_grace = \"100ms\"".to_owned(),
        ..Setting::default()
    };
    let mut scene = Scene::of(setting).await;
    scene.fake.script(|_| Reply::Hang);
    let agent = scene.agent();
    let calling =
        tokio::spawn(async move { agent.send("POST", "/mcp/files", &call("read", "{}")).await });
    eventually("the call is under way", || {
        (scene.fake.count() == 1).then_some(())
    })
    .await;
    scene.stop();
    scene.stopped().await;
    assert!(calling.await.unwrap().is_err());
    let completed = scene.completed(1).await;
    assert_eq!(completed[0].message, "abandoned");
}

#[tokio::test]
async fn one_call_too_many_is_refused_and_not_queued() {
    let setting = Setting {
        limits: "calls_in_flight_max = 1".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let (answer, later) = oneshot::channel();
    let mut later = Some(later);
    scene
        .fake
        .script(move |_| Reply::Later(later.take().unwrap()));
    let agent = scene.agent();
    let calling = tokio::spawn(async move { agent.post(&call("read", "{}")).await });
    eventually("the call is under way", || {
        (scene.fake.count() == 1).then_some(())
    })
    .await;
    let refused = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (503, "overloaded")
    );
    assert_eq!(refused.header("retry-after"), Some("1"));
    answer.send(RESULT.to_owned()).unwrap();
    assert_eq!(calling.await.unwrap().status, 200);
    scene.fake.script(|_| Reply::Json(200, RESULT.to_owned()));
    assert_eq!(
        scene.agent().post(&call("read", "{}")).await.status,
        200,
        "the seat is free again"
    );
}
