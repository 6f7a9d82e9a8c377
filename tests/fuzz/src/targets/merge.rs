//! `merge`: modules as they come, and modules of the shape that a compiler makes,
//! generated from the bytes, with a stub for some of what they import.

use std::fmt::Write as _;

use arbitrary::{Result, Unstructured};

use super::wasm::{holds, is_valid};

const NAME: &str = "wasi_snapshot_preview1";

/// Answers two functions, one with a state of its own.
const STUB: &str = r#"(module
    (global $calls (mut i32) (i32.const 0))
    (func (export "random_get") (param i32 i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $calls))
    (func (export "proc_exit") (param i32) unreachable))"#;

/// What a module may import: its module, its name, its type.
const IMPORTS: [(&str, &str, &str); 4] = [
    (NAME, "random_get", "(param i32 i32) (result i32)"),
    (NAME, "proc_exit", "(param i32)"),
    (NAME, "fd_write", "(param i32 i32 i32 i32) (result i32)"),
    ("gatewright", "log", "(param i32 i32) (result i32)"),
];

pub(super) fn run(bytes: &[u8]) -> bool {
    let stub = wat::parse_str(STUB).unwrap();
    holds(bytes, gatewright_link::merge(bytes, NAME, &stub));
    let Ok(text) = module(&mut Unstructured::new(bytes)) else {
        return false;
    };
    let module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(is_valid(&module), "the generator makes modules:\n{text}");
    let merged = gatewright_link::merge(&module, NAME, &stub);
    if let Err(error) = &merged {
        panic!("what a compiler makes is merged: {error}\n{text}");
    }
    holds(&module, merged)
}

fn module(bytes: &mut Unstructured<'_>) -> Result<String> {
    let mut text = "(module\n".to_owned();
    let mut imported = Vec::new();
    for (number, (module, name, signature)) in IMPORTS.iter().enumerate() {
        if bytes.arbitrary()? {
            let _ = writeln!(
                text,
                "(import \"{module}\" \"{name}\" (func $f{number} {signature}))"
            );
            imported.push(number);
        }
    }
    text.push_str("(memory (export \"memory\") 1)\n(table 8 funcref)\n");
    let _ = writeln!(
        text,
        "(global $state (mut i32) (i32.const {}))",
        bytes.arbitrary::<i32>()?
    );
    let functions = bytes.int_in_range(1..=4_u32)?;
    for function in 0..functions {
        let export = match bytes.arbitrary()? {
            true => format!("(export \"run{function}\")"),
            false => String::new(),
        };
        let _ = writeln!(
            text,
            "(func $own{function} {export} (param i32) (local i64)"
        );
        for _ in 0..bytes.int_in_range(0..=5_u8)? {
            text.push_str(&step(bytes, &imported, functions)?);
        }
        text.push_str(")\n");
    }
    if bytes.arbitrary()? {
        text.push_str("(elem (i32.const 1) func $own0)\n");
    }
    if bytes.arbitrary()? {
        text.push_str("(data (i32.const 16) \"text\")\n");
    }
    if bytes.arbitrary()? {
        text.push_str("(elem declare func $own0) (global $own funcref (ref.func $own0))\n");
    }
    text.push_str(")\n");
    Ok(text)
}

/// One instruction or a few, of no effect on the stack.
fn step(bytes: &mut Unstructured<'_>, imported: &[usize], functions: u32) -> Result<String> {
    let call = |number: usize| match number {
        1 => "(call $f1 (local.get 0))\n".to_owned(),
        2 => {
            "(drop (call $f2 (i32.const 1) (i32.const 2) (i32.const 3) (local.get 0)))\n".to_owned()
        }
        number => format!("(drop (call $f{number} (local.get 0) (i32.const 1)))\n"),
    };
    Ok(match bytes.int_in_range(0..=4_u8)? {
        0 if !imported.is_empty() => call(*bytes.choose(imported)?),
        1 => format!(
            "(call $own{} (global.get $state))\n",
            bytes.int_in_range(0..=functions - 1)?
        ),
        2 => "(i32.store offset=8 (local.get 0) (global.get $state))\n".to_owned(),
        3 => {
            "(block $out (br_if $out (local.get 0)) (global.set $state (i32.const 7)))\n".to_owned()
        }
        _ => "(call_indirect (param i32) (i32.const 1) (local.get 0))\n".to_owned(),
    })
}
