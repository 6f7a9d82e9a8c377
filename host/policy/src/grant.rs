//! A verified credential.

use std::sync::Arc;

use crate::credential::status::Status;
use crate::credential::{HolderKey, SignIn};
use crate::digest::Digest;
use crate::pattern::Scope;
use crate::request::{Proof, Subject};
use crate::revocation::Tokens;
use crate::scope::Effort;
use crate::session::session_id;
use crate::timestamp::Timestamp;

/// What a credential gives, once everything about it was verified. Made only by
/// [`crate::credential::verify_here`], and by [`Grant::local`] for the one agent that
/// an operator runs as a child of the gate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant {
    /// Who asks.
    pub subject: Arc<Subject>,
    /// What is covered.
    pub scopes: Arc<[Scope]>,
    /// Groups the calls of one agent, for one principal, at one task, whatever
    /// credentials it shows: see [`SessionOwner`](crate::SessionOwner).
    pub session: Arc<str>,
    /// What the session carries is kept until this time, and longer with another grant.
    pub session_ends: Timestamp,
    /// The credential as it was presented.
    pub credential: Digest,
    /// By what it can be revoked.
    pub tokens: Arc<Tokens>,
    /// The key that whoever shows the credential must prove to have; none for a bearer.
    pub holder: Option<HolderKey>,
    /// The status lists that it stands in.
    pub status: Arc<Status>,
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid at this time and after.
    pub expires_at: Timestamp,
    /// The endpoints that it is for; none where it is for the whole gate. Ask
    /// [`Grant::is_for`].
    pub endpoints: Arc<[String]>,
    /// How the agent can get more, where its issuer is an authorization server.
    pub sign_in: Option<Arc<SignIn>>,
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
                delegated_by: Vec::new(),
                scopes: scopes.iter().map(Scope::to_string).collect(),
                proof: Proof::None,
                expires_at,
                claims: Vec::new(),
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
            session_ends: subject.expires_at,
            subject: Arc::new(subject),
            scopes: scopes.into(),
            session: session_id(session),
            credential,
            tokens: Arc::new(Tokens::of_digest(credential)),
            holder: None,
            status: Arc::default(),
            not_before,
            endpoints: Arc::default(),
            sign_in: None,
        }
    }

    /// Whether it is good at an endpoint, by any of the URLs that this has.
    pub fn is_for(&self, resources: &[String]) -> bool {
        self.endpoints.is_empty() || self.endpoints.iter().any(|url| resources.contains(url))
    }

    /// Whether the scopes cover a tool, prompt or resource.
    pub fn covers(&self, server: &str, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.covers(server, name))
    }

    /// Whether the scopes cover everything that these do. May answer no where the answer is
    /// yes; never the other way round.
    pub fn covers_all(&self, scopes: &[Scope]) -> bool {
        let mut effort = Effort::default();
        scopes.iter().all(|scope| {
            let mut own = self.scopes.iter();
            self.scopes.contains(scope) || own.any(|own| own.subsumes_within(scope, &mut effort))
        })
    }

    /// Whether the scopes cover anything of a server.
    pub fn covers_server(&self, server: &str) -> bool {
        self.scopes.iter().any(|scope| scope.covers_server(server))
    }

    /// The same grant, to whoever has this key.
    #[must_use]
    pub fn bound_to(self, holder: HolderKey) -> Self {
        Self {
            holder: Some(holder),
            ..self
        }
    }

    /// The same grant, once its caller has proved something.
    #[must_use]
    pub fn proved(self, proof: Proof) -> Self {
        Self {
            subject: Arc::new(Subject {
                proof,
                ..Subject::clone(&self.subject)
            }),
            ..self
        }
    }

    /// Whether the key that the credential is bound to, if it is, was proved.
    pub fn is_proved(&self) -> bool {
        self.holder.is_none() || self.subject.proof >= Proof::Sender
    }

    /// Whether the grant holds at a time.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.not_before <= now && now < self.expires_at
    }
}
