//! One POST of one message. No redirect is followed, and nothing of the answer is read but
//! its status.

use std::time::Duration;

use bytes::Bytes;
use gatewright_engine::WebhookUrl;
use gatewright_engine::snapshot::StoredSecret;
use gatewright_policy::Timestamp;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Uri};
use tokio::io::AsyncReadExt as _;

use super::outbox::Letter;
use super::signature::signature;
use crate::clients::Clients;

/// A message is taken within this time, or not at all.
const WITHIN: Duration = Duration::from_secs(10);

/// Longest file with a secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;

/// Connections to those who are told.
pub(super) struct Post(Clients);

// === impl Post ===

impl Post {
    /// Sends a message. An error quotes neither its URL nor a secret.
    pub(super) async fn send(&self, letter: &Letter, now: Timestamp) -> Result<(), String> {
        let sent = tokio::time::timeout(WITHIN, self.exchange(letter, now)).await;
        sent.unwrap_or_else(|_late| Err(format!("it did not answer within {WITHIN:?}")))
    }

    async fn exchange(&self, letter: &Letter, now: Timestamp) -> Result<(), String> {
        let url = match &letter.webhook.url {
            WebhookUrl::Known(url) => url.clone(),
            WebhookUrl::Secret(source) => secret(source).await?,
        };
        let uri: Uri = url.parse().map_err(|_| "its URL is none".to_owned())?;
        let request = request(&uri, letter, now).await?;
        let response = self.0.request(request).await;
        let response = response.map_err(|error| format!("it {}", error.unquoted()))?;
        match response.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered with HTTP status {status}")),
        }
    }
}

impl Default for Post {
    fn default() -> Self {
        // Seldom used: one that is old is closed at the other end.
        Self(Clients::keeping(0))
    }
}

async fn request(
    uri: &Uri,
    letter: &Letter,
    now: Timestamp,
) -> Result<Request<Full<Bytes>>, String> {
    let body = Bytes::from(letter.body.clone());
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    let headers = request.headers_mut();
    let agent = HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION")));
    headers.insert(USER_AGENT, agent);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let seconds = now.seconds();
    let mut signed = vec![
        ("webhook-id", letter.id.clone()),
        ("webhook-timestamp", seconds.to_string()),
    ];
    if let Some(source) = &letter.webhook.secret {
        let secret = secret(source).await?;
        let signature = signature(&secret, &letter.id, seconds, &letter.body);
        signed.push((
            "webhook-signature",
            signature.map_err(|error| error.to_string())?,
        ));
    }
    for (name, value) in signed {
        let value = HeaderValue::from_str(&value).map_err(|_| format!("`{name}` is no header"))?;
        request.headers_mut().insert(name, value);
    }
    Ok(request)
}

/// What a variable or a file says now.
async fn secret(source: &StoredSecret) -> Result<String, String> {
    let text = match source {
        StoredSecret::Env(variable) => {
            std::env::var(variable).map_err(|_| format!("variable `{variable}` is not set"))?
        }
        StoredSecret::File(path) => {
            let unreadable = |error: std::io::Error| format!("file `{}`: {error}", path.display());
            let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
            let mut text = String::new();
            let mut bounded = file.take(SECRET_BYTES_MAX + 1);
            bounded
                .read_to_string(&mut text)
                .await
                .map_err(unreadable)?;
            // A part of it is another secret.
            if text.len() as u64 > SECRET_BYTES_MAX {
                return Err(format!(
                    "file `{}` is too long for a secret",
                    path.display()
                ));
            }
            text
        }
    };
    match text.trim() {
        "" => Err("a secret of it is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}
