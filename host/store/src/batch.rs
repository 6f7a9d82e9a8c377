//! Several wishes in one transaction: each counts whole or not at all, by the rules of
//! the engine, and what counts is written at once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use gatewright_engine::ledger::{LedgerError, Receipt};
use gatewright_engine::memory::{Excerpt, NotCommitted};
use gatewright_engine::quota::{BUDGETS_MAX, QuotaError};
use gatewright_engine::session::SessionError;
use gatewright_policy::record::RecordKeys;
use serde::Serialize;

use crate::agents::{Changing, Registered};
use crate::batch_error::BatchError;
use crate::connection::{Connection, Value};
use crate::head::Head;
use crate::held::{HeldRow, Steps, Waiting};
use crate::kept::{self, BudgetPlace, BudgetRow, CallUnderWay, KeptSession, SessionRow, millis};
use crate::let_go::let_go;
use crate::sweeping::{is_full, sweep};
use crate::wish::{Committing, Outcome, Wish};

/// Wishes, and who has them.
pub(crate) struct Batch<'a> {
    pub(crate) wishes: &'a [Wish],
    pub(crate) gate: &'a str,
    pub(crate) keys: &'a RecordKeys,
    /// Of the salt that they are of.
    pub(crate) fingerprint: &'a str,
    /// Which start of the gate this is.
    pub(crate) started: i64,
    /// Ids of calls that ended without an entry, by session.
    pub(crate) ended: &'a HashMap<String, Vec<String>>,
    /// Rows that have ended are looked for.
    pub(crate) sweeps: bool,
    /// Who may go on, as this gate knows it.
    pub(crate) registered: &'a Registered,
}

/// What a batch came to.
pub(crate) struct Done {
    /// In the order of its wishes.
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) head: Head,
    pub(crate) registered: Registered,
    /// Calls that were held, or went ahead, under a clock that is set back.
    pub(crate) let_go: usize,
}

/// What the database says about the sessions and budgets of a batch.
#[derive(Default)]
struct Found {
    excerpt: Excerpt,
    sessions: HashMap<String, String>,
    budgets: HashMap<(String, String), String>,
    /// How often each gate started.
    gates: HashMap<String, i64>,
    /// Calls of the sessions that are under way.
    under_way: HashMap<String, Vec<CallUnderWay>>,
    unreadable: HashSet<String>,
    /// Budgets of which nobody knows what is spent.
    lost: HashSet<(String, String)>,
}

/// What a batch writes.
struct Written {
    entries: Vec<EntryRow>,
    sessions: Vec<SessionRow>,
    budgets: Vec<BudgetRow>,
    held: Vec<HeldRow>,
    waiting: Waiting,
    steps: Steps,
    generation: i64,
    agents: Changing,
}

#[derive(Serialize)]
struct EntryRow {
    sequence: i64,
    at: i64,
    body: String,
}

// === impl Batch ===

