//! Under what something is kept.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::time::Duration;

use gatewright_policy::Digest;
use wasmtime::Engine;

use crate::asked::Standing;
use crate::limits::Limits;

/// Names everything that is built from.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    pub(super) built: Digest,
    pub(super) functions: Digest,
}

// === impl Key ===

impl Key {
    /// What is built follows from the component, its settings, the limits it runs under,
    /// this version of the host, and the compiler and processor that the engine is for:
    /// it sees nothing else. Code of functions follows from less.
    pub(crate) fn of(
        engine: &Engine,
        component: Digest,
        settings: Option<&str>,
        (limits, state): (Limits, Standing),
    ) -> Self {
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        // How long it runs, and what a result takes, is no part of what it builds.
        let limits = Limits {
            deadline: Duration::ZERO,
            fuel_for_each_byte: 0,
            time_for_each_byte: Duration::ZERO,
            ..limits
        };
        let functions = format!(
            "{}\n{:016x}\n{component}",
            env!("CARGO_PKG_VERSION"),
            compiler.finish(),
        );
        let settings = settings.map(|settings| Digest::of(settings.as_bytes()));
        let built = format!("{functions}\n{settings:?}\n{limits:?}\n{state:?}");
        Self {
            built: Digest::of(built.as_bytes()),
            functions: Digest::of(functions.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_that_is_built_from_is_in_the_key() {
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let limits = Limits::default();
        let less_memory = Limits {
            memory_bytes: 1,
            ..limits
        };
        let less_fuel = Limits { fuel: 1, ..limits };
        let together = Standing::Together;
        let engine = Engine::default();
        let other = Engine::new(wasmtime::Config::new().consume_fuel(true)).unwrap();
        let keys = [
            Key::of(&engine, one, Some("{}"), (limits, together)),
            Key::of(&engine, two, Some("{}"), (limits, together)),
            Key::of(&engine, one, Some("[]"), (limits, together)),
            Key::of(&engine, one, None, (limits, together)),
            Key::of(&engine, one, Some("{}"), (less_memory, together)),
            Key::of(&engine, one, Some("{}"), (less_fuel, together)),
            Key::of(&engine, one, Some("{}"), (limits, Standing::Apart)),
            Key::of(&other, one, Some("{}"), (limits, together)),
        ];
        let names: BTreeSet<_> = keys.iter().map(|key| key.built.to_string()).collect();
        assert_eq!(names.len(), keys.len());
    }
}
