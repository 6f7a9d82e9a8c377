//! The way back through a record, from its end: so much of it, and no more.

use gatewright_policy::record::Entry;

use super::{Record, RecordError};

/// Entries that are read together.
const PAGE: u64 = 256;

/// Entries that are looked at for one answer.
pub(super) const LOOKED_AT_MAX: u64 = 4096;

/// Goes back from here, entry by entry, while `goes_on` says so. Whether it came to the
/// beginning.
pub(super) async fn back(
    record: &dyn Record,
    before: Option<u64>,
    mut goes_on: impl FnMut(Entry) -> bool + Send,
) -> Result<bool, RecordError> {
    let span = record.span().await?;
    let mut end = before.map_or(span.end, |before| before.min(span.end));
    let mut left = LOOKED_AT_MAX;
    while end > span.start && left > 0 {
        let count = PAGE.min(left).min(end - span.start);
        let from = end - count;
        let lines = record
            .lines(from, usize::try_from(count).unwrap_or(usize::MAX))
            .await?;
        let entries = lines
            .iter()
            .filter_map(|line| Entry::of_line(line.as_bytes()).ok());
        let entries: Vec<Entry> = entries
            .filter(|entry| (from..end).contains(&entry.sequence))
            .collect();
        for entry in entries.into_iter().rev() {
            let is_first = entry.sequence == span.start;
            if !goes_on(entry) {
                return Ok(is_first);
            }
        }
        (end, left) = (from, left - count);
    }
    Ok(end <= span.start)
}
