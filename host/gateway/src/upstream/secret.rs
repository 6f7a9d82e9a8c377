//! The gate's own credential for a tool server, as a header: what lies somewhere, what a
//! program prints, or what an authorization server gives.

mod callers;
mod command;
pub(crate) mod error;
mod issued;
mod kept;
mod oauth;
pub(crate) mod stored;

use std::sync::Arc;

use gatewright_engine::UpstreamCredential;
use gatewright_engine::config::OauthGrant;
use gatewright_engine::snapshot::{OauthClient, SecretCommand, SecretSource};
use hyper::header::{HeaderName, HeaderValue};

use self::callers::Callers;
pub(crate) use self::error::SecretError;
use self::issued::Issued;
use self::kept::{Fresh, Kept};
use self::stored::Stored;
use crate::fetch::Http;
use crate::oauth::Client;
use crate::presented::OnBehalf;

/// A header with a secret.
#[derive(Debug)]
pub(crate) struct Secret {
    header: String,
    scheme: Arc<str>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Stored(Stored),
    Command(SecretCommand, Arc<Kept>),
    Own(Arc<Authority>, Arc<Kept>),
    PerCaller(Arc<Authority>, Callers),
}

/// An authorization server, as this gate is known there.
#[derive(Debug)]
struct Authority {
    asked: OauthClient,
    client: Client,
    http: Http,
}

impl Secret {
    /// Reads nothing and asks nobody yet.
    pub(crate) fn new(credential: UpstreamCredential) -> Self {
        let source = match credential.source {
            SecretSource::Stored(place) => Source::Stored(Stored::new(place)),
            SecretSource::Command(command) => Source::Command(command, Arc::default()),
            SecretSource::Oauth(client) => {
                let grant = client.grant;
                let authority = Arc::new(Authority::of(*client));
                match grant {
                    OauthGrant::ClientCredentials => Source::Own(authority, Arc::default()),
                    OauthGrant::TokenExchange => Source::PerCaller(authority, Callers::default()),
                }
            }
        };
        Self {
            header: credential.header,
            scheme: credential.scheme.into(),
            source,
        }
    }

    /// The header, as it is now. Waits for somebody only where there is none that counts.
    pub(crate) async fn header(
        &self,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<(HeaderName, HeaderValue), SecretError> {
        let name = HeaderName::from_bytes(self.header.as_bytes())
            .map_err(|_| SecretError::new("its header is not a header name"))?;
        let scheme = &self.scheme;
        let value = match &self.source {
            Source::Stored(stored) => value(scheme, &stored.text().await?)?,
            Source::Command(command, kept) => {
                let run = || {
                    let (command, scheme) = (command.clone(), Arc::clone(scheme));
                    async move { fresh(&scheme, &command::run(command).await?) }
                };
                kept.get(run).await?
            }
            Source::Own(authority, kept) => {
                let ask = || {
                    let (authority, scheme) = (Arc::clone(authority), Arc::clone(scheme));
                    async move { fresh(&scheme, &authority.ask(None).await?) }
                };
                kept.get(ask).await?
            }
            Source::PerCaller(authority, callers) => {
                let caller = on_behalf.ok_or_else(not_exchangeable)?;
                authority.may_see(caller)?;
                let ask = || {
                    let (authority, scheme) = (Arc::clone(authority), Arc::clone(scheme));
                    let caller = caller.clone();
                    async move {
                        let issued = authority.ask(Some(caller.credential())).await?;
                        // It does not outlive what it was got for.
                        let lasts = issued.lasts.min(caller.lasts);
                        fresh(&scheme, &Issued { lasts, ..issued })
                    }
                };
                callers.of(&caller.digest()).get(ask).await?
            }
        };
        Ok((name, value))
    }

    /// The tool server refused this one. Whether another one may be had now.
    pub(crate) fn refused(&self, value: &HeaderValue, on_behalf: Option<&OnBehalf>) -> bool {
        match (&self.source, on_behalf) {
            (Source::Stored(stored), _) => {
                stored.forget();
                true
            }
            (Source::Command(_, kept) | Source::Own(_, kept), _) => kept.refused(value),
            (Source::PerCaller(_, callers), Some(caller)) => {
                callers.of(&caller.digest()).refused(value)
            }
            (Source::PerCaller(..), None) => false,
        }
    }
}

impl Authority {
    fn of(asked: OauthClient) -> Self {
        Self {
            client: Client::new(&asked.client_id, &asked.proof),
            asked,
            http: Http::default(),
        }
    }

    /// Whether a caller's credential is for this authorization server to see: whoever sees
    /// it could use it at the gate.
    fn may_see(&self, caller: &OnBehalf) -> Result<(), SecretError> {
        match self.asked.subject_issuers.contains(&caller.issuer) {
            true => Ok(()),
            false => Err(SecretError::new(
                "the caller's credential is of an issuer that `subject_issuers` does not name",
            )),
        }
    }

    async fn ask(&self, subject: Option<&str>) -> Result<Issued, SecretError> {
        oauth::ask(&self.http, &self.asked, self.client.prove().await?, subject).await
    }
}

fn fresh(scheme: &str, issued: &Issued) -> Result<Fresh, SecretError> {
    Ok(Fresh {
        value: value(scheme, &issued.text)?,
        lasts: issued.lasts,
    })
}

fn value(scheme: &str, secret: &str) -> Result<HeaderValue, SecretError> {
    let text = match scheme {
        "" => secret.to_owned(),
        scheme => format!("{scheme} {secret}"),
    };
    let value = HeaderValue::from_str(&text);
    let mut value = value.map_err(|_| SecretError::new("it is not a header value"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn not_exchangeable() -> SecretError {
    SecretError::new(
        "there is no credential to exchange: the caller is local, or shows one that was handed on",
    )
}

#[cfg(test)]
mod tests {
    use gatewright_engine::snapshot::StoredSecret;

    use super::stored::FILE_BYTES_MAX;
    use super::*;

    #[tokio::test]
    async fn a_file_is_a_secret_as_far_as_its_bound_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secret = Secret::new(UpstreamCredential {
            header: "authorization".to_owned(),
            scheme: "Bearer".to_owned(),
            source: SecretSource::Stored(StoredSecret::File(path.clone())),
        });
        let bytes_max = usize::try_from(FILE_BYTES_MAX).unwrap();
        for (length, is_one) in [(bytes_max, true), (bytes_max + 1, false), (1, true)] {
            std::fs::write(&path, "x".repeat(length)).unwrap();
            match secret.header(None).await {
                Ok((_, value)) => assert!(is_one && value.len() == "Bearer ".len() + length),
                Err(error) => assert!(!is_one && error.to_string().contains("too long"), "{error}"),
            }
        }
    }
}
