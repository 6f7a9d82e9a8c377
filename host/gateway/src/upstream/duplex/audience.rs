//! Whom a line serves.

/// Answers what a server asked and nobody can receive (JSON-RPC internal error).
pub(super) const NOBODY_LISTENS: &str =
    r#"{"code":-32603,"message":"the client cannot be asked now"}"#;

/// Whom a line serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// One session: names stay as they are where they are unique, and what
    /// belongs to no call goes to the session's stream.
    Session,
    /// Many callers that must not see each other: every name is given by the
    /// gate, and what belongs to no call is thrown away.
    Shared,
    /// As [`Audience::Shared`], where all calls are one client's.
    One,
}
