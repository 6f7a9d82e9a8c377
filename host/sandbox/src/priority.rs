//! Threads that must not be in the way of those that serve calls.

/// Behind every thread that serves calls, and still a tenth of a processor that
/// they would like to have for themselves: a reload must end on a busy machine.
const NICENESS: i32 = 10;

/// Lowers the priority of the current thread, where the system has priorities
/// of threads; elsewhere it stays as it is.
pub(crate) fn lower() {
    // Linux counts niceness by thread. Where it may not be changed, calls are
    // slower beside a reload, and right all the same.
    #[cfg(target_os = "linux")]
    let _unchanged = rustix::process::nice(NICENESS);
}
