//! What is kept of a call that waits for people, and what opens it again.

use gatewright_policy::record::{PayloadError, RecordKeys};
use gatewright_policy::{Ask, Decision, Held, HeldAsk, HeldCall, HeldName, Timestamp};

use crate::entry::asked_by;
use crate::judgements::Judgements;
use crate::ledger::LedgerError;
use crate::memory::{Hold, HoldRoom};
use crate::recorder::Recorder;

/// Why a held call cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeldError {
    /// It is there, and was changed, or sealed with another salt.
    #[error(transparent)]
    Sealed(#[from] PayloadError),
    /// Nobody knows whether it is there.
    #[error(transparent)]
    Memory(#[from] LedgerError),
}

/// What a decision to hold keeps; nothing for any other.
pub(crate) fn hold(keys: &RecordKeys, judgements: &Judgements) -> Option<Hold> {
    let Decision::Hold(held) = &judgements.first.decision else {
        return None;
    };
    Some(Hold {
        call: call(keys, judgements, held).seal(keys),
        room: HoldRoom::of(&judgements.first.snapshot.limits),
    })
}

/// A call that waits for people at this time; none where there is none of this id.
pub(crate) async fn find(
    recorder: &Recorder,
    id: &str,
    at: Timestamp,
) -> Result<Option<HeldCall>, HeldError> {
    let sealed = recorder.memory.held(id, at).await?;
    let opened = sealed.map(|sealed| sealed.open(&recorder.keys));
    Ok(opened.transpose()?)
}

fn call(keys: &RecordKeys, judgements: &Judgements, held: &Held) -> HeldCall {
    let first = &judgements.first;
    let (request, received_at) = (&first.request, first.request.context.at);
    let names = judgements.iter().map(|judgement| HeldName {
        name: judgement.request.action.name.clone(),
        action: keys.action(&judgement.request, &asked_by(judgement)),
    });
    HeldCall {
        id: first.id.clone(),
        received_at,
        decide_by: decide_by(held.asks.iter().map(|(_, ask)| ask), received_at),
        subject: (*request.subject).clone(),
        session: first.grant.session.to_string(),
        method: request.action.method.clone(),
        server: request.action.server.to_string(),
        names: names.collect(),
        message: first.message.text().to_owned(),
        arguments_at: first.arguments_at.as_str().to_owned(),
        asks: asks(held),
        // What is asked about the message is asked here, whatever it names.
        asked_by: asked_by(first),
        allowed: held.allowed,
    }
}

/// All that is asked must be approved: the shortest time is the time for all of it.
fn decide_by<'a>(asks: impl Iterator<Item = &'a Ask>, from: Timestamp) -> Timestamp {
    let seconds = asks.map(|ask| ask.decide_within_seconds).min();
    let millis = u64::from(seconds.unwrap_or(0)).saturating_mul(1000);
    Timestamp(from.0.saturating_add(millis))
}

fn asks(held: &Held) -> Vec<HeldAsk> {
    let asks = held.asks.iter();
    let asks = asks.map(|(binding, ask)| HeldAsk {
        binding: binding.to_string(),
        ask: ask.clone(),
    });
    asks.collect()
}
