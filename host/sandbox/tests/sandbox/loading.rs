//! What loads and what is refused, and how the refusal reads.

use gatewright_policy::Digest;
use gatewright_sandbox::{
    COMPONENT_BYTES_MAX, Contract, Limits, LoadError, SETTINGS_BYTES_MAX, SandboxConfig, World,
};
use wit_component::StringEncoding;

use crate::guests::{judge, of_world, request};
use crate::{SANDBOX, limits, run, try_load};

/// A component that imports and exports instances without anything in them.
fn hollow(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let mut text = "(component\n".to_owned();
    for import in imports {
        text += &format!("(import \"{import}\" (instance))\n");
    }
    text += "(instance $empty)\n";
    for export in exports {
        text += &format!("(export \"{export}\" (instance $empty))\n");
    }
    wat::parse_str(text + ")").unwrap()
}

const JUDGING: &str = "gatewright:policy/judging@0.1.0";
const REVISING: &str = "gatewright:policy/revising@0.1.0";
const REVIEWING: &str = "gatewright:policy/reviewing@0.1.0";

fn refusal(component: &[u8]) -> LoadError {
    let error = try_load(component, "{}").unwrap_err();
    if let Err(inspected) = SANDBOX.inspect(component) {
        assert_eq!(inspected, error);
    }
    error
}

#[test]
fn what_is_not_a_policy_is_refused_and_told_why() {
    for (claim, component, message) in [
        (
            "a core module",
            wat::parse_str("(module)").unwrap(),
            "this is a core WebAssembly module, not a component; \
             hint: `gatewright build` makes a component of it",
        ),
        (
            "a component that exports nothing",
            hollow(&[], &[]),
            "the component exports nothing, and nothing of `gatewright:policy`; \
             hint: build it for the world `policy`, `editor` or `reviewer`",
        ),
        (
            "a component of another world",
            hollow(&[], &["wasi:cli/run@0.2.0"]),
            "the component exports `wasi:cli/run@0.2.0`, and nothing of `gatewright:policy`; \
             hint: build it for the world `policy`, `editor` or `reviewer`",
        ),
        (
            "a component of a later contract",
            hollow(
                &[],
                &["gatewright:policy/judging@0.3.0", "other:thing/is@1.0.0"],
            ),
            "the component exports `gatewright:policy/judging@0.3.0`, which is not served; \
             hint: build it against version 0.1.0 or 0.2.0",
        ),
        (
            "a patch release of a minor that is served, without what belongs to it",
            hollow(&[], &["gatewright:policy/judging@0.1.1"]),
            "the component does not fit the contract: there is no function `configure`; \
             hint: build it against the published `policy.wit`",
        ),
        (
            "an import of another contract than its own",
            hollow(
                &["gatewright:policy/history@0.2.0"],
                &["gatewright:policy/revising@0.1.0"],
            ),
            "a component of the world `editor` cannot import `gatewright:policy/history@0.2.0`; hint: it may import \
             `gatewright:policy/arguments@0.1.0`, `gatewright:policy/log@0.1.0`",
        ),
        (
            "a release candidate",
            hollow(&[], &["gatewright:policy/judging@0.2.0-rc.1"]),
            "the component exports `gatewright:policy/judging@0.2.0-rc.1`, which is not served; \
             hint: build it against version 0.1.0 or 0.2.0",
        ),
        (
            "two worlds at once",
            hollow(&[], &[JUDGING, REVISING]),
            "the component implements two worlds, `policy` and `editor`; hint: make it two components",
        ),
        (
            "a policy with WASI",
            hollow(
                &[
                    "wasi:clocks/wall-clock@0.2.0",
                    "gatewright:policy/log@0.1.0",
                    "wasi:io/poll@0.2.0",
                ],
                &[JUDGING],
            ),
            "a component of the world `policy` cannot import `wasi:clocks/wall-clock@0.2.0`, `wasi:io/poll@0.2.0`; \
             hint: rebuild it without WASI: a policy has no clock, no files and no network",
        ),
        (
            "an editor that wants the history",
            hollow(&["gatewright:policy/history@0.1.0"], &[REVISING]),
            "a component of the world `editor` cannot import `gatewright:policy/history@0.1.0`; hint: it may import \
             `gatewright:policy/arguments@0.1.0`, `gatewright:policy/log@0.1.0`",
        ),
        (
            "a judge that wants the result",
            hollow(&["gatewright:policy/response@0.1.0"], &[JUDGING]),
            "a component of the world `policy` cannot import `gatewright:policy/response@0.1.0`; hint: it may import \
             `gatewright:policy/arguments@0.1.0`, `gatewright:policy/history@0.1.0`, \
             `gatewright:policy/log@0.1.0`",
        ),
        (
            "a reviewer that wants something of its own",
            hollow(&["acme:secrets/read@1.0.0"], &[REVIEWING]),
            "a component of the world `reviewer` cannot import `acme:secrets/read@1.0.0`; hint: it may import \
             `gatewright:policy/arguments@0.1.0`, `gatewright:policy/response@0.1.0`, \
             `gatewright:policy/log@0.1.0`",
        ),
    ] {
        assert_eq!(refusal(&component).to_string(), message, "{claim}");
    }
}

