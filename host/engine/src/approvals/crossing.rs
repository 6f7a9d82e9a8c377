//! A call that crossed exactly the same one on its way to people: it waits with that one, or
//! gets what came of it. Nobody is asked about one call twice. It never goes ahead: its
//! policies did not hear who agreed.

use gatewright_policy::Decision;
use gatewright_policy::approval::Stand;

use super::found::Found;
use super::settle::settle_with;
use crate::judgements::Judgements;
use crate::memory::NotCommitted;
use crate::recorder::Recorder;

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
    let requests = judgements.iter().map(|judgement| &*judgement.request);
    let called = recorder.keys.called(requests);
    let found = match Found::same_at_rest(recorder, called).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "what people decided on a call cannot be read");
            return false;
        }
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
