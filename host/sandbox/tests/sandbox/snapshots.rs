//! What `configure` leaves behind: in a snapshot where one can be taken, and
//! done again for every call where not.

use gatewright_policy::{Digest, Fault, Obligation, Opinion, Verdict};
use gatewright_sandbox::{Guest, Limits, LoadError, SettingsError};
use wit_component::StringEncoding;

use crate::compiling::{process, sandbox, without_compiler};
use crate::guests::{self, Parts, component, configured, request};
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
        Ok(Opinion { obligations, .. }) => match obligations[..] {
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

#[test]
fn a_snapshot_from_the_cache_is_what_was_configured() {
    let cache = tempfile::tempdir().unwrap();
    let component = quiet();
    for settings in ["{}", r#"{"longer":1}"#] {
        let builds = sandbox(process(Some(cache.path())));
        for sandbox in [builds, without_compiler(cache.path())] {
            let guest = run(sandbox.load(&component, settings, limits())).unwrap();
            assert!(guest.is_snapshotted());
            assert_eq!(guest.digest(), Digest::of(&component));
            assert_eq!(allowed(&guest), 4111);
        }
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
        assert_eq!(
            error,
            LoadError::Settings(SettingsError {
                pointer: String::new(),
                message: r#"{"roots":7}"#.to_owned(),
            })
        );
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
                LoadError::Configure { fault, log, .. } => {
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
        Ok(Verdict::Abstain.into())
    );
}

/// The same component with so many more core instances, all of them empty, that it keeps
/// those that it has.
fn kept_as_it_is(component: &[u8]) -> Vec<u8> {
    const INSTANCES: u8 = 65;
    let mut kept = component.to_vec();
    // The section of core instances, of two bytes each: a list, of nothing.
    kept.extend([2, 0x83, 1, INSTANCES]);
    kept.extend([1_u8, 0].repeat(usize::from(INSTANCES)));
    kept
}

#[test]
fn with_fewer_core_instances_a_guest_answers_the_same_for_the_same_fuel() {
    let component = configured(CONFIGURE, ANSWER, &TOP.replace("(start $start)", ""));
    let asks = guests::judge(
        "(call $get (i32.const 1024) (i32.const 5) (i32.const 512))
         (call $log (i32.const 1) (i32.const 1024) (i32.const 5))
         (i32.store8 (i32.const 64) (i32.eqz (i32.load8_u (i32.const 512))))
         (i32.const 64)",
        r#"(data (i32.const 1024) "/path")"#,
    );
    for component in [&component, &asks] {
        let kept = kept_as_it_is(component);
        assert!(gatewright_link::unite(component).is_ok());
        assert!(gatewright_link::unite(&kept).is_err());
        for bindings in [1, 8] {
            let answer = |component: &[u8]| {
                let guest = run(SANDBOX.load_for(component, "{}", limits(), bindings)).unwrap();
                assert!(guest.is_snapshotted());
                assert_eq!(guest.digest(), Digest::of(component));
                let answer = run(guest.judge(&request(r#"{"path":"/tmp"}"#)));
                (answer.result.unwrap(), answer.fuel, answer.log.len())
            };
            assert_eq!(answer(component), answer(&kept), "{bindings}");
        }
    }
}
