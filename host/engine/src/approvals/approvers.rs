//! Who may decide, as the configuration says; and accounts that others keep.

use std::collections::HashMap;
use std::sync::Arc;

use gatewright_policy::approval::{Approver, Signature, Vote};

/// The roles of an account (name, id of its passkey) as it is now; none where there is no
/// such account any more.
pub type Accounts = Arc<dyn Fn(&str, &str) -> Option<Vec<String>> + Send + Sync>;

/// The approvers of one snapshot, by their keys.
#[derive(Clone, Debug, Default)]
pub struct Approvers(HashMap<String, Approver>);

// === impl Approvers ===

impl Approvers {
    /// Each with the did:key of one of its keys.
    pub fn new(approvers: impl IntoIterator<Item = (String, Approver)>) -> Self {
        Self(approvers.into_iter().collect())
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whose key this did:key is.
    pub fn of_key(&self, key: &str) -> Option<&Approver> {
        self.0.get(key)
    }

    /// Who made a vote, as the person is known now; none for somebody who may not decide
    /// any more, or not with this key.
    pub(crate) fn now(&self, vote: &Vote, accounts: Option<&Accounts>) -> Option<Approver> {
        let name = &vote.signed.statement.approver;
        match &vote.signed.signature {
            Signature::Ed25519 { key, .. } => {
                let approver = self.of_key(key)?;
                (approver.name == *name).then(|| approver.clone())
            }
            Signature::Webauthn { credential, .. } => Some(Approver {
                name: name.clone(),
                roles: accounts?(name, credential)?,
            }),
        }
    }
}
