//! The answer to a request that many servers have a part in, as it is gathered: what they
//! say meanwhile goes on, and where it takes long, the agent sees that it lives.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use hyper::{HeaderMap, StatusCode};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::answering::alive;
use crate::call::{Answer, AnswerBody};
use crate::sse::Event;

/// An answer that takes longer becomes a stream.
const OPEN_AFTER: Duration = Duration::from_secs(5);

struct Course {
    /// Said before anything else.
    first: Option<Event>,
    answer: Option<Pin<Box<dyn Future<Output = Answer> + Send>>>,
    asides: mpsc::Receiver<Event>,
    /// Counts what was handed on last, until the next event is asked for.
    held: Option<Bytes>,
}

/// One message, or a stream whose last event it is.
pub(super) async fn gathered(
    answer: impl Future<Output = Answer> + Send + 'static,
    mut asides: mpsc::Receiver<Event>,
) -> Answer {
    let mut answer: Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(answer);
    let first = tokio::select! {
        biased;
        answer = &mut answer => return answer,
        Some(aside) = asides.recv() => aside,
        () = sleep(OPEN_AFTER) => Event::default(),
    };
    let course = Course {
        first: Some(first),
        answer: Some(answer),
        asides,
        held: None,
    };
    let events = stream::unfold(course, async |mut course| {
        let event = course.next().await?;
        Some((Ok(event), course))
    });
    alive(Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Events(Box::pin(events)),
    })
}

impl Course {
    async fn next(&mut self) -> Option<Event> {
        self.held = None;
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let answer = self.answer.as_mut()?;
        let answer = tokio::select! {
            biased;
            Some(aside) = self.asides.recv() => return Some(aside),
            answer = answer => answer,
        };
        self.answer = None;
        match answer.body {
            AnswerBody::Json(bytes) => {
                let event = Event::message(&*String::from_utf8_lossy(&bytes));
                self.held = Some(bytes);
                Some(event)
            }
            AnswerBody::Empty | AnswerBody::Events(_) => None,
        }
    }
}
