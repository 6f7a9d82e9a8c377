//! Tool servers over HTTP: Streamable HTTP, and HTTP+SSE of 2024-11-05 where a server
//! speaks nothing else.

mod answer;
mod origin;
mod redirect;
mod sse;
mod unpacked;

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};

use self::origin::{Origin, request};
use self::sse::Sse;
pub(crate) use self::sse::SseBounds;
use super::secret::Secret;
use super::{Exchange, Outgoing, Reply, UpstreamError, Verb};
use crate::headers::SESSION_ID;
use crate::presented::OnBehalf;

/// One endpoint, and the connections to it.
#[derive(Debug)]
pub(crate) struct HttpUpstream {
    origin: Arc<Origin>,
    sse: Sse,
}

impl HttpUpstream {
    /// Connects to nothing yet.
    pub(crate) fn new(
        url: &str,
        secret: Option<Secret>,
        bounds: SseBounds,
    ) -> Result<Self, UpstreamError> {
        let origin = Arc::new(Origin::new(url, secret)?);
        Ok(Self {
            sse: Sse::new(&origin, bounds),
            origin,
        })
    }

    /// POST, GET or DELETE.
    pub(crate) async fn exchange(
        &self,
        verb: Verb,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        if let Some(exchange) = self.sse.in_session(verb, &outgoing, on_behalf).await? {
            return Ok(exchange);
        }
        match verb {
            Verb::Send => {}
            Verb::Listen => return self.streamable(Method::GET, &outgoing, on_behalf).await,
            Verb::End => return self.streamable(Method::DELETE, &outgoing, on_behalf).await,
        }
        let exchange = self.streamable(Method::POST, &outgoing, on_behalf).await?;
        match is_elsewhere(&exchange) {
            true => self.sse.instead_of(exchange, &outgoing, on_behalf).await,
            false => {
                self.sse.not_needed();
                Ok(exchange)
            }
        }
    }

    /// Lets go of the streams of HTTP+SSE.
    pub(crate) async fn close(&self) {
        self.sse.close().await;
    }

    /// Whether the server said over HTTP+SSE that its tools changed, since this was last
    /// asked. What it says over Streamable HTTP, it says in somebody's stream.
    pub(crate) fn took_change(&self) -> bool {
        self.sse.took_change()
    }

    async fn streamable(
        &self,
        method: Method,
        outgoing: &Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        let ends = method == Method::DELETE;
        let body = (method == Method::POST)
            .then(|| Bytes::from_owner(Arc::<[u8]>::from(outgoing.message.shared_text())));
        let headers = outgoing.headers.clone();
        let mut request = request(method, self.origin.endpoint(), headers, body);
        if let Some(session) = &outgoing.session {
            let session = HeaderValue::from_str(session)
                .map_err(|_| UpstreamError::Invalid("its session id is no header".to_owned()))?;
            request.headers_mut().insert(SESSION_ID, session);
        }
        let response = self.origin.show(request, on_behalf).await?;
        if ends {
            // Whatever it says besides, the session has ended, or cannot be ended.
            return answer::usable(&response).map(|()| Exchange::empty(response.status()));
        }
        answer::read(response, outgoing.reply_bytes_max).await
    }
}

/// Whether an answer says, in no words of MCP, that messages are not taken here. Then a
/// client may try HTTP+SSE (2025-11-25, transports, "Backwards Compatibility").
fn is_elsewhere(exchange: &Exchange) -> bool {
    let says_so = matches!(
        exchange.status,
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    says_so && matches!(exchange.body, Reply::Empty)
}
