//! What `configure` leaves behind: in a snapshot where one can be taken, and
//! done again for every call where not.

use std::os::unix::fs::MetadataExt as _;

use gatewright_policy::{Digest, Fault, Obligation, Verdict};
use gatewright_sandbox::{Guest, Limits, LoadError, Sandbox, SandboxConfig};
use wit_component::StringEncoding;

use crate::guests::{Parts, component, configured, request};
use crate::{SANDBOX, limits, load, run, try_load};

/// Keeps the length of the settings in memory and the number of starts and
/// configurations in globals; grows its memory; logs.
const CONFIGURE: &str = "
    (i32.store (i32.const 256) (local.get $length))
    (global.set $configured (i32.add (global.get $configured) (i32.const 1)))
    (drop (memory.grow (i32.const 3)))
    (i32.store (i32.const 200000) (local.get $length))
    (call $log (i32.const 1) (i32.const 1024) (i32.const 5))
    (i32.const 0)";

/// Allows with one limit: `pages * 1000 + starts * 100 + configured * 10 + 1`
/// when both lengths agree.
const ANSWER: &str = "
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store (i32.const 68) (i32.const 128))
    (i32.store (i32.const 72) (i32.const 1))
    (i32.store8 (i32.const 128) (i32.const 3))
    (i64.store (i32.const 136) (i64.extend_i32_u (i32.add
        (i32.add (i32.mul (memory.size) (i32.const 1000))
            (i32.mul (global.get $starts) (i32.const 100)))
        (i32.add (i32.mul (global.get $configured) (i32.const 10))
            (i32.eq (i32.load (i32.const 256)) (i32.load (i32.const 200000)))))))
    (i32.const 64)";

const TOP: &str = r#"
    (global $configured (mut i32) (i32.const 0))
    (global $starts (mut i32) (i32.const 0))
    (func $start (global.set $starts (i32.add (global.get $starts) (i32.const 1))))
    (start $start)
    (data (i32.const 1024) "ready")"#;

/// An instruction that the snapshot tool does not take.
const UNSNAPSHOTTABLE: &str = "
    (table $table 1 funcref)
    (func (table.set $table (i32.const 0) (ref.null func)))";

