//! What people decided, and what became of it: the approvals of the past, the newest first.

use std::collections::HashMap;

use gatewright_policy::approval::Choice;
use gatewright_policy::pattern::Pattern;
use gatewright_policy::record::{ApprovalEvent, ApprovalUse, Decided, Entry, Event};
use gatewright_policy::{DecisionKind, Timestamp};

use super::back::back;
use super::row::tool_of;
use super::{Record, RecordError};

/// Longest value that is looked for, in bytes.
const VALUE_BYTES_MAX: usize = 256;

/// Something that happened to a call that people are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// People are asked.
    Asked,
    /// Somebody said yes.
    Approved,
    /// Somebody said no.
    Rejected,
    /// A decision was not taken.
    NotTaken,
    /// It went ahead.
    Used,
    /// What came of it was given again, or asked for again.
    Repeated,
    /// It may not go ahead any more.
    Void,
}

/// One of these things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Act {
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) what: What,
    /// Id of the held call, or a keyed digest where there was none.
    pub(crate) held: String,
    /// The decision that tells most of it.
    pub(crate) decision: String,
    /// Who decided, or agreed.
    pub(crate) by: String,
    /// In their words, or why it was not taken.
    pub(crate) why: String,
    /// What the call is about, and who asked, where the record is not longer than is read.
    pub(crate) call: Option<(String, String)>,
}

/// Which of them are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    what: Option<What>,
    by: Option<Pattern>,
    /// As it was written, for the form and for links.
    pub(crate) written: (String, String),
}

/// Some of them, the newest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) acts: Vec<Act>,
    /// How many entries were looked at.
    pub(crate) looked_at: u64,
    /// Where it goes on, if there is more.
    pub(crate) before: Option<u64>,
}

/// What people did before this sequence.
pub(crate) async fn history(
    record: &dyn Record,
    wanted: &Wanted,
    before: Option<u64>,
    count: usize,
) -> Result<History, RecordError> {
    let mut history = History::default();
    let mut calls: HashMap<String, (String, String)> = HashMap::new();
    let is_all = back(record, before, |entry| {
        history.looked_at += 1;
        let sequence = entry.sequence;
        if let Event::Decided(decided) = &entry.event
            && decided.decision == DecisionKind::Hold
        {
            calls.insert(decided.id.clone(), call(decided));
        }
        if history.acts.len() < count {
            history.before = Some(sequence).filter(|sequence| *sequence > 0);
            history
                .acts
                .extend(act(entry).filter(|it| wanted.wants(it)));
        }
        // What is known of a call stands before what people decided on it.
        history.acts.len() < count || history.acts.iter().any(|it| !calls.contains_key(&it.held))
    })
    .await?;
    if is_all && history.acts.len() < count {
        history.before = None;
    }
    for act in &mut history.acts {
        act.call = calls.get(&act.held).cloned();
    }
    Ok(history)
}

/// What an entry says of a call that people are asked about.
fn act(entry: Entry) -> Option<Act> {
    let (sequence, at) = (entry.sequence, entry.at);
    let act = |what, held: String, decision: String, by: String, why: String| Act {
        sequence,
        at,
        what,
        held,
        decision,
        by,
        why,
        call: None,
    };
    match entry.event {
        Event::Approval(event) => Some(match *event {
            ApprovalEvent::Decided { held, vote, .. } => {
                let statement = vote.signed.statement;
                let what = match statement.choice {
                    Choice::Approve => What::Approved,
                    Choice::Reject => What::Rejected,
                };
                act(
                    what,
                    held.clone(),
                    held,
                    statement.approver,
                    statement.reason,
                )
            }
            ApprovalEvent::Refused {
                held,
                approver,
                why,
            } => {
                let by = approver.unwrap_or_default();
                act(
                    What::NotTaken,
                    held.clone(),
                    held,
                    by,
                    why.code().to_owned(),
                )
            }
        }),
        Event::Decided(decided) => {
            let Decided {
                id,
                decision,
                approval,
                ..
            } = *decided;
            let Some(used) = approval else {
                let asks = decision == DecisionKind::Hold;
                return asks
                    .then(|| act(What::Asked, id.clone(), id, String::new(), String::new()));
            };
            let what = match used.what {
                ApprovalUse::Joined | ApprovalUse::Rejected => return None,
                ApprovalUse::Consumed => What::Used,
                ApprovalUse::Void => What::Void,
                ApprovalUse::OutcomeGiven | ApprovalUse::OutcomeNotGiven => What::Repeated,
            };
            let by = used.approvers.join(", ");
            Some(act(what, used.held, id, by, String::new()))
        }
        // Nobody decided anything there.
        _other => None,
    }
}

