//! Why several wishes did not become one transaction.

/// A batch that was not committed.
#[derive(Debug)]
pub(crate) struct BatchError {
    pub(crate) source: sqlx::Error,
    /// It may have been, all the same.
    pub(crate) unsure: bool,
}