impl Batch<'_> {
    /// Makes all of it count, or nothing. On an error the connection is of no use any
    /// more.
    pub(crate) async fn commit(&self, connection: &mut Connection) -> Result<Done, BatchError> {
        let done = self.transaction(connection).await;
        let done = done.map_err(|source| BatchError {
            source,
            unsure: false,
        })?;
        let committed = connection.run("COMMIT").await;
        committed.map_err(|source| BatchError {
            source,
            unsure: true,
        })?;
        Ok(done)
    }

    async fn transaction(&self, connection: &mut Connection) -> Result<Done, sqlx::Error> {
        connection.run(connection.dialect().begin).await?;
        let mut head = Head::lock(connection).await?;
        if head.salt != self.fingerprint {
            let problem = "is another one than it was: its salt is another one";
            return Err(sqlx::Error::InvalidArgument(problem.to_owned()));
        }
        let let_go = let_go(self.wishes, connection, self.keys).await?;
        sweep((self.wishes, self.sweeps), connection, &mut head).await?;
        let found = self.read(connection).await?;
        // Another gate may have changed it since; nobody can while the head is locked.
        let registered = self.registered.clone().at(head.agents, connection).await?;
        let mut written = Written {
            entries: Vec::new(),
            sessions: Vec::new(),
            budgets: Vec::new(),
            held: Vec::new(),
            waiting: Waiting::beside(self.wishes, connection).await?,
            steps: Steps::read(self.wishes, connection).await?,
            generation: 0,
            agents: Changing::of(registered),
        };
        let mut outcomes = Vec::with_capacity(self.wishes.len());
        for wish in self.wishes {
            outcomes.push(found.fulfil(wish, &mut head, &mut written));
        }
        found
            .changed(self, &mut head, &mut written)
            .map_err(encoding)?;
        self.write(connection, &head, &written).await?;
        Ok(Done {
            outcomes,
            head,
            registered: written.agents.registered(),
            let_go,
        })
    }

    /// Everything that the wishes are about.
    async fn read(&self, connection: &mut Connection) -> Result<Found, sqlx::Error> {
        let sessions: BTreeSet<_> = self.wishes.iter().filter_map(Wish::session).collect();
        let budgets = self.wishes.iter().filter_map(|wish| match wish {
            Wish::Commit(committing, _) => Some(committing.effects.budgets()),
            Wish::Enter(..) | Wish::Label(..) | Wish::End(_) | Wish::Sweep(_) => None,
        });
        let budgets: BTreeSet<_> = budgets.flatten().collect();
        let mut found = Found::default();
        let budgets = budgets.into_iter();
        let budgets = budgets.map(|(binding, key)| BudgetPlace { binding, key });
        let budgets: Vec<_> = budgets.collect();
        let sessions = serde_json::to_string(&sessions).map_err(encoding)?;
        let budgets = serde_json::to_string(&budgets).map_err(encoding)?;
        let values = [Value::Text(&sessions), Value::Text(&budgets)];
        let mut kept = Vec::new();
        for row in connection.rows(connection.dialect().read, &values).await? {
            let (name, key, body) = (row.text(1)?, row.text(2)?, row.text(3)?);
            match row.integer(0)? {
                0 => kept.push((name, body)),
                1 => found.take_budget(name, key, body),
                _gate => {
                    found.gates.insert(name, body.parse().unwrap_or_default());
                }
            }
        }
        if found.gates.get(self.gate) != Some(&self.started) {
            let problem = "is used by another gate of the same name: each needs its own";
            return Err(sqlx::Error::InvalidArgument(problem.to_owned()));
        }
        for (name, body) in kept {
            found.take_session(name, body, self);
        }
        Ok(found)
    }

    async fn write(
        &self,
        connection: &mut Connection,
        head: &Head,
        written: &Written,
    ) -> Result<(), sqlx::Error> {
        let sessions = serde_json::to_string(&written.sessions).map_err(encoding)?;
        let budgets = serde_json::to_string(&written.budgets).map_err(encoding)?;
        let entries = serde_json::to_string(&written.entries).map_err(encoding)?;
        let values = [
            Value::Text(&sessions),
            Value::Text(&budgets),
            Value::Text(&entries),
            Value::Text(self.gate),
            Value::Integer(written.generation),
            Value::Integer(head.next),
            Value::Integer(head.latest),
            Value::Integer(head.sessions),
            Value::Integer(head.budgets),
        ];
        let write = connection.dialect().write;
        connection.rows(write, &values).await?;
        if !written.held.is_empty() {
            let held = serde_json::to_string(&written.held).map_err(encoding)?;
            let hold = connection.dialect().hold;
            connection.rows(hold, &[Value::Text(&held)]).await?;
        }
        let now = kept::time(head.latest);
        written.agents.write(connection, now).await?;
        written.steps.write(connection).await
    }
}

// === impl Found ===

impl Found {
    fn take_session(&mut self, name: String, body: String, batch: &Batch<'_>) {
        let Ok((mut kept, labels)) = kept::session(&name, &body, batch.keys) else {
            self.unreadable.insert(name);
            return;
        };
        // What was under way when a gate died is so no more.
        let is_there = |call: &CallUnderWay| self.gates.get(&call.gate) == Some(&call.started);
        kept.under_way.retain(is_there);
        let ids = kept
            .under_way
            .iter()
            .map(|call| Arc::from(call.id.as_str()));
        self.excerpt.take_session(kept.session, labels, ids);
        for id in batch.ended.get(&name).into_iter().flatten() {
            self.excerpt.ended(&name, id);
        }
        self.under_way.insert(name.clone(), kept.under_way);
        self.sessions.insert(name, body);
    }

    fn take_budget(&mut self, binding: String, key: String, body: String) {
        match kept::budget(&binding, &key, &body) {
            Ok(budget) => {
                self.excerpt.take_budget(budget);
                self.budgets.insert((binding, key), body);
            }
            Err(kept::Unreadable) => {
                self.lost.insert((binding, key));
            }
        }
    }

