//! One question to a registry, with the credentials that it wants and the
//! redirects that it sends. Credentials stay with the registry they are for.

use bytes::Bytes;
use hyper::header::{ACCEPT, HeaderValue, LOCATION};
use hyper::{HeaderMap, Method, StatusCode, Uri};

use crate::auth;
use crate::error::RegistryError;
use crate::http::{Answer, Question, resolve, same_origin, with_authorization};
use crate::reference::Reference;
use crate::registry::{Access, Registry, Scope};

impl Registry {
    /// GET, accepting these media types.
    pub(crate) async fn get(
        &self,
        reference: &Reference,
        uri: Uri,
        accept: &'static str,
    ) -> Result<Answer, RegistryError> {
        let question = Question::new(Method::GET, uri, Bytes::new());
        let question = question.header(ACCEPT, HeaderValue::from_static(accept));
        self.ask(reference, Access::Pull, question).await
    }

    /// Asks once: a 401 is answered once, and redirects of GET and HEAD are
    /// followed. No other status is an error yet.
    pub(crate) async fn ask(
        &self,
        reference: &Reference,
        access: Access,
        mut question: Question,
    ) -> Result<Answer, RegistryError> {
        let home = self.uri(reference, "")?;
        let limit = self.settings.limits.redirects_max;
        for _ in 0..=limit {
            let answer = if same_origin(&home, &question.uri) {
                let scope = Scope::new(reference, access);
                self.ask_with_credentials(&scope, question.clone()).await?
            } else {
                self.http.send(question.clone()).await?
            };
            match redirect(&question.method, &answer)? {
                Some(uri) => question.uri = uri,
                None => return Ok(answer),
            }
        }
        Err(RegistryError::TooLarge {
            what: "the number of redirects",
            at: crate::http::shown(&question.uri),
            limit: limit as u64,
        })
    }

    async fn ask_with_credentials(
        &self,
        scope: &Scope,
        question: Question,
    ) -> Result<Answer, RegistryError> {
        let known = self.authorization(scope);
        let asked = match &known {
            Some(value) => with_authorization(question.clone(), value),
            None => question.clone(),
        };
        let answer = self.http.send(asked).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let login = self.settings.credentials.login(&scope.registry).await?;
        let value = auth::authorization(&self.http, &answer, &login, &scope.to_string()).await?;
        let answer = self.http.send(with_authorization(question, &value)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            self.remember(scope, value);
        }
        Ok(answer)
    }
}

impl Question {
    pub(crate) fn new(method: Method, uri: Uri, body: Bytes) -> Self {
        Self {
            method,
            uri,
            headers: HeaderMap::new(),
            body,
        }
    }

    pub(crate) fn header(mut self, name: hyper::header::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// Where to ask instead. Never from TLS into the clear.
fn redirect(method: &Method, answer: &Answer) -> Result<Option<Uri>, RegistryError> {
    if !answer.status().is_redirection() || answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let bad = |why: &str| RegistryError::BadAnswer {
        url: answer.url(),
        why: why.to_owned(),
    };
    if *method != Method::GET && *method != Method::HEAD {
        return Err(bad("it redirects what is to be written"));
    }
    let location = answer.header(LOCATION.as_str());
    let uri = location.and_then(|location| resolve(&answer.uri, location));
    let uri = uri.ok_or_else(|| bad("it redirects to nowhere"))?;
    if answer.uri.scheme_str() == Some("https") && uri.scheme_str() != Some("https") {
        return Err(RegistryError::Insecure {
            url: crate::http::shown(&uri),
        });
    }
    Ok(Some(uri))
}
