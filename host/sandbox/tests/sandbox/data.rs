//! Settings that are data: they stand apart from the code, which is compiled once.

use std::path::Path;

use gatewright_policy::{Fault, Obligation, Opinion};
use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox};

use crate::compiling::{process, sandbox, without_compiler};
use crate::guests::{configured, request};
use crate::{SANDBOX, limits, run};

/// Keeps where the settings stand, and counts in a global.
const CONFIGURE: &str = "
    (i32.store (i32.const 256) (local.get $settings))
    (i32.store (i32.const 260) (local.get $length))
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (i32.const 0)";

/// Allows with one limit: the byte in the middle of the settings, and the count, which this
/// call changes, as thousands.
const ANSWER: &str = "
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.const 128))
    (i32.store (i32.const 72) (i32.const 1))
    (i32.store8 (i32.const 128) (i32.const 3))
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (i64.store (i32.const 136) (i64.add
        (i64.mul (global.get $count) (i64.const 1000))
        (i64.load8_u (i32.add (i32.load (i32.const 256))
            (i32.div_u (i32.load (i32.const 260)) (i32.const 2))))))
    (i32.store8 (i32.add (i32.load (i32.const 256))
        (i32.div_u (i32.load (i32.const 260)) (i32.const 2))) (i32.const 0))
    (i32.const 64)";

const TOP: &str = "(global $count (mut i64) (i64.const 0))";

/// What the sandbox does not set apart: it would run again for every call.
const AT_THE_START: &str = "(func $start) (start $start)";

fn settings(byte: char, bytes: usize) -> String {
    byte.to_string().repeat(bytes)
}

fn said(guest: &Guest) -> u64 {
    match run(guest.judge(&request("{}"))).result {
        Ok(Opinion { obligations, .. }) => match obligations[..] {
            [Obligation::LimitResult(number)] => number,
            _ => panic!("{obligations:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn load(sandbox: &Sandbox, component: &[u8], settings: &str) -> Result<Guest, LoadError> {
    run(sandbox.load(component, settings, limits()))
}

/// Files of machine code in a cache, by name.
fn code(cache: &Path) -> Vec<String> {
    let files = std::fs::read_dir(cache.join("artifacts/v1")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn every_call_starts_from_the_data_and_leaves_it_as_it_is() {
    let component = configured(CONFIGURE, ANSWER, TOP);
    for bytes in [70_000, 3 << 20] {
        let guest = load(&SANDBOX, &component, &settings('a', bytes)).unwrap();
        assert!(guest.is_snapshotted());
        for _ in 0..3 {
            assert_eq!(said(&guest), 2000 + u64::from(b'a'), "{bytes}");
        }
    }
}

#[test]
fn other_data_compiles_no_code_and_is_found_again() {
    let cache = tempfile::tempdir().unwrap();
    let component = configured(CONFIGURE, ANSWER, TOP);
    let first = sandbox(process(Some(cache.path())));
    let guest = load(&first, &component, &settings('a', 8 << 20)).unwrap();
    assert_eq!(said(&guest), 2000 + u64::from(b'a'));
    let compiled = code(cache.path());
    for (count, byte) in [(1, 'b'), (2, 'c')] {
        let guest = load(&first, &component, &settings(byte, 8 << 20)).unwrap();
        assert_eq!(said(&guest), 2000 + u64::from(u32::from(byte)));
        // What is new is the image, which has no code.
        let now = code(cache.path());
        assert_eq!(now.len(), compiled.len() + count);
        assert!(compiled.iter().all(|name| now.contains(name)));
    }
    let again = without_compiler(cache.path());
    for byte in ['a', 'b', 'c'] {
        let guest = load(&again, &component, &settings(byte, 8 << 20)).unwrap();
        assert_eq!(said(&guest), 2000 + u64::from(u32::from(byte)));
    }
    let error = load(&again, &component, &settings('d', 8 << 20)).unwrap_err();
    assert!(matches!(error, LoadError::Compiler(_)), "{error}");
}

#[test]
fn a_component_that_holds_code_and_state_together_takes_less() {
    let component = configured(CONFIGURE, ANSWER, &format!("{TOP}{AT_THE_START}"));
    let guest = load(&SANDBOX, &component, &settings('a', 900_000)).unwrap();
    assert!(guest.is_snapshotted());
    assert_eq!(said(&guest), 2000 + u64::from(b'a'));
    let error = load(&SANDBOX, &component, &settings('a', 2 << 20)).unwrap_err();
    assert!(matches!(error, LoadError::NotApart { .. }), "{error}");
    let error = error.to_string();
    assert!(error.contains("runs a function at its start"), "{error}");
    assert!(error.contains("hint: "), "{error}");
}

/// Data has memory of its own; what a call may use beside it stays what the binding says.
#[test]
fn data_does_not_count_as_memory_of_calls() {
    let grows = |pages: u32| {
        let grow = format!(
            "(if (i32.eq (memory.grow (i32.const {pages})) (i32.const -1)) (then unreachable))"
        );
        configured(CONFIGURE, &format!("{grow} {ANSWER}"), TOP)
    };
    let small = Limits {
        memory_bytes: 1 << 20,
        ..limits()
    };
    for (pages, is_allowed) in [(8, true), (40, false)] {
        let guest = run(SANDBOX.load(&grows(pages), &settings('a', 4 << 20), small)).unwrap();
        let answer = run(guest.judge(&request("{}"))).result;
        match is_allowed {
            true => assert!(answer.is_ok(), "{answer:?}"),
            false => assert_eq!(answer, Err(Fault::OutOfMemory)),
        }
    }
}

#[test]
fn an_error_says_what_the_data_might_use() {
    let hungry = "(loop $again (br_if $again
        (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let loops = "(loop $again (br $again)) (i32.const 0)";
    for (configure, words) in [(hungry, "MiB of memory"), (loops, "units of fuel")] {
        let component = configured(configure, "(i32.const 64)", "");
        let error = load(&SANDBOX, &component, &settings('a', 100_000)).unwrap_err();
        let error = error.to_string();
        for part in ["for settings of 100000 bytes", words, "hint: "] {
            assert!(error.contains(part), "{error}");
        }
    }
}
