//! Reading one line of the record back.

use serde::Deserialize;
use std::borrow::Cow;

use super::{Completed, Decided, Entry, Event};
use crate::timestamp::Timestamp;

/// What every line begins with, whatever happened.
#[derive(Deserialize)]
struct Head<'a> {
    sequence: u64,
    at: Timestamp,
    #[serde(borrow)]
    event: Cow<'a, str>,
}

impl Entry {
    /// The entry in a line of the record.
    ///
    /// What fills a record is read as what it says it is, at once: to find the kind of an
    /// entry in any place of it, everything else of it would be put aside first.
    pub fn of_line(line: &[u8]) -> serde_json::Result<Self> {
        let Head {
            sequence,
            at,
            event,
        } = serde_json::from_slice(line)?;
        let event = match &*event {
            "decided" => Event::Decided(Box::new(serde_json::from_slice::<Decided>(line)?)),
            "completed" => Event::Completed(serde_json::from_slice::<Completed>(line)?),
            _other => return serde_json::from_slice(line),
        };
        Ok(Self {
            sequence,
            at,
            event,
        })
    }
}

/// The sequence in a line of the record; none where it is no entry.
pub fn sequence_of(line: &[u8]) -> Option<u64> {
    /// Where it stands in a line, older gates and newer ones do not agree.
    #[derive(Deserialize)]
    struct Placed {
        sequence: u64,
    }
    let placed = serde_json::from_slice::<Placed>(line).ok();
    placed.map(|Placed { sequence }| sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "blake3:0000000000000000000000000000000000000000000000000000000000000000";

    /// Bodies of entries, each with the commas around it.
    fn bodies() -> Vec<String> {
        vec![
            format!(
                r#""event":"decided","id":"a","generation":1,"policies":"{ZERO}",
                "method":"tools/call","server":"s","name":"n","judged":true,"decision":"deny",
                "reason":"forbidden","message":"no","opinions":[],"charges":[]"#
            ),
            r#""event":"completed","id":"a","outcome":"allowed","changed":true"#.to_owned(),
            r#""id":"a","outcome":"failed","event":"complet\u0065d""#.to_owned(),
            r#""event":"started","version":"1","record":4"#.to_owned(),
            r#""event":"stopped""#.to_owned(),
        ]
    }

    #[test]
    fn a_line_is_read_as_any_reader_of_json_reads_it() {
        for body in bodies() {
            let line = format!(r#"{{"sequence":7,"at":9,{body}}}"#);
            let read = Entry::of_line(line.as_bytes()).unwrap();
            assert_eq!(read, serde_json::from_str(&line).unwrap(), "{line}");
            assert_eq!((read.sequence, read.at), (7, Timestamp(9)));
            assert_eq!(sequence_of(line.as_bytes()), Some(7));
        }
    }

    #[test]
    fn a_line_that_is_not_one_entry_is_refused() {
        for body in bodies() {
            for line in [
                format!(r#"{{"sequence":7,{body}}}"#),
                format!(r#"{{"at":9,{body}}}"#),
                format!(r#"{{"sequence":7,"at":9,"sequence":8,{body}}}"#),
                format!(r#"{{"sequence":7,"at":9,{body},"event":"stopped"}}"#),
                format!(r#"{{"sequence":7,"at":9,{body}}} {{}}"#),
                format!(r#"{{"sequence":7,"at":9,{body}"#),
                format!(r#"{{"sequence":-7,"at":9,{body}}}"#),
            ] {
                assert!(Entry::of_line(line.as_bytes()).is_err(), "{line}");
                assert!(serde_json::from_str::<Entry>(&line).is_err(), "{line}");
            }
        }
        for line in [
            r#"{"sequence":7,"at":9}"#,
            r#"{"sequence":7,"at":9,"event":"never"}"#,
            r#"{"sequence":7,"at":9,"event":"completed"}"#,
            r#"{"sequence":7,"at":9,"event":"completed","id":"a","id":"b","outcome":"allowed"}"#,
        ] {
            assert!(Entry::of_line(line.as_bytes()).is_err(), "{line}");
        }
    }
}
