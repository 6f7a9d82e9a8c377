//! The last decisions.

use std::collections::{BTreeMap, HashMap};

use gatewright_policy::record::{Completed, Event};
use gatewright_policy::{Reason, Timestamp};

use super::back::back;
use super::{Filter, Record, RecordError, Row};

/// Some decisions, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) rows: Vec<Row>,
    /// How many entries were looked at.
    pub(crate) looked_at: u64,
    /// Where it goes on, if there is more.
    pub(crate) before: Option<u64>,
    /// The newest entry that was looked at.
    pub(crate) newest: Option<u64>,
}

/// The last decisions before this sequence.
pub(crate) async fn tail(
    record: &dyn Record,
    filter: &Filter,
    before: Option<u64>,
    wanted: usize,
) -> Result<Tail, RecordError> {
    let mut tail = Tail::default();
    let mut ends = HashMap::new();
    back(record, before, |entry| {
        tail.newest = tail.newest.or(Some(entry.sequence));
        tail.looked_at += 1;
        tail.before = Some(entry.sequence).filter(|sequence| *sequence > 0);
        match entry.event {
            Event::Completed(completed) => {
                ends.insert(completed.id.clone(), completed);
            }
            Event::Decided(decided) if filter.wants(&decided) => {
                let mut row = Row::of(entry.sequence, entry.at, &decided);
                if let Some(completed) = ends.remove(&row.id) {
                    row.ends(&completed);
                }
                tail.rows.push(row);
            }
            // Lists of decisions are about nothing else.
            _other => {}
        }
        tail.rows.len() < wanted
    })
    .await
    .map(|is_all| {
        if is_all {
            tail.before = None;
        }
        tail
    })
}

/// What tool servers did lately.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    pub(crate) servers: BTreeMap<String, Upstream>,
}

/// A tool server that was asked.
#[derive(Debug, Default)]
pub(crate) struct Upstream {
    pub(crate) answered: Option<Timestamp>,
    pub(crate) failed: Option<(Timestamp, Reason)>,
}

/// What happened in the last entries.
pub(crate) async fn activity(record: &dyn Record) -> Result<Activity, RecordError> {
    let mut activity = Activity::default();
    let mut ends: HashMap<String, (Timestamp, Completed)> = HashMap::new();
    back(record, None, |entry| {
        match entry.event {
            Event::Completed(completed) => {
                ends.insert(completed.id.clone(), (entry.at, completed));
            }
            Event::Decided(decided) => {
                if let Some((at, completed)) = ends.remove(&decided.id) {
                    activity.ended(&decided.server, at, &completed);
                }
            }
            // No tool server was asked anything else.
            _other => {}
        }
        true
    })
    .await?;
    Ok(activity)
}

impl Activity {
    fn ended(&mut self, server: &str, at: Timestamp, completed: &Completed) {
        let upstream = self.servers.entry(server.to_owned()).or_default();
        match completed.reason {
            Some(
                reason @ (Reason::UpstreamUnavailable
                | Reason::UpstreamTimeout
                | Reason::UpstreamInvalid),
            ) => upstream.failed = upstream.failed.or(Some((at, reason))),
            Some(_) | None => upstream.answered = upstream.answered.or(Some(at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::record::back::LOOKED_AT_MAX;
    use crate::record::tests::{Written, completed, decided, denied, id};

    fn filter(query: &str) -> Filter {
        Filter::read(query).unwrap()
    }

    fn read(record: &Written, query: &str, before: Option<u64>, wanted: usize) -> Tail {
        let filter = filter(query);
        let read = tail(record, &filter, before, wanted).now_or_never();
        read.expect("memory answers at once").unwrap()
    }

    #[test]
    fn the_newest_come_first_with_their_ends() {
        let record = Written::default();
        for number in 0..600 {
            let (id, at) = (id(number, number), number);
            record.push(at, Event::Decided(decided(&id, "bot", "read")));
            record.push(at, Event::Completed(completed(&id)));
        }
        let page = read(&record, "", None, 10);
        let numbers: Vec<_> = page.rows.iter().map(|row| row.sequence).collect();
        assert_eq!(
            numbers,
            (590..600).rev().map(|it| it * 2).collect::<Vec<_>>()
        );
        assert!(page.rows.iter().all(|row| row.ended.is_some()));
        assert_eq!((page.before, page.newest), (Some(1180), Some(1199)));
        let next = read(&record, "", page.before, 10);
        assert_eq!(next.rows[0].sequence, 1178);
        let all = read(&record, "", None, 1000);
        assert_eq!((all.rows.len(), all.before), (600, None));
    }

    #[test]
    fn a_filter_that_nothing_fits_looks_at_so_much_and_no_more() {
        let record = Written::default();
        record.push(0, Event::Decided(denied("1", "bot", "write")));
        for number in 0..5000 {
            let id = id(number, number);
            record.push(number, Event::Decided(decided(&id, "bot", "read")));
        }
        let page = read(&record, "decision=deny", None, 10);
        assert!(page.rows.is_empty());
        assert_eq!(page.looked_at, LOOKED_AT_MAX);
        let next = read(&record, "decision=deny", page.before, 10);
        assert_eq!((next.rows.len(), next.before), (1, None));
    }

    #[test]
    fn servers_are_told_by_what_they_did() {
        let record = Written::default();
        record.push(1, Event::Decided(decided("1", "bot", "read")));
        let mut failed = completed("1");
        failed.reason = Some(Reason::UpstreamTimeout);
        record.push(2, Event::Completed(failed));
        record.push(3, Event::Decided(denied("2", "bot", "write")));
        let read = activity(&record).now_or_never();
        let activity = read.expect("memory answers at once").unwrap();
        let server = &activity.servers["files"];
        assert_eq!(server.failed, Some((Timestamp(2), Reason::UpstreamTimeout)));
        assert_eq!(server.answered, None);
    }
}
