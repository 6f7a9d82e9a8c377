(component
        (type $log (func (param "level" u32)))
        (import "log" (func $log (type $log)))
        (component $middle
            (import "note" (func $note (param "level" u32)))
            (component $inner
                (import "note" (func $note (param "level" u32)))
                (core func $lowered (canon lower (func $note)))
                (core module $module
                    (import "host" "note" (func $note (param i32)))
                    (func (export "run") (param i32) (call $note (local.get 0))))
                (core instance $host (export "note" (func $lowered)))
                (core instance $instance (instantiate $module
                    (with "host" (instance $host))))
                (func $run (param "level" u32)
                    (canon lift (core func $instance "run")))
                (export "run" (func $run)))
            (instance $inner (instantiate $inner (with "note" (func $note))))
            (export "run" (func $inner "run")))
        (instance $middle (instantiate $middle (with "note" (func $log))))
        (export "run" (func $middle "run")))
