//! What a restarted gate must remember, entry by entry.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use gatewright_policy::record::{
    Completed, Decided, Entry, Event, LabelError, Labelled, RecordKeys,
};
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{DecisionKind, Envelope, Registry, Timestamp};

use super::approvals::Approvals;
use super::open_error::LedgerOpenError;
use super::renamed::Renamed;
use crate::agents::Inventory;
use crate::quota::Quotas;
use crate::session::{SessionEvent, Sessions};

/// What a ledger says about the past.
#[derive(Default)]
pub struct Past {
    /// Bytes that hold whole entries.
    pub(super) length: u64,
    /// Bytes of what stands at the beginning, before anything happened.
    pub(super) beginning: u64,
    /// The sequence of the first entry of this segment.
    pub(super) first_sequence: u64,
    /// When the segment began.
    pub(super) began: Option<Timestamp>,
    /// The sequence of the next entry.
    pub next_sequence: u64,
    /// The generation that was active last.
    pub generation: u64,
    /// The latest time of any entry: time does not run back from here.
    pub latest: Option<Timestamp>,
    /// Sessions that have not ended.
    pub sessions: Sessions,
    /// Budgets already spent.
    pub quotas: Quotas,
    /// What operators said about who may go on.
    pub agents: Registry,
    /// What agents did.
    pub inventory: Inventory,
    /// The key that signs its checkpoints; none where nothing says that there is one.
    pub(super) key: Option<String>,
    /// Ids of the calls that were held.
    pub(crate) holds: HashSet<String>,
    /// What people decided on them, and what became of that.
    pub approvals: Approvals,
    /// Those that people can still decide on, or that can be used: what is known of each, and its length in
    /// bytes.
    pub held: Vec<(Envelope, usize)>,
    /// Held calls whose outcomes were kept before the end had its entry.
    pub(super) settled: HashSet<String>,
    /// Held calls whose outcomes are kept.
    pub(crate) outcomes: HashSet<String>,
    /// Sessions with labels that the salt does not open, and the first line of each.
    unreadable: HashMap<Arc<str>, (u64, LabelError)>,
    renamed: Renamed,
}

// === impl Past ===

impl Past {
    /// Takes in what an entry says about later decisions.
    pub(super) fn take_in(&mut self, entry: Entry, keys: &RecordKeys, line: u64) {
        self.latest = self.latest.max(Some(entry.at));
        match entry.event {
            Event::Activated { generation, .. } => self.generation = generation,
            Event::Decided(decided) => {
                if decided.decision == DecisionKind::Hold {
                    self.holds.insert(decided.id.clone());
                }
                self.inventory.take_in(&decided, entry.at);
                self.decided(entry.at, *decided, keys, line);
            }
            Event::Labelled(labelled) => self.labelled(labelled, keys, line),
            Event::Completed(completed) => self.completed(completed, keys, line),
            Event::Agents(change) | Event::Tools(change) => self.agents.redo(&change, entry.at),
            Event::Approval(approval) => self.approvals.decided(*approval),
            Event::Ledger(event) => self.own(event, entry.at, keys, line),
            Event::Started { key, .. } => self.key = key.or(self.key.take()),
            Event::ReloadFailed { .. } | Event::Refused(_) | Event::Stopped => {}
        }
    }

    /// Lets go of sessions that have ended. That one of the others carries labels
    /// which nobody can read is an error: without them it would be clean.
    pub(super) fn forget_ended(
        &mut self,
        path: &Path,
        now: Timestamp,
    ) -> Result<(), LedgerOpenError> {
        self.sessions.forget_ended(now);
        let sessions = &self.sessions;
        self.unreadable.retain(|name, _| sessions.contain(name));
        let first = self.unreadable.values().min_by_key(|(line, _)| *line);
        first.map_or(Ok(()), |&(line, source)| {
            Err(LedgerOpenError::Unreadable {
                path: path.to_owned(),
                line,
                source,
            })
        })
    }

