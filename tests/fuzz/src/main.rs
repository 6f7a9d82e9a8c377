//! One target under libFuzzer: `GATEWRIGHT_FUZZ_TARGET` names it.
#![no_main]
#![allow(unsafe_code, reason = "libFuzzer calls an exported function")]

use std::sync::LazyLock;

use gatewright_fuzz::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("GATEWRIGHT_FUZZ_TARGET").unwrap_or_default();
    let target = TARGETS.iter().find(|target| target.name == name);
    target.unwrap_or_else(|| {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "no target `{name}`; hint: GATEWRIGHT_FUZZ_TARGET is one of {}",
            names.join(", ")
        );
        std::process::exit(2)
    })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    (TARGET.run)(bytes);
});
