//! Credentials that were verified lately, to be found again by their text: without a lock,
//! and without a digest of all of it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwap;
use gatewright_policy::{Grant, Timestamp};

/// They are remembered in so many parts: to add one copies its part alone.
const PARTS: usize = 64;

/// Credentials that are remembered in one part. When there are more, those of the part are
/// forgotten and verified again.
const PART_MAX: usize = 64;

/// The same in bytes of their texts: an agent that hands on makes as many as it likes, each as
/// long as one may be.
const PART_BYTES_MAX: usize = 256 << 10;

/// So many bytes at the end of a credential say where it stands: they are of a signature, and
/// no two of those are the same by chance.
const MARK_BYTES: usize = 64;

type Part = HashMap<u64, Arc<Remembered>>;

/// All of them. INVARIANT: what is found has every byte of what is looked for; the mark only
/// says where to look. It is keyed with chance: nobody chooses credentials that all stand in
/// one place.
pub(crate) struct Verified {
    key: RandomState,
    parts: [ArcSwap<Part>; PARTS],
}

/// One of them.
pub(crate) struct Remembered {
    pub(crate) token: Box<str>,
    pub(crate) grant: Grant,
    /// When the keys that it was verified by are too old.
    pub(crate) keys_until: Timestamp,
}

/// Where a credential stands, if it does.
pub(crate) struct Place<'a> {
    part: Option<&'a ArcSwap<Part>>,
    mark: u64,
}

// === impl Verified ===

impl Default for Verified {
    fn default() -> Self {
        Self {
            key: RandomState::new(),
            parts: std::array::from_fn(|_| ArcSwap::default()),
        }
    }
}

impl Verified {
    pub(crate) fn place(&self, token: &str) -> Place<'_> {
        let bytes = token.as_bytes();
        let end = bytes.last_chunk::<MARK_BYTES>();
        let mark = self
            .key
            .hash_one(end.map_or(bytes, <[u8; MARK_BYTES]>::as_slice));
        let [first, ..] = mark.to_le_bytes();
        Place {
            part: self.parts.get(usize::from(first) % PARTS),
            mark,
        }
    }
}

// === impl Place ===

impl Place<'_> {
    /// The credential, if it is the one that stands there.
    pub(crate) fn find(&self, token: &str) -> Option<Arc<Remembered>> {
        let part = self.part?.load();
        let known = part.get(&self.mark)?;
        (*known.token == *token).then(|| Arc::clone(known))
    }

    /// From now on it stands there. Those that have ended do not stand anywhere any more.
    pub(crate) fn remember(&self, verified: &Arc<Remembered>, now: Timestamp) {
        let Some(part) = self.part else {
            return;
        };
        part.rcu(|part| {
            let mut part = Part::clone(part);
            part.retain(|_, known| now < known.grant.expires_at);
            let bytes: usize = part.values().map(|known| known.token.len()).sum();
            if part.len() >= PART_MAX || bytes + verified.token.len() > PART_BYTES_MAX {
                part.clear();
            }
            part.insert(self.mark, Arc::clone(verified));
            part
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1);

    fn remembered(token: &str) -> Arc<Remembered> {
        Arc::new(Remembered {
            token: Box::from(token),
            grant: Grant::local("agent", None, Vec::new(), Arc::from("session")),
            keys_until: Timestamp(1),
        })
    }

    #[test]
    fn what_ends_alike_is_not_the_same_credential() {
        let verified = Verified::default();
        let end = "s".repeat(MARK_BYTES);
        let (one, other) = (format!("a{end}"), format!("b{end}"));
        assert!(verified.place(&one).find(&one).is_none());
        verified.place(&one).remember(&remembered(&one), NOW);
        let found = verified.place(&one).find(&one).unwrap();
        assert_eq!(*found.token, *one);
        for unknown in [&*other, &*end, &one[1..], &one[..one.len() - 1], "a", ""] {
            let found = verified.place(unknown).find(unknown);
            assert!(found.is_none(), "{unknown}");
        }
        verified.place(&other).remember(&remembered(&other), NOW);
        assert!(verified.place(&other).find(&other).is_some());
        assert!(verified.place(&one).find(&one).is_none(), "one place");
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let verified = Verified::default();
        for number in 0..PARTS * PART_MAX * 4 {
            let token = number.to_string();
            verified.place(&token).remember(&remembered(&token), NOW);
            assert!(verified.place(&token).find(&token).is_some());
        }
        let parts = verified.parts.iter().map(|part| part.load().len());
        assert!(parts.sum::<usize>() <= PARTS * PART_MAX);
    }

    #[test]
    fn long_credentials_take_no_more_room_than_there_is() {
        let verified = Verified::default();
        let long = "x".repeat(16 << 10);
        for number in 0..PARTS * 64 {
            let token = format!("{long}{number:064}");
            verified.place(&token).remember(&remembered(&token), NOW);
            assert!(verified.place(&token).find(&token).is_some());
        }
        for part in &verified.parts {
            let part = part.load();
            let bytes: usize = part.values().map(|known| known.token.len()).sum();
            assert!(bytes <= PART_BYTES_MAX, "{bytes}");
        }
    }

    #[test]
    fn what_has_ended_makes_room_and_is_not_left_in_memory() {
        let verified = Verified::default();
        let ended = |token: &str| {
            let known = remembered(token);
            let mut grant = known.grant.clone();
            grant.expires_at = Timestamp(NOW.0 + 1);
            Arc::new(Remembered {
                token: Box::from(token),
                grant,
                keys_until: known.keys_until,
            })
        };
        for number in 0..PARTS {
            let token = number.to_string();
            verified.place(&token).remember(&ended(&token), NOW);
        }
        let later = Timestamp(NOW.0 + 1);
        for number in 0..PARTS * PART_MAX {
            let token = format!("later {number}");
            verified.place(&token).remember(&remembered(&token), later);
        }
        let known: Vec<_> = verified.parts.iter().map(|part| part.load_full()).collect();
        let mut known = known.iter().flat_map(|part| part.values());
        assert!(known.all(|known| known.grant.expires_at > later));
    }
}
