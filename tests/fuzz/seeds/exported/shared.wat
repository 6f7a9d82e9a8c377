(component
    (core module $shares
        (global (export "shared") (mut i32) (i32.const 1))
        (global (export "gatewright-global-0") (mut i64) (i64.const 1)))
    (core module $counts
        (import "shares" "shared" (global $shared (mut i32)))
        (global $count (mut i32) (i32.const 3))
        (func (export "count") (result i32)
            (global.set $count (i32.add (global.get $count) (global.get $shared)))
            (global.get $count)))
    (core module $plain (func (export "two") (result i32) (i32.const 2)))
    (core module $hidden (global (mut i32) (i32.const 4)))
    (core instance $s (instantiate $shares))
    (core instance $c (instantiate $counts (with "shares" (instance $s))))
    (core instance $p (instantiate $plain))
    (core instance $h (instantiate $hidden))
    (func (export "count") (result u32) (canon lift (core func $c "count"))))
