//! What an operator changes of a registry, who it was, and why.

use serde::{Deserialize, Serialize};

use super::key::AgentKey;
use super::row::Registration;
use super::state::{Final, Turn};
use crate::definition::{DEFINITION_BYTES_MAX, TOOL_NAME_BYTES_MAX};
use crate::digest::Digest;
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
    /// Tools are as they should be.
    Pin {
        /// Which, and how.
        tools: Vec<ToolPin>,
        /// Nobody said so: the gate saw them for the first time. That changes no pin.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first_sight: bool,
    },
    /// Tool servers say otherwise about these.
    Differ(Vec<ToolDiffers>),
}

/// A tool with its definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolPin {
    /// The tool server.
    pub server: String,
    /// The tool.
    pub name: String,
    /// Digest of the definition.
    pub digest: Digest,
    /// The definition; empty where it is too long to be kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
}

/// A tool whose server says otherwise than is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolDiffers {
    /// The tool server.
    pub server: String,
    /// The tool.
    pub name: String,
    /// Digest of the definition that is pinned.
    pub pinned: Digest,
    /// Digest of the one that was seen.
    pub seen: Digest,
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
            What::Revoke { .. } | What::Differ(_) => true,
            What::Pin { .. } => false,
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
            What::Pin { tools, .. } => {
                many("tools in one change", tools.len(), CHANGED_MAX)?;
                tools.iter().try_for_each(|tool| {
                    tool_name(&tool.server, &tool.name)?;
                    match tool.definition.len() > DEFINITION_BYTES_MAX {
                        true => Err(ChangeError::TooLong {
                            what: "the definition of a tool",
                            bytes_max: DEFINITION_BYTES_MAX,
                        }),
                        false => Ok(()),
                    }
                })
            }
            What::Differ(tools) => {
                many("tools in one change", tools.len(), CHANGED_MAX)?;
                let mut tools = tools.iter();
                tools.try_for_each(|tool| tool_name(&tool.server, &tool.name))
            }
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

fn tool_name(server: &str, tool: &str) -> Result<(), ChangeError> {
    text("the name of a tool server", server, SERVER_BYTES_MAX)?;
    text("the name of a tool", tool, TOOL_NAME_BYTES_MAX)
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
