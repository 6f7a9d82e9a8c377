//! Guests of contract 0.2 that read budgets, written as core modules.

use wit_component::StringEncoding;

use crate::guests::component;

/// Allows while something is left of the budget `calls` under the key `k`, charges it one,
/// and then denies.
pub(crate) fn spender() -> Vec<u8> {
    reading(
        r#"(call $read (i32.const 256) (i32.const 5) (i32.const 264) (i32.const 1) (i32.const 512))
           (if (i64.ge_u (i64.load (i32.const 528)) (i64.load (i32.const 512)))
               (then (i32.store8 (i32.const 1024) (i32.const 2)))
               (else (i32.store8 (i32.const 1024) (i32.const 1))
                     (i32.store (i32.const 1080) (i32.const 1200))
                     (i32.store (i32.const 1084) (i32.const 1))))"#,
    )
}

/// Reads so many budgets, under one letter each from `a` on, and then allows.
pub(crate) fn curious(count: usize) -> Vec<u8> {
    let read = |number: usize| {
        let letter = usize::from(b'a') + number;
        format!(
            "(i32.store8 (i32.const 264) (i32.const {letter}))
             (call $read (i32.const 256) (i32.const 5) (i32.const 264) (i32.const 1) (i32.const 512))"
        )
    };
    let reads: String = (0..count).map(read).collect();
    reading(&format!(
        "{reads} (i32.store8 (i32.const 1024) (i32.const 1))"
    ))
}

/// Reads one under a key of so many bytes, and allows.
pub(crate) fn wordy(bytes: usize) -> Vec<u8> {
    reading(&format!(
        "(call $read (i32.const 256) (i32.const 5) (i32.const 4096) (i32.const {bytes}) (i32.const 512))
         (i32.store8 (i32.const 1024) (i32.const 1))"
    ))
}

/// A judge whose opinion stands at 1024, where `deny` has its message already, and at 1200
/// a charge of one.
fn reading(judge: &str) -> Vec<u8> {
    let module = format!(
        r#"(module
            (import "gatewright:policy/budget@0.2.0" "read"
                (func $read (param i32 i32 i32 i32 i32)))
            (memory (export "memory") 2)
            (data (i32.const 256) "calls")
            (data (i32.const 264) "k")
            (data (i32.const 272) "spent")
            (data (i32.const 1032) "\10\01\00\00\05\00\00\00")
            (data (i32.const 1208) "\08\01\00\00\01\00\00\00\01")
            (data (i32.const 1232) "\00\01\00\00\05\00\00\00")
            (data (i32.const 2060) "\0b")
            (global $heap (mut i32) (i32.const 8192))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                (global.set $heap (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
            (func (export "gatewright:policy/judging@0.2.0#describe") (result i32)
                (i32.const 2048))
            (func (export "gatewright:policy/judging@0.2.0#configure") (param i32 i32) (result i32)
                (i32.const 3072))
            (func (export "gatewright:policy/judging@0.2.0#judge") (result i32)
                {judge}
                (i32.const 1024)))"#
    );
    let contract = include_str!("../../../../wit/0.2/policy.wit");
    component(contract, "policy", &module, StringEncoding::UTF8)
}
