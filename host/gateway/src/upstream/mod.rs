//! Tool servers, as the gate reaches them. Over HTTP the server speaks
//! Streamable HTTP itself; over stdio the gate plays that part for it, so that
//! the rest of the gate sees one shape.

mod dialer;
mod error;
mod exchange;
mod http;
mod plain;
mod redirect;
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
#[expect(
    clippy::large_enum_variant,
    reason = "one for each server, always behind an `Arc`"
)]
pub(crate) enum Upstream {
    /// Over Streamable HTTP.
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
        match (self, verb) {
            (Self::Http(http), Verb::Send) => http.send(outgoing, on_behalf).await,
            (Self::Http(http), Verb::Listen) => http.open_stream(outgoing, on_behalf).await,
            (Self::Http(http), Verb::End) => http.end_session(outgoing, on_behalf).await,
            (Self::Stdio(stdio), Verb::Send) => stdio.send(outgoing).await,
            (Self::Stdio(stdio), Verb::Listen) => stdio.open_stream(outgoing).await,
            (Self::Stdio(stdio), Verb::End) => match outgoing.session {
                Some(session) => stdio.end_session(&session).await,
                None => Ok(Exchange::empty(StatusCode::BAD_REQUEST)),
            },
        }
    }

    /// Whether it said that its tools changed, to nobody in particular, since this was last
    /// asked. What a server over HTTP says, it says in somebody's stream.
    pub(crate) fn took_change(&self) -> bool {
        match self {
            Self::Http(_) => false,
            Self::Stdio(stdio) => stdio.took_change(),
        }
    }

    /// Lets go of everything that the gate started for it.
    pub(crate) async fn close(&self) {
        match self {
            Self::Http(_) => {}
            Self::Stdio(stdio) => stdio.close().await,
        }
    }
}
