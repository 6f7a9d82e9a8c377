//! What a session is: an agent, whom it acts for, who vouches for both, and a task where
//! credentials name one. A session outlives each of its credentials: whoever shows another
//! one has done before what it did.

use std::sync::Arc;

use crate::digest::Digest;

/// Longest session id, in bytes. It is kept for every session, and in every entry
/// of the ledger.
const SESSION_BYTES_MAX: usize = 512;

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOwner<'a> {
    /// The agent.
    pub agent: &'a str,
    /// Who vouches for it.
    pub issuer: &'a str,
    /// Whom it acts for.
    pub principal: Option<&'a str>,
    /// What it works at, where its issuer says so.
    pub task: Option<&'a str>,
}

impl SessionOwner<'_> {
    /// The id of its session: a digest, the same whatever credential is shown.
    pub fn session(&self) -> Arc<str> {
        let mut text = String::new();
        for part in [
            Some(self.agent),
            Some(self.issuer),
            self.principal,
            self.task,
        ] {
            // No part can pass for another, nor for one that is not there.
            match part {
                Some(part) => text.push_str(&format!("{}:{part}", part.len())),
                None => text.push('-'),
            }
        }
        Arc::from(Digest::of(text.as_bytes()).to_string())
    }
}

/// The id of a session: as it is, or its digest where it is too long or not plain
/// text. The same rule holds for what a ledger says.
pub fn session_id(session: Arc<str>) -> Arc<str> {
    if session.len() <= SESSION_BYTES_MAX && !session.contains(char::is_control) {
        return session;
    }
    Arc::from(Digest::of(session.as_bytes()).to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_part_tells_sessions_apart_and_none_passes_for_another() {
        let owner = |agent, issuer, principal, task| SessionOwner {
            agent,
            issuer,
            principal,
            task,
        };
        let owners = [
            owner("a", "i", None, None),
            owner("b", "i", None, None),
            owner("a", "j", None, None),
            owner("a", "i", Some("p"), None),
            owner("a", "i", None, Some("p")),
            owner("a", "i", Some("p"), Some("t")),
            owner("a", "i", Some(""), None),
            owner("a", "i", Some("-"), None),
            owner("a1:i", "", None, None),
            owner("a", "i1:p", None, None),
        ];
        let sessions: BTreeSet<_> = owners.iter().map(SessionOwner::session).collect();
        assert_eq!(sessions.len(), owners.len());
        assert_eq!(owners[0].session(), owner("a", "i", None, None).session());
    }
}
