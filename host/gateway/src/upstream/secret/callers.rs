//! The tokens that were got for callers, one for each credential that was shown: nobody
//! gets what was got for somebody else, and a narrower credential not what a wider one got.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gatewright_policy::Digest;

use super::kept::Kept;

/// Most credentials whose tokens are kept. The token of the one that was not used for
/// longest is let go of, and got again when it is needed.
const CALLERS_MAX: usize = 4096;

/// By the digests of credentials.
#[derive(Debug, Default)]
pub(super) struct Callers {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    kept: HashMap<Digest, (Arc<Kept>, u64)>,
    /// Counts uses: order, and nothing else.
    uses: u64,
}

impl Callers {
    /// The token of a credential; nothing was asked for yet where it is new.
    pub(super) fn of(&self, credential: &Digest) -> Arc<Kept> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.uses += 1;
        let uses = known.uses;
        if let Some((kept, used)) = known.kept.get_mut(credential) {
            *used = uses;
            return Arc::clone(kept);
        }
        if known.kept.len() >= CALLERS_MAX {
            let oldest = known.kept.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(credential, _)| *credential) {
                known.kept.remove(&oldest);
            }
        }
        let kept = Arc::<Kept>::default();
        known.kept.insert(*credential, (Arc::clone(&kept), uses));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_told_apart_and_the_longest_unused_is_let_go_of() {
        let digest = |number: usize| Digest::of(&number.to_le_bytes());
        let callers = Callers::default();
        let (first, second) = (callers.of(&digest(0)), callers.of(&digest(1)));
        assert!(!Arc::ptr_eq(&first, &second));
        for number in 2..CALLERS_MAX {
            callers.of(&digest(number));
        }
        assert!(Arc::ptr_eq(&first, &callers.of(&digest(0))));
        callers.of(&digest(CALLERS_MAX));
        assert!(Arc::ptr_eq(&first, &callers.of(&digest(0))));
        assert!(!Arc::ptr_eq(&second, &callers.of(&digest(1))));
    }
}
