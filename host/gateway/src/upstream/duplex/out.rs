//! How a message goes out on a line.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::names::Name;
use crate::presented::OnBehalf;
use crate::upstream::UpstreamError;

/// Where messages go; whoever finds no room waits.
#[derive(Debug)]
pub(crate) enum Out {
    /// Into a pipe, of which nobody hears how it went.
    Pipe(mpsc::Sender<Arc<str>>),
    /// As requests of their own, each with an outcome.
    Posts(mpsc::Sender<Post>),
}

/// A message that goes out as a request of its own.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) text: Arc<str>,
    pub(crate) on_behalf: Option<OnBehalf>,
    pub(crate) of: PostOf,
}

/// Who hears how it went.
#[derive(Debug)]
pub(crate) enum PostOf {
    /// A call, by its name on the line: it fails with the request. Nobody waits for the
    /// request any more when the call is over.
    Call(Name, CancellationToken),
    /// Whoever sends what has no answer.
    Told(oneshot::Sender<Result<(), UpstreamError>>),
    /// Nobody.
    Nobody,
}

/// Who sends a message.
pub(super) enum SentBy {
    Call(Name, CancellationToken),
    Teller,
}

impl Out {
    /// Sends a message. Nothing where the line is closed.
    pub(super) async fn send(
        &self,
        text: Arc<str>,
        on_behalf: Option<&OnBehalf>,
        from: SentBy,
    ) -> Option<Result<(), UpstreamError>> {
        let posts = match self {
            Self::Pipe(lines) => return lines.send(text).await.ok().map(Ok),
            Self::Posts(posts) => posts,
        };
        let (of, heard) = match from {
            SentBy::Call(name, over) => (PostOf::Call(name, over), None),
            SentBy::Teller => {
                let (told, heard) = oneshot::channel();
                (PostOf::Told(told), Some(heard))
            }
        };
        let on_behalf = on_behalf.cloned();
        let post = Post {
            text,
            on_behalf,
            of,
        };
        posts.send(post).await.ok()?;
        match heard {
            Some(heard) => heard.await.ok(),
            None => Some(Ok(())),
        }
    }

    /// Sends what nobody waits for, where there is room at once.
    pub(super) fn try_send(&self, text: Arc<str>, on_behalf: Option<OnBehalf>) -> bool {
        match self {
            Self::Pipe(lines) => lines.try_send(text).is_ok(),
            Self::Posts(posts) => {
                let of = PostOf::Nobody;
                let post = Post {
                    text,
                    on_behalf,
                    of,
                };
                posts.try_send(post).is_ok()
            }
        }
    }
}
