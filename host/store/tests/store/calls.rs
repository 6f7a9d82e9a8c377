//! Calls, as the engine commits them: what an entry says and what it changes are the
//! same.

use std::sync::Arc;

use gatewright_engine::config::{HISTORY_CALLS_MAX, LimitsConfig};
use gatewright_engine::ledger::{Durability, LedgerError, Receipt};
use gatewright_engine::memory::{Commit, Effects, Ended, Memory, NotCommitted};
use gatewright_engine::session::{Carried, SessionError};
use gatewright_policy::record::{Caller, Completed, Decided, Event, LateCharges, RecordKeys};
use gatewright_policy::request::{Hints, PastCall, PastOutcome};
use gatewright_policy::{DecisionKind, Digest, Grant, Label, OnFailure, Quota, Timestamp};

pub(crate) const LIMITS: fn() -> LimitsConfig = LimitsConfig::default;

/// A grant of a session that ends then.
pub(crate) fn grant(session: &str, ends: Timestamp) -> Grant {
    let mut grant = Grant::local("did:example:agent", None, Vec::new(), Arc::from(session));
    (grant.expires_at, grant.session_ends) = (ends, ends);
    grant
}

/// A budget of one minute.
pub(crate) fn quota(key: &str, cost: u64, limit: u64) -> (String, Quota) {
    let quota = Quota {
        key: key.to_owned(),
        cost,
        limit,
        window_seconds: 60,
        on_failure: OnFailure::Keep,
    };
    ("limiter".to_owned(), quota)
}

/// What is spent of a budget.
pub(crate) async fn spent(
    memory: &dyn Memory,
    budget: &(String, Quota),
    at: Timestamp,
) -> Result<u64, LedgerError> {
    let spent = spent_of(memory, std::slice::from_ref(budget), at).await?;
    assert_eq!(spent.len(), 1);
    Ok(spent[0])
}

/// What is spent of several.
pub(crate) async fn spent_of(
    memory: &dyn Memory,
    budgets: &[(String, Quota)],
    at: Timestamp,
) -> Result<Vec<u64>, LedgerError> {
    let keys = RecordKeys::new(memory.salt());
    let budgets = budgets.iter();
    let budgets = budgets.map(|(binding, quota)| (binding.clone(), keys.quota(quota)));
    memory.spent(&budgets.collect::<Vec<_>>(), at).await
}

/// A call that is decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) charges: Vec<(String, Quota)>,
    pub(crate) labels: Vec<Label>,
    pub(crate) declassified: Vec<String>,
}

/// A call that ended.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) id: String,
    pub(crate) received_at: Timestamp,
    pub(crate) returned: Vec<(String, Quota)>,
    pub(crate) settled: Vec<(String, Quota)>,
}

impl Asked {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    pub(crate) fn charging(id: &str, charges: &[(String, Quota)]) -> Self {
        Self {
            charges: charges.to_vec(),
            ..Self::new(id)
        }
    }

    pub(crate) fn labelling(id: &str, labels: &[&str]) -> Self {
        Self {
            labels: labels.iter().copied().map(Label::named).collect(),
            ..Self::new(id)
        }
    }

    pub(crate) fn commit(&self, memory: &dyn Memory, grant: &Grant, at: Timestamp) -> Commit {
        let keys = RecordKeys::new(memory.salt());
        let charges = charged(&keys, &self.charges);
        let record = Decided {
            id: self.id.clone(),
            generation: 1,
            policies: Digest::of(b""),
            caller: Some(Caller {
                agent: grant.subject.id.clone(),
                issuer: grant.subject.issuer.clone(),
                principal: None,
                session: grant.session.to_string(),
                credential: grant.credential,
                proof: None,
                scopes: Vec::new(),
                delegation: Vec::new(),
                claims: Vec::new(),
                expires_at: grant.expires_at,
                session_ends: Some(grant.session_ends),
            }),
            received_at: Some(at),
            method: "tools/call".to_owned(),
            server: "files".to_owned(),
            name: "read_file".to_owned(),
            hints: Hints::default(),
            definition: None,
            claimed: None,
            arguments: None,
            action: None,
            kept: None,
            seen: None,
            judged: true,
            decision: DecisionKind::Allow,
            allowed_once_approved: None,
            approval: None,
            reason: None,
            message: String::new(),
            opinions: Vec::new(),
            flip: None,
            parts: Vec::new(),
            labels: self.labels.iter().map(|it| keys.seal(it)).collect(),
            declassified: {
                let names = self.declassified.iter();
                names.map(|name| keys.seal_label(name)).collect()
            },
            charges: charges.clone(),
        };
        Commit {
            record: Event::Decided(Box::new(record)),
            durability: Durability::Written,
            effects: Effects {
                session: Some(Arc::clone(&grant.session)),
                charges,
                declassified: self.declassified.clone(),
                labels: self.labels.clone(),
                calls: vec![past(&self.id, at)],
                history_max: HISTORY_CALLS_MAX,
                ..Effects::none(at)
            },
        }
    }