#[test]
fn bytes_that_are_not_webassembly_are_refused() {
    let good = judge("(i32.const 64)", "");
    let mut cut = good.clone();
    cut.truncate(good.len() - 7);
    for bytes in [&b""[..], b"\0asm", b"not webassembly", &cut] {
        assert!(
            matches!(refusal(bytes), LoadError::Malformed(_)),
            "{:?}",
            refusal(bytes)
        );
    }
}

#[test]
fn damaged_components_never_get_past_loading_by_a_panic() {
    let good = judge("(i32.const 64)", "");
    for place in (8..good.len()).step_by(good.len() / 150) {
        let mut damaged = good.clone();
        damaged[place] ^= 0x11;
        if let Ok(guest) = try_load(&damaged, "{}") {
            let _ = run(guest.judge(&request("{}")));
        }
    }
}

#[test]
fn interfaces_with_other_functions_than_the_contract_are_refused() {
    let no_judge = hollow(&[], &[JUDGING]);
    let wrong_type = wat::parse_str(format!(
        r#"(component
            (core module $code
                (func (export "configure") (param i32) (result i32) (i32.const 0))
                (func (export "judge") (result i32) (i32.const 0)))
            (core instance $core (instantiate $code))
            (func $configure (param "settings" u32) (result u32)
                (canon lift (core func $core "configure")))
            (func $judge (result u32) (canon lift (core func $core "judge")))
            (instance $judging
                (export "configure" (func $configure))
                (export "judge" (func $judge)))
            (export "{JUDGING}" (instance $judging)))"#
    ))
    .unwrap();
    let more_than_there_is = wat::parse_str(format!(
        r#"(component
            (import "gatewright:policy/log@0.1.0" (instance
                (export "erase" (func))))
            (instance $empty)
            (export "{JUDGING}" (instance $empty)))"#
    ))
    .unwrap();
    for component in [no_judge, wrong_type, more_than_there_is] {
        let error = refusal(&component);
        assert!(matches!(error, LoadError::Interface(_)), "{error:?}");
    }
}

#[test]
fn bounds_are_checked_before_anything_runs() {
    let good = judge("(i32.const 64)", "");
    let bytes = COMPONENT_BYTES_MAX + 1;
    assert_eq!(refusal(&vec![0; bytes]), LoadError::TooLarge { bytes });

    let settings = "x".repeat(SETTINGS_BYTES_MAX + 1);
    let bytes = settings.len();
    assert_eq!(
        try_load(&good, &settings).unwrap_err(),
        LoadError::SettingsTooLong { bytes }
    );

    let bytes_max = SandboxConfig::default().memory_bytes_max;
    let bytes = bytes_max + 1;
    let too_much = Limits {
        memory_bytes: bytes,
        ..limits()
    };
    let error = run(SANDBOX.load(&good, "{}", too_much)).unwrap_err();
    assert_eq!(error, LoadError::MemoryLimit { bytes, bytes_max });
}

#[test]
fn an_inspection_says_what_a_component_is() {
    let component = judge(
        "(call $log (i32.const 0) (i32.const 0) (i32.const 0))
         (call $get (i32.const 0) (i32.const 0) (i32.const 512)) (i32.const 64)",
        "",
    );
    let inspection = SANDBOX.inspect(&component).unwrap();
    assert_eq!(inspection.digest, Digest::of(&component));
    assert_eq!(inspection.bytes, component.len());
    assert_eq!(
        (inspection.world, inspection.contract),
        (World::Policy, Contract::V0_1)
    );
    assert_eq!(inspection.exports, [JUDGING]);
    for import in ["arguments", "log"] {
        let name = format!("gatewright:policy/{import}@0.1.0");
        assert!(
            inspection.imports.contains(&name),
            "{:?}",
            inspection.imports
        );
    }
    for (world, expected) in [("editor", World::Editor), ("reviewer", World::Reviewer)] {
        let component = of_world(world, "(i32.const 64)", "");
        assert_eq!(SANDBOX.inspect(&component).unwrap().world, expected);
    }
}

#[test]
fn strings_of_every_encoding_are_accepted() {
    for encoding in [
        StringEncoding::UTF8,
        StringEncoding::UTF16,
        StringEncoding::CompactUTF16,
    ] {
        let parts = crate::guests::Parts {
            world: "policy",
            configure: "(i32.const 0)",
            answer: "(i32.const 64)",
            top: "",
            encoding,
        };
        let guest = try_load(&parts.build(), "{}").unwrap();
        assert!(
            run(guest.judge(&request("{}"))).result.is_ok(),
            "{encoding}"
        );
    }
}