fn allowed(guest: &Guest) -> u64 {
    match run(guest.judge(&request("{}"))).result {
        Ok(Verdict::Allow { obligations }) => match obligations[..] {
            [Obligation::LimitResult(number)] => number,
            _ => panic!("{obligations:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn configured_state_is_there_at_every_call_snapshotted_or_not() {
    let snapshotted = configured(CONFIGURE, ANSWER, TOP);
    let not = configured(CONFIGURE, ANSWER, &format!("{TOP}{UNSNAPSHOTTABLE}"));
    for (component, is_snapshotted) in [(snapshotted, true), (not, false)] {
        let guest = load(&component);
        assert_eq!(guest.is_snapshotted(), is_snapshotted);
        assert_eq!(guest.digest(), Digest::of(&component));
        for _ in 0..20 {
            assert_eq!(allowed(&guest), 4111);
        }
        let [line] = guest.configure_log() else {
            panic!("{:?}", guest.configure_log());
        };
        assert_eq!(line.text, "ready");
        assert!(run(guest.judge(&request("{}"))).log.is_empty());
    }
}

/// Grows its memory and keeps the length of the settings, and says nothing.
fn quiet() -> Vec<u8> {
    let quiet = CONFIGURE.replace(
        "(call $log (i32.const 1) (i32.const 1024) (i32.const 5))",
        "",
    );
    configured(&quiet, ANSWER, TOP)
}

fn sandbox(cache: &std::path::Path) -> Sandbox {
    let config = SandboxConfig {
        cache_dir: Some(cache.to_owned()),
        ..SandboxConfig::default()
    };
    Sandbox::new(&config).unwrap()
}

fn snapshots(cache: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(cache.join("snapshots/v1")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_snapshot_from_the_cache_is_what_was_configured() {
    let cache = tempfile::tempdir().unwrap();
    let component = quiet();
    for settings in ["{}", "{}", r#"{"longer":1}"#] {
        // Another sandbox: nothing is left in memory.
        let sandbox = sandbox(cache.path());
        let guest = run(sandbox.load(&component, settings, limits())).unwrap();
        assert!(guest.is_snapshotted());
        assert_eq!(guest.digest(), Digest::of(&component));
        assert_eq!(allowed(&guest), 4111);
    }
    assert_eq!(snapshots(cache.path()).len(), 2);
    // What is damaged is made anew, and whole again afterwards.
    for path in snapshots(cache.path()) {
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    }
    let sandbox = sandbox(cache.path());
    let guest = run(sandbox.load(&component, "{}", limits())).unwrap();
    assert_eq!(allowed(&guest), 4111);
}

#[test]
fn what_the_cache_holds_is_not_configured_again() {
    let cache = tempfile::tempdir().unwrap();
    let failing = configured("(unreachable)", ANSWER, TOP);
    let error = run(sandbox(cache.path()).load(&failing, "{}", limits())).unwrap_err();
    assert!(matches!(error, LoadError::Configure { .. }), "{error}");
    assert_eq!(snapshots(cache.path()), [] as [std::path::PathBuf; 0]);

    let component = quiet();
    run(sandbox(cache.path()).load(&component, "{}", limits())).unwrap();
    let [path] = &snapshots(cache.path())[..] else {
        panic!("one snapshot was taken");
    };
    // Who takes it again puts another file in its place.
    let inode = || std::fs::metadata(path).unwrap().ino();
    let before = inode();
    run(sandbox(cache.path()).load(&component, "{}", limits())).unwrap();
    assert_eq!(inode(), before);
}

#[test]
fn what_a_policy_says_in_configure_is_said_at_every_start() {
    let cache = tempfile::tempdir().unwrap();
    let component = configured(CONFIGURE, ANSWER, TOP);
    for _ in 0..2 {
        let sandbox = sandbox(cache.path());
        let guest = run(sandbox.load(&component, "{}", limits())).unwrap();
        assert_eq!(guest.configure_log().len(), 1);
    }
}

#[test]
fn configuring_again_costs_fuel_and_a_snapshot_does_not() {
    let busy = "(local $round i32)
        (loop $again
            (local.set $round (i32.add (local.get $round) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $round) (i32.const 1000000))))
        (i32.const 0)";
    let small = Limits {
        fuel: 100_000,
        ..limits()
    };
    let large = limits();
    let quick = configured(busy, "(i32.const 64)", "");
    let slow = configured(busy, "(i32.const 64)", UNSNAPSHOTTABLE);
    let guest = run(SANDBOX.load(&quick, "{}", small)).unwrap();
    assert!(guest.is_snapshotted());
    assert!(run(guest.judge(&request("{}"))).fuel < 1000);
    let guest = run(SANDBOX.load(&slow, "{}", large)).unwrap();
    assert!(!guest.is_snapshotted());
    assert!(run(guest.judge(&request("{}"))).fuel > 1_000_000);
    match run(SANDBOX.load(&slow, "{}", small)) {
        Err(LoadError::Configure { fault, .. }) => assert_eq!(fault, Fault::OutOfFuel),
        other => panic!("{other:?}"),
    }
}

#[test]
fn settings_that_the_policy_refuses_keep_it_from_loading() {
    // Refuses, with the settings as the message.
    let refuses = "(i32.store8 (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (local.get $settings))
        (i32.store (i32.const 72) (local.get $length))
        (i32.const 64)";
    for top in ["", UNSNAPSHOTTABLE] {
        let component = configured(refuses, "(i32.const 64)", top);
        let error = try_load(&component, r#"{"roots":7}"#).unwrap_err();
        assert_eq!(error, LoadError::Settings(r#"{"roots":7}"#.to_owned()));
    }
}

#[test]
fn a_configure_that_fails_keeps_the_policy_from_loading() {
    let log = "(call $log (i32.const 2) (i32.const 1024) (i32.const 5))";
    let data = r#"(data (i32.const 1024) "panic")"#;
    let read = "(call $get (i32.const 0) (i32.const 0) (i32.const 512)) (i32.const 0)";
    let trapped = |kind: &str| Fault::Trapped(kind.to_owned());
    for (configure, expected) in [
        ("unreachable", trapped("unreachable code reached")),
        ("(loop $again (br $again)) (i32.const 0)", Fault::OutOfFuel),
        (read, trapped("reading a call where there is none")),
        (
            "(loop $again (br_if $again
                (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable",
            Fault::OutOfMemory,
        ),
    ] {
        for top in [data, &format!("{data}{UNSNAPSHOTTABLE}")] {
            let component = configured(&format!("{log} {configure}"), "(i32.const 64)", top);
            match try_load(&component, "{}").unwrap_err() {
                LoadError::Configure { fault, log } => {
                    assert_eq!(fault, expected);
                    assert_eq!(log.len(), 1);
                    assert_eq!(log[0].text, "panic");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn one_component_with_two_settings_is_two_guests() {
    let length = "(i32.store8 (i32.const 64) (i32.const 1))
        (i32.store (i32.const 68) (i32.const 128))
        (i32.store (i32.const 72) (i32.const 1))
        (i32.store8 (i32.const 128) (i32.const 3))
        (i64.store (i32.const 136) (i64.load32_u (i32.const 256)))
        (i32.const 64)";
    let keep = "(i32.store (i32.const 256) (local.get $length)) (i32.const 0)";
    let component = configured(keep, length, "");
    let guests = ["{}", r#"{"a":1}"#].map(|settings| try_load(&component, settings).unwrap());
    assert_eq!(guests.each_ref().map(allowed), [2, 7]);
    assert_eq!(guests[0].digest(), guests[1].digest());
}

#[test]
fn a_component_that_already_has_the_snapshot_interface_is_configured_at_each_call() {
    let wit = "
        package test:guest;
        world both {
            include gatewright:policy/policy@0.1.0;
            export wasmtime:wizer/access;
        }
        package wasmtime:wizer {
            interface access { m0: func() -> u32; }
        }";
    let core = Parts {
        world: "policy",
        configure: "(i32.const 0)",
        answer: "(i32.const 64)",
        top: r#"(func (export "wasmtime:wizer/access#m0") (result i32) (i32.const 7))"#,
        encoding: StringEncoding::UTF8,
    };
    let guest = load(&component(
        wit,
        "test:guest/both",
        &core.module(),
        core.encoding,
    ));
    assert!(!guest.is_snapshotted());
    assert_eq!(
        run(guest.judge(&request("{}"))).result,
        Ok(Verdict::Abstain)
    );
}
