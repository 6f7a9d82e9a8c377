//! `link` on components of the shape that a dynamic linker leaves: modules that
//! share a memory, a table and globals, generated from the bytes.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};

use super::wasm::{holds, is_valid};

const LIBRARIES_MAX: u32 = 5;
const TABLE_PLACES: u32 = 16;

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = component(&mut Unstructured::new(bytes)) else {
        return false;
    };
    let component = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(
        is_valid(&component),
        "the generator makes components:\n{text}"
    );
    let linked = gatewright_link::link(&component);
    if let Err(error) = &linked {
        panic!("what a dynamic linker leaves is linked: {error}\n{text}");
    }
    holds(&component, linked)
}

/// A main module with memory, table and functions, then libraries, each with what
/// those before it export.
fn component(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = "(component (import \"note\" (func $note (param \"level\" u32)))\n\
        (core func $lowered (canon lower (func $note)))\n\
        (core instance $host (export \"note\" (func $lowered)))\n"
        .to_owned();
    let mut known: Vec<String> = Vec::new();
    let count = bytes.int_in_range(1..=LIBRARIES_MAX)?;
    for library in 0..count {
        let from: Vec<String> = known
            .iter()
            .filter(|_| bytes.ratio(1, 2).unwrap_or(false))
            .cloned()
            .collect();
        let body = module(bytes, library, &from)?;
        let _ = writeln!(text, "(core module $m{library}\n{body})");
        let mut with = "(with \"host\" (instance $host))".to_owned();
        for owner in 0..library {
            let _ = write!(with, " (with \"m{owner}\" (instance $i{owner}))");
        }
        let _ = writeln!(
            text,
            "(core instance $i{library} (instantiate $m{library} {with}))"
        );
        known.push(format!("m{library}"));
    }
    let last = count - 1;
    let _ = writeln!(
        text,
        "(func $run (param \"level\" u32) (canon lift (core func $i{last} \"run\")))\n\
        (export \"run\" (func $run)))"
    );
    Ok(text)
}

fn module(bytes: &mut Unstructured<'_>, library: u32, from: &[String]) -> Result<String> {
    let mut text = "(import \"host\" \"note\" (func $note (param i32)))\n".to_owned();
    for owner in from {
        let _ = writeln!(
            text,
            "(import \"{owner}\" \"run\" (func ${owner} (param i32)))"
        );
        let _ = writeln!(text, "(import \"{owner}\" \"base\" (global ${owner} i32))");
    }
    // The memory and the table are the first module's, as with shared libraries.
    if library == 0 {
        let _ = writeln!(
            text,
            "(memory (export \"memory\") 1)\n(table (export \"table\") {TABLE_PLACES} funcref)"
        );
    } else if from.iter().any(|owner| owner == "m0") {
        let _ = writeln!(
            text,
            "(import \"m0\" \"memory\" (memory 1))\n(import \"m0\" \"table\" (table {TABLE_PLACES} funcref))"
        );
    }
    let has_memory = library == 0 || from.iter().any(|owner| owner == "m0");
    let base = bytes.int_in_range(0..=64_u32)?;
    let _ = writeln!(
        text,
        "(global $base (export \"base\") i32 (i32.const {base}))"
    );
    let _ = writeln!(text, "(global $count (mut i32) (i32.const {base}))");
    text.push_str("(func $run (export \"run\") (param i32)\n");
    for _ in 0..bytes.int_in_range(0..=6_u8)? {
        text.push_str(step(bytes, from, has_memory)?.as_str());
    }
    text.push_str(")\n");
    if bytes.arbitrary()? {
        text.push_str("(func $unused (call $run (i32.const 1)))\n");
    }
    if has_memory && bytes.arbitrary()? {
        let place = bytes.int_in_range(0..=TABLE_PLACES - 1)?;
        let _ = writeln!(text, "(elem (i32.const {place}) func $run)");
    }
    if has_memory && bytes.arbitrary()? {
        let _ = writeln!(
            text,
            "(data (i32.const {}) \"library {library}\")",
            base * 16
        );
    }
    Ok(text)
}

/// One instruction or a few, of no effect on the stack.
fn step(bytes: &mut Unstructured<'_>, from: &[String], has_memory: bool) -> Result<String> {
    Ok(match bytes.int_in_range(0..=5_u8)? {
        0 => "(call $note (local.get 0))\n".to_owned(),
        1 => "(global.set $count (i32.add (global.get $count) (local.get 0)))\n".to_owned(),
        2 if !from.is_empty() => format!("(call ${} (global.get $base))\n", bytes.choose(from)?),
        3 if !from.is_empty() => format!("(call $note (global.get ${}))\n", bytes.choose(from)?),
        4 if has_memory => "(i32.store (local.get 0) (global.get $count))\n".to_owned(),
        5 if has_memory => {
            "(call_indirect (param i32) (global.get $base) (local.get 0))\n".to_owned()
        }
        _ => "(if (local.get 0) (then (call $note (i32.const 3))))\n".to_owned(),
    })
}
