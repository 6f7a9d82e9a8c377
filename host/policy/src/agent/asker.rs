//! Who is about to do something, and why not.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::reason::Reason;
use crate::request::Subject;
use crate::revocation::Tokens;

/// Who is about to reach a tool server, with which credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Who.
    pub subject: Arc<Subject>,
    /// By what its credential can be revoked.
    pub tokens: Arc<Tokens>,
    /// The tool server.
    pub server: Arc<str>,
    /// What becomes of it where nobody registered it.
    pub unregistered: Unregistered,
}

/// What becomes of an agent that nobody registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unregistered {
    /// Its credential is enough.
    Allow,
    /// It is refused.
    #[default]
    Refuse,
}

/// Why it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Stopped {
    /// In one word.
    pub reason: Reason,
    /// What the agent is told.
    pub message: &'static str,
}

impl Stopped {
    pub(super) const SUSPENDED: Self = Self {
        reason: Reason::AgentSuspended,
        message: "the agent is suspended",
    };
    pub(super) const OWNER_SUSPENDED: Self = Self {
        reason: Reason::AgentSuspended,
        message: "all agents of the owner of this one are suspended",
    };
    pub(super) const ISSUER_SUSPENDED: Self = Self {
        reason: Reason::AgentSuspended,
        message: "all agents of the issuer of this one are suspended",
    };
    pub(super) const CHAIN_SUSPENDED: Self = Self {
        reason: Reason::AgentSuspended,
        message: "an agent that handed its rights to this one is stopped",
    };
    pub(super) const DECOMMISSIONED: Self = Self {
        reason: Reason::AgentDecommissioned,
        message: "the agent, its owner or its issuer was decommissioned",
    };
    pub(super) const UNKNOWN: Self = Self {
        reason: Reason::AgentUnknown,
        message: "the agent is not registered at this gate",
    };
    pub(super) const SERVER: Self = Self {
        reason: Reason::ServerRefused,
        message: "the agent is not registered for this tool server",
    };
    /// Its issuer says that the credential does not count now.
    pub const CREDENTIAL_SUSPENDED: Self = Self {
        reason: Reason::CredentialRevoked,
        message: "the credential is suspended by its issuer",
    };
    /// Nobody can say whether the credential counts.
    pub const STATUS_UNAVAILABLE: Self = Self {
        reason: Reason::StatusUnavailable,
        message: "the status list of the credential cannot be had; try again later",
    };
    /// The list that says whether the credential counts is none that counts itself.
    pub const STATUS_INVALID: Self = Self {
        reason: Reason::StatusInvalid,
        message: "the status list of the credential is not usable",
    };
    /// The credential, or one that it comes from, was taken back.
    pub const REVOKED: Self = Self {
        reason: Reason::CredentialRevoked,
        message: "the credential was revoked",
    };
}
