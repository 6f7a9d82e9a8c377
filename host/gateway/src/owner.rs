//! Whose a conversation is.

use std::sync::Arc;

use gatewright_policy::Grant;

/// Who a caller is, whatever credential it shows today. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Owner(Arc<Names>);

#[derive(Debug, PartialEq, Eq, Hash)]
struct Names {
    agent: String,
    issuer: String,
    principal: Option<String>,
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
        Self(Arc::new(Names {
            agent: grant.subject.id.clone(),
            issuer: grant.subject.issuer.clone(),
            principal: grant.subject.principal.clone(),
        }))
    }
}
