//! A file of an SDK.

/// A file that is checked in.
pub struct File {
    /// From the top of the repository.
    pub path: &'static str,
    /// What it holds.
    pub text: String,
}
