//! A call that crossed exactly the same one on its way to people: it waits with that one, or
//! gets what came of it. Nobody is asked about one call twice. It never goes ahead: its
//! policies did not hear who agreed.

use std::time::Duration;

use gatewright_policy::Decision;
use gatewright_policy::approval::Stand;

use super::found::Found;
use super::settle::settle_with;
use crate::held::HeldError;
use crate::judgements::Judgements;
use crate::memory::NotCommitted;
use crate::recorder::Recorder;

/// The entry of the other one is there by then, or nobody waits for it.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// Whether a decision to ask people does not count because exactly this call was held, or
/// went ahead, meanwhile. Then it was decided anew, beside that one.
pub(crate) async fn crossed(
    recorder: &Recorder,
    judgements: &mut Judgements,
    error: &NotCommitted,
) -> bool {
    let asks = matches!(judgements.first.decision, Decision::Hold(_));
    if !asks || !matches!(error, NotCommitted::Approval(_)) {
        return false;
    }
    let other = tokio::time::timeout(WRITTEN_WITHIN, the_other(recorder, judgements)).await;
    let found = match other {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, "what people decided on a call cannot be read");
            return false;
        }
        Err(_elapsed) => return false,
    };
    let now = recorder.now();
    let approvers = &judgements.first.snapshot.approvers;
    let is_granted = |found: &Found| matches!(found.stand(approvers, now), Stand::Granted { .. });
    if found.as_ref().is_some_and(is_granted) {
        // People agreed just now: the next one is judged with that, and may be refused for it.
        return false;
    }
    judgements.approval = None;
    settle_with(recorder, judgements, found).await;
    // Once is enough: what changes again now is not waited for.
    judgements.used = None;
    true
}

/// The same call, as soon as it can be found: it waits, or it went ahead. None where what was
/// crossed is over, and nothing comes of it any more.
async fn the_other(
    recorder: &Recorder,
    judgements: &Judgements,
) -> Result<Option<Found>, HeldError> {
    let requests = judgements.iter().map(|judgement| &*judgement.request);
    let called = recorder.keys.called(requests);
    // Before it is looked for: what comes from now on is heard.
    let mut changed = recorder.approvals.subscribe();
    loop {
        let now = recorder.now();
        // Before it is looked for: what is there by then is found.
        let is_changing = recorder.memory.is_changing(called);
        let found = Found::same(recorder, called, now).await?;
        if found.is_some() || recorder.memory.used_as(called, now).await?.is_some() {
            return Ok(found);
        }
        if !is_changing || changed.changed().await.is_err() {
            return Ok(None);
        }
    }
}
