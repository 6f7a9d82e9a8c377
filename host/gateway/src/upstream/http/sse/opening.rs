//! How a stream of HTTP+SSE begins.

use futures_util::StreamExt as _;
use hyper::{HeaderMap, Method, StatusCode, Uri};

use super::endpoint::endpoint;
use crate::presented::OnBehalf;
use crate::upstream::http::answer::{content_type, events};
use crate::upstream::http::origin::{Origin, request};
use crate::upstream::http::unpacked::UnpackedBody;
use crate::upstream::{Events, UpstreamError};

/// The event that names where messages are posted to.
const ENDPOINT: &str = "endpoint";

/// A stream, and where messages are posted to.
pub(super) struct Opened {
    pub(super) events: Events,
    pub(super) endpoint: Uri,
}

/// Why there is none.
pub(super) enum OpenError {
    /// The server does not show that it speaks HTTP+SSE.
    NotSpoken,
    /// It does, and nobody could use it.
    Unusable(UpstreamError),
}

/// Opens a stream. The event that names the endpoint is the first one.
pub(super) async fn open(
    origin: &Origin,
    on_behalf: Option<&OnBehalf>,
    event_bytes_max: usize,
) -> Result<Opened, OpenError> {
    let ask = request(Method::GET, origin.endpoint(), HeaderMap::new(), None);
    let response = origin.show(ask, on_behalf).await;
    let response = response.map_err(|_untold| OpenError::NotSpoken)?;
    let is_stream = response.status() == StatusCode::OK
        && content_type(&response).as_deref() == Some("text/event-stream");
    if !is_stream {
        return Err(OpenError::NotSpoken);
    }
    let body = UnpackedBody::of(response).map_err(OpenError::Unusable)?;
    let mut events = events(body, event_bytes_max);
    loop {
        let event = match events.next().await {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(OpenError::Unusable(error)),
            None => return Err(OpenError::NotSpoken),
        };
        match (event.name.as_deref(), event.payload()) {
            (Some(ENDPOINT), Some(named)) => {
                let endpoint = endpoint(origin.endpoint(), named).map_err(OpenError::Unusable)?;
                return Ok(Opened { events, endpoint });
            }
            // A comment, or the time to come back after.
            (None, None) => {}
            (Some(_), _) | (None, Some(_)) => return Err(OpenError::NotSpoken),
        }
    }
}
