//! The memory of several gates, or of one, in a database.

mod held_calls;
mod newest_lists;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use gatewright_engine::agents::{Agents, ListKey};
use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::{LedgerError, Receipt};
use gatewright_engine::memory::{
    Commit, Excerpt, HeldLook, KeptCall, Memory, NotCommitted, UsedCall,
};
use gatewright_engine::session::{Carried, SessionError};
use gatewright_engine::{Awaited, Since};
use gatewright_policy::{Digest, Grant, Label, Quota, Timestamp};
use tokio::sync::{mpsc as wished, oneshot};

use crate::connection::{Each, Value};
use crate::dialect::{HELD, HELD_AFTER, HELD_AS, HELD_LOOK, SESSION, USED_AS};
use crate::error::{StoreError, told};
use crate::held::held_look;
use crate::kept::{self, BudgetPlace, time};
use crate::kept_call::kept_call;
use crate::open::open;
use crate::place::{MemoryAt, Place};
use crate::readers::Readers;
use crate::sealed::late;
use crate::shared::Shared;
use crate::thread::Thread;
use crate::unheard::Unheard;
use crate::used::used_call;
use crate::watching::{watch_agents, watch_sealed};
use crate::wish::{Committing, Entering, Labelling, Wish};
use crate::writer::Writer;

/// Wishes that wait at once; one more is refused.
const WAITING_MAX: usize = 4096;

/// A memory in SQL. It has a thread of its own, and every connection stays on it: a call
/// that is given up leaves nothing half done behind.
pub struct SqlMemory {
    pub(crate) shared: Arc<Shared>,
    readers: Arc<Readers>,
    salt: [u8; 32],
    pub(crate) place: Place,
    wishes: Option<wished::Sender<Wish>>,
    /// Hears when the last wish was dealt with.
    written: Mutex<mpsc::Receiver<()>>,
    pub(crate) thread: Thread,
}

/// What is there of a session.
struct Kept {
    ends: Timestamp,
    body: String,
}

// === impl SqlMemory ===

impl SqlMemory {
    /// Opens it, makes or changes its tables where that is needed, and gives what it
    /// says about the past.
    pub async fn open(at: &MemoryAt) -> Result<(Self, Since), StoreError> {
        let place = Place::of(at)?;
        let failed = |cause| StoreError::Io {
            path: place.salt.clone(),
            cause,
        };
        let thread = Thread::start().map_err(failed)?;
        let opening = (place.clone(), at.gate.clone());
        let opening = thread.spawn(async move { open(&opening.0, &opening.1).await });
        let opened = match opening {
            Some(opening) => opening.await.ok(),
            None => None,
        };
        let opened = opened.ok_or_else(|| StoreError::Database {
            place: place.name.clone(),
            problem: "could not be opened".to_owned(),
        })??;
        let (salt, since) = (opened.salt, opened.since);
        let shared = Arc::new(Shared::new(&at.gate, opened));
        let (wishes, wished) = wished::channel(WAITING_MAX);
        let writer = Writer::new(place.clone(), Arc::clone(&shared), wished);
        let (ended, written) = mpsc::channel();
        thread.spawn(async move {
            writer.run().await;
            // Nobody waits for it but whoever lets go of the memory.
            let _heard = ended.send(());
        });
        let readers = Arc::new(Readers::new(place.clone()));
        let watched = watch_agents(Arc::downgrade(&shared), Arc::downgrade(&readers));
        thread.spawn(watched);
        let watched = watch_sealed(Arc::downgrade(&shared), Arc::downgrade(&readers));
        thread.spawn(watched);
        let memory = Self {
            shared,
            readers,
            salt,
            place,
            wishes: Some(wishes),
            written: Mutex::new(written),
            thread,
        };
        Ok((memory, since))
    }

    /// What the database has of a session.
    async fn kept(&self, session: Arc<str>) -> Result<Option<Kept>, SessionError> {
        let readers = Arc::clone(&self.readers);
        // On its own thread: it ends in good order where nobody waits for it any more.
        let read = self.thread.spawn(async move {
            let rows = readers.rows(SESSION, &[Value::Text(&session)]).await?;
            let Some(row) = rows.first() else {
                return Ok(None);
            };
            Ok(Some(Kept {
                ends: time(row.integer(0)?),
                body: row.text(1)?,
            }))
        });
        let read = read.ok_or(SessionError::Unknown)?.await;
        let read: Result<_, sqlx::Error> = read.map_err(|_| SessionError::Unknown)?;
        read.map_err(|error| {
            let error = self.failed(&error);
            // A commit that goes well says that it is over.
            let _noted = self.shared.health.note(Err::<(), _>(error));
            SessionError::Unknown
        })
    }

