//! How the gate proves to an authorization server who it is.

use std::path::PathBuf;

use super::stored_secret::StoredSecret;
use crate::config::{ClientAuth, Loaded, OauthConfig, OidcConfig};

/// How the gate proves to an authorization server who it is. No secret is kept here: it is
/// read when it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientProof {
    /// It does not: a public client.
    Nothing,
    /// A secret in a header (HTTP Basic).
    Basic(StoredSecret),
    /// A secret in the form.
    Post(StoredSecret),
    /// A signature (RFC 7523, `private_key_jwt`).
    Key(ClientKey),
}

/// A private key with which the gate signs who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientKey {
    /// Where it is: PKCS #8 as PEM.
    pub file: PathBuf,
    /// Its name at the authorization server.
    pub id: Option<String>,
    /// Whom its signatures are for: the issuer, or the token endpoint.
    pub audience: String,
}

/// Where people sign in to the console, and as which client the console asks there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcClient {
    /// The identity provider.
    pub issuer: String,
    /// As whom it knows the console.
    pub client_id: String,
    /// How the console proves it.
    pub proof: ClientProof,
}

impl ClientProof {
    /// For tokens of the gate; nothing where it is not clear which proof is meant.
    pub(super) fn of_oauth(config: &OauthConfig, loaded: &Loaded) -> Option<Self> {
        let (env, file) = (&config.client_secret_env, &config.client_secret_file);
        let stored = StoredSecret::of(env.as_ref(), file.as_ref(), loaded);
        match (stored, &config.client_key_file) {
            (Some(secret), None) => Some(Self::of_secret(secret, config.client_auth)),
            (None, Some(key)) if env.is_none() && file.is_none() => Some(Self::Key(ClientKey {
                file: loaded.resolve(key),
                id: config.client_key_id.clone(),
                audience: config.issuer.as_ref().unwrap_or(&config.token_url).clone(),
            })),
            (_, _) => None,
        }
    }

    const fn of_secret(secret: StoredSecret, auth: ClientAuth) -> Self {
        match auth {
            ClientAuth::Basic => Self::Basic(secret),
            ClientAuth::Post => Self::Post(secret),
        }
    }
}

impl OidcClient {
    /// As it is configured.
    pub fn of(config: &OidcConfig, loaded: &Loaded) -> Self {
        let (env, file) = (&config.client_secret_env, &config.client_secret_file);
        let issuer = config.issuer.get_ref().clone();
        let proof = match StoredSecret::of(env.as_ref(), file.as_ref(), loaded) {
            Some(secret) => ClientProof::of_secret(secret, config.client_auth),
            None => match &config.client_key_file {
                Some(key) => ClientProof::Key(ClientKey {
                    file: loaded.resolve(key),
                    id: config.client_key_id.clone(),
                    audience: issuer.clone(),
                }),
                None => ClientProof::Nothing,
            },
        };
        Self {
            issuer,
            client_id: config.client_id.clone(),
            proof,
        }
    }
}
