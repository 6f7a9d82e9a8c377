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
    work: Work,
    asides: mpsc::Receiver<Event>,
    /// Counts what was handed on last, until the next event is asked for.
    held: Option<Bytes>,
}

enum Work {
    UnderWay(Pin<Box<dyn Future<Output = Answer> + Send>>),
    /// What was said before it was done may still wait.
    Done(Answer),
    Over,
}

/// One message, or a stream whose last event it is.
pub(super) async fn gathered(
    answer: impl Future<Output = Answer> + Send + 'static,
    mut asides: mpsc::Receiver<Event>,
) -> Answer {
    let mut answer: Pin<Box<dyn Future<Output = Answer> + Send>> = Box::pin(answer);
    let (first, work) = tokio::select! {
        biased;
        done = &mut answer => match asides.try_recv() {
            Ok(aside) => (aside, Work::Done(done)),
            Err(_none) => return done,
        },
        Some(aside) = asides.recv() => (aside, Work::UnderWay(answer)),
        () = sleep(OPEN_AFTER) => (Event::default(), Work::UnderWay(answer)),
    };
    let course = Course {
        first: Some(first),
        work,
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
        if let Work::UnderWay(answer) = &mut self.work {
            let done = tokio::select! {
                biased;
                Some(aside) = self.asides.recv() => return Some(aside),
                done = answer => done,
            };
            self.work = Work::Done(done);
        }
        if let Ok(aside) = self.asides.try_recv() {
            return Some(aside);
        }
        let Work::Done(answer) = std::mem::replace(&mut self.work, Work::Over) else {
            return None;
        };
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
