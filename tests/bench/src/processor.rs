//! The processor time that a process took, of all of its threads.

use std::fs;

use anyhow::{Context, Result};

/// A process whose time is read, by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processor(pub(crate) u32);

// === impl Processor ===

impl Processor {
    /// Microseconds on a processor until now, user and kernel, of the threads that are
    /// there: what has ended is not in it.
    pub(crate) fn microseconds(self) -> Result<f64> {
        let folder = format!("/proc/{}/task", self.0);
        let threads = fs::read_dir(&folder).with_context(|| format!("cannot read `{folder}`"))?;
        let mut nanoseconds = 0;
        for thread in threads {
            // One may end between the two.
            let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            let first = text.split_ascii_whitespace().next().unwrap_or_default();
            let spent: u64 = first
                .parse()
                .with_context(|| format!("`{text}` in `{folder}`"))?;
            nanoseconds += spent;
        }
        Ok(std::time::Duration::from_nanos(nanoseconds).as_secs_f64() * 1e6)
    }
}
