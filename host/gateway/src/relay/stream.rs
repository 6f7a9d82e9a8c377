//! A stream of messages on its way to the agent.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gatewright_engine::Reviewed;
use gatewright_policy::json::Value;
use tokio::sync::mpsc::{self, error::SendTimeoutError};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::review::spliced;
use super::{Expects, Patience, Relay, Underway};
use crate::bodies::Held;
use crate::era::Era;
use crate::message::{Id, Message, Shape};
use crate::method::{SERVER_NOTIFICATIONS, TASK_STATUS};
use crate::questions::{known_question, may_ask};
use crate::read::passes;
use crate::sse::Event;
use crate::upstream::{Events, UpstreamError};

/// What becomes of one event.
pub(super) enum Step {
    /// It goes on.
    Pass(Event),
    /// It does not.
    Skip,
    /// It goes on, and nothing after it.
    Last(Event),
    /// The stream ends.
    End,
}

/// An event on its way, and what it takes up once its call has no seat any more.
struct Unread {
    event: Event,
    held: Option<Held>,
}

/// Most events that wait for the agent, besides those in the buffers of its
/// connection.
const UNREAD_MAX: usize = 1;

impl Relay {
    /// The events that the agent gets. They come only as fast as it reads, and
    /// what it does not read in time ends the call: the tool server is heard, and
    /// every limit of time holds, whether the agent reads or not.
    pub(super) fn relayed(self, events: Events) -> Events {
        let (agent, taken) = mpsc::channel::<Unread>(UNREAD_MAX);
        let relays = self.gate.relays.clone();
        let span = tracing::Span::current();
        relays.spawn(self.deliver(events, agent).instrument(span));
        // What an event holds is given back when the next one is asked for.
        Box::pin(stream::unfold((taken, None), |(mut taken, before)| async {
            drop::<Option<Held>>(before);
            let Unread { event, held } = taken.recv().await?;
            Some((Ok(event), (taken, held)))
        }))
    }

    /// Hands on one event after the other, until one is the last, or until the
    /// agent takes no more.
    async fn deliver(mut self, mut events: Events, agent: mpsc::Sender<Unread>) {
        let client_timeout = self.snapshot.limits.client_timeout.0;
        loop {
            let step = tokio::select! {
                biased;
                () = agent.closed() => return,
                step = self.next(&mut events) => step,
            };
            let unread = match step {
                Step::Pass(event) => {
                    let unread = Unread { event, held: None };
                    agent.send_timeout(unread, client_timeout).await
                }
                Step::Last(event) => {
                    let unread = self.last(event);
                    // The tool server is done: the seat is free while the agent
                    // reads.
                    drop((self, events));
                    let _gone = agent.send_timeout(unread, client_timeout).await;
                    return;
                }
                Step::Skip | Step::End => return,
            };
            match unread {
                Ok(()) => {}
                Err(SendTimeoutError::Closed(_)) => return,
                Err(SendTimeoutError::Timeout(_)) => {
                    self.gate.metrics.streams_unread.inc();
                    tracing::info!(server = %self.server.name, "a stream that nobody reads ends");
                    return;
                }
            }
        }
    }

    /// The final response, whose bytes count until they are taken.
    fn last(&self, event: Event) -> Unread {
        let bytes = event.payload().map_or(0, |text| text.len());
        match self.held(bytes) {
            Ok(held) => Unread {
                event,
                held: Some(held),
            },
            Err(instead) => Unread {
                event: event.with_data(instead),
                held: None,
            },
        }
    }

    async fn next(&mut self, events: &mut Events) -> Step {
        loop {
            let is_long = self.expects.is_long();
            let waiting_since = Instant::now();
            let event = tokio::select! {
                biased;
                () = tokio::time::sleep_until(self.ends_at) => return self.outlived().await,
                () = self.patience.ends() => return self.broken(UpstreamError::TimedOut).await,
                () = self.gate.closing.cancelled(), if is_long => return self.cut().await,
                stopped = self.gate.stopped(&self.underway.grant, &self.server.name) => {
                    return self.halted(stopped).await;
                }
                event = events.next() => event,
            };
            let step = match event {
                Some(Ok(event)) => {
                    let waited = waiting_since.elapsed();
                    self.patience = self.patience.after(waited, event.payload().is_some());
                    self.take(event).await
                }
                Some(Err(error)) => return self.broken(error).await,
                None => return self.cut().await,
            };
            match step {
                Step::Skip => {}
                step @ (Step::Pass(_) | Step::Last(_) | Step::End) => return step,
            }
        }
    }

    async fn take(&mut self, event: Event) -> Step {
        self.resumable |= event.id.is_some();
        let Some(data) = event.payload() else {
            return Step::Pass(event);
        };
        if event.name.is_some() {
            // Clients read only events named `message`.
            return Step::Skip;
        }
        let message = match self.read(data.as_bytes()) {
            Ok(message) => message,
            Err(error) => return self.broken(error).await,
        };
        let event = match self.mended {
            true => event.with_data(message.document.shared_text()),
            false => event,
        };
        match message.shape.clone() {
            Shape::Response { id, .. } => self.response(event, message, id).await,
            Shape::Request { id, method } => self.question(event, &id, &method).await,
            Shape::Notification { method } => self.notification(event, &message, &method).await,
        }
    }

