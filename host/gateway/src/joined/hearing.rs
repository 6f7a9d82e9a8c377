//! The stream of one server: when it is asked for, and what a client misses while it is
//! away.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::HeaderValue;
use tokio::time::{Instant, sleep};

use super::came::Came;
use super::opening::entered;
use super::pace::Pace;
use super::sessions::{Opened, Session};
use crate::call::Answer;
use crate::headers::LAST_EVENT_ID;

/// Longest that a stream waits for its client to say that it is ready: some ask for it at
/// the same time. One that never says so hears all the same.
const READY_MAX: Duration = Duration::from_secs(2);

/// The stream of one server, as a part of that of all.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) pace: Pace,
    /// The session in which it was asked for last, where the server has any.
    pub(super) session: Option<Arc<str>>,
    /// Since when it is open.
    pub(super) since: Option<Instant>,
    /// It said something: what it would have said while it is away is missed.
    pub(super) spoke: bool,
    /// Its server was not there: nobody knows what that has now.
    pub(super) is_away: bool,
    /// Its server has no such stream.
    pub(super) is_silent: bool,
    /// The last of its events that it can go on after.
    pub(super) place: Option<Arc<str>>,
    /// How often its server had no part in a list, as far as that was seen.
    pub(super) left_out: u64,
}

/// The stream of one server, from an event on. It is asked for once that was told that the
/// client is ready: one that comes back to an event was.
pub(super) async fn heard(
    came: &Came,
    session: &Session,
    (server, opened): (&Arc<str>, &Opened),
    from: Option<&str>,
) -> Answer {
    if from.is_none() {
        session.is_ready(READY_MAX).await;
    }
    session.told(server).await;
    let mut headers = came.headers(Some(opened));
    if let Some(from) = from.and_then(|from| HeaderValue::from_str(from).ok()) {
        headers.insert(LAST_EVENT_ID, from);
    }
    let incoming = came.to(server, headers, Bytes::new());
    Box::pin(came.proxy.listen(incoming)).await
}

/// Completes when there is a session at a server that had none when the stream began, or the
/// gate refuses one. It is asked for one after a while, and less and less.
pub(super) async fn begun(came: Arc<Came>, session: Arc<Session>, server: Arc<str>) {
    let mut pace = came.pace();
    loop {
        sleep(pace.after(Duration::ZERO)).await;
        if session.at(&server).is_some() {
            return;
        }
        match entered(&came, &session, &server).await {
            Err(left) if !left.is_refused() => {}
            Ok(_) | Err(_) => return,
        }
    }
}

// === impl Part ===

impl Part {
    /// One that is asked for in this session.
    pub(super) fn new(pace: Pace, session: Option<Arc<str>>, left_out: u64) -> Self {
        Self {
            pace,
            session,
            since: None,
            spoke: false,
            is_away: false,
            is_silent: false,
            place: None,
            left_out,
        }
    }

    /// Its server answers, in this session. Whether the client missed anything that it may
    /// have said or become before.
    pub(super) fn is_back(&mut self, session: Option<Arc<str>>) -> bool {
        let is_another = self.session != session;
        self.session = session;
        let spoke = std::mem::take(&mut self.spoke);
        let was_away = std::mem::take(&mut self.is_away);
        spoke || was_away || is_another
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_is_said_once() {
        let at = |session: &str| Some(Arc::from(session));
        let mut part = Part::new(Pace::new(Duration::ZERO), at("one"), 0);
        assert!(!part.is_back(at("one")), "nothing was missed at first");
        part.spoke = true;
        assert!(part.is_back(at("one")), "it might have said more");
        part.is_away = true;
        assert!(part.is_back(at("one")), "nobody knows what it has now");
        assert!(part.is_back(at("two")), "it began anew");
        assert!(!part.is_back(at("two")));
    }
}
