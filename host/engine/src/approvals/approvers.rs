//! Who may decide, as the configuration says; and accounts that others keep.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_policy::approval::{Approver, Signature, Signed, Vote};

/// The roles of an account (name, id of its passkey) as it is now; none where there is no
/// such account any more.
pub type Accounts = Arc<dyn Fn(&str, &str) -> Option<Vec<String>> + Send + Sync>;

/// The approvers of one snapshot.
#[derive(Clone, Debug, Default)]
pub struct Approvers {
    by_key: HashMap<String, Approver>,
    /// Accounts that are called something else than the person whose they are.
    accounts: HashMap<String, String>,
}

// === impl Approvers ===

impl Approvers {
    /// Each with the did:key of one of its keys.
    pub fn new(approvers: impl IntoIterator<Item = (String, Approver)>) -> Self {
        Self {
            by_key: approvers.into_iter().collect(),
            accounts: HashMap::new(),
        }
    }

    /// The same, with accounts (name, whose) of people who are called something else where
    /// they have a key, or where calls are made for them.
    #[must_use]
    pub fn with_accounts(self, accounts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            accounts: accounts.into_iter().collect(),
            ..self
        }
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// Whose key this did:key is.
    pub fn of_key(&self, key: &str) -> Option<&Approver> {
        self.by_key.get(key)
    }

    /// Which person signed, whatever the person is called there. Each counts once, and no
    /// name of one's own decides on what is made for another one of them.
    pub(crate) fn person<'a>(&'a self, signed: &'a Signed) -> &'a str {
        let name = &signed.statement.approver;
        match signed.signature {
            Signature::Ed25519 { .. } => name,
            Signature::Webauthn { .. } => self.accounts.get(name).unwrap_or(name),
        }
    }

    /// Who made a vote, as the person is known now, by the name of the person; none for
    /// somebody who may not decide any more, or not with this key.
    pub(crate) fn now(&self, vote: &Vote, accounts: Option<&Accounts>) -> Option<Approver> {
        let name = &vote.signed.statement.approver;
        match &vote.signed.signature {
            Signature::Ed25519 { key, .. } => {
                let approver = self.of_key(key)?;
                (approver.name == *name).then(|| approver.clone())
            }
            Signature::Webauthn { credential, .. } => Some(Approver {
                name: self.person(&vote.signed).to_owned(),
                roles: accounts?(name, credential)?,
            }),
        }
    }
}
