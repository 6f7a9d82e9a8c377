//! One server asked for its part of an answer: as by an agent at its own endpoint, and
//! within a time that the others can wait.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatewright_policy::Reason;

use super::came::Came;
use super::left::Left;
use super::opening::entered;
use super::part::{Aside, Part, part};
use super::sessions::Offers;
use crate::bodies::SumMax;

/// Longest that one server is waited for where others answer too.
pub(super) const PART_MAX: Duration = Duration::from_secs(10);

/// Most servers that are asked at once for one agent.
pub(super) const AT_ONCE: usize = 8;

/// The part of a server, unless it takes too long. Nothing where it says that it has none.
pub(super) async fn ask(
    came: &Arc<Came>,
    server: &Arc<str>,
    body: Bytes,
    has: fn(&Offers) -> bool,
    aside: &Aside,
) -> Result<Option<Part>, Left> {
    let asking = Box::pin(ask_it(came, server, body, has, aside));
    match tokio::time::timeout(PART_MAX, asking).await {
        Ok(Err(left)) if left.lacks_method() => Ok(None),
        Ok(asked) => asked,
        Err(_elapsed) => {
            let (reason, message) = (Reason::UpstreamTimeout, "it does not answer in time");
            Err(Left::without_answer(server, reason, message))
        }
    }
}

async fn ask_it(
    came: &Arc<Came>,
    server: &Arc<str>,
    body: Bytes,
    has: fn(&Offers) -> bool,
    aside: &Aside,
) -> Result<Option<Part>, Left> {
    let opened = match &came.session {
        None => None,
        Some(session) => Some(entered(came, session, server).await?),
    };
    if opened.as_ref().is_some_and(|opened| !has(&opened.offers)) {
        return Ok(None);
    }
    let incoming = came.to(server, came.headers(opened.as_ref()), body);
    let back = came.back(server, came.asked.id.clone());
    let part = part(&came.proxy, incoming, &back, Some(aside)).await?;
    let max = SumMax::of_answers(&came.snapshot.limits);
    let part = part.counted(&came.proxy.gate.answers, &came.owner, max);
    part.map(Some)
        .map_err(|full| Left::without_answer(server, Reason::Overloaded, full))
}
