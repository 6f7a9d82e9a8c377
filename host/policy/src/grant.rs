//! A verified credential.

use std::sync::Arc;

use crate::digest::Digest;
use crate::pattern::Scope;
use crate::request::{Proof, Subject};
use crate::timestamp::Timestamp;

/// Longest session id, in bytes. It is kept for every session, and in every entry
/// of the ledger.
const SESSION_BYTES_MAX: usize = 512;

/// What a credential gives, once everything about it was verified. Made only by
/// [`crate::credential::verify`], and by [`Grant::local`] for the one agent that
/// an operator runs as a child of the gate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant {
    /// Who asks.
    pub subject: Arc<Subject>,
    /// What is covered.
    pub scopes: Arc<[Scope]>,
    /// The credential's own id (`jti`), or its digest where it has none. Groups
    /// the calls of one task.
    pub session: Arc<str>,
    /// The credential as it was presented.
    pub credential: Digest,
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid at this time and after.
    pub expires_at: Timestamp,
}

impl Grant {
    /// The grant of the local agent that an operator named in the configuration
    /// of `gatewright wrap`. It proves nothing: whoever starts the program is it.
    pub fn local(id: &str, principal: Option<&str>, scopes: Vec<Scope>, session: Arc<str>) -> Self {
        let expires_at = Timestamp(u64::MAX);
        Self::new(
            Subject {
                id: id.to_owned(),
                issuer: "local".to_owned(),
                principal: principal.map(str::to_owned),
                owner: None,
                delegation: Vec::new(),
                scopes: scopes.iter().map(Scope::to_string).collect(),
                proof: Proof::None,
                expires_at,
            },
            scopes,
            session,
            Digest::of(id.as_bytes()),
            Timestamp(0),
        )
    }

    pub(crate) fn new(
        subject: Subject,
        scopes: Vec<Scope>,
        session: Arc<str>,
        credential: Digest,
        not_before: Timestamp,
    ) -> Self {
        Self {
            expires_at: subject.expires_at,
            subject: Arc::new(subject),
            scopes: scopes.into(),
            session: session_id(session),
            credential,
            not_before,
        }
    }

    /// Whether the scopes cover a tool, prompt or resource.
    pub fn covers(&self, server: &str, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.covers(server, name))
    }

    /// Whether the scopes cover anything of a server.
    pub fn covers_server(&self, server: &str) -> bool {
        self.scopes.iter().any(|scope| scope.covers_server(server))
    }

    /// Whether the grant holds at a time.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.expires_at
    }
}

/// The id of a session: as it is, or its digest where it is too long or not plain
/// text. The same rule holds for what a ledger says.
pub fn session_id(session: Arc<str>) -> Arc<str> {
    if session.len() <= SESSION_BYTES_MAX && !session.contains(char::is_control) {
        return session;
    }
    Arc::from(Digest::of(session.as_bytes()).to_string())
}
