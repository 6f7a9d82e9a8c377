//! The one who writes: takes the wishes that are there, makes all of them count in one
//! transaction, and goes on. Whoever wished may have gone meanwhile; the transaction
//! does not notice.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::ledger::LedgerError;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::batch::{Batch, Done};
use crate::batch_error::BatchError;
use crate::connection::Connection;
use crate::error::{is_passing, told};
use crate::place::{Place, Survives, late};
use crate::shared::Shared;
use crate::wish::{Outcome, Wish};

/// Wishes in one transaction.
const BATCH_MAX: usize = 128;

/// A batch is tried so often, where it is sure that nothing of it happened.
const ATTEMPTS_MAX: usize = 3;

/// Sessions with calls whose end has no entry. Of one more, labels are not taken off
/// until it ends.
const ENDED_MAX: usize = 1024;

/// How often rows that have ended are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

pub(crate) struct Writer {
    place: Place,
    shared: Arc<Shared>,
    wishes: mpsc::Receiver<Wish>,
    /// What counts only when it is on disk goes over this.
    synced: Option<Connection>,
    /// What must survive the gate alone, over this.
    written: Option<Connection>,
    swept: Option<Instant>,
    /// Ids of calls that ended without an entry, by session, until the session is
    /// written again.
    ended: HashMap<String, Vec<String>>,
}

// === impl Writer ===

impl Writer {
    pub(crate) fn new(place: Place, shared: Arc<Shared>, wishes: mpsc::Receiver<Wish>) -> Self {
        Self {
            place,
            shared,
            wishes,
            synced: None,
            written: None,
            swept: None,
            ended: HashMap::new(),
        }
    }

    /// Until nobody can wish any more and every wish was dealt with.
    pub(crate) async fn run(mut self) {
        let mut wishes = Vec::new();
        while self.wishes.recv_many(&mut wishes, BATCH_MAX).await > 0 {
            self.deal_with(std::mem::take(&mut wishes)).await;
        }
        for connection in [self.synced, self.written].into_iter().flatten() {
            // What counts is committed.
            let _said_goodbye = connection.close().await;
        }
    }

    async fn deal_with(&mut self, wishes: Vec<Wish>) {
        let end = Instant::now() + self.place.patience;
        let done = match timeout_at(end, self.try_all(&wishes)).await {
            Ok(done) => done,
            Err(_elapsed) => Err(late()),
        };
        let done = done.map_err(|error| {
            LedgerError::Write(format!(
                "the memory at {} {}",
                self.place.name,
                told(&error)
            ))
        });
        match self.shared.health.note(done) {
            Ok(done) => {
                let Done {
                    outcomes,
                    head,
                    registered,
                    let_go: _,
                } = done;
                self.shared.note(&head);
                self.shared.register(registered);
                self.told(&wishes, &outcomes);
                for (wish, outcome) in wishes.into_iter().zip(outcomes) {
                    wish.fulfil(outcome);
                }
            }
            Err(error) => {
                wishes.iter().for_each(|wish| self.keep_ended(wish));
                for wish in wishes {
                    wish.fail(&error);
                }
            }
        }
    }

    /// What was written knows which calls ended.
    fn told(&mut self, wishes: &[Wish], outcomes: &[Outcome]) {
        for wish in wishes {
            if let Some(session) = wish.session() {
                self.ended.remove(session);
            }
        }
        for (wish, outcome) in wishes.iter().zip(outcomes) {
            if matches!(outcome, Outcome::Committed(Err(_))) {
                self.keep_ended(wish);
            }
        }
    }

    /// A call whose end has no entry has ended all the same.
    fn keep_ended(&mut self, wish: &Wish) {
        let (session, ids) = match wish {
            Wish::Enter(..) | Wish::Label(..) | Wish::Sweep(_) => return,
            Wish::End(ending) => (Some(&ending.session), ending.ids.clone()),
            Wish::Commit(committing, _) => {
                let ended = committing.effects.ended.iter();
                let ids = ended.map(|ended| ended.id.clone());
                (committing.effects.session.as_ref(), ids.collect())
            }
        };
        if let Some(session) = session
            && !ids.is_empty()
            && self.ended.len() < ENDED_MAX
        {
            let known = self.ended.entry(session.to_string()).or_default();
            known.extend(ids);
        }
    }

    async fn try_all(&mut self, wishes: &[Wish]) -> Result<Done, sqlx::Error> {
        let sweeps = self
            .swept
            .is_none_or(|swept| swept.elapsed() >= SWEEP_EVERY);
        let survives = match wishes.iter().any(Wish::is_synced) {
            true => Survives::Machine,
            false => Survives::Gate,
        };
        let shared = Arc::clone(&self.shared);
        let ended = self.ended.clone();
        let registered = shared.registered();
        let batch = Batch {
            wishes,
            gate: &shared.gate,
            keys: &shared.keys,
            fingerprint: &shared.fingerprint,
            started: shared.started,
            ended: &ended,
            sweeps,
            registered: &registered,
        };
        let mut attempts = 1;
        loop {
            match self.try_once(&batch, survives).await {
                Ok(done) => {
                    if sweeps {
                        self.swept = Some(Instant::now());
                    }
                    return Ok(done);
                }
                Err(BatchError { source, unsure }) => {
                    if unsure || attempts >= ATTEMPTS_MAX || !is_passing(&source) {
                        return Err(source);
                    }
                    attempts += 1;
                }
            }
        }
    }

    async fn try_once(
        &mut self,
        batch: &Batch<'_>,
        survives: Survives,
    ) -> Result<Done, BatchError> {
        let known = match survives {
            Survives::Machine => &mut self.synced,
            Survives::Gate => &mut self.written,
        };
        // Taken out: where this ends early, it is closed, and what it began with it.
        let mut connection = match known.take() {
            Some(connection) => connection,
            None => {
                let connected = self.place.connect(survives).await;
                connected.map_err(|source| BatchError {
                    source,
                    unsure: false,
                })?
            }
        };
        let done = batch.commit(&mut connection).await?;
        *known = Some(connection);
        Ok(done)
    }
}
