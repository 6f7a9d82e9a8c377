//! A session at one server, as a part of one at all of them. It is begun with what the
//! client said, as the client would at that server's own endpoint: judged and recorded
//! there.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt as _;
use gatewright_policy::Reason;
use gatewright_policy::json::Value;
use hyper::HeaderMap;

use super::came::Came;
use super::left::Left;
use super::part::response;
use super::sessions::{Offers, Opened, Session};
use super::telling::Teller;
use crate::headers::SESSION_ID;

/// Longest text in which a server says what it can, in bytes.
const CAPABILITIES_BYTES_MAX: usize = 16 << 10;

/// Longest words of a server about its use, in characters.
const INSTRUCTIONS_CHARS_MAX: usize = 4096;

/// Longest name of a revision, in bytes.
const VERSION_BYTES_MAX: usize = 64;

/// The session at a server: the one that there is, or a new one, which has heard all that
/// comes before what is asked of it. Who waits no longer ends nothing: a server that starts
/// slowly is there the next time.
pub(super) async fn entered(
    came: &Arc<Came>,
    session: &Arc<Session>,
    server: &Arc<str>,
) -> Result<Opened, Left> {
    if let Some(opened) = there(came, session, server) {
        session.told(server).await;
        return Ok(opened);
    }
    let beginning = session.beginning(server, || {
        let (came, session) = (Arc::clone(came), Arc::clone(session));
        let (server, of) = (Arc::clone(server), Arc::clone(server));
        let alone = came.proxy.gate.alone.clone();
        let beginning = alone.spawn(async move {
            // Whatever comes of it, also a panic, the next one begins anew.
            let _over = Over {
                session: &session,
                server: &server,
            };
            begin(&came, &session, &server).await
        });
        let begun = async move {
            beginning.await.unwrap_or_else(|_panicked| {
                let (reason, message) = (Reason::UpstreamUnavailable, "its session did not begin");
                Err(Left::without_answer(&of, reason, message))
            })
        };
        begun.boxed().shared()
    });
    beginning.await
}

/// A session that is being begun; over when dropped.
struct Over<'a> {
    session: &'a Session,
    server: &'a str,
}

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.session.has_begun(self.server);
    }
}

/// The session at a server, if it is not over.
fn there(came: &Came, session: &Session, server: &Arc<str>) -> Option<Opened> {
    let opened = session.at(server)?;
    let place = came.place(server, &opened);
    let entered = came.proxy.gate.sessions.enter(&place);
    entered.is_ok().then_some(opened)
}

async fn begin(
    came: &Arc<Came>,
    session: &Arc<Session>,
    server: &Arc<str>,
) -> Result<Opened, Left> {
    if let Some(opened) = there(came, session, server) {
        // Somebody else began it meanwhile.
        session.told(server).await;
        return Ok(opened);
    }
    let (id, message) = session.initialize.clone();
    let incoming = came.to(server, HeaderMap::new(), message);
    let answer = Box::pin(came.proxy.message(incoming)).await;
    let id_there = answer.headers.get(&SESSION_ID).cloned();
    let part = response(answer, &came.back(server, Some(id)), None).await?;
    let id_there = id_there.as_ref().and_then(|id| id.to_str().ok());
    let result = part.message.document.root().get("result");
    let opened = opened(result, id_there.map(Arc::from));
    let (said, teller) = session.open(server, opened.clone());
    tell_first(came, (server, &opened), said, teller).await;
    if session.over.is_cancelled() && opened.session.is_some() {
        // It ended meanwhile, and knew nothing of this one.
        let ending = came.to(server, came.own_headers(&opened), Bytes::new());
        drop(Box::pin(came.proxy.end(ending)).await);
    }
    Ok(opened)
}

/// Tells a server what it hears before anything is asked of it.
pub(super) async fn tell_first(
    came: &Arc<Came>,
    (server, opened): (&Arc<str>, &Opened),
    said: Vec<Bytes>,
    teller: Teller,
) {
    for message in said {
        tell(came, server, opened, message).await;
    }
    while let Some(level) = teller.next() {
        tell(came, server, opened, level).await;
    }
}

/// Hands on what has no answer that anybody waits for.
pub(super) async fn tell(came: &Arc<Came>, server: &Arc<str>, opened: &Opened, message: Bytes) {
    let headers = came.own_headers(opened);
    let answer = Box::pin(came.proxy.message(came.to(server, headers, message))).await;
    // An answer that begins as a stream ends with it.
    drop(answer);
}

fn opened(result: Option<Value<'_>>, session: Option<Arc<str>>) -> Opened {
    let member = |name| result.and_then(|result| result.get(name));
    let text = |name| member(name).and_then(|value| value.as_text());
    let version = text("protocolVersion").filter(|text| text.len() <= VERSION_BYTES_MAX);
    let capabilities = member("capabilities")
        .map(|value| value.json())
        .filter(|json| json.len() <= CAPABILITIES_BYTES_MAX)
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    let instructions = text("instructions")
        .map(|text| {
            text.chars()
                .take(INSTRUCTIONS_CHARS_MAX)
                .collect::<String>()
        })
        .filter(|text| !text.trim().is_empty());
    Opened {
        session,
        version: version.map(Arc::from),
        offers: offers(&capabilities),
        capabilities: Arc::new(capabilities),
        instructions: instructions.map(Arc::from),
    }
}

/// A server that says nothing at all may have everything.
fn offers(capabilities: &serde_json::Value) -> Offers {
    let has = |name| {
        !capabilities.is_object() || capabilities.get(name).is_some_and(|one| one.is_object())
    };
    Offers {
        tools: has("tools"),
        prompts: has("prompts"),
        resources: has("resources"),
        logging: has("logging"),
        tasks: has("tasks"),
    }
}
