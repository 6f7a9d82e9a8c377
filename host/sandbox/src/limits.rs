//! What one call may use.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasmtime::ResourceLimiter;

/// Instructions for one call, about: several times what the slowest cold language
/// runtime needs (2.5 million), and used up well before the deadline.
const FUEL: u64 = 20_000_000;

/// Linear memory of one instance: every language runtime we know fits.
const MEMORY_BYTES: usize = 64 << 20;

/// Data that a guest may hand over in one go: room for a long list of edits.
const OUTPUT_BYTES: usize = 256 << 10;

/// Longer than any honest policy runs.
const DEADLINE: Duration = Duration::from_millis(100);

/// Fuel for `configure`, which runs once and may parse long lists of rules:
/// about a second.
pub const CONFIGURE_FUEL: u64 = 1_000_000_000;

/// How long `configure` may run.
pub const CONFIGURE_DEADLINE: Duration = Duration::from_secs(10);

/// Entries of one table: function pointers of the largest runtimes, twice.
pub(crate) const TABLE_ELEMENTS_MAX: usize = 1 << 16;

/// Core instances of one component: an interpreter with its libraries.
pub(crate) const CORE_INSTANCES_MAX: u32 = 64;

/// Tables of one component.
pub(crate) const TABLES_MAX: u32 = 16;

/// Linear memories of one component.
pub(crate) const MEMORIES_MAX: u32 = 4;

/// What one call of a guest may use. More is a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The semantic limit: about one unit for each instruction, and for what
    /// the host reads and copies for the guest. Deterministic: whether a call
    /// fits does not depend on the machine.
    pub fuel: u64,
    /// Linear memory, in bytes, all memories of the guest together.
    pub memory_bytes: usize,
    /// What the guest may hand to the host in one go (its answer, or an
    /// argument of a host function), in bytes, as the host stores it.
    pub output_bytes: usize,
    /// How long the guest may run, a safety net behind `fuel`. What it waits for a
    /// processor does not count.
    pub deadline: Duration,
}

/// Keeps one instance within its memory, and remembers when it wanted more.
pub(crate) struct MemoryMeter {
    bytes: usize,
    bytes_max: usize,
    pub(crate) exceeded: bool,
}

// === impl Limits ===

impl Default for Limits {
    /// 20 million units of fuel, 64 MiB of memory, 256 KiB of output, 100 ms.
    fn default() -> Self {
        Self {
            fuel: FUEL,
            memory_bytes: MEMORY_BYTES,
            output_bytes: OUTPUT_BYTES,
            deadline: DEADLINE,
        }
    }
}

impl Limits {
    /// The limits of `configure`: its own time and fuel, the binding's memory,
    /// so that what is built fits into every call.
    pub(crate) const fn for_configure(self) -> Self {
        Self {
            fuel: CONFIGURE_FUEL,
            deadline: CONFIGURE_DEADLINE,
            ..self
        }
    }
}

// === impl MemoryMeter ===

impl MemoryMeter {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            bytes: 0,
            bytes_max: limits.memory_bytes,
            exceeded: false,
        }
    }
}

impl ResourceLimiter for MemoryMeter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = self.bytes.saturating_add(desired.saturating_sub(current));
        if bytes > self.bytes_max {
            self.exceeded = true;
            return Ok(false);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.bytes = bytes;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > TABLE_ELEMENTS_MAX {
            self.exceeded = true;
            return Ok(false);
        }
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }

    fn instances(&self) -> usize {
        CORE_INSTANCES_MAX as usize
    }

    fn tables(&self) -> usize {
        TABLES_MAX as usize
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX as usize
    }
}
