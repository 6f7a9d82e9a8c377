//! Machine code of single functions, kept while components are loaded: a component is
//! compiled to be configured and as the snapshot of each configuration, and nearly all of
//! its functions are the same each time.
//!
//! The key of an entry is the compiler's, a digest of all that the code is made of. A
//! process that compiles takes over what an earlier one kept of the same component, and
//! no other.

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

/// Length of the length of a key or of code, in bytes.
const LENGTH_BYTES: usize = 4;

/// Functions are kept for as long as this lives.
pub(crate) struct Loading<'a>(&'a Functions);

// === impl Functions ===

impl Functions {
    pub(crate) fn keep(&self) -> Loading<'_> {
        self.lock().loads += 1;
        Loading(self)
    }

    /// All that is kept now, for [`take_over`](Self::take_over): keys and code, each after
    /// its length.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let kept = self.lock();
        let lengths = kept.code.len().saturating_mul(2 * LENGTH_BYTES);
        let mut bytes = Vec::with_capacity(kept.bytes.saturating_add(lengths));
        for part in kept.code.iter().flat_map(|(key, code)| [key, code]) {
            // Never longer: that is more than may be kept.
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend(length.to_le_bytes());
            bytes.extend(part);
        }
        bytes
    }

    /// Keeps what was kept before; nothing of it if the bytes are not whole.
    pub(crate) fn take_over(&self, bytes: &[u8]) {
        let mut rest = bytes;
        let mut functions = Vec::new();
        while !rest.is_empty() {
            let (Some(key), Some(code)) = (part(&mut rest), part(&mut rest)) else {
                return;
            };
            functions.push((key, code));
        }
        for (key, code) in functions {
            self.insert(key, code.to_vec());
        }
    }

    /// How many are kept.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().code.len()
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

/// The next part of what [`Functions::to_bytes`] wrote.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(LENGTH_BYTES)?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let (part, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(part)
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

    #[test]
    fn what_is_written_is_taken_over_whole_or_not_at_all() {
        let written = Functions::default();
        let _loading = written.keep();
        for (key, code) in [("1", "first"), ("", ""), ("key", "of the second")] {
            assert!(written.insert(key.as_bytes(), code.as_bytes().to_vec()));
        }
        let bytes = written.to_bytes();
        for length in 0..=bytes.len() {
            let read = Functions::default();
            let _loading = read.keep();
            read.take_over(&bytes[..length]);
            let (read, written) = (read.lock(), written.lock());
            let is_written = |(key, code)| written.code.get(key) == Some(code);
            assert!(read.code.iter().all(is_written), "cut off at {length}");
            assert_eq!(read.code.len() == 3, length == bytes.len());
        }
    }
}
