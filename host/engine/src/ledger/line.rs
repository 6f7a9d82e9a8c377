//! One entry as the bytes of its line, made before anybody waits for the file.

use std::io::Write as _;

use gatewright_policy::Timestamp;
use gatewright_policy::record::{ENTRY_BYTES_MAX, Entry, Event};

use super::port::LedgerError;

/// How every entry begins; its place follows.
const BEGINNING: &str = "{\"sequence\":";

/// INVARIANT: `sequence` is the first member, and 0 is one byte.
const PLACELESS: usize = BEGINNING.len() + 1;

/// Bytes that most entries fit in.
const USUAL_BYTES: usize = 2048;

/// An entry that has everything but its place in the ledger.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it was written.
    pub at: Timestamp,
    /// As the first entry of a ledger: what follows the place is the same in any other.
    text: Vec<u8>,
}

impl Line {
    /// Refuses what a replay would refuse.
    pub fn of(at: Timestamp, event: &Event) -> Result<Self, LedgerError> {
        let entry = Entry {
            sequence: 0,
            at,
            event,
        };
        let mut text = Vec::with_capacity(USUAL_BYTES);
        serde_json::to_writer(&mut text, &entry)
            .map_err(|error| LedgerError::Write(error.to_string()))?;
        if text.len() > ENTRY_BYTES_MAX {
            return Err(LedgerError::TooLong { bytes: text.len() });
        }
        Ok(Self { at, text })
    }

    /// Appends the line with its place.
    pub fn write(&self, sequence: u64, buffer: &mut Vec<u8>) -> std::io::Result<()> {
        write!(buffer, "{BEGINNING}{sequence}")?;
        buffer.extend_from_slice(self.text.get(PLACELESS..).unwrap_or_default());
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
