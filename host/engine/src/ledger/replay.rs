//! Reading a ledger back: what a restarted gate must remember.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use gatewright_evidence::Hash;
use gatewright_policy::record::{
    Completed, Decided, Entry, Event, LINE_BYTES_MAX, LabelError, Labelled, RecordKeys,
};
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{DecisionKind, Envelope, Registry, Timestamp};

use super::approvals::Approvals;
use super::open_error::LedgerOpenError;
use super::renamed::Renamed;
use crate::agents::Inventory;
use crate::quota::Quotas;
use crate::session::{SessionEvent, Sessions};

/// Bytes read at once.
pub(super) const READ_BYTES: usize = 1 << 18;

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
    /// Sessions with labels that the salt does not open, and the first line of each.
    unreadable: HashMap<Arc<str>, (u64, LabelError)>,
    renamed: Renamed,
}

/// Reads a segment, in one go or as far as it has been written.
pub(super) struct Replay<'a> {
    path: &'a Path,
    keys: &'a RecordKeys,
    now: Timestamp,
    pub(super) past: Past,
    /// Entries that the first one promises, and that must come next.
    carried: u64,
    /// The line that was read last.
    line: Vec<u8>,
    /// How many there were.
    lines: u64,
    /// Of everything that was read, if somebody wants to know.
    pub(super) hasher: Option<blake3::Hasher>,
    /// The hash of each entry, if somebody wants to know.
    pub(super) entries: Option<Vec<Hash>>,
}

/// What was read of a segment.
pub(super) struct Replayed {
    pub(super) past: Past,
    pub(super) end: End,
    /// The hash of each of its entries.
    pub(super) entries: Vec<Hash>,
}

/// How what was read ends.
pub(crate) enum End {
    /// With a whole line.
    Whole,
    /// With an entry that lacks the end of its line. It counts: it may have been
    /// answered for, and to forget it could give back a budget or a label, while
    /// to keep one that nobody had an answer for takes nothing from anybody.
    Unended,
    /// With this, which is no entry.
    Torn(Vec<u8>),
}

/// Reads the whole file once.
pub(super) fn replay(
    file: &File,
    path: &Path,
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<Replayed, LedgerOpenError> {
    let mut reader = BufReader::with_capacity(READ_BYTES, file);
    let mut replay = Replay::new(path, keys, now);
    replay.entries = Some(Vec::new());
    let end = replay.read(&mut reader)?;
    Ok(Replayed {
        past: replay.past,
        end,
        entries: replay.entries.unwrap_or_default(),
    })
}

/// For simulations, whose ledger is in memory: what these bytes say about the past,
/// and how they end.
#[cfg(test)]
pub(crate) fn past_of(
    mut bytes: &[u8],
    keys: &RecordKeys,
    now: Timestamp,
) -> Result<(Past, End), LedgerOpenError> {
    let mut replay = Replay::new(Path::new("simulated"), keys, now);
    let end = replay.read(&mut bytes)?;
    Ok((replay.past, end))
}

// === impl Replay ===

impl<'a> Replay<'a> {
    pub(super) fn new(path: &'a Path, keys: &'a RecordKeys, now: Timestamp) -> Self {
        Self {
            path,
            keys,
            now,
            past: Past::default(),
            carried: 0,
            line: Vec::new(),
            lines: 0,
            hasher: None,
            entries: None,
        }
    }

    /// Takes in everything up to the end of `reader`.
    pub(super) fn read(&mut self, reader: &mut impl BufRead) -> Result<End, LedgerOpenError> {
        loop {
            self.line.clear();
            let read = io::Read::take(&mut *reader, LINE_BYTES_MAX as u64)
                .read_until(b'\n', &mut self.line)
                .map_err(|source| LedgerOpenError::Io {
                    path: self.path.to_owned(),
                    source,
                })?;
            let is_ended = self.line.last() == Some(&b'\n');
            if !is_ended && read >= LINE_BYTES_MAX {
                return Err(self.damaged(format!(
                    "it is longer than {LINE_BYTES_MAX} bytes: an older gate wrote a policy's words whole"
                )));
            }
            if is_ended {
                let entry = self.entry().map_err(|problem| self.damaged(problem))?;
                self.take_in(entry);
                continue;
            }
            let end = match self.entry() {
                _ if read == 0 => End::Whole,
                Err(_torn) => End::Torn(std::mem::take(&mut self.line)),
                Ok(entry) => {
                    self.take_in(entry);
                    End::Unended
                }
            };
            if self.carried > 0 {
                let left = self.carried;
                return Err(self.damaged(format!("{left} of its first entries are missing")));
            }
            self.past.forget_ended(self.path, self.now)?;
            return Ok(end);
        }
    }

    /// The entry in the line, if it is the one that belongs there.
    fn entry(&self) -> Result<Entry, String> {
        let entry: Entry = serde_json::from_slice(&self.line).map_err(|error| error.to_string())?;
        let begins = is_first(&entry.event);
        if begins && self.lines == 0 {
            return Ok(entry);
        }
        if begins {
            return Err("a segment begins in the middle of another one".to_owned());
        }
        if entry.sequence != self.past.next_sequence {
            return Err(format!(
                "it has sequence {} and not {}",
                entry.sequence, self.past.next_sequence
            ));
        }
        let carries = matches!(
            entry.event,
            Event::Ledger(
                LedgerEvent::CarriedSession(_)
                    | LedgerEvent::CarriedBudgets { .. }
                    | LedgerEvent::CarriedAgents { .. }
                    | LedgerEvent::CarriedApproval(_)
            )
        );
        if carries != (self.carried > 0) {
            return Err("what is carried over is not all at the beginning".to_owned());
        }
        Ok(entry)
    }

    fn take_in(&mut self, entry: Entry) {
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&self.line);
        }
        if let Some(entries) = &mut self.entries {
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            entries.push(Hash::of_entry(line));
        }
        if self.lines == 0 {
            self.past.first_sequence = entry.sequence;
            self.past.began = Some(entry.at);
        }
        let begins = self.carried > 0 || self.lines == 0 && is_first(&entry.event);
        self.carried = match &entry.event {
            Event::Ledger(LedgerEvent::Continued(first)) => first.carried,
            Event::Ledger(_)
            | Event::Started { .. }
            | Event::Activated { .. }
            | Event::ReloadFailed { .. }
            | Event::Decided(_)
            | Event::Labelled(_)
            | Event::Completed(_)
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Approval(_)
            | Event::Stopped => self.carried.saturating_sub(1),
        };
        self.lines += 1;
        self.past.length += self.line.len() as u64;
        if begins {
            self.past.beginning = self.past.length;
        }
        self.past.next_sequence = entry.sequence.saturating_add(1);
        self.past.take_in(entry, self.keys, self.lines);
    }

    fn damaged(&self, problem: String) -> LedgerOpenError {
        LedgerOpenError::Damaged {
            path: self.path.to_owned(),
            line: self.lines + 1,
            problem,
        }
    }
}