    /// What the database has of budgets.
    async fn budgets(&self, wanted: &[(String, Quota)]) -> Result<Excerpt, LedgerError> {
        let wanted = wanted.iter().map(|(binding, quota)| BudgetPlace {
            binding: binding.clone(),
            key: quota.key.clone(),
        });
        // Many tools of a list have one budget.
        let wanted: BTreeSet<_> = wanted.collect();
        let unfit = |error: serde_json::Error| LedgerError::Write(error.to_string());
        let wanted = serde_json::to_string(&wanted).map_err(unfit)?;
        let (readers, sql) = (Arc::clone(&self.readers), self.place.dialect().budgets);
        let read = self.thread.spawn(async move {
            let rows = readers.rows(sql, &[Value::Text(&wanted)]).await?;
            let rows = rows.iter();
            rows.map(|row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))
                .collect()
        });
        let read = read.ok_or(LedgerError::Closed)?.await;
        let read: Result<Vec<_>, sqlx::Error> = read.map_err(|_| LedgerError::Closed)?;
        let excerpt = Excerpt::default();
        for (binding, key, body) in read.map_err(|error| self.failed(&error))? {
            let budget = kept::budget(&binding, &key, &body);
            let budget = budget.map_err(|kept::Unreadable| {
                LedgerError::Write("what is spent cannot be read".to_owned())
            })?;
            excerpt.take_budget(budget);
        }
        Ok(excerpt)
    }

    pub(crate) fn failed(&self, error: &sqlx::Error) -> LedgerError {
        LedgerError::Write(format!("the memory at {} {}", self.place.name, told(error)))
    }

    fn carried(
        &self,
        session: &str,
        kept: &Kept,
        history_max: usize,
    ) -> Result<Carried, SessionError> {
        let carried = kept::carried(session, &kept.body, &self.shared.keys, history_max);
        carried.map_err(|kept::Unreadable| SessionError::Unknown)
    }

    /// Asks for something, where there is room for it.
    fn wish(&self, wish: Wish) -> Result<(), LedgerError> {
        let wishes = self.wishes.as_ref().ok_or(LedgerError::Closed)?;
        wishes.try_send(wish).map_err(|refused| match refused {
            wished::error::TrySendError::Full(_) => LedgerError::Full,
            wished::error::TrySendError::Closed(_) => LedgerError::Closed,
        })
    }
}

