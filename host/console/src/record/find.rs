//! One decision, by its id. Ids begin with their time (RFC 9562, version 7), and so does
//! every entry: where it must be is found by halving.

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Completed, Decided, Entry, Event};
use serde::Deserialize;

use super::{Record, RecordError};

/// How much earlier than its id an entry is looked for.
const EARLIER_MS: u64 = 2000;

/// Entries that are read together.
const PAGE: u64 = 256;

/// Entries that are looked at. A call that took longer than this many entries of others
/// is shown without its end.
const LOOKED_AT_MAX: u64 = 16_384;

/// A decision, and what came of it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) decided: Box<Decided>,
    pub(crate) completed: Option<(u64, Timestamp, Completed)>,
}

/// What every entry has.
#[derive(Deserialize)]
struct Place {
    at: Timestamp,
}

/// The decision with this id; none where there is none, or where it must be looked for
/// elsewhere: in older segments, or by `gatewright log`.
pub(crate) async fn find(record: &dyn Record, id: &str) -> Result<Option<Found>, RecordError> {
    let Some(received) = time_of(id) else {
        return Ok(None);
    };
    let span = record.span().await?;
    let earliest = Timestamp(received.0.saturating_sub(EARLIER_MS));
    let (mut low, mut high) = (span.start, span.end);
    while low < high {
        let middle = low + (high - low) / 2;
        let line = record.lines(middle, 1).await?.pop();
        let place = line.and_then(|line| serde_json::from_str::<Place>(&line).ok());
        match place {
            Some(place) if place.at < earliest => low = middle + 1,
            Some(_) | None => high = middle,
        }
    }
    let mut found: Option<Found> = None;
    let last = span.end.min(low.saturating_add(LOOKED_AT_MAX));
    while low < last {
        let count = usize::try_from(PAGE.min(last - low)).unwrap_or(usize::MAX);
        let lines = record.lines(low, count).await?;
        if lines.is_empty() {
            break;
        }
        low += lines.len() as u64;
        for line in lines.iter().filter(|line| line.contains(id)) {
            let Ok(entry) = Entry::of_line(line.as_bytes()) else {
                continue;
            };
            match entry.event {
                Event::Decided(decided) if decided.id == id && found.is_none() => {
                    let ends_here = decided.reason.is_some();
                    let (sequence, at) = (entry.sequence, entry.at);
                    let decision = Found {
                        sequence,
                        at,
                        decided,
                        completed: None,
                    };
                    if ends_here {
                        return Ok(Some(decision));
                    }
                    found = Some(decision);
                }
                Event::Completed(completed) if completed.id == id => {
                    if let Some(mut found) = found {
                        found.completed = Some((entry.sequence, entry.at, completed));
                        return Ok(Some(found));
                    }
                }
                // Something else that names it.
                _other => {}
            }
        }
    }
    Ok(found)
}

/// The time in an id.
fn time_of(id: &str) -> Option<Timestamp> {
    let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    if id.len() != 36 || !id.bytes().all(fits) || id.as_bytes().get(14) != Some(&b'7') {
        return None;
    }
    let (high, low) = (id.get(..8)?, id.get(9..13)?);
    u64::from_str_radix(&format!("{high}{low}"), 16)
        .ok()
        .map(Timestamp)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::record::tests::{Written, completed, decided, denied, id};

    fn found(record: &Written, id: &str) -> Option<Found> {
        let found = find(record, id).now_or_never();
        found.expect("memory answers at once").unwrap()
    }

    #[test]
    fn a_decision_is_found_with_its_end() {
        let record = Written::default();
        for number in 0..3000 {
            let at = 1_000_000 + number * 1000;
            let id = id(at, number);
            match number % 3 {
                0 => record.push(at, Event::Decided(denied(&id, "bot", "write"))),
                _ => {
                    record.push(at, Event::Decided(decided(&id, "bot", "read")));
                    record.push(at + 500, Event::Completed(completed(&id)));
                }
            }
        }
        for number in [0, 1, 2, 1500, 2998, 2999] {
            let id = id(1_000_000 + number * 1000, number);
            let found = found(&record, &id).unwrap();
            assert_eq!(found.decided.id, id);
            assert_eq!(found.completed.is_some(), number % 3 != 0, "{number}");
        }
        let unknown = id(1_000_000, 77);
        assert!(found(&record, &unknown).is_none());
    }

    #[test]
    fn what_is_no_id_is_not_looked_for() {
        let record = Written::default();
        record.push(0, Event::Decided(denied("x", "bot", "write")));
        let long = "0".repeat(1 << 20);
        for text in [
            "",
            "x",
            "../../etc/passwd",
            "00000000-0000-4000-8000-000000000000",
            &long,
        ] {
            assert_eq!(time_of(text), None);
            assert!(found(&record, text).is_none());
        }
    }
}
