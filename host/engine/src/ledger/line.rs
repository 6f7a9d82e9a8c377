//! One entry as the bytes of its line, made before anybody waits for the file.

use std::io::Write as _;

use gatewright_policy::Timestamp;
use gatewright_policy::record::{ENTRY_BYTES_MAX, Entry, Event};

use super::port::LedgerError;

/// How every entry begins; its place follows.
const BEGINNING: &str = "{\"sequence\":";

/// An entry that has everything but its place in the ledger.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// The text after the place.
    rest: Vec<u8>,
}

impl Line {
    /// Refuses what a replay would refuse.
    pub fn of(at: Timestamp, event: &Event) -> Result<Self, LedgerError> {
        let entry = Entry {
            sequence: 0,
            at,
            event,
        };
        let written = serde_json::to_vec(&entry);
        let mut rest = written.map_err(|error| LedgerError::Write(error.to_string()))?;
        if rest.len() > ENTRY_BYTES_MAX {
            return Err(LedgerError::TooLong { bytes: rest.len() });
        }
        // INVARIANT: `sequence` is the first member, and 0 is one byte.
        rest.drain(..(BEGINNING.len() + 1).min(rest.len()));
        Ok(Self { at, rest })
    }

    /// Appends the line with its place.
    pub fn write(&self, sequence: u64, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        write!(buffer, "{BEGINNING}{sequence}")?;
        buffer.extend_from_slice(&self.rest);
        buffer.push(b'\n');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_its_entry() {
        let event = Event::Stopped;
        let line = Line::of(Timestamp(7), &event).unwrap();
        let mut buffer = Vec::new();
        line.write(u64::MAX, &mut buffer).unwrap();
        let entry: Entry = serde_json::from_slice(&buffer).unwrap();
        let expected = Entry {
            sequence: u64::MAX,
            at: Timestamp(7),
            event,
        };
        assert_eq!(entry, expected);
        assert_eq!(buffer.pop(), Some(b'\n'));
    }
}
