//! What a browser sends: short, and soon.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::reply::Refused;

/// Longest body, in bytes: a signature of a passkey and a reason.
const BYTES_MAX: usize = 16 << 10;

/// It is there within this time.
const WITHIN: Duration = Duration::from_secs(10);

/// Reads JSON. Pages of other origins cannot send that without being asked for it.
pub(crate) async fn json<B, T>(headers: &HeaderMap, body: B) -> Result<T, Refused>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    T: DeserializeOwned,
{
    if !is(headers, "application/json") {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON",
        ));
    }
    let bytes = read(body).await?;
    serde_json::from_slice(&bytes)
        .map_err(|_wrong| Refused::new(StatusCode::BAD_REQUEST, "that is not what is asked for"))
}

/// Reads the fields of a form. One that is there twice is refused.
pub(crate) async fn form<B>(
    headers: &HeaderMap,
    body: B,
) -> Result<HashMap<String, String>, Refused>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if !is(headers, "application/x-www-form-urlencoded") {
        return Err(Refused::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send a form",
        ));
    }
    let bytes = read(body).await?;
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(&bytes) {
        if fields
            .insert(name.into_owned(), value.into_owned())
            .is_some()
        {
            return Err(Refused::new(
                StatusCode::BAD_REQUEST,
                "a field is there twice",
            ));
        }
    }
    Ok(fields)
}

fn is(headers: &HeaderMap, wanted: &str) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let kind = content_type.and_then(|it| it.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

async fn read<B>(body: B) -> Result<Bytes, Refused>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let reading = Limited::new(body, BYTES_MAX).collect();
    match tokio::time::timeout(WITHIN, reading).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(_long_or_broken)) => Err(Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "that is more than anybody has to say here",
        )),
        Err(_late) => Err(Refused::new(
            StatusCode::REQUEST_TIMEOUT,
            "that took too long",
        )),
    }
}
