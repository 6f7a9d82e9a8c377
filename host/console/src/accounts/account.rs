//! Somebody who uses the console, and what they may do.

use gatewright_policy::Timestamp;
use serde::{Deserialize, Serialize};

use crate::passkey::{Passkey, base64url};

/// Somebody who uses the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Who: the name under which they approve.
    pub name: String,
    /// Who they are at the identity provider where they sign in; none for those who sign
    /// in with their passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// How passkeys name the account; says nothing about it.
    #[serde(with = "base64url")]
    pub handle: Vec<u8>,
    /// What they may do here, besides looking.
    pub rights: Vec<Right>,
    /// What they are when they approve: the roles that policies ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What they sign with.
    pub passkeys: Vec<Passkey>,
}

/// Somebody, as an identity provider knows them: stays the same, whatever they are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The identity provider.
    pub issuer: String,
    /// Its own name for them, `sub`.
    pub id: String,
}

/// Something that not everybody with an account may do. Everybody may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Decide on held calls.
    Approve,
    /// Say who has an account.
    Operate,
}

impl Account {
    /// Whether they may do this.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Approve, Self::Operate];

    /// As forms and files write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Operate => "operate",
        }
    }
}
