//! Sessions that entries name after one credential, as they did before sessions belonged
//! to agents: what they carry must not be lost under another name.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_policy::record::Caller;
use gatewright_policy::{SessionOwner, session_id};

/// Names of before, and the names of today.
#[derive(Default)]
pub(super) struct Renamed(HashMap<Arc<str>, Arc<str>>);

// === impl Renamed ===

impl Renamed {
    /// The session of a call, from the entry about it. The entry of before has no end of
    /// the session, and no task.
    pub(super) fn of_caller(&mut self, caller: &Caller) -> Arc<str> {
        let session = session_id(Arc::from(caller.session.as_str()));
        // A program that a user runs says itself which calls belong together.
        if caller.session_ends.is_some() || caller.issuer == "local" {
            return session;
        }
        let owner = SessionOwner {
            agent: &caller.agent,
            issuer: &caller.issuer,
            principal: caller.principal.as_deref(),
            task: None,
        };
        let name = self.0.entry(session).or_insert_with(|| owner.session());
        Arc::clone(name)
    }

    /// The session that an entry about an earlier call names.
    pub(super) fn of(&self, session: String) -> Arc<str> {
        let session = session_id(Arc::from(session));
        let name = self.0.get(&session).map(Arc::clone);
        name.unwrap_or(session)
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::{Digest, Timestamp};

    use super::*;

    fn caller(session: &str, issuer: &str, session_ends: Option<Timestamp>) -> Caller {
        Caller {
            agent: "agent".to_owned(),
            issuer: issuer.to_owned(),
            principal: Some("alice".to_owned()),
            session: session.to_owned(),
            credential: Digest::of(b"token"),
            proof: None,
            scopes: Vec::new(),
            delegation: Vec::new(),
            claims: Vec::new(),
            expires_at: Timestamp(1),
            session_ends,
        }
    }

    #[test]
    fn a_session_that_was_named_after_a_credential_is_its_agents() {
        let mut renamed = Renamed::default();
        let old = renamed.of_caller(&caller("issuer jti", "issuer", None));
        assert_eq!(
            old,
            renamed.of_caller(&caller("issuer other", "issuer", None))
        );
        assert_eq!(old, renamed.of("issuer jti".to_owned()));
        for (session, issuer, session_ends) in [
            ("wrapped", "local", None),
            ("of today", "issuer", Some(Timestamp(2))),
        ] {
            let named = renamed.of_caller(&caller(session, issuer, session_ends));
            assert_eq!(&*named, session);
            assert_eq!(&*renamed.of(session.to_owned()), session);
        }
    }
}
