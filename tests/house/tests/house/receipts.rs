//! A permit needs a receipt, and a receipt says that something is recorded: only what
//! records may make one.

use gatewright_house::{files, nothing_in, text};

/// Who records.
const RECORDERS: [&str; 3] = [
    "host/engine/src/ledger/",
    "host/engine/src/tests/",
    "host/store/src/",
];

#[test]
fn receipts_are_made_where_something_is_recorded() {
    let makes = concat!("Receipt", "::new(");
    let mut makers = 0;
    let mut found = Vec::new();
    for file in files() {
        let name = file.display().to_string();
        if !text(&file).contains(makes) {
            continue;
        }
        match RECORDERS.iter().any(|folder| name.contains(folder)) {
            true => makers += 1,
            false => found.push(format!("{name} makes a receipt")),
        }
    }
    assert!(makers > 2, "those that record are found");
    nothing_in(&found, "commit to a memory, which gives one");
}