    fn decided(
        &mut self,
        written_at: Timestamp,
        mut decided: Decided,
        keys: &RecordKeys,
        line: u64,
    ) {
        let at = decided.received_at.unwrap_or(written_at);
        for (_, quota) in &mut decided.charges {
            quota.key = keys.quota_key(&quota.key);
        }
        self.quotas.restore(&decided.charges, at);
        if let Some(used) = decided.approval.take() {
            self.approvals.used(&decided.id, used);
        }
        let mut left = (Vec::new(), Vec::new());
        if let Some(caller) = &mut decided.caller {
            let session = self.renamed.of_caller(caller);
            caller.session = session.to_string();
            let labels = decided.labels.iter().map(|label| keys.open(label));
            let declassified = decided.declassified.iter();
            let declassified = declassified.map(|label| keys.open_label(label));
            left = (
                self.opened(&session, labels, line),
                self.opened(&session, declassified, line),
            );
        }
        if let Some(event) = SessionEvent::of_decision(at, decided, left) {
            self.sessions.restore(event);
        }
    }

    fn labelled(&mut self, mut labelled: Labelled, keys: &RecordKeys, line: u64) {
        let session = self.renamed.of(labelled.session);
        let labels = labelled.labels.iter().map(|label| keys.open(label));
        let labels = self.opened(&session, labels, line);
        labelled.session = session.to_string();
        self.sessions
            .restore(SessionEvent::of_labels(labelled, labels));
    }

    fn completed(&mut self, mut completed: Completed, keys: &RecordKeys, line: u64) {
        self.settled.extend(completed.outcome_of.take());
        if let Some(returned) = &mut completed.returned {
            for (_, quota) in &mut returned.charges {
                quota.key = keys.quota_key(&quota.key);
            }
            self.quotas
                .give_back(&returned.charges, returned.received_at);
        }
        if let Some(settled) = &mut completed.settled {
            for (_, quota) in &mut settled.charges {
                quota.key = keys.quota_key(&quota.key);
            }
            self.quotas.restore(&settled.charges, settled.received_at);
        }
        let session = self.renamed.of(completed.session);
        let labels = completed.labels.iter().map(|label| keys.open(label));
        let labels = self.opened(&session, labels, line);
        completed.session = session.to_string();
        self.sessions
            .restore(SessionEvent::of_completion(completed, labels));
    }

    /// What the ledger says about itself.
    fn own(&mut self, event: LedgerEvent, at: Timestamp, keys: &RecordKeys, line: u64) {
        match event {
            LedgerEvent::Continued(first) => {
                self.generation = self.generation.max(first.generation);
                self.latest = self.latest.max(Some(first.latest));
                self.key = first.key;
            }
            LedgerEvent::CarriedSession(session) => {
                let name = Arc::from(session.session.as_str());
                let labels = session.labels.iter().map(|label| keys.open(label));
                let labels = self.opened(&name, labels, line);
                self.sessions.carry_in(session, labels, at);
            }
            LedgerEvent::CarriedBudgets { budgets } => {
                for budget in budgets {
                    self.quotas.carry_in(budget);
                }
            }
            LedgerEvent::CarriedAgents { rows } => {
                rows.into_iter().for_each(|row| self.agents.set(row));
            }
            LedgerEvent::CarriedApproval(carried) => self.approvals.carry_in(carried),
            LedgerEvent::KeyRotated { to, .. } => self.key = Some(to),
            LedgerEvent::ClockSet { .. } => {
                self.latest = Some(at);
                self.quotas.set_clock(at);
            }
            LedgerEvent::Cut(_) | LedgerEvent::Repaired(_) | LedgerEvent::Erased(_) => {}
        }
    }

    /// Labels that the salt opens: all of them, or none, and then the session is not
    /// readable.
    fn opened<T>(
        &mut self,
        session: &Arc<str>,
        labels: impl Iterator<Item = Result<T, LabelError>>,
        line: u64,
    ) -> Vec<T> {
        labels.collect::<Result<_, _>>().unwrap_or_else(|source| {
            let session = Arc::clone(session);
            self.unreadable.entry(session).or_insert((line, source));
            Vec::new()
        })
    }
}
