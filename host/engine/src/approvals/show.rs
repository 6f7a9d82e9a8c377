//! What approvers see of the calls that wait for them.

use gatewright_policy::approval::{Approver, Stand, Vote, shown};
use gatewright_policy::{ActionDigest, Digest, HeldAsk, Timestamp};
use serde::Serialize;

use super::approvers::Approvers;
use super::found::Found;
use crate::held::HeldError;
use crate::recorder::Recorder;

/// Most calls that are looked at for one page.
pub const PAGE_MAX: usize = 1000;

/// One request, as an approver may see it.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Id of the held call.
    pub id: String,
    /// When the gate received it.
    pub received_at: Timestamp,
    /// Nobody can decide then, or later.
    pub decide_by: Timestamp,
    /// Who asks.
    pub agent: String,
    /// Who vouches for it.
    pub issuer: String,
    /// For whom.
    pub principal: Option<String>,
    /// Through whom.
    pub delegation: Vec<String>,
    /// The tool server.
    pub server: String,
    /// The MCP method.
    pub method: String,
    /// The tool, prompt or resources.
    pub names: Vec<String>,
    /// The exact action of each.
    pub actions: Vec<ActionDigest>,
    /// What is asked, and by which binding.
    pub asks: Vec<HeldAsk>,
    /// Whether it goes ahead once everybody agreed.
    pub allowed: bool,
    /// Where it stands.
    pub stand: Stand,
    /// What was decided so far.
    pub votes: Vec<Vote>,
    /// What is to be shown, exactly like this.
    pub text: String,
    /// Digest of it: what is signed.
    pub digest: Digest,
}

/// Some of the requests.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalPage {
    /// Oldest first.
    pub approvals: Vec<Shown>,
    /// After this id there may be more.
    pub next: Option<String>,
}

impl Shown {
    pub(super) fn of(
        (recorder, approvers): (&Recorder, &Approvers),
        found: Found,
        now: Timestamp,
    ) -> Self {
        let stand = found.stand(approvers, now);
        let call = found.call;
        let text = shown(&call, recorder.keys.shown_number(&call.id));
        Self {
            digest: Digest::of(text.as_bytes()),
            text,
            stand,
            votes: found.votes,
            actions: call.names.iter().map(|it| it.action).collect(),
            names: call.names.into_iter().map(|it| it.name).collect(),
            id: call.id,
            received_at: call.received_at,
            decide_by: call.decide_by,
            agent: call.subject.id,
            issuer: call.subject.issuer,
            principal: call.subject.principal,
            delegation: call.subject.delegation,
            server: call.server,
            method: call.method,
            asks: call.asks,
            allowed: call.allowed,
        }
    }
}

/// Those that an approver may see, or all of them, after an id. So many are looked at,
/// whether the approver may see them or not.
pub(super) async fn page(
    (recorder, approvers): (&Recorder, &Approvers),
    approver: Option<&Approver>,
    after: &str,
    count_max: usize,
) -> Result<ApprovalPage, HeldError> {
    let now = recorder.now();
    let count_max = count_max.clamp(1, PAGE_MAX);
    let kept = recorder.memory.held_after(after, now, count_max).await?;
    let is_full = kept.len() == count_max;
    let last = kept.last().map(|kept| kept.call.envelope.id.clone());
    let mut approvals = Vec::new();
    for kept in kept {
        let id = kept.call.envelope.id.clone();
        match Found::open(recorder, kept) {
            Ok(found) if approver.is_none_or(|approver| found.is_for(approver)) => {
                approvals.push(Shown::of((recorder, approvers), found, now));
            }
            Ok(_of_others) => {}
            // The others are there all the same.
            Err(error) => tracing::error!(%error, id, "a held call cannot be read"),
        }
    }
    Ok(ApprovalPage {
        approvals,
        next: last.filter(|_| is_full),
    })
}
