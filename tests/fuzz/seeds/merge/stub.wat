(module
        (import "env" "memory" (memory 0))
        (import "core" "grow" (func $grow (param i32) (result i32)))
        (global $time (mut i32) (i32.const 0))
        (func $tick (result i32)
            (global.set $time (i32.add (global.get $time) (i32.const 1))) (global.get $time))
        (func (export "never") (result i64) (i64.const 1))
        (func (export "now") (result i32) (i32.store (i32.const 0) (call $tick)) (call $tick))
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $grow (local.get 3))))
