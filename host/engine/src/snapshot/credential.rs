//! What the gate shows to a tool server, and where it has that from.

use std::path::PathBuf;
use std::time::Duration;

use super::client::ClientProof;
use super::stored_secret::StoredSecret;
use crate::config::{CredentialConfig, Loaded, OauthConfig, OauthGrant, SubjectToken};

/// A header that the gate adds to what it sends to a tool server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamCredential {
    /// Name of the header.
    pub header: String,
    /// Put before the secret with a space; empty for none.
    pub scheme: String,
    /// Where the secret is.
    pub source: SecretSource,
}

/// Where a secret is. It is read when it is needed, and never kept in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// It lies there.
    Stored(StoredSecret),
    /// A program prints it.
    Command(SecretCommand),
    /// An authorization server gives it.
    Oauth(Box<OauthClient>),
}

/// A program that prints a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretCommand {
    /// Program and arguments.
    pub command: Vec<String>,
    /// Names of variables handed on from the gate's environment.
    pub env_pass: Vec<String>,
    /// Where it runs.
    pub directory: PathBuf,
    /// How long its secret is used, where it does not say so itself.
    pub lasts: Duration,
}

/// The gate as a client of an authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthClient {
    /// For whom it asks.
    pub grant: OauthGrant,
    /// Where it asks.
    pub token_url: String,
    /// As whom.
    pub client_id: String,
    /// How it proves that.
    pub proof: ClientProof,
    /// What it asks for.
    pub scopes: Vec<String>,
    /// The resource that the token is for.
    pub resource: Option<String>,
    /// The name of whom the token is for.
    pub audience: Option<String>,
    /// What the credentials of callers are.
    pub subject_token: SubjectToken,
    /// Whose credentials are exchanged.
    pub subject_issuers: Vec<String>,
    /// How long a token is used that comes without an end.
    pub lasts: Duration,
}

impl UpstreamCredential {
    /// As it is configured; nothing where it is not clear where the secret is.
    pub(super) fn of(config: &CredentialConfig, loaded: &Loaded) -> Option<Self> {
        let stored = StoredSecret::of(config.env.as_ref(), config.file.as_ref(), loaded);
        let source = match (stored, &config.command, &config.oauth) {
            (Some(stored), None, None) => SecretSource::Stored(stored),
            (None, Some(command), None) if config.env.is_none() && config.file.is_none() => {
                SecretSource::Command(SecretCommand {
                    command: command.clone(),
                    env_pass: config.env_pass.clone(),
                    directory: loaded.resolve(".".as_ref()),
                    lasts: config.lasts.0,
                })
            }
            (None, None, Some(oauth)) if config.env.is_none() && config.file.is_none() => {
                let client = OauthClient::of(oauth, config.lasts.0, loaded)?;
                SecretSource::Oauth(Box::new(client))
            }
            (_, _, _) => return None,
        };
        Some(Self {
            header: config.header.clone(),
            scheme: config.scheme.clone(),
            source,
        })
    }

    /// Whether each caller has a token of its own.
    pub fn is_per_caller(&self) -> bool {
        match &self.source {
            SecretSource::Oauth(client) => client.grant == OauthGrant::TokenExchange,
            SecretSource::Stored(_) | SecretSource::Command(_) => false,
        }
    }
}

impl OauthClient {
    fn of(config: &OauthConfig, lasts: Duration, loaded: &Loaded) -> Option<Self> {
        Some(Self {
            grant: config.grant,
            token_url: config.token_url.clone(),
            client_id: config.client_id.clone(),
            proof: ClientProof::of_oauth(config, loaded)?,
            scopes: config.scopes.clone(),
            resource: config.resource.clone(),
            audience: config.audience.clone(),
            subject_token: config.subject_token,
            subject_issuers: config.subject_issuers.clone(),
            lasts,
        })
    }
}
