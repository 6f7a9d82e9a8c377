//! What a secret is the key to.

use std::fmt;

use serde::Deserialize;

/// The kinds of secrets that are known by their form. The name stands in the
/// place of the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `AKIA…`, `ASIA…`, and values of `aws_secret_access_key`.
    AwsAccessKey,
    /// `ghp_…`, `github_pat_…` and so on.
    GithubToken,
    /// `glpat-…` and so on.
    GitlabToken,
    /// `xoxb-…`, `xapp-…` and the URLs of incoming webhooks.
    SlackToken,
    /// `sk_live_…`, `rk_live_…`, `whsec_…`; those for tests too.
    StripeKey,
    /// `AIza…`, `ya29.…`, `GOCSPX-…`.
    GoogleKey,
    /// `sk-…`.
    OpenaiKey,
    /// `sk-ant-…`.
    AnthropicKey,
    /// Tokens of package registries and model hubs: `npm_…`, `pypi-…`, `hf_…`.
    RegistryToken,
    /// `SG.…`, `dop_v1_…`, `shpat_…` and other cloud services.
    ServiceKey,
    /// A signed JSON Web Token.
    Jwt,
    /// A private key in PEM or an age identity.
    PrivateKey,
    /// The password in `scheme://user:password@host`.
    ConnectionPassword,
    /// The value in `password = value`.
    Password,
}

impl Kind {
    /// The name, as in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwsAccessKey => "aws-access-key",
            Self::GithubToken => "github-token",
            Self::GitlabToken => "gitlab-token",
            Self::SlackToken => "slack-token",
            Self::StripeKey => "stripe-key",
            Self::GoogleKey => "google-key",
            Self::OpenaiKey => "openai-key",
            Self::AnthropicKey => "anthropic-key",
            Self::RegistryToken => "registry-token",
            Self::ServiceKey => "service-key",
            Self::Jwt => "jwt",
            Self::PrivateKey => "private-key",
            Self::ConnectionPassword => "connection-password",
            Self::Password => "password",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
