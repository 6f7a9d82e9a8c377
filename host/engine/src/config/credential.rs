//! The shape of `[server.credential]`: what the gate shows to a tool server, and where
//! it has that from. A secret never stands in the file itself.

use std::path::PathBuf;

use serde::Deserialize;

use super::defaults;
use super::units::Period;

/// `[server.credential]`: a header, and one place that its value is from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialConfig {
    /// The header.
    #[serde(default = "defaults::authorization")]
    pub header: String,
    /// Put before the value with a space; empty for none.
    #[serde(default = "defaults::bearer")]
    pub scheme: String,
    /// The environment variable that holds the value.
    pub env: Option<String>,
    /// The file that holds the value; read again when it changes.
    pub file: Option<PathBuf>,
    /// The program that prints the value, and its arguments.
    pub command: Option<Vec<String>>,
    /// Names of variables that the program gets from the gate's own environment.
    #[serde(default)]
    pub env_pass: Vec<String>,
    /// The authorization server that gives the value.
    pub oauth: Option<OauthConfig>,
    /// How long a value is used that comes without an end.
    #[serde(default = "defaults::five_minutes")]
    pub lasts: Period,
}

/// `[server.credential.oauth]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthConfig {
    /// How the gate asks for a token.
    #[serde(default)]
    pub grant: OauthGrant,
    /// Where it asks.
    pub token_url: String,
    /// As whom.
    pub client_id: String,
    /// The environment variable that holds its secret.
    pub client_secret_env: Option<String>,
    /// The file that holds its secret.
    pub client_secret_file: Option<PathBuf>,
    /// Where the secret goes.
    #[serde(default)]
    pub client_auth: ClientAuth,
    /// The file with the private key that the gate signs with there, in place of a secret
    /// (RFC 7523).
    pub client_key_file: Option<PathBuf>,
    /// The name of that key there.
    pub client_key_id: Option<String>,
    /// Whom those signatures are for; the token endpoint by default.
    pub issuer: Option<String>,
    /// What it asks for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The resource that the token is for (RFC 8707).
    pub resource: Option<String>,
    /// The name of whom the token is for, where the authorization server wants one.
    pub audience: Option<String>,
    /// What the credentials of callers are, where they are exchanged.
    #[serde(default)]
    pub subject_token: SubjectToken,
    /// Whose credentials are shown to the authorization server to be exchanged.
    #[serde(default)]
    pub subject_issuers: Vec<String>,
}

/// `oauth.grant`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OauthGrant {
    /// For itself (RFC 6749, 4.4).
    #[default]
    ClientCredentials,
    /// For whoever calls, with the credential of the call (RFC 8693).
    TokenExchange,
}

/// `oauth.client_auth`: how the gate says who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuth {
    /// In a header (HTTP Basic).
    #[default]
    Basic,
    /// In the form.
    Post,
}

/// `oauth.subject_token`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectToken {
    /// An access token of OAuth.
    #[default]
    AccessToken,
    /// A JWT, whoever made it.
    Jwt,
}