/// Whether a segment begins with this.
fn is_first(event: &Event) -> bool {
    matches!(event, Event::Ledger(LedgerEvent::Continued(_)))
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
            Event::Agents(change) => self.agents.redo(&change, entry.at),
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
            self.approvals.used(used);
        }
        if let Some(caller) = &mut decided.caller {
            let session = self.renamed.of_caller(caller);
            caller.session = session.to_string();
            self.open_labels(&session, &mut decided.labels, keys, line);
            self.open_labels(&session, &mut decided.declassified, keys, line);
        }
        if let Some(event) = SessionEvent::of_decision(at, decided) {
            self.sessions.restore(event);
        }
    }

    fn labelled(&mut self, mut labelled: Labelled, keys: &RecordKeys, line: u64) {
        let session = self.renamed.of(labelled.session);
        self.open_labels(&session, &mut labelled.labels, keys, line);
        labelled.session = session.to_string();
        self.sessions.restore(SessionEvent::of_labels(labelled));
    }

    fn completed(&mut self, mut completed: Completed, keys: &RecordKeys, line: u64) {
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
        self.open_labels(&session, &mut completed.labels, keys, line);
        completed.session = session.to_string();
        self.sessions
            .restore(SessionEvent::of_completion(completed));
    }

    /// What the ledger says about itself.
    fn own(&mut self, event: LedgerEvent, at: Timestamp, keys: &RecordKeys, line: u64) {
        match event {
            LedgerEvent::Continued(first) => {
                self.generation = self.generation.max(first.generation);
                self.latest = self.latest.max(Some(first.latest));
                self.key = first.key;
            }
            LedgerEvent::CarriedSession(mut session) => {
                let name = Arc::from(session.session.as_str());
                self.open_labels(&name, &mut session.labels, keys, line);
                self.sessions.carry_in(session, at);
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
            LedgerEvent::ClockSet { .. } => self.latest = Some(at),
            LedgerEvent::Cut(_) | LedgerEvent::Repaired(_) => {}
        }
    }

    fn open_labels(
        &mut self,
        session: &Arc<str>,
        labels: &mut Vec<String>,
        keys: &RecordKeys,
        line: u64,
    ) {
        let opened = labels.iter().map(|label| keys.open_label(label));
        match opened.collect() {
            Ok(opened) => *labels = opened,
            Err(source) => {
                labels.clear();
                let session = Arc::clone(session);
                self.unreadable.entry(session).or_insert((line, source));
            }
        }
    }
}
