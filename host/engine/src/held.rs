//! What is kept of a held call, and what opens it again.

mod error;

use std::collections::BTreeSet;

use gatewright_policy::record::RecordKeys;
use gatewright_policy::{Ask, Decision, Held, HeldAsk, HeldCall, HeldName, Timestamp};

use crate::entry::asked_by;
use crate::judgements::Judgements;
use crate::memory::{Hold, HoldRoom};

pub use error::HeldError;

/// What a decision to hold keeps; nothing for any other, and for one that waits with a
/// call that is held already.
pub(crate) fn hold(keys: &RecordKeys, judgements: &Judgements) -> Option<Hold> {
    let settled = judgements.approval.as_ref();
    if settled.is_some_and(|settled| settled.joined().is_some()) {
        return None;
    }
    let Decision::Hold(held) = &judgements.first.decision else {
        return None;
    };
    Some(Hold {
        call: call(keys, judgements, held).seal(keys),
        room: HoldRoom::of(&judgements.first.snapshot.limits),
        used: judgements.used.clone(),
    })
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
        called: keys.called(judgements.iter().map(|judgement| &*judgement.request)),
        masks: masks(judgements),
        message: first.message.text().to_owned(),
        arguments_at: first.arguments_at.as_str().to_owned(),
        asks: asks(held),
        // What is asked about the message is asked here, whatever it names.
        asked_by: asked_by(first),
        allowed: held.allowed,
    }
}

/// What the bindings on anything that it names mask.
fn masks(judgements: &Judgements) -> Vec<String> {
    let bindings = &judgements.first.snapshot.bindings;
    let concerned = bindings.iter().filter(|binding| {
        judgements.iter().any(|judgement| {
            let action = &judgement.request.action;
            binding.is_on_server(&action.server) && binding.is_on_tool(&action.name)
        })
    });
    let masks: BTreeSet<_> = concerned.flat_map(|binding| binding.masks.iter()).collect();
    masks.into_iter().cloned().collect()
}

/// All that is asked must be approved: the shortest time is the time for all of it.
pub(crate) fn decide_by<'a>(asks: impl Iterator<Item = &'a Ask>, from: Timestamp) -> Timestamp {
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
