//! Threads that must not be in the way of those that serve calls.

/// For guests that run long: a tenth of a processor that calls would like to have
/// for themselves, so that honest ones still end in time on a busy machine.
pub(crate) const GUEST_NICENESS: i32 = 10;

/// For compiling: as little as there is. A reload takes longer on a busy machine,
/// and the calls do not.
pub(crate) const COMPILER_NICENESS: i32 = 19;

/// Lowers the priority of the current thread, where the system has priorities
/// of threads; elsewhere it stays as it is.
pub(crate) fn lower(niceness: i32) {
    // Linux counts niceness by thread. Where it may not be changed, calls are
    // slower beside a reload, and right all the same.
    #[cfg(target_os = "linux")]
    let _unchanged = rustix::process::nice(niceness);
    #[cfg(not(target_os = "linux"))]
    let _ignored = niceness;
}
