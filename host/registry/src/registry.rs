//! The client: what it was given, where it asks, and how long it goes on trying.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use hyper::Uri;
use hyper::header::HeaderValue;

use crate::credentials::Credentials;
use crate::error::RegistryError;
use crate::http::Http;
use crate::limits::Limits;
use crate::reference::Reference;
use crate::retry::Backoff;

/// Carries packs to and from registries. Cheap to keep, and to share by reference.
pub struct Registry {
    pub(crate) http: Http,
    pub(crate) settings: Settings,
    /// What was accepted last: asked for again when it is not any more.
    authorizations: Mutex<HashMap<Scope, HeaderValue>>,
}

/// What a [`Registry`] goes by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where credentials come from.
    pub credentials: Credentials,
    /// Speak plain HTTP. Only with registries on this machine: others are refused.
    pub plain_http: bool,
    /// How much a registry may send, and for how long.
    pub limits: Limits,
    /// How often and how soon a failed request is sent again.
    pub backoff: Backoff,
}

/// What is to be done in which repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    pub(crate) registry: String,
    pub(crate) repository: String,
    pub(crate) access: Access,
}

/// How a repository is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Pull,
    Push,
}

/// Where the registry that everybody calls `docker.io` answers.
const DOCKER_HOST: &str = "registry-1.docker.io";

impl Registry {
    /// Connects to nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            http: Http::new(settings.plain_http, settings.limits.silence_max),
            settings,
            authorizations: Mutex::default(),
        }
    }

    /// The address of something in a repository: `manifests/1.4.2`.
    pub(crate) fn uri(&self, reference: &Reference, rest: &str) -> Result<Uri, RegistryError> {
        let scheme = if self.settings.plain_http {
            "http"
        } else {
            "https"
        };
        let host = match reference.registry() {
            "docker.io" => DOCKER_HOST,
            host => host,
        };
        let url = format!("{scheme}://{host}/v2/{}/{rest}", reference.repository());
        url.parse().map_err(|error| RegistryError::BadAnswer {
            why: format!("it has no address: {error}"),
            url,
        })
    }

    /// Tries again what may pass, as often and as late as the settings say.
    pub(crate) async fn persistently<T, F>(
        &self,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, RegistryError>
    where
        F: Future<Output = Result<T, RegistryError>>,
    {
        let mut tries = 0;
        loop {
            let error = match attempt().await {
                Err(error) if error.may_pass() => error,
                done => return done,
            };
            tries += 1;
            let backoff = &self.settings.backoff;
            let Some(wait) = backoff.wait(tries, error.asked_to_wait(), random()) else {
                return Err(error);
            };
            tracing::debug!(%error, ?wait, "asking the registry again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Ends work that takes longer than the whole may.
    pub(crate) async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        let limit = self.settings.limits.total_max;
        let done = tokio::time::timeout(limit, work).await;
        done.unwrap_or(Err(RegistryError::OutOfTime { limit }))
    }

    pub(crate) fn authorization(&self, scope: &Scope) -> Option<HeaderValue> {
        let known = self
            .authorizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.get(scope).cloned()
    }

    pub(crate) fn remember(&self, scope: &Scope, value: HeaderValue) {
        let mut known = self
            .authorizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.insert(scope.clone(), value);
    }
}

impl Default for Settings {
    /// TLS, and the credentials of whoever runs this.
    fn default() -> Self {
        Self {
            credentials: Credentials::of_this_user(),
            plain_http: false,
            limits: Limits::default(),
            backoff: Backoff::default(),
        }
    }
}

impl Scope {
    pub(crate) fn new(reference: &Reference, access: Access) -> Self {
        Self {
            registry: reference.registry().to_owned(),
            repository: reference.repository().to_owned(),
            access,
        }
    }
}

/// As token services read it.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = match self.access {
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        write!(f, "repository:{}:{actions}", self.repository)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Registry");
        shown
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Jitter only: where the system has no randomness there is none.
pub(crate) fn random() -> u64 {
    getrandom::u64().unwrap_or(u64::MAX / 2)
}
