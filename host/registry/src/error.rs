//! Why a pack could not be carried.

use std::path::PathBuf;
use std::time::Duration;

use crate::credentials::CredentialError;
use gatewright_pack::{LayoutError, Sha256};

/// One variant for each thing that a caller does differently.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// Nothing is there under this name: another name may lead to it.
    #[error(
        "`{url}` does not exist; hint: check the name; some registries say this of what the credentials do not show"
    )]
    NotFound {
        /// What was asked for.
        url: String,
    },
    /// No tag fits the range: another range may.
    #[error(
        "no tag of `{repository}` fits `{range}` ({seen} tags were looked at); hint: widen the range; only tags that are versions (`1.4.2`, `v1.4.2`) count"
    )]
    NoneFits {
        /// Registry and repository.
        repository: String,
        /// The range.
        range: String,
        /// How many tags there are.
        seen: usize,
    },
    /// The registry wants other credentials.
    #[error(
        "`{url}` refused the credentials ({status}); hint: `docker login <registry>`, or check what the account may do there"
    )]
    Unauthorized {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The credentials could not be found out.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The registry has too much to do: later it may go better. It was tried as
    /// often as the settings allow.
    #[error("`{url}` is busy or broken ({status}); hint: try again later")]
    Busy {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long the registry asks to be left alone.
        after: Option<Duration>,
    },
    /// No connection, or one that broke: later it may go better. It was tried as
    /// often as the settings allow.
    #[error("no answer from `{url}`: {why}; hint: check the address and the network")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// It was asked over TLS, and what answers knows no TLS.
    #[error(
        "`{url}` does not answer over TLS; hint: a registry on this machine that speaks plain HTTP is asked with `--plain-http`, or with `plain_http = true` in the configuration"
    )]
    PlainHttp {
        /// What was asked for.
        url: String,
    },
    /// The whole took longer than it may.
    #[error("it was not done within {limit:?}; hint: try again, or allow more time")]
    OutOfTime {
        /// The time that it had.
        limit: Duration,
    },
    /// More bytes or pieces than a pack may have.
    #[error(
        "{what} of `{at}` goes beyond {limit}; hint: the pack is too large for this gate, or the registry lies"
    )]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// Where.
        at: String,
        /// How much there may be, in bytes or pieces.
        limit: u64,
    },
    /// What came is not what was asked for.
    #[error(
        "`{url}` gave other bytes than its digest says: `{expected}` was asked for, `{found}` came; hint: the registry, or something between, is broken or hostile"
    )]
    WrongDigest {
        /// What was asked for.
        url: String,
        /// The digest that it was asked for with.
        expected: Sha256,
        /// The digest of what came.
        found: Sha256,
    },
    /// Something else than a pack is there.
    #[error("`{url}` is no policy pack: {why}; hint: give the reference of a pack")]
    NotAPack {
        /// What was asked for.
        url: String,
        /// What it is instead.
        why: String,
    },
    /// The registry does not speak the protocol.
    #[error("`{url}` does not answer as a registry must: {why}; hint: is it an OCI registry?")]
    BadAnswer {
        /// What was asked for.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The registry will not do it, whoever asks.
    #[error("`{url}` refused ({status}): {said}")]
    Refused {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the registry said.
        said: String,
    },
    /// It would go over the network in the clear.
    #[error(
        "`{url}` would be asked in the clear; hint: use TLS; plain HTTP is for registries on this machine, and only when asked for"
    )]
    Insecure {
        /// What was to be asked.
        url: String,
    },
    /// A push needs a tag to be found by.
    #[error(
        "`{reference}` is nowhere to push to; hint: give a whole version or another tag: `{repository}:1.4.2`"
    )]
    NoTag {
        /// What was given.
        reference: String,
        /// Registry and repository.
        repository: String,
    },
    /// The layout to push is damaged.
    #[error("`{}` is no layout that can be pushed: {cause}", path.display())]
    BadLayout {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        cause: LayoutError,
    },
    /// The folder to pull into is in use.
    #[error("`{}` is there already; hint: name a folder that does not exist", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// Another process holds the lock of the folder to pull into.
    #[error(
        "`{}` is locked by another process; hint: try again when it has ended, or pull into a folder that only you can read",
        path.display()
    )]
    Locked {
        /// The folder above the one to pull into.
        path: PathBuf,
    },
    /// The disk failed.
    #[error("`{}`: {cause}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// What failed.
        cause: std::io::Error,
    },
}

impl RegistryError {
    /// Whether the same may work a little later.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Busy { .. } | Self::Unreachable { .. } => true,
            Self::NotFound { .. }
            | Self::NoneFits { .. }
            | Self::Unauthorized { .. }
            | Self::Credentials(_)
            | Self::OutOfTime { .. }
            | Self::PlainHttp { .. }
            | Self::TooLarge { .. }
            | Self::WrongDigest { .. }
            | Self::NotAPack { .. }
            | Self::BadAnswer { .. }
            | Self::Refused { .. }
            | Self::Insecure { .. }
            | Self::NoTag { .. }
            | Self::BadLayout { .. }
            | Self::Occupied { .. }
            | Self::Locked { .. }
            | Self::Disk { .. } => false,
        }
    }

    /// How long the registry asked to be left alone.
    #[must_use]
    pub const fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { after, .. } => *after,
            _ => None,
        }
    }

    pub(crate) fn disk(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |cause| Self::Disk { path, cause }
    }
}
