//! What of a list may be shown: every policy is asked about every entry.

use std::sync::Arc;

use gatewright_policy::json::{Document, Pointer};
use gatewright_policy::{Grant, Opinion, Tally, Timestamp};
use gatewright_sandbox::{Answer, World};

use super::counted;
use super::question::ask;
use crate::call::{Call, Judgement, Kind};
use crate::reading::{Asked, Reading, tell_all};
use crate::recorder::Recorder;
use crate::snapshot::{Server, Snapshot};
use crate::tools;

/// For each entry of a list, whether it may be shown: the scopes cover it and no judge
/// denies the listing.
pub(crate) async fn visible(
    snapshot: &Arc<Snapshot>,
    recorder: &Recorder,
    grant: &Grant,
    server: &Arc<Server>,
    method: &str,
    names: &[String],
    at: Timestamp,
) -> Vec<bool> {
    let memory = &*recorder.memory;
    let history_max = snapshot.limits.history_calls_max;
    let carried = memory.context(&grant.session, history_max).await;
    let mut tallies = Vec::with_capacity(names.len());
    let mut readings = Vec::new();
    for name in names {
        let is_covered = grant.is_valid_at(at) && grant.covers(&server.name, name);
        let judgement = is_covered.then(|| {
            let call = Call {
                id: String::new(),
                grant: grant.clone(),
                kind: Kind::Listing,
                method: method.to_owned(),
                server: Arc::clone(&server.name),
                name: name.clone(),
                message: Document::empty_object(),
                arguments_at: const { Pointer::known("") },
                at,
            };
            let standing = tools::standing_of(server, (method, name), memory, at);
            ask(snapshot, standing, call, carried.clone())
        });
        let judgement = judgement.filter(|judgement| judgement.unknown.is_none());
        if let Some(Judgement { request, .. }) = &judgement {
            let bound = server.bound(World::Policy, name);
            let place = tallies.len();
            readings.extend(bound.map(|binding| (place, Reading::new(binding, request))));
        }
        tallies.push(judgement.map(|_| Tally::default()));
    }
    ask_all(&mut tallies, readings, recorder, at).await;
    let tallies = tallies.into_iter();
    tallies
        .map(|tally| tally.is_some_and(|tally| tally.is_visible()))
        .collect()
}

/// Asks policies, each for the tally at its place. What all of them lack is one look at what
/// the gate remembers, before any is asked again.
async fn ask_all(
    tallies: &mut [Option<Tally>],
    mut readings: Vec<(usize, Reading<'_>)>,
    recorder: &Recorder,
    at: Timestamp,
) {
    let mut log = Vec::new();
    let mut count = |place: usize, reading: &Reading<'_>, answer: Answer<Opinion>| {
        let vote = counted(reading, answer, &mut log);
        // Nobody reads it: an entry of a list is no call.
        log.clear();
        if let Some(tally) = tallies.get_mut(place).and_then(Option::as_mut) {
            tally.push(&vote);
        }
    };
    loop {
        let (mut places, mut lacking) = (Vec::new(), Vec::new());
        for (place, reading) in readings {
            let answer = reading.binding().guest.judge(reading.request()).await;
            match reading.asked(answer) {
                Asked::Heard(reading, answer) => count(place, &reading, answer),
                Asked::Lacks(one) => {
                    places.push(place);
                    lacking.push(one);
                }
            }
        }
        if lacking.is_empty() {
            return;
        }
        let told = tell_all(&mut lacking, recorder, at).await;
        readings = Vec::with_capacity(lacking.len());
        for (place, one) in places.into_iter().zip(lacking) {
            match &told {
                Ok(()) => readings.push((place, one.reading)),
                Err(fault) => {
                    let result = Err(fault.clone());
                    let answer = Answer {
                        result,
                        ..one.answer
                    };
                    count(place, &one.reading, answer);
                }
            }
        }
    }
}
