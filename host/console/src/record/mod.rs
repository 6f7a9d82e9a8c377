//! The record, as the console reads it: its end, a place in it, what comes in. Never the
//! whole of it.

mod back;
mod file;
mod filter;
mod find;
mod live;
mod people;
mod row;
mod tail;

use std::ops::Range;

use futures_util::future::BoxFuture;

pub use file::FileRecord;
pub(crate) use filter::Filter;
pub(crate) use find::{Found, find};
pub(crate) use live::{Live, News};
pub(crate) use people::{Act, History, Wanted, What, history};
pub(crate) use row::{Row, tool_of};
pub(crate) use tail::{Activity, Tail, activity, tail};

/// A record that may be growing.
pub trait Record: Send + Sync + 'static {
    /// The sequences of the first entry that is left and of the one that comes next.
    fn span(&self) -> BoxFuture<'_, Result<Range<u64>, RecordError>>;

    /// Entries from this sequence on, in order, as they stand in the record; fewer than
    /// `count` where there are no more, or where they are long.
    fn lines(&self, from: u64, count: usize) -> BoxFuture<'_, Result<Vec<String>, RecordError>>;
}

/// The record cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the record cannot be read: {0}")]
pub struct RecordError(pub String);

#[cfg(test)]
pub(crate) mod tests {
    use futures_util::FutureExt as _;
    use gatewright_policy::record::{Completed, Decided, Entry, Event};
    use gatewright_policy::request::PastOutcome;
    use gatewright_policy::{DecisionKind, Digest, Reason, Timestamp};
    use std::sync::Mutex;

    use super::*;

    /// A record in memory.
    #[derive(Default)]
    pub(crate) struct Written(pub(crate) Mutex<Vec<String>>);

    impl Written {
        pub(crate) fn push(&self, at: u64, event: Event) {
            let mut lines = self.0.lock().unwrap();
            let entry = Entry {
                sequence: lines.len() as u64,
                at: Timestamp(at),
                event,
            };
            lines.push(serde_json::to_string(&entry).unwrap());
        }
    }

    impl Record for Written {
        fn span(&self) -> BoxFuture<'_, Result<Range<u64>, RecordError>> {
            let end = self.0.lock().unwrap().len() as u64;
            std::future::ready(Ok(0..end)).boxed()
        }

        fn lines(
            &self,
            from: u64,
            count: usize,
        ) -> BoxFuture<'_, Result<Vec<String>, RecordError>> {
            let lines = self.0.lock().unwrap();
            let from = usize::try_from(from).unwrap();
            let some = lines.iter().skip(from).take(count).cloned().collect();
            std::future::ready(Ok(some)).boxed()
        }
    }

    /// The id of the call that was received then.
    pub(crate) fn id(at: u64, number: u64) -> String {
        let time = format!("{at:012x}");
        let (high, low) = time.split_at(8);
        format!("{high}-{low}-7000-8000-{number:012x}")
    }

    pub(crate) fn decided(id: &str, agent: &str, name: &str) -> Box<Decided> {
        let text = serde_json::json!({
            "id": id, "generation": 3, "policies": Digest::of(b"p"),
            "method": "tools/call", "server": "files", "name": name,
            "judged": true, "decision": "allow",
            "caller": {
                "agent": agent, "issuer": "did:key:z", "principal": "kim",
                "session": "s", "credential": Digest::of(b"c"), "expires_at": 9,
            },
        });
        serde_json::from_value(text).unwrap()
    }

    pub(crate) fn denied(id: &str, agent: &str, name: &str) -> Box<Decided> {
        let mut decided = decided(id, agent, name);
        decided.decision = DecisionKind::Deny;
        decided.reason = Some(Reason::Forbidden);
        decided
    }

    pub(crate) fn completed(id: &str) -> Completed {
        let text = serde_json::json!({ "id": id, "outcome": PastOutcome::Allowed });
        serde_json::from_value(text).unwrap()
    }
}
