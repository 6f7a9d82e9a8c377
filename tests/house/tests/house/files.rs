//! How files are called, how long they are, and what must not stand in them.

use std::path::Path;

use gatewright_house::{files, nothing_in, text};

/// Past this many lines there is a second idea in a file. Tests do not count.
const LINES_MAX: usize = 400;

/// Files with a second idea that nobody has moved out yet, and how long each may
/// be at the most. May only shrink.
const LONG: [(&str, usize); 1] = [("host/engine/src/session.rs", 460)];

/// What a program writes is as long as it is; the test of `sdk/abi` compares it.
const WRITTEN: &str = "sdk/rust/src/bindings/";

/// Names for things that have no reason to exist yet.
const EMPTY_NAMES: [&str; 8] = [
    "utils", "util", "common", "helpers", "helper", "manager", "types", "misc",
];

fn sources() -> Vec<std::path::PathBuf> {
    let rust =
        |file: &std::path::PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let sources: Vec<_> = files().into_iter().filter(rust).collect();
    assert!(sources.len() > 30, "the sources are found");
    sources
}

#[test]
fn files_are_called_after_what_they_hold() {
    let mut found = Vec::new();
    for file in sources() {
        let empty = |part: &std::ffi::OsStr| {
            let part = Path::new(part).file_stem().unwrap_or_default();
            EMPTY_NAMES.iter().any(|name| part == *name)
        };
        if file.iter().any(empty) {
            found.push(file.display().to_string());
        }
    }
    nothing_in(&found, "name the file after the one thing in it");
}

#[test]
fn files_hold_one_idea() {
    let mut found = Vec::new();
    for file in sources() {
        let is_written = file.starts_with(WRITTEN) && !file.ends_with("mod.rs");
        if is_written || file.iter().any(|part| part == "tests") {
            continue;
        }
        let text = text(&file);
        let code = text.split("\n#[cfg(test)]\nmod tests").next();
        let lines = code.unwrap_or_default().lines().count();
        let known = LONG.iter().find(|(name, _)| Path::new(name) == file);
        let lines_max = known.map_or(LINES_MAX, |(_, lines_max)| *lines_max);
        if lines > lines_max {
            found.push(format!("{} has {lines} lines", file.display()));
        }
        if known.is_some() && lines <= LINES_MAX {
            found.push(format!("{} is short: take it from LONG", file.display()));
        }
    }
    nothing_in(&found, "look for the second idea and give it a file");
}

#[test]
fn modules_say_first_what_they_are_for() {
    let mut found = Vec::new();
    for file in sources() {
        if !text(&file).starts_with("//!") {
            found.push(file.display().to_string());
        }
    }
    nothing_in(&found, "begin with one to three lines of `//!`");
}

#[test]
fn nothing_names_the_machine_it_was_made_on() {
    let home = std::env::var("HOME").unwrap_or_default();
    // Assembled, so that this file is not found.
    let places = [
        ["/ro", "ot/"],
        ["/wo", "rk/"],
        ["/tmp", "/wt"],
        ["/home", "/user"],
    ]
    .map(|parts| parts.concat());
    let mut found = Vec::new();
    for file in files() {
        let text = text(&file);
        for (number, line) in text.lines().enumerate() {
            let names_home = home.len() > "/root".len() && begins_in(line, &home);
            if names_home || places.iter().any(|place| begins_in(line, place)) {
                found.push(format!(
                    "{}:{}: {}",
                    file.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    nothing_in(&found, "use a path that exists on every machine");
}

/// Whether a path in a line begins with this one.
fn begins_in(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| character.is_alphanumeric() || "._-".contains(character))
    })
}

#[test]
fn locked_packages_come_from_the_public_registries() {
    const REGISTRIES: [&str; 2] = [
        "registry+https://github.com/rust-lang/crates.io-index",
        "https://registry.npmjs.org/",
    ];
    let mut found = Vec::new();
    for file in files() {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name != "Cargo.lock" && name != "package-lock.json" {
            continue;
        }
        for line in text(&file).lines() {
            let source = line.contains("source = ") || line.contains("\"resolved\": ");
            if source && !REGISTRIES.iter().any(|registry| line.contains(registry)) {
                found.push(format!("{}: {}", file.display(), line.trim()));
            }
        }
    }
    nothing_in(&found, "lock the package from its public registry");
}

#[test]
fn tests_wait_for_a_condition_never_for_time() {
    // Assembled, so that this file is not found.
    let sleeps = [["thread::", "sleep("], ["time::", "sleep("]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for file in sources() {
        let text = text(&file);
        let is_test_file = file.iter().any(|part| part == "tests");
        let tests = match is_test_file {
            true => text.as_str(),
            false => text
                .split_once("\n#[cfg(test)]\nmod tests")
                .map_or("", |(_, tests)| tests),
        };
        let lines: Vec<_> = tests.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let near = &lines[index.saturating_sub(16)..lines.len().min(index + 16)];
            let polls = near
                .iter()
                .any(|line| line.to_lowercase().contains("deadline"));
            if sleeps.iter().any(|sleep| line.contains(sleep.as_str())) && !polls {
                found.push(format!("{}: {}", file.display(), line.trim()));
            }
        }
    }
    nothing_in(
        &found,
        "poll a condition with a deadline, or step the clock",
    );
}
