//! Whose passkeys they are.

/// For whom passkeys are made and used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The domain that they belong to.
    pub id: String,
    /// The only origin whose pages may use them.
    pub origin: String,
}
