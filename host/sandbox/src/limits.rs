//! What one call may use.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use wasmtime::ResourceLimiter;

/// Instructions for one call, about: several times what the slowest cold language
/// runtime needs (2.5 million), and used up well before the deadline.
const FUEL: u64 = 20_000_000;

/// Fuel for each byte of a result that is reviewed, beside that: who reads it all needs 20
/// to 40 for a byte of prose or code, and 290 where every byte begins something.
const FUEL_FOR_EACH_BYTE: u64 = 300;

/// Time for each byte of a result that is reviewed, beside the deadline: what that fuel
/// lasts on a slow processor.
const TIME_FOR_EACH_BYTE: Duration = Duration::from_nanos(300);

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

/// In settings that are longer than this there is data: what it becomes has memory beside
/// that of calls, and has to stand apart from the code.
pub(crate) const SETTINGS_WHOLE_BYTES: usize = 64 << 10;

/// The most memory that data may become when it is configured, in bytes, beside what the
/// binding gives to every call.
pub(crate) const IMAGE_BYTES_MAX: usize = 1 << 30;

/// The most data, in bytes, that calls which run long may write of together: four of the
/// largest images. A call shares the data with all others until it writes to it, and may
/// write to all of it.
pub(crate) const DATA_BYTES_MAX: usize = 4 * IMAGE_BYTES_MAX;

/// Memory for each byte of settings that are data: a value of an interpreter takes several
/// times what it is written in.
const MEMORY_PER_SETTINGS_BYTE: usize = 24;

/// Fuel of `configure` for each byte of settings: several times what reading a document and
/// making values of it takes.
const FUEL_PER_SETTINGS_BYTE: u64 = 2_500;

/// Time of `configure` for each byte of settings.
const TIME_PER_SETTINGS_BYTE: Duration = Duration::from_micros(2);

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
    /// Fuel for each byte of a result that is reviewed, beside that. How long a result is
    /// says the tool server, up to a limit of the gate: a review must not fail for it.
    pub fuel_for_each_byte: u64,
    /// Linear memory, in bytes, all memories of the guest together.
    pub memory_bytes: usize,
    /// What the guest may hand to the host in one go (its answer, or an
    /// argument of a host function), in bytes, as the host stores it.
    pub output_bytes: usize,
    /// How long the guest may run, a safety net behind `fuel`. What it waits for a
    /// processor does not count.
    pub deadline: Duration,
    /// Time for each byte of a result that is reviewed, beside that.
    pub time_for_each_byte: Duration,
}

/// Keeps one instance within its memory, and remembers when it wanted more.
pub(crate) struct MemoryMeter {
    bytes: usize,
    bytes_max: usize,
    pub(crate) exceeded: bool,
}

// === impl Limits ===

impl Default for Limits {
    /// 20 million units of fuel, 64 MiB of memory, 256 KiB of output, 100 ms; for each byte
    /// of a result 300 units and 300 ns more.
    fn default() -> Self {
        Self {
            fuel: FUEL,
            fuel_for_each_byte: FUEL_FOR_EACH_BYTE,
            memory_bytes: MEMORY_BYTES,
            output_bytes: OUTPUT_BYTES,
            deadline: DEADLINE,
            time_for_each_byte: TIME_FOR_EACH_BYTE,
        }
    }
}

impl Limits {
    /// The memory that data becomes where every call is configured, in bytes.
    pub(crate) fn data_bytes(self, settings_bytes: usize) -> usize {
        let configured = self.for_configure(settings_bytes).memory_bytes;
        configured.saturating_sub(self.memory_bytes)
    }

    /// The limits of a call that reviews a result of so many bytes.
    pub(crate) fn for_result(self, bytes: usize) -> Self {
        let fuel = u64::try_from(bytes).unwrap_or(u64::MAX);
        let fuel = fuel.saturating_mul(self.fuel_for_each_byte);
        let time = u32::try_from(bytes).unwrap_or(u32::MAX);
        let time = self.time_for_each_byte.saturating_mul(time);
        Self {
            fuel: self.fuel.saturating_add(fuel),
            deadline: self.deadline.saturating_add(time),
            ..self
        }
    }

    /// The limits of `configure` for so many bytes of settings: its own time and fuel, and
    /// memory for what data becomes.
    pub(crate) fn for_configure(self, settings_bytes: usize) -> Self {
        let bytes = u32::try_from(settings_bytes).unwrap_or(u32::MAX);
        let for_data = match settings_bytes {
            0..=SETTINGS_WHOLE_BYTES => 0,
            _ => settings_bytes.saturating_mul(MEMORY_PER_SETTINGS_BYTE),
        };
        let for_data = for_data.min(IMAGE_BYTES_MAX);
        Self {
            fuel: CONFIGURE_FUEL
                .saturating_add(FUEL_PER_SETTINGS_BYTE.saturating_mul(u64::from(bytes))),
            deadline: CONFIGURE_DEADLINE
                .saturating_add(TIME_PER_SETTINGS_BYTE.saturating_mul(bytes)),
            memory_bytes: self.memory_bytes.saturating_add(for_data),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_result_gets_more_and_what_an_operator_set_holds() {
        let limits = Limits::default();
        let review = limits.for_result(1 << 20);
        assert_eq!(review.fuel, FUEL + FUEL_FOR_EACH_BYTE * (1 << 20));
        assert!(review.deadline > Duration::from_millis(400));
        assert_eq!(review.memory_bytes, limits.memory_bytes);
        assert_eq!(limits.for_result(0), limits);
        let set = Limits {
            fuel_for_each_byte: 0,
            time_for_each_byte: Duration::ZERO,
            ..limits
        };
        assert_eq!(set.for_result(usize::MAX), set);
        assert_eq!(limits.for_result(usize::MAX).fuel, u64::MAX);
    }
}