impl Memory for SqlMemory {
    fn enter<'a>(
        &'a self,
        grant: &'a Grant,
        at: Timestamp,
        limits: &'a LimitsConfig,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        if at >= grant.expires_at {
            return Awaited::there(Err(SessionError::TooManySessions));
        }
        Awaited::coming(async move {
            let kept = self.kept(Arc::clone(&grant.session)).await?;
            if let Some(kept) = kept
                && at < kept.ends
                && grant.session_ends <= kept.ends
            {
                return self.carried(&grant.session, &kept, limits.history_calls_max);
            }
            let entering = Box::new(Entering {
                grant: grant.clone(),
                at,
                limits: limits.clone(),
            });
            let (answer, answered) = oneshot::channel();
            let wished = self.wish(Wish::Enter(entering, answer));
            wished.map_err(|_full| SessionError::Unknown)?;
            answered.await.map_err(|_| SessionError::Unknown)?
        })
    }

    fn context<'a>(
        &'a self,
        session: &'a str,
        history_max: usize,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        Awaited::coming(async move {
            match self.kept(Arc::from(session)).await? {
                None => Ok(Carried::default()),
                Some(kept) => self.carried(session, &kept, history_max),
            }
        })
    }

    fn spent<'a>(
        &'a self,
        budgets: &'a [(String, Quota)],
        at: Timestamp,
    ) -> Awaited<'a, Result<Vec<u64>, LedgerError>> {
        Awaited::coming(async move {
            let excerpt = self.budgets(budgets).await?;
            let budgets = budgets.iter();
            let spent = budgets.map(|(binding, quota)| excerpt.spent(binding, quota, at));
            Ok(spent.collect())
        })
    }

    fn label<'a>(
        &'a self,
        session: &'a str,
        labels: &'a [Label],
    ) -> Awaited<'a, Result<(), SessionError>> {
        if labels.is_empty() {
            return Awaited::there(Ok(()));
        }
        let labelling = Labelling {
            session: Arc::from(session),
            labels: labels.to_vec(),
        };
        let (answer, answered) = oneshot::channel();
        if self.wish(Wish::Label(labelling, answer)).is_err() {
            return Awaited::there(Err(SessionError::Unknown));
        }
        Awaited::coming(async move { answered.await.map_err(|_| SessionError::Unknown)? })
    }

    fn commit(&self, at: Timestamp, commit: Commit) -> Awaited<'_, Result<Receipt, NotCommitted>> {
        let (answer, answered) = oneshot::channel();
        let unheard = Unheard::of(self.wishes.as_ref(), &commit);
        self.shared.sealed.about_to(&commit.effects);
        let wished = Committing::of(at, commit)
            .and_then(|committing| self.wish(Wish::Commit(committing, Some(answer))));
        if let Err(error) = wished {
            unheard.heard();
            return Awaited::there(Err(error.into()));
        }
        Awaited::coming(async move {
            let committed = answered.await;
            unheard.heard();
            committed.map_err(|_| LedgerError::Closed)?
        })
    }

    fn note(&self, at: Timestamp, commit: Commit) -> bool {
        let wished = Committing::of(at, commit)
            .and_then(|committing| self.wish(Wish::Commit(committing, None)));
        wished.is_ok()
    }

    fn held<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<KeptCall>, LedgerError>> {
        Awaited::coming(self.held_call((HELD, kept_call), id.to_owned(), at))
    }

    fn look<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<HeldLook>, LedgerError>> {
        Awaited::coming(self.held_call((HELD_LOOK, held_look), id.to_owned(), at))
    }

    fn agents(&self) -> &Agents {
        &self.shared.agents
    }

    fn held_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<KeptCall>, LedgerError>> {
        Awaited::coming(self.held_call((HELD_AS, kept_call), called.to_string(), at))
    }

    fn used_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<UsedCall>, LedgerError>> {
        Awaited::coming(self.held_call((USED_AS, used_call), called.to_string(), at))
    }

    fn keeps_used(&self, at: Timestamp) -> bool {
        self.shared.sealed.has_used(at)
    }

    fn sweep(&self, at: Timestamp) {
        if self.shared.sealed.has_over(late(at)) {
            // Where there is no room for it, it is swept the next time.
            let _swept_later = self.wish(Wish::Sweep(at));
        }
    }

    fn held_after<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
        count_max: usize,
    ) -> Awaited<'a, Result<Vec<KeptCall>, LedgerError>> {
        let count_max = i64::try_from(count_max).unwrap_or(i64::MAX);
        let after = (HELD_AFTER, kept_call as Each<KeptCall>);
        Awaited::coming(self.held_calls(after, id.to_owned(), at, Some(count_max)))
    }

    fn newest_list<'a>(
        &'a self,
        list: &'a ListKey,
        issued: Option<Timestamp>,
    ) -> Awaited<'a, Result<Option<Timestamp>, LedgerError>> {
        Awaited::coming(self.newest_known(list, issued))
    }

    fn has_disowned<'a>(
        &'a self,
        list: &'a ListKey,
        held: Timestamp,
        issued: Timestamp,
    ) -> Awaited<'a, Result<bool, LedgerError>> {
        Awaited::coming(self.was_disowned(list, (held, issued)))
    }

    fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    fn sessions(&self) -> usize {
        self.shared.sessions()
    }

    fn is_healthy(&self) -> bool {
        self.shared.health.is_good()
    }

    fn trouble(&self) -> Option<LedgerError> {
        self.shared.health.trouble()
    }

    fn place(&self) -> Option<String> {
        let (place, gate) = (&self.place.name, &self.shared.gate);
        Some(format!("{place}, gate `{gate}`"))
    }
}

impl Drop for SqlMemory {
    fn drop(&mut self) {
        // What was noted is still written, if it can be in time.
        self.wishes = None;
        let patience = self.place.patience.saturating_add(Duration::from_secs(1));
        let written = self.written.get_mut();
        let written = written.unwrap_or_else(PoisonError::into_inner);
        if written.recv_timeout(patience).is_err() {
            tracing::error!("the memory did not take everything that was noted");
        }
    }
}
