//! Times and periods of the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use gatewright_engine::config::Period;
use gatewright_policy::Timestamp;

/// The clock of this machine.
pub(crate) fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock of this machine is before 1970")?;
    Ok(Timestamp(u64::try_from(since.as_millis())?))
}

/// A period as the configuration has them.
pub(crate) fn period(text: &str) -> Result<Period, &'static str> {
    Period::parse(text).ok_or("write a number and a unit: `90s`, `15m`, `8h`, `7d`")
}
