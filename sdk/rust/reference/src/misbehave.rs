//! What a policy must not do, done on purpose.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

/// The length of an answer that is over every limit.
const HUGE_BYTES: usize = 4_000_000;

/// Outlives a call in one instance; every call has an instance of its own.
static COUNT: AtomicU64 = AtomicU64::new(0);

#[expect(clippy::panic, reason = "a policy that fails is what is tried here")]
pub(crate) fn throw() -> ! {
    panic!("thrown on purpose")
}

pub(crate) fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// Never ends; the addition after the call keeps it from being a loop.
#[expect(
    unconditional_recursion,
    reason = "a policy that recurses is what is tried here"
)]
pub(crate) fn recurse(depth: u64) -> u64 {
    black_box(recurse(black_box(depth).wrapping_add(1))).wrapping_add(depth)
}

pub(crate) fn grow() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

pub(crate) fn huge() -> String {
    "x".repeat(HUGE_BYTES)
}

pub(crate) fn count() -> u64 {
    COUNT.fetch_add(1, Ordering::Relaxed) + 1
}
