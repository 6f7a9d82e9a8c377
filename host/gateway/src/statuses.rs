//! Status lists are fetched here, beside the calls: before they are stale, and at once
//! where a credential stands in one that nobody looked for yet.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use gatewright_engine::Engine;
use gatewright_engine::agents::{ListKey, Looked};
use gatewright_policy::Grant;
use gatewright_policy::credential::status::{LIST_TEXT_BYTES_MAX, ListKind};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{ACCEPT, USER_AGENT};
use hyper::{Request, StatusCode};
use tokio::time::{sleep, timeout};

use crate::clients::Clients;

/// The first call with a credential waits so long for the lists that it stands in, and
/// no longer.
const FIRST_MAX: Duration = Duration::from_secs(3);

/// A list is there within this time.
const FETCH_MAX: Duration = Duration::from_secs(10);

/// How often somebody looks which lists are due.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Lists that are fetched at once.
const AT_ONCE_MAX: usize = 8;

/// Waits until there is an answer about the lists that a credential stands in, if they
/// were never looked for.
pub(crate) async fn ready(engine: &Engine, grant: &Grant) {
    if grant.status.refs.is_empty() {
        return;
    }
    let statuses = engine.agents().statuses();
    let mut news = statuses.news();
    let waiting = async {
        while statuses.want(&grant.status, engine.now()) == Looked::Underway {
            if news.changed().await.is_err() {
                return;
            }
        }
    };
    // Without an answer the call is refused: it says so itself.
    let _in_time = timeout(FIRST_MAX, waiting).await;
}

/// Fetches what is due, for ever.
pub(crate) async fn fetch(engine: &Engine) {
    let statuses = engine.agents().statuses();
    let clients = Clients::keeping(AT_ONCE_MAX);
    let mut all_at = Instant::now();
    loop {
        let due = engine.lists_due(&mut all_at, Instant::now());
        for some in due.chunks(AT_ONCE_MAX) {
            let clients = &clients;
            let fetched = some.iter().map(|key| async move {
                let fetched = match timeout(FETCH_MAX, get(clients, key)).await {
                    Ok(fetched) => fetched,
                    Err(_elapsed) => Err("it did not come in time".to_owned()),
                };
                let text = fetched.as_ref().map(String::as_str).map_err(String::clone);
                if let Err(error) = engine.put_status(key, text).await {
                    tracing::warn!(list = %key.list, %error, "a status list is not renewed");
                }
            });
            join_all(fetched).await;
        }
        tokio::select! {
            () = statuses.wanted() => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

/// One list. No redirect is followed: the address is the operator's.
async fn get(clients: &Clients, key: &ListKey) -> Result<String, String> {
    let accept = match key.kind {
        ListKind::Token => "application/statuslist+jwt",
        ListKind::Revocation | ListKind::Suspension => "application/vc+jwt, application/vc",
    };
    let request = Request::get(&*key.list)
        .header(ACCEPT, accept)
        .header(
            USER_AGENT,
            concat!("gatewright/", env!("CARGO_PKG_VERSION")),
        )
        .body(Full::default())
        .map_err(|_| "its address is no URL")?;
    let response = clients.request(request).await;
    let response = response.map_err(|error| format!("its server {error}"))?;
    if response.status() != StatusCode::OK {
        return Err(format!("its server answers {}", response.status()));
    }
    let body = Limited::new(response.into_body(), LIST_TEXT_BYTES_MAX);
    let body = body.collect().await;
    let body =
        body.map_err(|_| format!("it is longer than {LIST_TEXT_BYTES_MAX} bytes, or broken"))?;
    String::from_utf8(body.to_bytes().to_vec()).map_err(|_| "it is no text".to_owned())
}
