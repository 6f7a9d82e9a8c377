//! A component that is asked with many settings: compiled once, configured for each call.

use gatewright_policy::{Fault, Verdict};
use gatewright_sandbox::{Limits, LoadError};

use crate::compiling::{kept, process, sandbox, without_compiler};
use crate::guests::{configured, request};
use crate::{limits, run};

/// Allows nothing; logs and works while it is configured.
const CONFIGURE: &str = "(local $round i32)
    (call $log (i32.const 1) (i32.const 1024) (i32.const 5))
    (loop $again
        (local.set $round (i32.add (local.get $round) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $round) (i32.const 1000000))))
    (i32.const 0)";

const TOP: &str = r#"(data (i32.const 1024) "ready")"#;

#[test]
fn with_further_settings_nothing_is_compiled_again() {
    let cache = tempfile::tempdir().unwrap();
    let component = configured(CONFIGURE, "(i32.const 64)", TOP);
    let first = sandbox(process(Some(cache.path())));
    let rehearsal = run(first.rehearse(&component)).unwrap();
    for settings in ["{}", "[1]", "[2]"] {
        let guest = run(rehearsal.configure(settings, limits())).unwrap();
        assert_eq!(guest.configure_log()[0].text, "ready");
        let answer = run(guest.judge(&request("{}")));
        assert_eq!(answer.result, Ok(Verdict::Abstain.into()));
        assert!(answer.log.is_empty());
    }
    assert_eq!(kept(cache.path()), 2, "the component, and its code");
    let again = without_compiler(cache.path());
    run(again.rehearse(&component)).unwrap();
}

#[test]
fn a_call_may_use_as_much_as_from_a_snapshot_whatever_configuring_takes() {
    let component = configured(CONFIGURE, "(i32.const 64)", TOP);
    let sandbox = sandbox(process(None));
    let little = Limits {
        fuel: 100_000,
        ..limits()
    };
    let loaded = run(sandbox.load(&component, "{}", little)).unwrap();
    assert!(loaded.is_snapshotted());
    let rehearsal = run(sandbox.rehearse(&component)).unwrap();
    let rehearsed = run(rehearsal.configure("{}", little)).unwrap();
    assert!(!rehearsed.is_snapshotted());
    let (loaded, rehearsed) = (
        run(loaded.judge(&request("{}"))),
        run(rehearsed.judge(&request("{}"))),
    );
    assert_eq!(rehearsed.result, loaded.result);
    // An instance begins before its limits do.
    assert!(rehearsed.fuel.abs_diff(loaded.fuel) < 10, "{rehearsed:?}");
    let loops = configured(
        "(i32.const 0)",
        "(loop $again (br $again)) (i32.const 64)",
        "",
    );
    let rehearsal = run(sandbox.rehearse(&loops)).unwrap();
    let guest = run(rehearsal.configure("{}", little)).unwrap();
    let answer = run(guest.judge(&request("{}")));
    assert_eq!(
        (answer.result, answer.fuel),
        (Err(Fault::OutOfFuel), little.fuel)
    );
}

#[test]
fn what_a_gate_would_not_load_is_not_rehearsed() {
    let sandbox = sandbox(process(None));
    let refuses = configured("(unreachable)", "(i32.const 64)", "");
    let rehearsal = run(sandbox.rehearse(&refuses)).unwrap();
    let error = run(rehearsal.configure("{}", limits())).unwrap_err();
    assert!(matches!(error, LoadError::Configure { .. }), "{error}");
    let too_much = Limits {
        memory_bytes: usize::MAX,
        ..limits()
    };
    let error = run(rehearsal.configure("{}", too_much)).unwrap_err();
    assert!(matches!(error, LoadError::MemoryLimit { .. }), "{error}");
    let error = run(sandbox.rehearse(b"no component")).err().unwrap();
    assert!(matches!(error, LoadError::Malformed(_)), "{error}");
}
