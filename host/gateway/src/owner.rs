//! Whose a conversation is.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use gatewright_engine::Snapshot;
use gatewright_policy::{Asker, Grant, Proof, Subject, Timestamp, Tokens};

/// Who a caller is, whatever credential it shows today. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Owner(Arc<Names>);

#[derive(Debug)]
struct Names {
    agent: String,
    issuer: String,
    principal: Option<String>,
    /// Who it has its grant from, where that is another agent.
    account: Option<Owner>,
    /// Who handed its rights on to it. It is the same caller with others between.
    delegation: Vec<String>,
}

impl Names {
    fn identity(&self) -> (&str, &str, Option<&str>, Option<&Owner>) {
        let principal = self.principal.as_deref();
        (&self.agent, &self.issuer, principal, self.account.as_ref())
    }
}

impl PartialEq for Names {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Names {}

impl Hash for Names {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

/// A conversation: a caller, a server, and the session that the server gave, if
/// it gave one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) owner: Owner,
    pub(crate) server: Arc<str>,
    pub(crate) session: Option<Arc<str>>,
}

impl Owner {
    /// Whom a grant speaks for.
    pub(crate) fn of(grant: &Grant) -> Self {
        let delegation = &grant.subject.delegation;
        let named = |agent: &str, account, delegation| {
            Self(Arc::new(Names {
                agent: agent.to_owned(),
                issuer: grant.subject.issuer.clone(),
                principal: grant.subject.principal.clone(),
                account,
                delegation,
            }))
        };
        let first = delegation.first();
        let account = first.map(|agent| named(agent, None, Vec::new()));
        named(&grant.subject.id, account, delegation.clone())
    }

    /// Whose share it takes: that of the agent which its issuer knows. The names that
    /// one gives to its delegates get no more together than it has.
    pub(crate) fn account(&self) -> &Self {
        self.0.account.as_ref().unwrap_or(self)
    }

    /// The caller, about to reach a tool server with any of its credentials.
    pub(crate) fn asker(&self, snapshot: &Snapshot, server: &Arc<str>) -> Asker {
        let names = &self.0;
        Asker {
            subject: Arc::new(Subject {
                id: names.agent.clone(),
                issuer: names.issuer.clone(),
                principal: names.principal.clone(),
                owner: None,
                delegation: names.delegation.clone(),
                delegated_by: Vec::new(),
                scopes: Vec::new(),
                proof: Proof::None,
                expires_at: Timestamp(0),
                claims: Vec::new(),
            }),
            tokens: Arc::new(Tokens::default()),
            server: Arc::clone(server),
            unregistered: snapshot.unregistered,
        }
    }
}
