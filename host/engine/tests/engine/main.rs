//! The engine from its outside: configurations and components on disk, calls in,
//! rulings and ledger entries out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    dead_code,
    reason = "test code"
)]

#[path = "../../../sandbox/tests/sandbox/guests.rs"]
mod guests;
#[path = "../../../sandbox/tests/sandbox/spenders.rs"]
mod spenders;

mod agents;
mod budgets;
mod configuration;
mod contracts;
mod counting;
mod decisions;
mod erasures;
mod evidence;
mod gate;
mod ledger;
mod ledger_file;
mod ledger_segments;
mod looks;
mod packs;
mod payloads;
mod record;
mod reloads;
mod results;
mod rollouts;
mod secrets;
mod signed_wrongly;
mod status_lists;
mod swaps;
mod tampering;
