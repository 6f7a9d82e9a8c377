;; The allocator that the gate passes strings and lists with. A function that Go
;; exports starts a goroutine each time, and a request of a dozen strings calls
;; its allocator a dozen times. So this one hands out pieces of a block that Go
;; lends it, and asks Go only when the block is used up.
;;
;; `gatewright build` puts it into the module that Go compiled.
(module
  (import "env" "memory" (memory 0))
  (import "core" "gatewright_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))

  ;; The part of the block that is free.
  (global $free (mut i32) (i32.const 0))
  (global $end (mut i32) (i32.const 0))

  (func (export "lend") (param $start i32) (param $bytes i32)
    (global.set $free (local.get $start))
    (global.set $end (i32.add (local.get $start) (local.get $bytes))))

  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $place i32)
    ;; the next multiple of the alignment, which is a power of two
    (local.set $place
      (i32.and
        (i32.sub (i32.add (global.get $free) (local.get $align)) (i32.const 1))
        (i32.sub (i32.const 0) (local.get $align))))
    (if (i32.or
          (i32.gt_u (local.get $place) (global.get $end))
          (i32.gt_u (local.get $size) (i32.sub (global.get $end) (local.get $place))))
      (then
        (return
          (call $realloc (local.get $old) (local.get $old_size) (local.get $align) (local.get $size)))))
    (global.set $free (i32.add (local.get $place) (local.get $size)))
    (memory.copy (local.get $place) (local.get $old) (local.get $old_size))
    (local.get $place))
)
