//! Components that take a compiler minutes or gigabytes: each is refused, and says why.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use gatewright_sandbox::{Excess, LoadError};
use wat::parse_str;

use crate::guests::judge;
use crate::try_load;

/// A bomb is refused within this, on a busy machine too.
const SOON: Duration = Duration::from_secs(10);

/// `count` times the same, with its number in place of `#`.
fn times(count: usize, text: &str) -> String {
    let mut all = String::new();
    for number in 0..count {
        let numbered = text.replace('#', &number.to_string());
        write!(all, "{numbered}").unwrap();
    }
    all
}

/// Loops in loops that change every local.
fn nested(loops: usize, locals: usize) -> String {
    format!(
        "(func $bomb (param i32) (local {}) {} {} {})",
        "i32 ".repeat(locals),
        times(loops, "(loop $l# "),
        times(
            locals,
            "(local.set # (i32.add (local.get #) (local.get 0)))"
        ),
        "(br_if 0 (local.get 0)))".repeat(loops),
    )
}

fn refusal(top: &str) -> Excess {
    let component = judge("(i32.const 64)", top);
    let started = Instant::now();
    let error = try_load(&component, "{}").unwrap_err();
    let took = started.elapsed();
    assert!(took < SOON, "{took:?}: {error}");
    match error {
        LoadError::Excess(excess) => excess,
        other => panic!("{other}"),
    }
}

#[test]
fn a_component_that_takes_too_long_to_compile_is_refused_before_and_says_why() {
    let table = "(table 1 funcref)";
    let jump = format!("(block (br_table {} (local.get 0)))", "0 ".repeat(60_000));
    /// What it is, its text, and the excess that it is refused for.
    type Bomb = (&'static str, String, fn(&Excess) -> bool);
    let bombs: [Bomb; 11] = [
        (
            "50 KB: 400 loops in each other, 5,000 locals",
            nested(400, 5_000),
            |excess| matches!(excess, Excess::Locals { .. }),
        ),
        (
            "300 loops in each other, 1,000 locals",
            nested(300, 1_000),
            |excess| {
                matches!(
                    excess,
                    Excess::LoopMerges {
                        locals: 1_000,
                        loops: 300,
                        ..
                    }
                )
            },
        ),
        (
            "2,500 blocks beside each other, 2,000 locals",
            format!(
                "(func (param i32) (local {}) {} {})",
                "i32 ".repeat(2_000),
                times(
                    2_500,
                    "(if (local.get 0) (then (local.set 1 (local.get 2))))"
                ),
                times(2_000, "(drop (local.get #))"),
            ),
            |excess| {
                matches!(
                    excess,
                    Excess::Merges {
                        locals: 2_000,
                        blocks: 2_500,
                        ..
                    }
                )
            },
        ),
        (
            "blocks in blocks",
            format!("(func {} {})", "(block ".repeat(5_000), ")".repeat(5_000)),
            |excess| matches!(excess, Excess::Nesting { .. }),
        ),
        (
            "3.5 MB: 900,000 empty functions",
            "(func)".repeat(900_000),
            |excess| matches!(excess, Excess::Functions),
        ),
        ("100,000 functions", "(func)".repeat(100_000), |excess| {
            matches!(excess, Excess::Functions)
        }),
        (
            "2 MB: 250,000 calls in one function",
            format!("(func $f) (func {})", "call $f ".repeat(250_000)),
            |excess| matches!(excess, Excess::Calls { .. }),
        ),
        (
            "250,000 calls through a table",
            format!(
                "{table} (func {})",
                "(call_indirect (i32.const 0)) ".repeat(250_000)
            ),
            |excess| matches!(excess, Excess::Calls { .. }),
        ),
        (
            "4 MB: 700,000 operations in one function",
            format!(
                "(func (param i32) (result i32) local.get 0 {})",
                "i32.const 123456 i32.add ".repeat(350_000)
            ),
            |excess| matches!(excess, Excess::Instructions { .. }),
        ),
        (
            "6 jump tables of 60,000",
            format!("(func (param i32) {})", jump.repeat(6)),
            |excess| matches!(excess, Excess::JumpTargets { .. }),
        ),
        (
            "a function of 1,000 results",
            format!("(func (result {}) unreachable)", "i32 ".repeat(1_000)),
            |excess| matches!(excess, Excess::Arity),
        ),
    ];
    for (claim, top, expected) in bombs {
        let excess = refusal(&top);
        assert!(expected(&excess), "{claim}: {excess:?}");
        let text = LoadError::from(excess).to_string();
        assert!(text.contains("; hint: "), "{claim}: {text}");
    }
}

#[test]
fn what_is_just_within_the_bounds_compiles_in_a_bearable_time() {
    // None of these is a sensible policy, and none of them stalls a reload for long.
    for (claim, top) in [
        ("loops", nested(98, 1_000)),
        ("functions", "(func)".repeat(49_000)),
        (
            "calls",
            format!("(func $f) (func {})", "call $f ".repeat(19_000)),
        ),
        (
            "instructions",
            format!(
                "(func (param i32) (result i32) local.get 0 {})",
                "i32.const 123456 i32.add ".repeat(149_000)
            ),
        ),
        (
            "blocks",
            format!(
                "(func (param i32) (local {}) {} {})",
                "i32 ".repeat(1_000),
                "(if (local.get 0) (then (local.set 5 (local.get 0))))".repeat(1_900),
                times(1_000, "(drop (local.get #))"),
            ),
        ),
    ] {
        let component = judge("(i32.const 64)", &top);
        let started = Instant::now();
        let loaded = try_load(&component, "{}");
        println!("{claim}: {:?}", started.elapsed());
        assert!(loaded.is_ok(), "{claim}: {:?}", loaded.err());
    }
}

#[test]
fn bytes_that_only_begin_as_webassembly_are_still_malformed() {
    let module = parse_str("(module (func))").unwrap();
    let component = judge("(i32.const 64)", "");
    let cut = &component[..component.len() / 2];
    for bytes in [&module[..], cut] {
        let error = try_load(bytes, "{}").unwrap_err();
        assert!(!matches!(error, LoadError::Excess(_)), "{error}");
    }
}