    async fn response(&mut self, event: Event, message: Message, id: Option<Id>) -> Step {
        if self.awaits(id.as_ref()) {
            let text = self.finish(message).await;
            return Step::Last(event.with_data(text));
        }
        match (&self.expects, id) {
            (Expects::Stream, Some(id)) => self.resumed(event, message, &id).await,
            (Expects::Stream, None) => Step::Skip,
            (Expects::Response { .. } | Expects::Nothing | Expects::End, _) => {
                let error = "it answered a request that was not made here";
                self.broken(UpstreamError::Invalid(error.to_owned())).await
            }
        }
    }

    /// The answer to a call whose own stream broke. It is reviewed as that call.
    async fn resumed(&mut self, event: Event, message: Message, id: &Id) -> Step {
        let Underway { place, grant, .. } = &self.underway;
        let Some(parked) = self.gate.sessions.resume(place, id, grant) else {
            tracing::debug!("an answer on a stream belongs to no broken call");
            return Step::Skip;
        };
        let stream = (
            self.pending.replace(parked.pending),
            std::mem::replace(&mut self.asked, parked.asked),
            std::mem::replace(
                &mut self.expects,
                Expects::Response {
                    id: id.clone(),
                    method: parked.method,
                },
            ),
        );
        let text = self.finish(message).await;
        (self.pending, self.asked, self.expects) = stream;
        Step::Pass(event.with_data(text))
    }

    /// A request of the tool server. It is passed on where the operator lets the
    /// server ask; then the agent's answer is let through, once.
    async fn question(&mut self, event: Event, id: &Id, method: &str) -> Step {
        if self.asked.era == Some(Era::Modern) {
            let error = "it sent a request, which this revision does not know";
            return self.broken(UpstreamError::Invalid(error.to_owned())).await;
        }
        if may_ask(&self.server, method)
            && self
                .gate
                .sessions
                .ask(&self.underway.place, id.clone(), method)
        {
            return Step::Pass(event);
        }
        let known = known_question(method);
        tracing::info!(server = %self.server.name, method = known, "a request of the tool server is not passed on");
        self.refuse_question(id, method).await;
        self.without_message(event)
    }

    async fn notification(&mut self, event: Event, message: &Message, method: &str) -> Step {
        if !SERVER_NOTIFICATIONS.contains(&method) && !passes(&self.server, method) {
            let server = &self.server.name;
            self.gate.metrics.unknown_notification(server, "server");
            tracing::debug!(?method, "an unknown notification");
            tracing::info!(
                %server,
                "an unknown notification of the tool server is dropped; \
                 hint: `server.notifications` lets it pass"
            );
            return self.without_message(event);
        }
        if method == "notifications/tools/list_changed" {
            self.gate.engine.agents().tools().changed(&self.server);
        }
        let params = message.params();
        if method == TASK_STATUS && !self.owns_task(params) {
            tracing::debug!("the status of another caller's task is dropped");
            return self.without_message(event);
        }
        let (Some(pending), Some(params)) = (
            self.pending.as_mut().filter(|pending| pending.reviews()),
            params,
        ) else {
            return Step::Pass(event);
        };
        match pending.review_early(method, params.to_document()).await {
            Reviewed::Pass(_, false) => Step::Pass(event),
            Reviewed::Pass(reviewed, true) => {
                let text = spliced(params, &reviewed);
                Step::Pass(event.with_data(text))
            }
            Reviewed::Withheld { .. } => self.without_message(event),
        }
    }

    /// Whether `params` name a task of this caller.
    fn owns_task(&self, params: Option<Value<'_>>) -> bool {
        let id = params.and_then(|params| params.get("taskId"));
        let id = id.and_then(|id| id.as_text());
        let place = &self.underway.place;
        let tool = id.and_then(|id| self.gate.tasks.tool(&place.server, &id, &place.owner));
        tool.is_some()
    }

    /// What is left of an event whose message is kept back: where to resume.
    fn without_message(&self, event: Event) -> Step {
        if event.id.is_none() && event.retry.is_none() {
            return Step::Skip;
        }
        Step::Pass(event.with_data(""))
    }
}

impl Patience {
    /// Completes when it is over.
    async fn ends(self) {
        match self {
            Self::PerMessage { left, .. } => tokio::time::sleep(left).await,
            Self::Endless => std::future::pending().await,
        }
    }

    /// After an event. One that carries no message shows that a connection is
    /// alive, not that an answer is on its way.
    fn after(self, waited: Duration, is_message: bool) -> Self {
        match self {
            Self::PerMessage { timeout, left } => Self::PerMessage {
                timeout,
                left: if is_message {
                    timeout
                } else {
                    left.saturating_sub(waited)
                },
            },
            Self::Endless => Self::Endless,
        }
    }
}
