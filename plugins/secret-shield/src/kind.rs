//! What a secret is the key to.

use std::borrow::Cow;
use std::fmt;

/// What a secret is the key to. The name stands in the place of the secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind(Cow<'static, str>);

/// The longest name of a kind: it stands in every mark.
pub(crate) const NAME_BYTES_MAX: usize = 40;

impl Kind {
    /// `AKIA…`, `ASIA…`, and values of `aws_secret_access_key`.
    pub const AWS_ACCESS_KEY: Self = Self(Cow::Borrowed("aws-access-key"));
    /// `…8Q~…`, `AccountKey=…`, `SharedAccessKey=…`, `&sig=…`.
    pub const AZURE_KEY: Self = Self(Cow::Borrowed("azure-key"));
    /// Bots of chat services, by their tokens and webhooks.
    pub const BOT_TOKEN: Self = Self(Cow::Borrowed("bot-token"));
    /// `<32 hex>-us1`.
    pub const SERVICE_KEY: Self = Self(Cow::Borrowed("service-key"));
    /// A signed or encrypted JSON Web Token.
    pub const JWT: Self = Self(Cow::Borrowed("jwt"));
    /// A private key: PEM, SSH2, `PuTTY`, JWK, age.
    pub const PRIVATE_KEY: Self = Self(Cow::Borrowed("private-key"));
    /// The password in `scheme://user:password@host`.
    pub const CONNECTION_PASSWORD: Self = Self(Cow::Borrowed("connection-password"));
    /// The value in `password = value`.
    pub const PASSWORD: Self = Self(Cow::Borrowed("password"));

    /// The kinds that no form of the table gives.
    pub(crate) const BUILT_IN: [Self; 8] = [
        Self::AWS_ACCESS_KEY,
        Self::AZURE_KEY,
        Self::BOT_TOKEN,
        Self::SERVICE_KEY,
        Self::JWT,
        Self::PRIVATE_KEY,
        Self::CONNECTION_PASSWORD,
        Self::PASSWORD,
    ];

    /// A kind of this name.
    pub(crate) fn named(name: impl Into<Cow<'static, str>>) -> Self {
        Self(name.into())
    }

    /// The name, as in the settings.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
