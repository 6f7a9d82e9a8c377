//! One pass over a record: each call that is kept in full is judged again.

use std::sync::Arc;

use anyhow::Result;
use gatewright_engine::Snapshot;
use gatewright_engine::payloads::{NotThere, PayloadReader};
use gatewright_engine::rejudge::{JudgedAgain, NotJudged, judge_again};
use gatewright_policy::Timestamp;
use gatewright_policy::record::{CallPayload, Decided, Entry, Event, PayloadKind, RecordKeys};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use super::report::{Missing, Report};
use crate::log::{Entries, KeptPlace, Next, Record};
use crate::output::visible;

/// Calls that one task judges, one after the other.
const CALLS: usize = 64;

/// Tasks that are under way at once: bounds what is in memory.
const TASKS_MAX: usize = 16;

/// A record, and what is kept beside it.
pub(super) struct Past {
    pub(super) record: Record,
    pub(super) place: KeptPlace,
    pub(super) since: Timestamp,
    /// The only decision that is meant, if one is.
    pub(super) id: Option<String>,
}

/// A call that is kept.
struct Kept {
    sequence: u64,
    decided: Box<Decided>,
    call: CallPayload,
}

/// It, judged again.
type Judged = (Kept, Result<Vec<JudgedAgain>, NotJudged>);

// === impl Past ===

impl Past {
    /// Judges every call since then.
    pub(super) fn judged(&self, runtime: &Runtime, snapshot: &Arc<Snapshot>) -> Result<Report> {
        let mut reader = PayloadReader::open(&self.place.folder)?;
        let mut lines = Entries::open(&self.record)?;
        let keys = Arc::new(self.place.keys.clone());
        let mut report = Report::of(snapshot.policies);
        let (mut tasks, mut calls) = (JoinSet::new(), Vec::with_capacity(CALLS));
        loop {
            let text = match lines.next()? {
                Next::Line(text) => text,
                Next::TooLong => {
                    report.unreadable(&lines.place(), "too long to be an entry");
                    continue;
                }
                Next::End { .. } => break,
            };
            let entry = match Entry::of_line(text.as_bytes()) {
                Ok(entry) => entry,
                Err(error) => {
                    report.unreadable(&lines.place(), &visible(&error.to_string()));
                    continue;
                }
            };
            let (sequence, at) = (entry.sequence, entry.at);
            let Event::Decided(decided) = entry.event else {
                continue;
            };
            let is_meant = self.id.as_ref().is_none_or(|id| *id == decided.id);
            if at < self.since || !decided.judged || !is_meant {
                continue;
            }
            match read(&mut reader, &keys, &decided) {
                Ok(call) => calls.push(Kept {
                    sequence,
                    decided,
                    call,
                }),
                Err(missing) => report.not_judged(sequence, &decided.id, missing),
            }
            if calls.len() >= CALLS {
                let calls = std::mem::replace(&mut calls, Vec::with_capacity(CALLS));
                runtime.block_on(hand_out(&mut tasks, calls, (snapshot, &keys), &mut report))?;
            }
        }
        runtime.block_on(async {
            hand_out(&mut tasks, calls, (snapshot, &keys), &mut report).await?;
            while let Some(judged) = tasks.join_next().await {
                count(&mut report, judged?);
            }
            Ok::<_, anyhow::Error>(())
        })?;
        Ok(report)
    }
}

/// What is kept of a call, as its entry commits to it.
fn read(
    reader: &mut PayloadReader,
    keys: &RecordKeys,
    decided: &Decided,
) -> Result<CallPayload, Missing> {
    let Some(kept) = decided.kept else {
        return Err(Missing::NotKept);
    };
    let text = reader.text(keys, (&decided.id, PayloadKind::Call), &kept);
    let text = text.map_err(|error| match error {
        NotThere::Gone => Missing::Gone,
        NotThere::Changed => Missing::Changed,
        NotThere::Io { .. } => Missing::Unreadable,
    })?;
    if kept.masked {
        return Err(Missing::Masked);
    }
    // A gate of another version kept it.
    serde_json::from_str(&text).map_err(|_| Missing::Unreadable)
}

/// Lets a task judge these calls, once there is room for one.
async fn hand_out(
    tasks: &mut JoinSet<Vec<Judged>>,
    calls: Vec<Kept>,
    (snapshot, keys): (&Arc<Snapshot>, &Arc<RecordKeys>),
    report: &mut Report,
) -> Result<()> {
    while tasks.len() >= TASKS_MAX {
        if let Some(judged) = tasks.join_next().await {
            count(report, judged?);
        }
    }
    let (snapshot, keys) = (Arc::clone(snapshot), Arc::clone(keys));
    tasks.spawn(async move {
        let mut judged = Vec::with_capacity(calls.len());
        for kept in calls {
            let again = judge_again(&snapshot, &keys, &kept.call).await;
            judged.push((kept, again));
        }
        judged
    });
    Ok(())
}

fn count(report: &mut Report, judged: Vec<Judged>) {
    for (kept, again) in judged {
        let (sequence, decided) = (kept.sequence, &kept.decided);
        match again {
            Ok(names) => report.count(sequence, decided, &kept.call, &names),
            Err(NotJudged::Masked) => report.not_judged(sequence, &decided.id, Missing::Masked),
            Err(NotJudged::Budget) => report.not_judged(sequence, &decided.id, Missing::Budget),
            Err(NotJudged::Message { .. } | NotJudged::Scopes { .. } | NotJudged::Place) => {
                report.not_judged(sequence, &decided.id, Missing::Unreadable);
            }
        }
    }
}
