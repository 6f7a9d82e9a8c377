//! That a token is refused, and why, in words that quote nothing of it.

use gatewright_policy::credential::{Algorithm, TrustAnchor};

use crate::issuer::{anchor, rules, shown};
use crate::signer::Key;

pub(crate) const RS256: &[Algorithm] = &[Algorithm::Rs256];

#[track_caller]
pub(crate) fn refused(what: &str, token: &str, expected: &str) {
    let key = Key::rsa("one");
    refused_by(what, token, &anchor(&[&key], RS256, rules()), expected);
}

#[track_caller]
pub(crate) fn refused_by(what: &str, token: &str, anchor: &TrustAnchor, expected: &str) {
    match shown(token, anchor) {
        Ok(_) => panic!("{what}: accepted"),
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(expected), "{what}: {said}");
            // Nothing of the token reaches a record but what the operator wrote.
            let unquoted = error.unquoted();
            for secret in ["user:alice", "s3cret", token] {
                assert!(!unquoted.contains(secret), "{what}: {unquoted}");
            }
        }
    }
}
