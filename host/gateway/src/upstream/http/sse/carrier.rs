//! Carries the messages of one stream: what comes on it to its board, and what goes out in
//! requests of their own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use gatewright_policy::Trouble;
use gatewright_policy::json::JsonLimits;
use hyper::{HeaderMap, Method, StatusCode, Uri};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::presented::OnBehalf;
use crate::sse::Event;
use crate::upstream::duplex::{Listener, Post, PostOf, Supervised, lock};
use crate::upstream::http::answer::usable;
use crate::upstream::http::origin::{Origin, request};
use crate::upstream::{Events, UpstreamError};

/// Most requests under way at once. Further messages wait.
const POSTS_MAX: usize = 1024;

/// Most answers to what the server asks and nobody can be asked.
const REPLIES_MAX: usize = 16;

/// How long a request may go on when nobody waits for it any more: some servers answer it
/// once they have said all on the stream.
const LINGERS: Duration = Duration::from_secs(5);

/// How long what has no answer may take.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

/// What carries the messages of one stream.
pub(super) struct Carrier {
    pub(super) supervised: Supervised,
    pub(super) origin: Arc<Origin>,
    pub(super) endpoint: Uri,
    pub(super) limits: JsonLimits,
    /// On whose behalf the stream was opened.
    pub(super) on_behalf: Option<OnBehalf>,
}

/// Why a stream is over.
enum Over {
    Stopped,
    Ended,
    Broken(UpstreamError),
}

impl Carrier {
    /// Carries messages until the stream is over.
    pub(super) async fn run(self, mut events: Events, mut posts: mpsc::Receiver<Post>) {
        let Supervised {
            server,
            board,
            stop,
            ended,
        } = self.supervised.share();
        let mut listener = Listener::new(&server, &board, self.limits);
        let mut under_way = JoinSet::new();
        let over = loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break Over::Stopped,
                event = events.next() => match event {
                    Some(Ok(event)) => {
                        if let Some(reply) = heard(&mut listener, &event) {
                            match under_way.len() < POSTS_MAX + REPLIES_MAX {
                                true => drop(under_way.spawn(self.post(self.reply(reply)))),
                                // The server asks faster than it reads; it gets no answer then.
                                false => listener.dropped(),
                            }
                        }
                    }
                    Some(Err(error)) => break Over::Broken(error),
                    None => break Over::Ended,
                },
                Some(_posted) = under_way.join_next() => {}
                post = posts.recv(), if under_way.len() < POSTS_MAX => match post {
                    Some(post) => drop(under_way.spawn(self.post(post))),
                    None => break Over::Stopped,
                },
            }
        };
        let error = match over {
            Over::Stopped => UpstreamError::Trouble(Trouble::Stopped, "it was stopped".to_owned()),
            Over::Ended => {
                UpstreamError::Trouble(Trouble::Ended, "it ended its stream of events".to_owned())
            }
            Over::Broken(error) => error,
        };
        let dropped = {
            let mut board = lock(&board);
            board.close(error.clone());
            board.dropped
        };
        let server = &*server;
        match stop.is_cancelled() {
            true => tracing::debug!(server, dropped, "stream of the tool server ended"),
            false => tracing::warn!(server, dropped, %error, "tool server given up"),
        }
        // Requests that are under way end with it.
        drop(under_way);
        ended.cancel();
    }

    fn reply(&self, text: Arc<str>) -> Post {
        Post {
            text,
            on_behalf: self.on_behalf.clone(),
            of: PostOf::Nobody,
        }
    }

    /// Posts one message, and tells whoever waits for it how that went.
    fn post(&self, post: Post) -> impl Future<Output = ()> + Send + use<> {
        let Post {
            text,
            on_behalf,
            of,
        } = post;
        let (board, stop) = (
            Arc::clone(&self.supervised.board),
            self.supervised.stop.clone(),
        );
        let sending = send(
            Arc::clone(&self.origin),
            self.endpoint.clone(),
            text,
            on_behalf,
        );
        async move {
            match of {
                PostOf::Call(name, over) => {
                    let sent = tokio::select! {
                        sent = sending => sent,
                        () = lingers(&over) => Ok(()),
                    };
                    if let Err(error) = sent {
                        let has_forgotten = error.trouble() == Some(Trouble::Ended);
                        // Once the call is over, its name may be that of another one.
                        if !over.is_cancelled() {
                            lock(&board).fail(&name, error);
                        }
                        if has_forgotten {
                            stop.cancel();
                        }
                    }
                }
                PostOf::Told(told) => {
                    let sent = timeout(TOLD_WITHIN, sending).await;
                    // Nobody waits any more: the caller's own time was over.
                    let _gone = told.send(sent.unwrap_or(Err(UpstreamError::TimedOut)));
                }
                PostOf::Nobody => {
                    if let Ok(Err(error)) = timeout(TOLD_WITHIN, sending).await {
                        tracing::debug!(%error, "a message did not reach the tool server");
                    }
                }
            }
        }
    }
}

/// Completes some time after a call is over.
async fn lingers(over: &CancellationToken) {
    over.cancelled().await;
    sleep(LINGERS).await;
}

/// Takes in one event. Other events than messages are nobody's.
fn heard(listener: &mut Listener, event: &Event) -> Option<Arc<str>> {
    let message = event.payload()?;
    match &event.name {
        None => listener.hear(message.as_bytes()),
        Some(_) => {
            listener.dropped();
            None
        }
    }
}

/// POST. What is answered comes on the stream, and the body of this answer is nothing. A
/// server that does not know where a message belongs has forgotten the stream.
async fn send(
    origin: Arc<Origin>,
    endpoint: Uri,
    text: Arc<str>,
    on_behalf: Option<OnBehalf>,
) -> Result<(), UpstreamError> {
    let body = Bytes::from_owner(Arc::<[u8]>::from(text));
    let post = request(Method::POST, &endpoint, HeaderMap::new(), Some(body));
    let response = origin.show(post, on_behalf.as_ref()).await?;
    usable(&response)?;
    let status = response.status();
    let detail = format!("it answered a message with HTTP status {status}");
    match status {
        status if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND => Err(UpstreamError::Trouble(Trouble::Ended, detail)),
        status => Err(UpstreamError::Trouble(
            Trouble::Status(status.as_u16()),
            detail,
        )),
    }
}
