//! Who may decide on held calls, and by which keys they are known.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::credential::public_key;

/// Somebody who may decide on held calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    /// Id of the person: the same as where calls are made for the person.
    pub name: String,
    /// For what the person answers.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// An approver who decides, maybe by another name than the person has: what is asked must be
/// open to both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// The name in the statement.
    pub signed_as: String,
    /// The person whose name that is.
    pub person: Approver,
}

/// Text that names no key of an approver.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an Ed25519 did:key nor a line `ssh-ed25519 AAAA...`")]
pub struct ApproverKeyError(String);

// === impl Voter ===

impl Voter {
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        [self.signed_as.as_str(), self.person.name.as_str()].into_iter()
    }
}

impl From<Approver> for Voter {
    /// One who signs by the name of the person.
    fn from(person: Approver) -> Self {
        Self {
            signed_as: person.name.clone(),
            person,
        }
    }
}

/// Reads an Ed25519 key: a did:key, or a line of an OpenSSH public key file. Keys of
/// small order are refused.
pub fn approver_key(text: &str) -> Result<VerifyingKey, ApproverKeyError> {
    let unfit = || ApproverKeyError(text.to_owned());
    if text.starts_with("did:") {
        return public_key(text).map_err(|_| unfit());
    }
    let key = ssh_key::PublicKey::from_openssh(text).map_err(|_| unfit())?;
    let key = key.key_data().ed25519().ok_or_else(unfit)?;
    VerifyingKey::from_bytes(&key.0)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or_else(unfit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::did_key;

    #[test]
    fn both_forms_of_a_key_are_the_same_key() {
        // The key of RFC 8032, section 7.1, test 1.
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea kim@desk";
        let key = approver_key(line).unwrap();
        assert_eq!(approver_key(&did_key(&key)), Ok(key));
    }

    #[test]
    fn other_text_is_no_key() {
        for text in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==",
            "did:key:z6Mk",
            "did:web:example.com",
            // Of small order: it verifies anything.
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(approver_key(text).is_err(), "{text}");
        }
    }
}
