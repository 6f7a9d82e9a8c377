//! Tool servers, as the gate reaches them. A server of today speaks Streamable HTTP itself;
//! over stdio, and over HTTP+SSE, the gate plays that part for it, so that the rest of the
//! gate sees one shape.

mod dialer;
mod duplex;
mod error;
mod exchange;
mod http;
mod plain;
mod registry;
pub(crate) mod secret;
pub(crate) mod stdio;

pub(crate) use dialer::Dialer;
pub(crate) use error::UpstreamError;
pub(crate) use exchange::{Events, Exchange, Outgoing, Reply, Verb};
pub(crate) use registry::{Clients, Upstreams};

use hyper::StatusCode;

use crate::presented::OnBehalf;

/// One tool server.
#[derive(Debug)]
pub(crate) enum Upstream {
    /// Over HTTP.
    Http(http::HttpUpstream),
    /// As a child process.
    Stdio(stdio::StdioUpstream),
}

impl Upstream {
    /// Reaches the server once; `on_behalf` of whom, where that makes a difference there.
    pub(crate) async fn exchange(
        &self,
        verb: Verb,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        let stdio = match self {
            Self::Http(http) => return http.exchange(verb, outgoing, on_behalf).await,
            Self::Stdio(stdio) => stdio,
        };
        match verb {
            Verb::Send => stdio.send(outgoing).await,
            Verb::Listen => Ok(stdio.open_stream(&outgoing)),
            Verb::End => Ok(match outgoing.session {
                Some(session) => stdio.end_session(&session),
                None => Exchange::empty(StatusCode::BAD_REQUEST),
            }),
        }
    }

    /// Whether it said that its tools changed, to nobody in particular, since this was last
    /// asked.
    pub(crate) fn took_change(&self) -> bool {
        match self {
            Self::Http(http) => http.took_change(),
            Self::Stdio(stdio) => stdio.took_change(),
        }
    }

    /// Lets go of everything that the gate started for it.
    pub(crate) async fn close(&self) {
        match self {
            Self::Http(http) => http.close().await,
            Self::Stdio(stdio) => stdio.close().await,
        }
    }
}
