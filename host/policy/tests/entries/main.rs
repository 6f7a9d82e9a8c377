//! Every entry of the record is canonical JSON as it is written, and is read back as it was.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

mod agents;
mod approvals;
mod draw;
mod every;
mod opinions;
mod words;

use std::collections::BTreeSet;

use gatewright_policy::Timestamp;
use gatewright_policy::json::{Document, JsonLimits, canonical};
use gatewright_policy::record::{ApprovalEvent, Entry, Event, Unplaced, sequence_of};
use gatewright_policy::segment::LedgerEvent;
use proptest::prelude::*;

use self::draw::Draw;

/// The largest whole number that has a canonical text.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// Which kind of entry it is. A new one has no name here: draw one in `every.rs` too.
fn kind(event: &Event) -> &'static str {
    match event {
        Event::Started { .. } => "started",
        Event::Activated { .. } => "activated",
        Event::ReloadFailed { .. } => "reload-failed",
        Event::Decided(_) => "decided",
        Event::Refused(_) => "refused",
        Event::Labelled(_) => "labelled",
        Event::Completed(_) => "completed",
        Event::Agents(_) => "agents",
        Event::Tools(_) => "tools",
        Event::Approval(approval) => match &**approval {
            ApprovalEvent::Decided { .. } => "approval decided",
            ApprovalEvent::Refused { .. } => "approval refused",
        },
        Event::Stopped => "stopped",
        Event::Ledger(ledger) => match ledger {
            LedgerEvent::Continued(_) => "ledger continued",
            LedgerEvent::CarriedSession(_) => "ledger carried-session",
            LedgerEvent::CarriedBudgets { .. } => "ledger carried-budgets",
            LedgerEvent::CarriedAgents { .. } => "ledger carried-agents",
            LedgerEvent::CarriedApproval(_) => "ledger carried-approval",
            LedgerEvent::Cut(_) => "ledger cut",
            LedgerEvent::Repaired(_) => "ledger repaired",
            LedgerEvent::KeyRotated { .. } => "ledger key-rotated",
            LedgerEvent::Erased(_) => "ledger erased",
            LedgerEvent::ClockSet { .. } => "ledger clock-set",
        },
    }
}

/// Kinds that [`kind`] tells apart.
const KINDS: usize = 22;

#[test]
fn entries_of_every_kind_are_drawn() {
    let mut draw = Draw::new(1, vec!["text".to_owned()]);
    let drawn: BTreeSet<_> = every::events(&mut draw).iter().map(kind).collect();
    assert_eq!(drawn.len(), KINDS, "{drawn:?}");
}

proptest! {
    #[test]
    fn a_line_is_the_one_text_of_its_entry(
        seed in any::<u64>(),
        texts in prop::collection::vec(any::<String>(), 1..6),
        at in any::<u64>(),
        sequence in 0..=EXACT_MAX,
    ) {
        let mut draw = Draw::new(seed, texts);
        for event in every::events(&mut draw) {
            let mut line = Vec::new();
            let unplaced = Unplaced::of(Timestamp(at), &event).unwrap();
            unplaced.write(sequence, &mut line).unwrap();
            prop_assert_eq!(line.pop(), Some(b'\n'));
            let text = String::from_utf8(line).unwrap();

            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(&text, &theirs);
            let document = Document::parse(text.as_str(), &JsonLimits::default()).unwrap();
            let ours = canonical(document.root(), &[]).unwrap();
            prop_assert_eq!(&text, &ours);

            prop_assert_eq!(sequence_of(text.as_bytes()), Some(sequence));
            let read = Entry::of_line(text.as_bytes()).unwrap();
            let written = Entry { sequence, at: Timestamp(at), event };
            prop_assert_eq!(&read, &written);
            // As gates wrote it before there was one text of it.
            let older = serde_json::to_string(&written).unwrap();
            prop_assert_eq!(Entry::of_line(older.as_bytes()).unwrap(), written);
        }
    }
}
