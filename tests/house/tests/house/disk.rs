//! One crate writes files that must be there after a crash, and takes locks.

use std::path::Path;

use gatewright_house::{files, nothing_in, text};

/// Steps of which each is useless without the others.
const STEPS: [&str; 4] = ["fs::rename(", ".sync_all(", ".sync_data(", "TryLockError"];

/// Who takes them besides `host/disk`, and why.
const OTHERS: [(&str, &str); 5] = [
    (
        "host/engine/src/ledger/",
        "it appends, and says what a sync that failed means",
    ),
    (
        "host/artifact/src/",
        "what is half is found out, and made again",
    ),
    (
        "host/sandbox/src/cache/",
        "what is half is found out, and made again",
    ),
    (
        "host/cli/src/new/",
        "nobody has worked yet on what it writes",
    ),
    (
        "host/registry/src/",
        "blobs are written as they come; the folder appears through `host/disk`",
    ),
];

#[test]
fn files_are_written_to_last_in_one_crate() {
    let mut found = Vec::new();
    let mut used = [false; OTHERS.len()];
    for file in files() {
        let name = file.to_string_lossy();
        let is_source = name.starts_with("host/") && name.contains("/src/");
        let is_left_out = name.starts_with("host/disk/") || name.contains("tests");
        if !is_source || is_left_out || file.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = text(&file);
        let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let steps: Vec<_> = STEPS
            .into_iter()
            .filter(|step| code.contains(step))
            .collect();
        if steps.is_empty() {
            continue;
        }
        let other = OTHERS
            .iter()
            .position(|(folder, _)| file.starts_with(Path::new(folder)));
        match other {
            Some(other) => used[other] = true,
            None => found.push(format!("{name} has {steps:?}")),
        }
    }
    let unused = OTHERS.iter().zip(used).filter(|(_, is_used)| !is_used);
    found.extend(unused.map(|((folder, _), _)| format!("{folder} has none: take it from OTHERS")));
    nothing_in(&found, "let `gatewright-disk` do it, which forgets no step");
}
