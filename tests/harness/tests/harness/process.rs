//! Child processes end with their owner and are waited for, not slept for.

use std::process::Command;
use std::time::{Duration, Instant};

use gatewright_harness::{Binaries, HarnessError, Process, Stream};

const DEADLINE: Duration = Duration::from_secs(10);

fn shell(script: &str) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    Process::spawn(command).unwrap()
}

#[test]
fn a_line_is_found_on_the_stream_that_it_was_printed_on() {
    let process = shell("echo to-out; echo to-err >&2; exec cat");
    assert_eq!(
        process.wait_for_line(Stream::Out, "to-", DEADLINE).unwrap(),
        "to-out"
    );
    assert_eq!(
        process.wait_for_line(Stream::Err, "to-", DEADLINE).unwrap(),
        "to-err"
    );
}

#[test]
fn an_early_end_is_reported_at_once_with_what_was_printed() {
    let started = Instant::now();
    let process = shell("echo cannot listen; exit 1");
    let error = process
        .wait_for_line(Stream::Out, "listening", Duration::from_secs(600))
        .unwrap_err();
    assert!(started.elapsed() < DEADLINE);
    assert!(error.to_string().contains("cannot listen"), "{error}");
}

#[test]
fn a_line_that_does_not_come_ends_the_wait_at_the_deadline() {
    let process = shell("exec cat");
    let error = process
        .wait_for_line(Stream::Out, "never", Duration::from_millis(50))
        .unwrap_err();
    assert!(matches!(error, HarnessError::Silent { .. }), "{error}");
}

#[test]
fn a_dropped_process_is_gone() {
    let process = shell("echo up; exec cat");
    process.wait_for_line(Stream::Out, "up", DEADLINE).unwrap();
    let entry = format!("/proc/{}", process.id());
    assert!(std::path::Path::new(&entry).exists());
    drop(process);
    assert!(!std::path::Path::new(&entry).exists());
}

#[test]
fn a_program_that_fails_is_an_error_with_its_output() {
    let mut command = Command::new("sh");
    command.args(["-c", "echo because >&2; exit 3"]);
    let error = Process::run(command, DEADLINE).unwrap_err();
    assert!(error.to_string().contains("because"), "{error}");
}

#[test]
fn what_is_not_built_names_the_make_target() {
    let error = Binaries::locate().plugin("no-such-policy").unwrap_err();
    assert!(error.to_string().contains("make plugins"), "{error}");
}
