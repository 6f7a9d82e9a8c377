//! Machine code of single functions, kept while components are loaded: a component is
//! compiled twice, to be configured and as the snapshot of that, and nearly all of its
//! functions are the same both times.
//!
//! The key of an entry is the compiler's, a digest of all that the code is made of. Nothing
//! leaves the process.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmtime::CacheStore;

/// The most that is kept, in bytes: several times what the largest known language
/// runtime takes.
const BYTES_MAX: usize = 256 << 20;

/// What is kept for all loads that are under way.
#[derive(Default)]
pub(crate) struct Functions(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    code: HashMap<Vec<u8>, Vec<u8>>,
    bytes: usize,
    loads: usize,
}

/// Functions are kept for as long as this lives.
pub(crate) struct Loading<'a>(&'a Functions);

// === impl Functions ===

impl Functions {
    pub(crate) fn keep(&self) -> Loading<'_> {
        self.lock().loads += 1;
        Loading(self)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing that runs under the lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.lock().code.get(key).cloned().map(Cow::Owned)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let mut kept = self.lock();
        let bytes = kept.bytes.saturating_add(key.len() + value.len());
        if kept.loads == 0 || bytes > BYTES_MAX {
            return false;
        }
        kept.bytes = bytes;
        kept.code.insert(key.to_vec(), value);
        true
    }
}

impl fmt::Debug for Functions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Functions").finish_non_exhaustive()
    }
}

// === impl Loading ===

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        let mut kept = self.0.lock();
        kept.loads -= 1;
        if kept.loads == 0 {
            *kept = Kept::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_kept_until_the_last_load_ends() {
        let functions = Functions::default();
        assert!(!functions.insert(b"key", b"code".to_vec()));
        assert_eq!(functions.get(b"key"), None);

        let first = functions.keep();
        assert!(functions.insert(b"key", b"code".to_vec()));
        let second = functions.keep();
        drop(first);
        assert_eq!(functions.get(b"key").as_deref(), Some(&b"code"[..]));
        drop(second);
        assert_eq!(functions.get(b"key"), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let functions = Functions::default();
        let _loading = functions.keep();
        let half = vec![0; BYTES_MAX / 2];
        assert!(functions.insert(b"1", half.clone()));
        assert!(!functions.insert(b"2", half));
        assert!(functions.insert(b"3", b"code".to_vec()));
        assert_eq!(functions.get(b"2"), None);
    }
}