    fn fulfil(&self, wish: &Wish, head: &mut Head, written: &mut Written) -> Outcome {
        let session = wish.session();
        let is_unreadable = session.is_some_and(|session| self.unreadable.contains(session));
        match wish {
            Wish::Enter(..) if is_unreadable => Outcome::Entered(Err(SessionError::Unknown)),
            Wish::Label(..) if is_unreadable => Outcome::Labelled(Err(SessionError::Unknown)),
            Wish::Commit(..) if is_unreadable => {
                let error = LedgerError::Write("what a session carries cannot be read".to_owned());
                Outcome::Committed(Err(error.into()))
            }
            Wish::Enter(entering, _) => {
                let here = count(self.sessions.len());
                let elsewhere = usize::try_from(head.sessions.saturating_sub(here));
                Outcome::Entered(self.excerpt.enter(
                    &entering.grant,
                    entering.at,
                    &entering.limits,
                    elsewhere.unwrap_or_default(),
                ))
            }
            Wish::Label(labelling, _) => {
                let labelled = self.excerpt.label(&labelling.session, &labelling.labels);
                Outcome::Labelled(labelled)
            }
            Wish::Commit(committing, _) => {
                Outcome::Committed(self.enter_in_record(committing, head, written))
            }
            Wish::End(ending) => {
                for id in &ending.ids {
                    self.excerpt.ended(&ending.session, id);
                }
                Outcome::Ended
            }
            Wish::Sweep(_) => Outcome::Swept,
        }
    }

    fn enter_in_record(
        &self,
        committing: &Committing,
        head: &mut Head,
        written: &mut Written,
    ) -> Result<Receipt, NotCommitted> {
        let effects = &committing.effects;
        let budgets = effects.budgets();
        if budgets.iter().any(|budget| self.lost.contains(budget)) {
            let error = LedgerError::Write("what is spent cannot be read".to_owned());
            return Err(error.into());
        }
        if is_full(head.budgets, BUDGETS_MAX)
            && let Some((_, quota)) = effects.charges.iter().find(|(binding, quota)| {
                let place = (binding.clone(), quota.key.clone());
                !self.budgets.contains_key(&place)
            })
        {
            return Err(QuotaError::of(quota).into());
        }
        let sequence = u64::try_from(head.next).unwrap_or_default();
        let mut body = Vec::new();
        let line = committing.line.write(sequence, &mut body);
        line.map_err(|error| LedgerError::Write(error.to_string()))?;
        body.pop();
        let body =
            String::from_utf8(body).map_err(|error| LedgerError::Write(error.to_string()))?;
        written.agents.admits(effects.asker.as_ref())?;
        if let Some(hold) = &effects.held {
            written.waiting.is_first(hold, effects.approval.as_ref())?;
            written.waiting.admit(hold)?;
        }
        if let Some(step) = &effects.approval {
            written.steps.admit(step, committing.line.at)?;
        }
        self.excerpt.commit(effects.clone())?;
        if let Some(change) = &effects.agents {
            // It costs nothing and leaves nothing else behind.
            written.agents.change(change, effects.at)?;
        }
        if let Some(hold) = &effects.held {
            written.held.push(written.waiting.take(hold));
        }
        if let Some(step) = &effects.approval {
            written.steps.take(step, committing.line.at);
        }
        written.steps.settle(effects.outcome.as_ref());
        let at = millis(committing.line.at);
        written.entries.push(EntryRow {
            sequence: head.next,
            at,
            body,
        });
        if let Some(generation) = committing.generation {
            written.generation = i64::try_from(generation).unwrap_or(i64::MAX);
        }
        head.next = head.next.saturating_add(1);
        head.latest = match committing.sets_clock {
            true => at,
            false => head.latest.max(at),
        };
        Ok(Receipt::new(sequence))
    }

    /// The calls of a session that are under way, each at its gate.
    fn under_way(&self, session: &str, batch: &Batch<'_>) -> Vec<CallUnderWay> {
        let known = self.under_way.get(session);
        let ids = self.excerpt.under_way(session).into_iter();
        let calls = ids.map(|id| {
            let known = known.into_iter().flatten().find(|call| *call.id == *id);
            known.cloned().unwrap_or_else(|| CallUnderWay {
                id: id.to_string(),
                gate: batch.gate.to_owned(),
                started: batch.started,
            })
        });
        calls.collect()
    }

    /// What is to be written of sessions and budgets, and how many there are then.
    fn changed(
        &self,
        batch: &Batch<'_>,
        head: &mut Head,
        written: &mut Written,
    ) -> Result<(), serde_json::Error> {
        for session in self.excerpt.sessions(batch.keys) {
            let under_way = self.under_way(&session.session, batch);
            let row = kept::session_row(KeptSession { session, under_way })?;
            let known = self.sessions.get(&row.name);
            if known.is_none() {
                head.sessions = head.sessions.saturating_add(1);
            }
            if known != Some(&row.body) {
                written.sessions.push(row);
            }
        }
        for budget in self.excerpt.budgets() {
            let row = kept::budget_row(budget)?;
            let known = self.budgets.get(&(row.binding.clone(), row.key.clone()));
            if known.is_none() {
                head.budgets = head.budgets.saturating_add(1);
            }
            if known != Some(&row.body) {
                written.budgets.push(row);
            }
        }
        Ok(())
    }
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn encoding(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}
