//! What a call is in a native test. Whatever is not said has a harmless default.

use std::collections::BTreeMap;

use crate::memory::Memory;
use crate::{Approval, Budget, Claim, Hints, Label, Link, PastCall, Proof, Purpose};

/// 2026-01-01T00:00:00Z, in milliseconds.
const NOW: u64 = 1_767_225_600_000;

/// Calls that the gate keeps of a session.
const HISTORY_MAX: usize = 64;

/// All that a policy can ask about.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) agent: String,
    pub(crate) issuer: String,
    pub(crate) principal: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) chain: Vec<Link>,
    pub(crate) scopes: Vec<String>,
    pub(crate) proof: Proof,
    pub(crate) expires_at: u64,
    pub(crate) claims: Vec<Claim>,
    pub(crate) purpose: Purpose,
    pub(crate) method: String,
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) hints: Hints,
    pub(crate) targets: Vec<String>,
    pub(crate) contents: Vec<String>,
    pub(crate) definition: Option<String>,
    pub(crate) at: u64,
    pub(crate) decision: String,
    pub(crate) session: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) arguments: Memory,
    pub(crate) history: Vec<PastCall>,
    /// By name and key.
    pub(crate) budgets: BTreeMap<(String, String), Budget>,
}

impl Facts {
    pub(crate) fn of(method: String, name: String) -> Self {
        Self {
            agent: "did:example:agent".into(),
            issuer: "did:example:issuer".into(),
            principal: Some("user:alice".into()),
            owner: None,
            chain: Vec::new(),
            scopes: vec!["*:*".into()],
            proof: Proof::Bearer,
            expires_at: NOW + 3_600_000,
            claims: Vec::new(),
            purpose: match method.ends_with("/list") {
                true => Purpose::Listing,
                false => Purpose::Call,
            },
            method,
            server: "server".into(),
            name,
            hints: Hints::empty(),
            targets: Vec::new(),
            contents: Vec::new(),
            definition: None,
            at: NOW,
            decision: "decision".into(),
            session: "session".into(),
            labels: Vec::new(),
            approvals: Vec::new(),
            arguments: Memory(serde_json::Value::Object(serde_json::Map::new())),
            history: Vec::new(),
            budgets: BTreeMap::new(),
        }
    }

    #[expect(
        clippy::panic,
        reason = "a fault, which fails the test as it denies the call"
    )]
    pub(crate) fn budget(&self, name: &str, key: &str) -> Budget {
        let place = (name.to_owned(), key.to_owned());
        let budget = self.budgets.get(&place).copied();
        budget.unwrap_or_else(|| panic!("no budget `{name}` is set for the key `{key}`"))
    }

    pub(crate) fn recent(&self, limit: u32) -> Vec<PastCall> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.history
            .iter()
            .take(limit.min(HISTORY_MAX))
            .cloned()
            .collect()
    }
}