fn call(decided: &Decided) -> (String, String) {
    let agent = decided.caller.as_ref().map(|it| it.agent.clone());
    (tool_of(decided), agent.unwrap_or_default())
}

// === impl What ===

impl What {
    /// All of them, in the order in which they happen.
    pub(crate) const ALL: [Self; 7] = [
        Self::Asked,
        Self::Approved,
        Self::Rejected,
        Self::NotTaken,
        Self::Used,
        Self::Repeated,
        Self::Void,
    ];

    /// As forms write it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::NotTaken => "not-taken",
            Self::Used => "went-ahead",
            Self::Repeated => "repeated",
            Self::Void => "void",
        }
    }
}

// === impl Wanted ===

impl Wanted {
    /// Reads the query of a URL; in words what is wrong with it.
    pub(crate) fn read(query: &str) -> Result<Self, &'static str> {
        let mut wanted = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            if value.len() > VALUE_BYTES_MAX {
                return Err("that is longer than anything that is looked for");
            }
            match &*name {
                "what" => {
                    let what = What::ALL.into_iter().find(|it| it.as_str() == value);
                    wanted.what = Some(what.ok_or("there is nothing of that kind")?);
                    value.clone_into(&mut wanted.written.0);
                }
                "by" => {
                    wanted.by = Some(Pattern::new(value));
                    value.clone_into(&mut wanted.written.1);
                }
                _other => {}
            }
        }
        Ok(wanted)
    }

    /// The query of a link to the same, from another place on.
    pub(crate) fn query(&self, before: u64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("what", &self.written.0), ("by", &self.written.1)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("before", &before.to_string());
        query.finish()
    }

    fn wants(&self, act: &Act) -> bool {
        self.what.is_none_or(|what| what == act.what)
            && self.by.as_ref().is_none_or(|by| by.matches(&act.by))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use gatewright_policy::approval::NotTaken;
    use gatewright_policy::record::UseOfApproval;

    use super::*;
    use crate::record::tests::{Written, decided, id};

    fn read(record: &Written, query: &str, before: Option<u64>, count: usize) -> History {
        let wanted = Wanted::read(query).unwrap();
        let read = history(record, &wanted, before, count).now_or_never();
        read.expect("memory answers at once").unwrap()
    }

    fn refused(held: &str, by: &str) -> Event {
        Event::Approval(Box::new(ApprovalEvent::Refused {
            held: held.to_owned(),
            approver: Some(by.to_owned()),
            why: NotTaken::WrongRole,
        }))
    }

    #[test]
    fn what_became_of_a_call_is_told_with_the_call() {
        let record = Written::default();
        let (held, ran) = (id(1, 1), id(2, 2));
        let mut asked = decided(&held, "bot", "transfer");
        asked.decision = DecisionKind::Hold;
        record.push(1, Event::Decided(asked));
        record.push(2, refused(&held, "sam"));
        let mut used = decided(&ran, "bot", "transfer");
        used.approval = Some(UseOfApproval {
            held: held.clone(),
            what: ApprovalUse::Consumed,
            approvers: vec!["kim".to_owned()],
            until: Timestamp(9),
            decide_by: Timestamp(9),
            outcome_until: None,
            made_by: None,
        });
        record.push(3, Event::Decided(used));
        for number in 0..300 {
            let other = id(4, number);
            record.push(4, Event::Decided(decided(&other, "bot", "read")));
        }
        let all = read(&record, "", None, 10);
        let told: Vec<_> = all
            .acts
            .iter()
            .map(|it| (it.what, it.by.as_str()))
            .collect();
        let expected = [
            (What::Used, "kim"),
            (What::NotTaken, "sam"),
            (What::Asked, ""),
        ];
        assert_eq!(told, expected);
        let call = Some(("files:transfer".to_owned(), "bot".to_owned()));
        assert!(all.acts.iter().all(|it| it.call == call), "{all:?}");
        assert_eq!(
            (all.acts[0].decision.as_str(), all.before),
            (ran.as_str(), None)
        );
        let sams = read(&record, "by=s*", None, 10);
        assert_eq!(sams.acts.len(), 1);
        assert_eq!(read(&record, "what=went-ahead", None, 10).acts.len(), 1);
        assert!(Wanted::read("what=nothing").is_err());
        // A page ends where it is full, and the next one goes on there; the call is known
        // on both.
        let first = read(&record, "", None, 1);
        assert_eq!((first.acts.len(), first.acts[0].call.clone()), (1, call));
        let next = read(&record, "", first.before, 10);
        assert_eq!(next.acts.len(), 2);
    }
}
