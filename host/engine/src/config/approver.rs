//! `[[approver]]`: somebody who may decide on held calls.

use serde::Deserialize;
use toml::Spanned;

/// `[[approver]]`: somebody who may decide on held calls.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApproverConfig {
    /// Id of the person: the same as where calls are made for the person.
    pub name: Spanned<String>,
    /// Ed25519 keys: each a `did:key`, or a line of an OpenSSH public key file.
    #[serde(default)]
    pub keys: Vec<Spanned<String>>,
    /// Accounts of the console that are the person's by another name.
    #[serde(default)]
    pub accounts: Vec<Spanned<String>>,
    /// For what the person answers.
    #[serde(default)]
    pub roles: Vec<String>,
}
