//! Why an account is not made or changed.

use super::file::AccountsError;

/// Accounts that one console keeps at the most.
pub(super) const ACCOUNTS_MAX: usize = 200;

/// Why an account is not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Somebody has this name.
    #[error("there is an account with this name already")]
    NameTaken,
    /// Somebody has this passkey.
    #[error("this passkey belongs to an account already")]
    PasskeyTaken,
    /// Their identity provider calls them something else now.
    #[error(
        "your identity provider calls you something else than when your account was made; hint: whoever operates the console removes the account, and you sign in again"
    )]
    Renamed,
    /// They have one.
    #[error("there is a passkey already")]
    HasPasskey,
    /// There are as many as there may be.
    #[error("there are as many accounts as there may be, {ACCOUNTS_MAX}")]
    Full,
    /// It is not there any more.
    #[error("there is no such account")]
    Unknown,
    /// Nobody could make accounts any more.
    #[error("this is the last account that may operate the console")]
    LastOperator,
    /// No handle can be made.
    #[error("the machine has no randomness: {0}")]
    Random(getrandom::Error),
    /// The file is not written; nothing changed.
    #[error(transparent)]
    File(#[from] AccountsError),
}
