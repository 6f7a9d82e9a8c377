//! The demonstration is a test: it compares what the gate did with what it should
//! have done, and fits on a tall screen of 80 columns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::process::{Command, Stdio};

#[test]
fn the_demonstration_comes_out_as_expected_on_one_screen() {
    let output = Command::new(env!("CARGO_BIN_EXE_gatewright-demo"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let screen = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{screen}\n{errors}");
    assert!(screen.lines().count() <= 60, "{screen}");
    let widest = screen
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap();
    assert!(widest <= 80, "{widest} columns\n{screen}");
    let is_cut = |line: &str| line.ends_with("...");
    assert!(!screen.lines().any(is_cut), "{screen}");
    assert!(screen.contains(" 1 flip in "), "{screen}");
    assert!(!screen.contains("ghp_"), "a secret got through\n{screen}");
}
