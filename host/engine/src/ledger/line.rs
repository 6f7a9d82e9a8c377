//! One entry as the bytes of its line, made before anybody waits for the file.

use std::io;

use gatewright_policy::Timestamp;
use gatewright_policy::record::{ENTRY_BYTES_MAX, Event, Unplaced};

use super::port::LedgerError;

/// An entry that has everything but its place in the ledger.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    text: Unplaced,
}

impl Line {
    /// Refuses what a replay would refuse.
    pub fn of(at: Timestamp, event: &Event) -> Result<Self, LedgerError> {
        let text =
            Unplaced::of(at, event).map_err(|error| LedgerError::Write(error.to_string()))?;
        let bytes = text.bytes();
        if bytes > ENTRY_BYTES_MAX {
            return Err(LedgerError::TooLong { bytes });
        }
        Ok(Self { at, text })
    }

    /// Appends the line with its place.
    pub fn write(&self, sequence: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        let written = self.text.write(sequence, buffer);
        written.map_err(io::Error::other)
    }
}
