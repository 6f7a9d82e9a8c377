//! Configurations: refused with a place and a hint, or such that the gate may start
//! with them.

use std::path::Path;

use gatewright_engine::config::Loaded;

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let lines = text.lines().count().max(1);
    match Loaded::read_text(Path::new("gatewright.toml"), text.to_owned()) {
        Ok(loaded) => {
            assert!(loaded.config.gate.admin.ip().is_loopback());
            assert_eq!(loaded.issuers().unwrap().len(), loaded.config.issuers.len());
            true
        }
        Err(error) => {
            assert!(!error.problems.is_empty(), "it says what is wrong");
            for problem in &error.problems {
                assert!(!problem.message.is_empty() && !problem.hint.is_empty());
                assert!(
                    problem
                        .line
                        .is_none_or(|line| (1..=lines + 1).contains(&line))
                );
            }
            false
        }
    }
}
