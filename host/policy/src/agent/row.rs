//! What a registry is made of: one row for each agent, owner, issuer, credential and tool
//! that somebody said something about.

use serde::{Deserialize, Serialize};

use super::key::AgentKey;
use super::state::AgentState;
use crate::digest::Digest;
use crate::timestamp::Timestamp;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// An agent.
    Agent(Registered),
    /// Everything of an owner.
    Owner(Stop),
    /// Everything of an issuer.
    Issuer(Stop),
    /// A credential, or a key.
    Revoked(Revoked),
    /// A tool.
    Tool(PinnedTool),
}

/// An agent that is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// Which.
    pub agent: AgentKey,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// The tool servers that it may reach; none: whatever its credentials cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<String>>,
    /// Whether it may go on.
    pub state: AgentState,
    /// Since when it is so.
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
    /// Somebody stopped it, and nobody registered it: resumed, it is as unknown as before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_stopped: bool,
    /// It stands in the file of the configuration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_file: bool,
    /// That file stopped it, and may let it go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stopped_by_file: bool,
}

/// What an operator says about an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Its id.
    pub id: String,
    /// Who issues its credentials.
    pub issuer: String,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What it is for, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// The tool servers that it may reach; none: whatever its credentials cover.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub servers: Option<Vec<String>>,
    /// Stops it, where it is not `active`. It lets nothing go on that somebody stopped.
    #[serde(default)]
    pub state: AgentState,
}

/// Whether everything of an owner, or of an issuer, may go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// Of which.
    pub name: String,
    /// Whether it may.
    pub state: AgentState,
    /// Since when it is so.
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A credential or a key that counts no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// A `jti`, a thumbprint of a key, or the digest of a credential.
    pub token: String,
    /// Only what is below it: it may itself go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub below: bool,
    /// Forgotten then, because no credential of it lives so long; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A tool whose definition somebody agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedTool {
    /// The tool server.
    pub server: String,
    /// The tool.
    pub name: String,
    /// Digest of the definition.
    pub digest: Digest,
    /// The definition; empty where it is too long to be kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub definition: String,
    /// Nobody agreed to it yet: it is what the gate saw first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first_sight: bool,
    /// Since when.
    pub since: Timestamp,
    /// Who said so.
    pub by: String,
    /// Why.
    pub why: String,
    /// The tool server said otherwise since. It stays so until somebody pins anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Changed>,
}

/// Another definition than the one that is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    /// Digest of the first one that was seen.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
}

impl Row {
    /// Which of the five it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Agent(_) => "agent",
            Self::Owner(_) => "owner",
            Self::Issuer(_) => "issuer",
            Self::Revoked(_) => "revoked",
            Self::Tool(_) => "tool",
        }
    }

    /// What it is about: no two rows of one kind are about the same.
    pub fn name(&self) -> String {
        match self {
            // The length tells where the issuer ends.
            Self::Agent(registered) => {
                let AgentKey { id, issuer } = &registered.agent;
                format!("{}:{issuer}{id}", issuer.len())
            }
            Self::Owner(stop) | Self::Issuer(stop) => stop.name.clone(),
            Self::Revoked(revoked) => revoked.token.clone(),
            // The length tells where the server ends.
            Self::Tool(tool) => format!("{}:{}{}", tool.server.len(), tool.server, tool.name),
        }
    }

    /// When it may be forgotten.
    pub const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::Agent(_) | Self::Owner(_) | Self::Issuer(_) | Self::Tool(_) => None,
            Self::Revoked(revoked) => revoked.until,
        }
    }
}
