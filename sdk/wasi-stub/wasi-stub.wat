;; What stands for `wasi_snapshot_preview1` in a policy: language runtimes want
;; WASI to start, and a policy has none. Nothing here reaches the host, and every
;; answer is the same on every machine. `README.md` says why each is what it is.
;;
;; `gatewright build` puts the functions that a module needs into that module.
;; So: no data, no tables, no memory of its own; functions call no functions.
(module
  (import "env" "memory" (memory 0))

  ;; The monotonic clock, in nanoseconds. It moves when somebody looks or sleeps.
  (global $clock (mut i64) (i64.const 0))
  ;; The state of the random numbers (xorshift64); never 0.
  (global $random (mut i64) (i64.const 0x9E3779B97F4A7C15))

  ;; --- the program: no arguments, no environment, no end ---

  ;; (count, bytes) -> success: there is nothing.
  (func (export "args_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_sizes_get") (param $count i32) (param $bytes i32) (result i32)
    (i32.store (local.get $count) (i32.const 0))
    (i32.store (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))

  ;; A policy that exits has not answered: a fault.
  (func (export "proc_exit") (param $code i32) (unreachable))
  (func (export "proc_raise") (param $signal i32) (result i32) (unreachable))
  (func (export "sched_yield") (result i32) (i32.const 0))

  ;; --- clocks: 1970 for ever, and a count of looks ---

  ;; (clock, precision, into) -> success. The wall clock (0) stands still.
  (func (export "clock_time_get") (param $id i32) (param $precision i64) (param $into i32) (result i32)
    (if (i32.eqz (local.get $id))
      (then (i64.store (local.get $into) (i64.const 0)))
      (else
        (global.set $clock (i64.add (global.get $clock) (i64.const 1000)))
        (i64.store (local.get $into) (global.get $clock))))
    (i32.const 0))
  ;; (clock, into) -> success: one microsecond.
  (func (export "clock_res_get") (param $id i32) (param $into i32) (result i32)
    (i64.store (local.get $into) (i64.const 1000))
    (i32.const 0))

  ;; (subscriptions, events, count, happened) -> success. Everything that is
  ;; waited for happens at once; who waits for a time finds the clock moved there.
  (func (export "poll_oneoff")
    (param $subscription i32) (param $event i32) (param $count i32) (param $happened i32) (result i32)
    (local $until i64)
    (i32.store (local.get $happened) (local.get $count))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        ;; userdata, no error, the kind of event, no bytes
        (i64.store (local.get $event) (i64.load (local.get $subscription)))
        (i64.store offset=8 (local.get $event) (i64.const 0))
        (i32.store8 offset=10 (local.get $event) (i32.load8_u offset=8 (local.get $subscription)))
        (i64.store offset=16 (local.get $event) (i64.const 0))
        (i64.store offset=24 (local.get $event) (i64.const 0))
        ;; a clock (kind 0): its timeout is absolute where bit 0 of the flags is set
        (if (i32.eqz (i32.load8_u offset=8 (local.get $subscription)))
          (then
            (local.set $until (i64.load offset=24 (local.get $subscription)))
            (if (i32.eqz (i32.and (i32.load16_u offset=40 (local.get $subscription)) (i32.const 1)))
              (then (local.set $until (i64.add (local.get $until) (global.get $clock)))))
            (if (i64.gt_u (local.get $until) (global.get $clock))
              (then (global.set $clock (local.get $until))))))
        (local.set $subscription (i32.add (local.get $subscription) (i32.const 48)))
        (local.set $event (i32.add (local.get $event) (i32.const 32)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; --- randomness: always the same ---

  ;; (into, bytes) -> success
  (func (export "random_get") (param $into i32) (param $bytes i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $bytes)))
        (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 13))))
        (global.set $random (i64.xor (global.get $random) (i64.shr_u (global.get $random) (i64.const 7))))
        (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 17))))
        (i64.store8 (local.get $into) (global.get $random))
        (local.set $into (i32.add (local.get $into) (i32.const 1)))
        (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
        (br $next)))
    (i32.const 0))

  ;; --- files: only 0, 1 and 2, which lead nowhere ---

  ;; (file, pieces, count, written) -> success: all of it is written, to nobody.
  (func (export "fd_write")
    (param $file i32) (param $piece i32) (param $count i32) (param $written i32) (result i32)
    (local $bytes i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $bytes (i32.add (local.get $bytes) (i32.load offset=4 (local.get $piece))))
        (local.set $piece (i32.add (local.get $piece) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (local.get $written) (local.get $bytes))
    (i32.const 0))
  ;; (file, pieces, count, read) -> success: the end of the file.
  (func (export "fd_read") (param i32 i32 i32) (param $read i32) (result i32)
    (i32.store (local.get $read) (i32.const 0))
    (i32.const 0))
  ;; (file, into) -> success, 0, 1 and 2 being character devices; else BADF (8).
  (func (export "fd_fdstat_get") (param $file i32) (param $into i32) (result i32)
    (if (i32.gt_u (local.get $file) (i32.const 2)) (then (return (i32.const 8))))
    (i64.store (local.get $into) (i64.const 2))
    (i64.store offset=8 (local.get $into) (i64.const 0))
    (i64.store offset=16 (local.get $into) (i64.const 0))
    (i32.const 0))
  ;; BADF (8) ends the search for folders that were opened before the start.
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_close") (param i32) (result i32) (i32.const 0))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 0))
  ;; SPIPE (70): nothing can be sought in.
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 70))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 70))

  ;; --- everything else: NOSYS (52) ---

  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 52))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 52))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 52))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 52))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 52))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 52))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 52))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 52))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 52))
)
