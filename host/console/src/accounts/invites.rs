//! Codes with which somebody makes their account: the first one is printed at the start,
//! the others are given out by whoever operates the console.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::{Digest, Timestamp};

use super::account::Right;
use super::code::{digest_of, new_code};

/// Codes that are good at once.
const INVITES_MAX: usize = 32;

/// How long one is good.
const GOOD_FOR: Duration = Duration::from_secs(30 * 60);

/// What a code is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invite {
    /// The name of the account; none: whoever makes it chooses.
    pub(crate) name: Option<String>,
    pub(crate) rights: Vec<Right>,
    pub(crate) roles: Vec<String>,
}

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InviteError {
    #[error(
        "as many codes wait to be used as may, {INVITES_MAX}; hint: they end after half an hour"
    )]
    Full,
    #[error("the machine has no randomness: {0}")]
    Random(getrandom::Error),
}

/// The codes that are good. They do not outlive the gate.
#[derive(Default)]
pub(crate) struct Invites(Mutex<HashMap<Digest, (Invite, Timestamp)>>);

impl Invites {
    /// A new code; and until when it is good.
    pub(crate) fn invite(
        &self,
        invite: Invite,
        now: Timestamp,
    ) -> Result<(String, Timestamp), InviteError> {
        let (code, digest) = new_code().map_err(InviteError::Random)?;
        let ends = now.plus(GOOD_FOR);
        let mut invites = self.lock();
        invites.retain(|_, (_, ends)| now < *ends);
        if invites.len() >= INVITES_MAX {
            return Err(InviteError::Full);
        }
        invites.insert(digest, (invite, ends));
        Ok((code, ends))
    }

    /// What a code as it was typed is good for, and its digest.
    pub(crate) fn find(&self, typed: &str, now: Timestamp) -> Option<(Digest, Invite)> {
        let digest = digest_of(typed);
        let invites = self.lock();
        let (invite, _) = invites.get(&digest).filter(|(_, ends)| now < *ends)?;
        Some((digest, invite.clone()))
    }

    /// Uses a code up: whoever gets its invite is the only one.
    pub(crate) fn take(&self, code: &Digest, now: Timestamp) -> Option<Invite> {
        let (invite, ends) = self.lock().remove(code)?;
        (now < ends).then_some(invite)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, (Invite, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite() -> Invite {
        Invite {
            name: None,
            rights: Right::ALL.to_vec(),
            roles: Vec::new(),
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let (invites, now) = (Invites::default(), Timestamp(0));
        let (code, ends) = invites.invite(invite(), now).unwrap();
        let (digest, found) = invites.find(&code.to_lowercase(), now).unwrap();
        assert_eq!(found, invite());
        assert!(invites.find("0000-0000-0000-0000", now).is_none());
        assert!(invites.find(&code, ends).is_none());
        assert!(invites.take(&digest, now).is_some());
        assert!(invites.take(&digest, now).is_none());
        assert!(invites.find(&code, now).is_none());
    }

    #[test]
    fn there_are_only_so_many_codes() {
        let invites = Invites::default();
        let mut last = Timestamp(0);
        for _ in 0..INVITES_MAX {
            (_, last) = invites.invite(invite(), Timestamp(0)).unwrap();
        }
        let full = invites.invite(invite(), Timestamp(1));
        assert!(matches!(full, Err(InviteError::Full)));
        assert!(invites.invite(invite(), last).is_ok());
    }
}
