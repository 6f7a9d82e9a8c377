//! The two eras of MCP. The gate serves both and never translates one into the
//! other: it answers in the era of the request.

/// Which rules a message follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// Up to 2025-11-25: `initialize`, sessions, GET streams.
    Legacy,
    /// From 2026-07-28: stateless, everything in `_meta` of each request.
    Modern,
}
