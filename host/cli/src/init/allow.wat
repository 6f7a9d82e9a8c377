;; A policy that says yes to whatever it is asked about: its binding says what that is.
;; It imports nothing and reads nothing, so there is nothing that a call could change.
(module
  (memory (export "memory") 1)
  (global $heap (mut i32) (i32.const 4096))

  ;; Its settings are put behind everything else.
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
      (then
        (if (i32.eq
              (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $size) (i32.const 65536))))
              (i32.const -1))
          (then unreachable))))
    (local.get $at))

  ;; No schema, the power to allow, no rules.
  (func (export "gatewright:policy/judging@0.2.0#describe") (result i32) (i32.const 64))
  (data (i32.const 76) "\01")

  ;; It has no settings: `{}` is all it takes.
  (func (export "gatewright:policy/judging@0.2.0#configure")
    (param $settings i32) (param $length i32) (result i32)
    (select (i32.const 128) (i32.const 160) (i32.eq (local.get $length) (i32.const 2))))
  (data (i32.const 160) "\01\00\00\00\00\00\00\00\00\00\00\00\c8\00\00\00\14\00\00\00")
  (data (i32.const 200) "it takes no settings")

  ;; Allow, without obligations and notes.
  (func (export "gatewright:policy/judging@0.2.0#judge") (result i32) (i32.const 256))
  (data (i32.const 256) "\01"))
