//! A call that people are asked about waits a little for them, and holds nothing of the
//! gate meanwhile but its connection, its message, and a place among those that wait. Its
//! answer is a stream that shows signs of life, so that nobody between cuts it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::Proof;
use gatewright_policy::approval::Stand;
use hyper::{HeaderMap, StatusCode};
use tokio::time::{Instant, sleep, sleep_until};

use super::Proxy;
use super::waiters::Waiter;
use crate::asked::Asked;
use crate::beats::Beats;
use crate::call::{Answer, AnswerBody, Incoming};
use crate::flights::Seat;
use crate::owner::Owner;
use crate::refusal;
use crate::sse::Event;
use crate::upstream::Events;

/// How often it is looked whether another gate on the same memory took a decision, or what
/// became of one that is being written.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A held call.
pub(crate) struct Wait {
    held: String,
    until: Instant,
    /// What its client may cancel.
    waiter: Waiter,
    /// Its place.
    seat: Seat,
}

/// What the stream of a held call has come to.
enum Course {
    /// Nobody decided yet.
    Waits(Pin<Box<dyn Future<Output = Answer> + Send>>, Beats),
    /// The answer is there.
    Answered(Events),
}

impl Proxy {
    /// Whether a held call waits here, and until when: only where somebody reads the
    /// answer, and where there is a place.
    pub(super) fn wait(&self, asked: &mut Asked) -> Option<Wait> {
        let (held, place) = asked.waits_for.take()?;
        let limits = &self.gate.engine.snapshot().limits;
        let patience = limits.approval_wait.0;
        if patience.is_zero() {
            return None;
        }
        let id = asked.id.as_ref()?;
        let grant = asked.grant.as_ref()?;
        // What was proved of this very call counts once: it is called again with another.
        if grant.subject.proof == Proof::Call {
            return None;
        }
        let owner = Owner::of(grant);
        let all = limits.calls_in_flight_max;
        let seat = self
            .waits
            .take(&owner, all, limits.agent_share.of(all))
            .ok()?;
        Some(Wait {
            held,
            until: asked.arrived + patience,
            waiter: self.waiters.begin(&place, id),
            seat,
        })
    }

    /// The answer to a held call: signs of life, and then what became of it.
    /// `in_vain`: the answer where nobody decides in time.
    pub(super) fn await_people(
        self: &Arc<Self>,
        incoming: Incoming,
        asked: &Asked,
        in_vain: Answer,
        wait: Wait,
    ) -> Answer {
        let beats = Beats::of(asked.progress.clone());
        let (proxy, arrived) = (Arc::clone(self), asked.arrived);
        let answered = async move {
            let Wait {
                held,
                until,
                waiter,
                seat,
            } = wait;
            let outcome = async {
                let is_decided = proxy.is_decided(&held, until).await;
                drop(seat);
                if !is_decided {
                    return in_vain;
                }
                // From the beginning, with what is active by now: it has no seat and no
                // decision any more.
                let mut again = Asked::of(&incoming);
                again.arrived = arrived;
                proxy.answer(&incoming, &mut again, None).await
            };
            tokio::select! {
                biased;
                () = waiter.cancelled() => refusal::plain(StatusCode::OK, None),
                answer = outcome => answer,
            }
        };
        Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: AnswerBody::Events(course(Course::Waits(Box::pin(answered), beats))),
        }
    }

    /// Waits until people decided: true if they did, so that the call is to be judged
    /// again. The call itself is read only where there is a decision.
    async fn is_decided(&self, held: &str, until: Instant) -> bool {
        let engine = &self.gate.engine;
        let mut changed = engine.approvals_changed();
        let mut known = 0;
        loop {
            let look = match engine.approval_look(held).await {
                Ok(Some(look)) => look,
                // It is over, or another call went ahead with it.
                Ok(None) => return false,
                Err(error) => {
                    tracing::warn!(%error, "what people decided cannot be read");
                    return false;
                }
            };
            let mut looks_again = engine.approvals_elsewhere();
            if look.decided != known {
                match engine.approval_stand(held).await {
                    Ok(Some(Stand::Requested)) => known = look.decided,
                    Ok(Some(Stand::Granted { .. } | Stand::Rejected { .. })) => return true,
                    Ok(Some(Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. })) => {
                        return false;
                    }
                    // Somebody changes it at this moment.
                    Ok(None) => looks_again = true,
                    Err(error) => {
                        tracing::warn!(%error, "what people decided cannot be read");
                        return false;
                    }
                }
            }
            let over = Instant::now().checked_add(look.until.since(engine.now()));
            let over = over.unwrap_or(until);
            tokio::select! {
                () = self.gate.closing.cancelled() => return false,
                () = sleep_until(until) => return false,
                _changed = changed.changed() => {}
                () = sleep_until(over) => {}
                () = sleep(LOOK_EVERY), if looks_again => {}
            }
        }
    }
}

/// The events of a held call.
fn course(course: Course) -> Events {
    Box::pin(stream::unfold(course, |mut course| async move {
        loop {
            course = match course {
                Course::Waits(mut answered, mut beats) => tokio::select! {
                    biased;
                    answer = &mut answered => Course::Answered(events(answer.body)),
                    beat = beats.next() => {
                        return Some((Ok(beat), Course::Waits(answered, beats)));
                    }
                },
                Course::Answered(mut events) => {
                    let event = events.next().await?;
                    return Some((event, Course::Answered(events)));
                }
            };
        }
    }))
}

/// An answer as events. Its bytes count until the next event is asked for.
fn events(body: AnswerBody) -> Events {
    match body {
        AnswerBody::Empty => Box::pin(stream::empty()),
        AnswerBody::Events(events) => events,
        AnswerBody::Json(bytes) => Box::pin(stream::unfold(
            (Some(event(&bytes)), bytes),
            |(event, bytes)| async move { Some((Ok(event?), (None, bytes))) },
        )),
    }
}

fn event(json: &Bytes) -> Event {
    Event::message(String::from_utf8_lossy(json).replace(['\n', '\r'], " "))
}