    pub(crate) async fn on(
        &self,
        memory: &dyn Memory,
        grant: &Grant,
        at: Timestamp,
    ) -> Result<Receipt, NotCommitted> {
        let mut commit = self.commit(memory, grant, at);
        // As one that policies judge now.
        if let Ok((_, seen)) = memory.context(&grant.session, HISTORY_CALLS_MAX).await {
            commit.effects.seen = seen;
        }
        memory.commit(at, commit).await
    }
}

impl Finished {
    pub(crate) fn commit(&self, memory: &dyn Memory, grant: &Grant) -> Commit {
        let keys = RecordKeys::new(memory.salt());
        let late = |charges: &[(String, Quota)]| {
            (!charges.is_empty()).then(|| LateCharges {
                received_at: self.received_at,
                charges: charged(&keys, charges),
            })
        };
        let (returned, settled) = (late(&self.returned), late(&self.settled));
        let outcome = PastOutcome::Allowed;
        Commit {
            record: Event::Completed(Completed {
                id: self.id.clone(),
                outcome,
                reason: None,
                message: String::new(),
                kept: None,
                result: None,
                opinions: Vec::new(),
                changed: false,
                session: grant.session.to_string(),
                labels: Vec::new(),
                outcome_of: None,
                returned: returned.clone(),
                settled: settled.clone(),
            }),
            durability: Durability::Written,
            effects: Effects {
                session: Some(Arc::clone(&grant.session)),
                ended: Some(Ended {
                    id: self.id.clone(),
                    outcome,
                    reason: None,
                }),
                returned,
                settled,
                ..Effects::none(self.received_at)
            },
        }
    }

    pub(crate) async fn on(
        &self,
        memory: &dyn Memory,
        grant: &Grant,
        at: Timestamp,
    ) -> Result<Receipt, NotCommitted> {
        memory.commit(at, self.commit(memory, grant)).await
    }
}

/// A call ends, and nothing more.
pub(crate) async fn end(memory: &dyn Memory, grant: &Grant, id: &str, received_at: Timestamp) {
    let end = Finished {
        id: id.to_owned(),
        received_at,
        returned: Vec::new(),
        settled: Vec::new(),
    };
    end.on(memory, grant, received_at).await.unwrap();
}

/// Whether so much, and not more, is spent of a budget now.
pub(crate) async fn is_spent(memory: &dyn Memory, key: &str, spent: u64, at: Timestamp) -> bool {
    let free = async |limit: u64| {
        let probe = Commit {
            record: Event::Stopped,
            durability: Durability::Written,
            effects: Effects {
                charges: charged(&RecordKeys::new(memory.salt()), &[quota(key, 0, limit)]),
                ..Effects::none(at)
            },
        };
        match memory.commit(at, probe).await {
            Ok(_) => true,
            Err(NotCommitted::Charge(_)) => false,
            Err(error) => panic!("{error}"),
        }
    };
    free(spent).await && (spent == 0 || !free(spent - 1).await)
}

/// A session with a place, as the engine sees it.
pub(crate) async fn enter(memory: &dyn Memory, grant: &Grant, at: Timestamp) -> Carried {
    let entered: Result<_, SessionError> = memory.enter(grant, at, &LIMITS()).await;
    entered.unwrap()
}

fn charged(keys: &RecordKeys, charges: &[(String, Quota)]) -> Vec<(String, Quota)> {
    let charges = charges.iter();
    charges
        .map(|(binding, quota)| (binding.clone(), keys.quota(quota)))
        .collect()
}

fn past(id: &str, at: Timestamp) -> PastCall {
    PastCall {
        at,
        method: "tools/call".to_owned(),
        server: Arc::from("files"),
        name: "read_file".to_owned(),
        id: Arc::from(id),
        outcome: PastOutcome::Pending,
        reason: None,
    }
}
