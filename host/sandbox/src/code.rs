//! Compiled code, shared by all that run it: bindings of one component differ in their
//! images alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use gatewright_policy::Digest;
use wasmtime::component::Component;

/// The components that are in use, by what they were compiled from.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<Digest, Weak<Component>>>);

// === impl Codes ===

impl Codes {
    /// The component that was compiled from these bytes, if it is in use; else what is
    /// compiled now. Of two that are compiled at once one stays.
    pub(crate) fn of(
        &self,
        bytes: &[u8],
        compile: impl FnOnce() -> wasmtime::Result<Component>,
    ) -> wasmtime::Result<Arc<Component>> {
        let digest = Digest::of(bytes);
        if let Some(used) = self.used(digest) {
            return Ok(used);
        }
        let compiled = Arc::new(compile()?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, code| code.strong_count() > 0);
        if let Some(used) = codes.get(&digest).and_then(Weak::upgrade) {
            return Ok(used);
        }
        codes.insert(digest, Arc::downgrade(&compiled));
        Ok(compiled)
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
        let compile = || Component::new(&engine, EMPTY);
        let fails = || Err(wasmtime::Error::msg("compiled again"));
        let first = codes.of(b"1", compile).unwrap();
        let second = codes.of(b"1", fails).unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert!(codes.of(b"2", fails).is_err());
        drop(first);
        assert!(codes.of(b"1", fails).is_ok());
        drop(second);
        assert!(codes.of(b"1", fails).is_err());
        let _other = codes.of(b"2", compile).unwrap();
        assert_eq!(codes.0.lock().unwrap().len(), 1);
    }
}
