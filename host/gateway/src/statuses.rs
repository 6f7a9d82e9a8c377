//! Status lists are fetched here, beside the calls: before they are stale, and at once
//! where a credential stands in one that nobody looked for yet.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
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

/// And of one issuer: while its lists do not come, there is room for those of another one.
const AT_ONCE_OF_ISSUER_MAX: usize = 6;

/// The lists that are to be fetched, and how many are being fetched.
#[derive(Debug, Default)]
struct Turns {
    /// In the order in which they became due.
    waiting: VecDeque<ListKey>,
    /// These, and those that are being fetched.
    known: HashSet<ListKey>,
    /// Of each issuer, so many are being fetched.
    underway: HashMap<Arc<str>, usize>,
}

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

/// Fetches what is due, for ever. One that does not come holds no other one up.
pub(crate) async fn fetch(engine: &Engine) {
    let statuses = engine.agents().statuses();
    let clients = Clients::keeping(AT_ONCE_MAX);
    let mut all_at = Instant::now();
    let mut turns = Turns::default();
    let mut fetches = FuturesUnordered::new();
    loop {
        turns.add(engine.lists_due(&mut all_at, Instant::now()));
        while let Some(key) = turns.begin() {
            fetches.push(renew(engine, &clients, key));
        }
        tokio::select! {
            Some(key) = fetches.next() => turns.end(&key),
            () = statuses.wanted() => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
}

/// Fetches a list, and gives its key back, whatever came.
async fn renew(engine: &Engine, clients: &Clients, key: ListKey) -> ListKey {
    let fetched = match timeout(FETCH_MAX, get(clients, &key)).await {
        Ok(fetched) => fetched,
        Err(_elapsed) => Err("it did not come in time".to_owned()),
    };
    let text = fetched.as_ref().map(String::as_str).map_err(String::clone);
    if let Err(error) = engine.put_status(&key, text).await {
        tracing::warn!(list = %key.list, %error, "a status list is not renewed");
    }
    key
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

// === impl Turns ===

impl Turns {
    /// These are due, if they are not known to be.
    fn add(&mut self, due: impl IntoIterator<Item = ListKey>) {
        for key in due {
            if self.known.insert(key.clone()) {
                self.waiting.push_back(key);
            }
        }
    }

    /// The next one that is to be fetched, if there is room: of the issuer of which the fewest
    /// are being fetched, the one that waits for longest.
    fn begin(&mut self) -> Option<ListKey> {
        if self.underway.values().sum::<usize>() >= AT_ONCE_MAX {
            return None;
        }
        let underway = |key: &ListKey| self.underway.get(&key.issuer).copied().unwrap_or_default();
        let waiting = self.waiting.iter().map(underway).enumerate();
        let may_begin = waiting.filter(|(_, underway)| *underway < AT_ONCE_OF_ISSUER_MAX);
        let (place, _) = may_begin.min_by_key(|(_, underway)| *underway)?;
        let key = self.waiting.remove(place)?;
        *self.underway.entry(Arc::clone(&key.issuer)).or_default() += 1;
        Some(key)
    }

    /// It came, or did not.
    fn end(&mut self, key: &ListKey) {
        self.known.remove(key);
        if let Some(underway) = self.underway.get_mut(&key.issuer) {
            *underway = underway.saturating_sub(1);
        }
        self.underway.retain(|_, underway| *underway > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(issuer: &str, number: usize) -> ListKey {
        ListKey {
            list: format!("https://{issuer}.example/{number}").into(),
            issuer: issuer.into(),
            kind: ListKind::Token,
        }
    }

    #[test]
    fn an_issuer_whose_lists_do_not_come_leaves_turns_to_others() {
        let mut turns = Turns::default();
        turns.add((0..100).map(|number| list("slow", number)));
        for number in 0..AT_ONCE_OF_ISSUER_MAX {
            assert_eq!(turns.begin(), Some(list("slow", number)));
        }
        assert_eq!(turns.begin(), None);
        // One that waits or is being fetched is not fetched beside that.
        turns.add([list("slow", 0), list("slow", 99), list("other", 0)]);
        turns.add((1..20).map(|number| list("other", number)));
        assert_eq!(turns.begin(), Some(list("other", 0)));
        assert_eq!(turns.begin(), Some(list("other", 1)));
        assert_eq!(turns.begin(), None, "as many as may are being fetched");
        turns.end(&list("slow", 0));
        assert_eq!(turns.begin(), Some(list("other", 2)));
        for number in 0..3 {
            turns.end(&list("other", number));
            assert_eq!(turns.begin(), Some(list("other", number + 3)));
        }
        let waiting = 100 - AT_ONCE_OF_ISSUER_MAX + 20 - 6;
        assert_eq!(turns.waiting.len(), waiting);
    }
}
