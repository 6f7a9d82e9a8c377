//! What comes in, as server-sent events. A stream ends with the session, when its reader
//! is too far behind, and after a while: the browser then asks again from where it was.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use gatewright_policy::record::{Entry, Event};
use hyper::{HeaderMap, Response, StatusCode};
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep, sleep_until};

use crate::desk::{Desk, Visitor};
use crate::pages::flat;
use crate::record::{Filter, News, Row};
use crate::reply::{Body, Refused, events};
use crate::sessions::Token;
use crate::views::unread;

/// A stream with nothing to tell says so this often: proxies end what is silent.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// How long a stream lives.
pub(crate) const LIFE: Duration = Duration::from_secs(10 * 60);

/// Entries that came while nobody listened, and that are told first.
const MISSED_MAX: usize = 256;

/// Calls under way whose end is told.
const OPEN_MAX: usize = 512;

/// Told to a page that must not go on.
const OVER: &str = "event: over\ndata: 1\n\n";

/// Whoever listens to decisions.
struct Listener {
    stream: Stream,
    filter: Filter,
    news: News,
    missed: VecDeque<Entry>,
    /// There is more of that than was read.
    is_behind: bool,
    /// The latest entry that was told of, or passed over.
    latest: Option<u64>,
    /// Calls that went ahead and were shown.
    open: HashSet<String>,
}

/// A stream that is open.
struct Stream {
    desk: Arc<Desk>,
    token: Token,
    ends: Instant,
    is_over: bool,
    _place: OwnedSemaphorePermit,
}

/// Decisions as they are recorded.
pub(crate) async fn decisions(
    desk: &Arc<Desk>,
    visitor: &Visitor,
    query: &str,
    headers: &HeaderMap,
) -> Result<Response<Body>, Refused> {
    let filter = Filter::read(query)
        .map_err(|unread| Refused::new(StatusCode::BAD_REQUEST, unread.wrong))?;
    let stream = Stream::open(desk, visitor)?;
    let news = desk.live.watch();
    // Where the page ends, or where a stream before this one did.
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "after");
    let after = last
        .map(str::to_owned)
        .or(asked.map(|(_, it)| it.into_owned()));
    let after = after.and_then(|after| after.parse::<u64>().ok());
    let (mut missed, mut is_behind) = (VecDeque::new(), false);
    if let Some(after) = after {
        let from = after.saturating_add(1);
        let lines = desk.sources.record.lines(from, MISSED_MAX).await;
        let lines = lines.map_err(unread)?;
        is_behind = lines.len() >= MISSED_MAX;
        missed.extend(
            lines
                .iter()
                .filter_map(|line| Entry::of_line(line.as_bytes()).ok()),
        );
    }
    let listener = Listener {
        stream,
        filter,
        news,
        missed,
        is_behind,
        latest: after,
        open: HashSet::new(),
    };
    let told = stream::unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((text, listener))
    });
    Ok(events(told))
}

/// That there is something new among the held calls; what, a page says.
pub(crate) fn approvals(desk: &Arc<Desk>, visitor: &Visitor) -> Result<Response<Body>, Refused> {
    let stream = Stream::open(desk, visitor)?;
    let changed = desk.sources.approvals.changed();
    let told = stream::unfold((stream, changed), |(mut stream, mut changed)| async move {
        let text = stream.changed(&mut changed).await?;
        Some((text, (stream, changed)))
    });
    Ok(events(told))
}

impl Stream {
    fn open(desk: &Arc<Desk>, visitor: &Visitor) -> Result<Self, Refused> {
        let place = Arc::clone(&desk.streams).try_acquire_owned();
        let place = place.map_err(|_full| {
            let why = "as many pages are live as may be";
            Refused::new(StatusCode::SERVICE_UNAVAILABLE, why)
        })?;
        Ok(Self {
            desk: Arc::clone(desk),
            token: visitor.token.clone(),
            ends: Instant::now() + LIFE,
            is_over: false,
            _place: place,
        })
    }

    /// Whether its session is over. That is told once.
    fn is_over(&mut self) -> bool {
        let goes_on = self.desk.sessions.goes_on(&self.token, self.desk.now());
        self.is_over = !goes_on;
        !goes_on
    }

    async fn changed(&mut self, changed: &mut watch::Receiver<u64>) -> Option<String> {
        if self.is_over {
            return None;
        }
        let text = tokio::select! {
            seen = changed.changed() => match seen {
                Ok(()) => "event: changed\ndata: 1\n\n",
                Err(_nobody) => return None,
            },
            () = sleep(SILENCE_MAX) => ":\n\n",
            () = sleep_until(self.ends) => return None,
        };
        match self.is_over() {
            true => Some(OVER.to_owned()),
            false => Some(text.to_owned()),
        }
    }
}

impl Listener {
    /// What to tell next; none when the stream ends.
    async fn next(&mut self) -> Option<String> {
        loop {
            if self.stream.is_over {
                return None;
            }
            if self.stream.is_over() {
                return Some(OVER.to_owned());
            }
            if let Some(entry) = self.missed.pop_front() {
                if let Some(text) = self.tell(&entry) {
                    return Some(text);
                }
                continue;
            }
            if self.is_behind {
                return self.behind();
            }
            tokio::select! {
                entry = self.news.recv() => match entry {
                    Ok(entry) => {
                        if let Some(text) = self.tell(&entry) {
                            return Some(text);
                        }
                    }
                    Err(RecvError::Lagged(_)) => return self.behind(),
                    Err(RecvError::Closed) => return None,
                },
                () = sleep(SILENCE_MAX) => return Some(":\n\n".to_owned()),
                () = sleep_until(self.stream.ends) => return None,
            }
        }
    }

    /// The browser asks again, from the last entry that it was told of.
    fn behind(&mut self) -> Option<String> {
        self.stream.is_over = true;
        Some("event: behind\ndata: 1\n\n".to_owned())
    }

    fn tell(&mut self, entry: &Entry) -> Option<String> {
        if self.latest.is_some_and(|latest| entry.sequence <= latest) {
            return None;
        }
        self.latest = Some(entry.sequence);
        let (event, data) = match &entry.event {
            Event::Decided(decided) if self.filter.wants(decided) => {
                let row = Row::of(entry.sequence, entry.at, decided);
                if row.reason.is_none() && self.open.len() < OPEN_MAX {
                    self.open.insert(row.id.clone());
                }
                ("decision", told(&row))
            }
            Event::Completed(completed) if self.open.remove(&completed.id) => {
                let (word, tone) = Row::ended_word(completed);
                (
                    "end",
                    json!({ "id": completed.id, "word": word, "tone": tone }).to_string(),
                )
            }
            // Nothing that a list of decisions shows.
            _other => return None,
        };
        Some(format!(
            "id: {}\nevent: {event}\ndata: {data}\n\n",
            entry.sequence
        ))
    }
}

/// A row for the script, which sets it as text: what nobody would see is made visible.
fn told(row: &Row) -> String {
    let (word, tone) = row.word();
    json!({
        "id": row.id,
        "word": word,
        "tone": tone,
        "what": flat(&row.what),
        "by": flat(&row.by()),
        "why": row.why().map(|reason| reason.code()),
        "exact": row.at.to_string(),
        "when": "just now",
    })
    .to_string()
}
