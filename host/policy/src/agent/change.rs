//! What an operator changes of a registry, who it was, and why.

use serde::{Deserialize, Serialize};

use super::key::AgentKey;
use super::row::Registration;
use super::state::{Final, Turn};
use crate::timestamp::Timestamp;

/// Longest name of an agent, an issuer, an owner or a credential, in bytes.
pub const NAME_BYTES_MAX: usize = 512;

/// Longest reason and purpose, in bytes.
const WORDS_BYTES_MAX: usize = 512;

/// Longest name of an operator, in bytes.
const BY_BYTES_MAX: usize = 128;

/// Most agents in one change: its entry in the record has a bound.
pub const CHANGED_MAX: usize = 128;

/// Most tool servers of one agent, and the longest name of one.
const SERVERS_MAX: usize = 64;
const SERVER_BYTES_MAX: usize = 64;

/// A change, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The operator.
    pub by: String,
    /// Why.
    pub why: String,
    /// The file of the configuration says so, and no operator.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_file: bool,
    /// What.
    pub what: What,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// Agents are registered, or something else is said about them.
    Import(Vec<Registration>),
    /// Somebody stops, or goes on.
    Turn {
        /// Which of it.
        turn: Turn,
        /// Who.
        target: Target,
    },
    /// A credential or a key counts no more.
    Revoke {
        /// A `jti`, a thumbprint of a key, or the digest of a credential.
        token: String,
        /// Only what is below it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        below: bool,
        /// Forgotten then; none: never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
}

/// Who stops, or goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// These agents. One that nobody registered is registered with it.
    Agents(Vec<AgentKey>),
    /// Everything of an owner, also what is registered later.
    Owner(String),
    /// Everything of an issuer, registered or not.
    Issuer(String),
}

/// Why nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A text is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A text is too long.
    #[error("{what} is longer than {bytes_max} bytes")]
    TooLong {
        /// Which.
        what: &'static str,
        /// The bound.
        bytes_max: usize,
    },
    /// A text has characters that do not belong in a name.
    #[error("{0} has control characters")]
    Control(&'static str),
    /// Too many of something.
    #[error("there may be {max} {what}, and not one more")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        max: usize,
    },
    /// The state cannot change.
    #[error("`{name}`: {cause}")]
    Final {
        /// Of whom.
        name: String,
        /// Why.
        cause: Final,
    },
    /// Nobody stopped it, and nobody registered it.
    #[error("`{0}` is not registered")]
    Unknown(String),
}

impl Change {
    /// Whether less passes after it, whatever was before.
    pub fn tightens(&self) -> bool {
        match &self.what {
            What::Import(_) => false,
            What::Turn { turn, .. } => turn.tightens(),
            What::Revoke { .. } => true,
        }
    }

    /// Whether everything that came from outside is within its bounds.
    pub(super) fn check(&self) -> Result<(), ChangeError> {
        text("the operator", &self.by, BY_BYTES_MAX)?;
        text("the reason", &self.why, WORDS_BYTES_MAX)?;
        match &self.what {
            What::Import(registrations) => {
                many("agents in one change", registrations.len(), CHANGED_MAX)?;
                registrations.iter().try_for_each(Registration::check)
            }
            What::Turn { target, .. } => match target {
                Target::Agents(agents) => {
                    many("agents in one change", agents.len(), CHANGED_MAX)?;
                    if agents.is_empty() {
                        return Err(ChangeError::Missing("the agent"));
                    }
                    agents.iter().try_for_each(|agent| {
                        name("the agent", &agent.id)?;
                        name("the issuer", &agent.issuer)
                    })
                }
                Target::Owner(owner) => name("the owner", owner),
                Target::Issuer(issuer) => name("the issuer", issuer),
            },
            What::Revoke { token, .. } => name("the credential or key", token),
        }
    }
}

impl Registration {
    /// Whether everything in it is within its bounds.
    pub fn check(&self) -> Result<(), ChangeError> {
        name("the agent", &self.id)?;
        name("the issuer", &self.issuer)?;
        if let Some(owner) = &self.owner {
            name("the owner", owner)?;
        }
        if !self.purpose.is_empty() {
            text("the purpose", &self.purpose, WORDS_BYTES_MAX)?;
        }
        let servers = self.servers.iter().flatten();
        many(
            "tool servers of one agent",
            servers.clone().count(),
            SERVERS_MAX,
        )?;
        for server in servers {
            text("the name of a tool server", server, SERVER_BYTES_MAX)?;
        }
        Ok(())
    }
}

fn name(what: &'static str, value: &str) -> Result<(), ChangeError> {
    text(what, value, NAME_BYTES_MAX)
}

fn text(what: &'static str, value: &str, bytes_max: usize) -> Result<(), ChangeError> {
    if value.trim().is_empty() {
        return Err(ChangeError::Missing(what));
    }
    if value.len() > bytes_max {
        return Err(ChangeError::TooLong { what, bytes_max });
    }
    if value.chars().any(char::is_control) {
        return Err(ChangeError::Control(what));
    }
    Ok(())
}

fn many(what: &'static str, count: usize, max: usize) -> Result<(), ChangeError> {
    match count > max {
        true => Err(ChangeError::TooMany { what, max }),
        false => Ok(()),
    }
}
