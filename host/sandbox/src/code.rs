//! Compiled code, shared by all that run it: bindings of one component differ in their
//! images alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use gatewright_policy::Digest;
use wasmtime::component::Component;

/// The components that are in use, by what they were compiled from, or by their artefact.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<Digest, Weak<Component>>>);

// === impl Codes ===

impl Codes {
    /// The component of this digest, if it is in use; else what is made now. Of two that are
    /// made at once one stays.
    pub(crate) fn of(
        &self,
        digest: Digest,
        make: impl FnOnce() -> wasmtime::Result<Component>,
    ) -> wasmtime::Result<Arc<Component>> {
        if let Some(used) = self.used(digest) {
            return Ok(used);
        }
        let made = Arc::new(make()?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, code| code.strong_count() > 0);
        if let Some(used) = codes.get(&digest).and_then(Weak::upgrade) {
            return Ok(used);
        }
        codes.insert(digest, Arc::downgrade(&made));
        Ok(made)
    }

    fn used(&self, digest: Digest) -> Option<Arc<Component>> {
        let codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.get(&digest).and_then(Weak::upgrade)
    }
}

#[cfg(test)]
mod tests {
    use wasmtime::Engine;

    use super::*;

    /// A component without anything in it.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    #[test]
    fn code_is_shared_as_long_as_somebody_uses_it() {
        let engine = Engine::default();
        let codes = Codes::default();
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let compile = || Component::new(&engine, EMPTY);
        let fails = || Err(wasmtime::Error::msg("compiled again"));
        let first = codes.of(one, compile).unwrap();
        let second = codes.of(one, fails).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(codes.of(two, fails).is_err());
        drop(first);
        assert!(codes.of(one, fails).is_ok());
        drop(second);
        assert!(codes.of(one, fails).is_err());
        let _other = codes.of(two, compile).unwrap();
        assert_eq!(codes.0.lock().unwrap().len(), 1);
    }
}
