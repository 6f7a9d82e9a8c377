//! Threads that must not be in the way of those that serve calls.

/// Lowest priority that still gets its turn on a busy machine.
const NICENESS: i32 = 19;

/// Lowers the priority of the current thread, where the system has priorities
/// of threads; elsewhere it stays as it is.
pub(crate) fn lower() {
    // Linux counts niceness by thread. Where it may not be changed, calls are
    // slower beside a reload, and right all the same.
    #[cfg(target_os = "linux")]
    let _unchanged = rustix::process::nice(NICENESS);
}
