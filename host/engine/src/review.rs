//! A call that went ahead: what may come back, and how it ended.

mod completion;
mod costs;
mod kept;
mod left;
mod noted;
mod outcome;

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_policy::json::{Document, apply_edits, redact};
use gatewright_policy::record::{Event, Kept, Labelled, RecordedOpinion};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{
    Digest, Fault, Finding, Given, Mode, Quota, Reason, Report, Request, Response, ResponseKind,
};

use self::costs::{Settled, quotas};
use self::left::LabelsLeft;
use self::noted::note;
use crate::approved::Approved;
use crate::binding::Binding;
use crate::call::{Kind, PolicyLog};
use crate::entry::sealed_labels;
use crate::judge::log_lines;
use crate::ledger::{Durability, LedgerError};
use crate::memory::NotCommitted;
use crate::reading::{Reading, Spending};
use crate::recorder::Recorder;

/// A call in flight. It keeps the snapshot that judged it. Dropped without
/// [`Pending::complete`], it records that the call was abandoned.
#[must_use]
pub struct Pending {
    recorder: Arc<Recorder>,
    approved: Approved,
    /// Something may have been sent: what it cost stays charged.
    went_out: bool,
    labels: LabelsLeft,
    /// The reviewer that withheld something.
    withheld_by: Option<Arc<str>>,
    settled: Settled,
    opinions: Vec<RecordedOpinion>,
    log: Vec<PolicyLog>,
    result: Option<Digest>,
    kept: Option<Kept>,
    /// What the agent is given in the end, where that is kept.
    given: Option<Given>,
    changed: bool,
    completed: bool,
    /// The agent waits for no answer any more.
    abandoned: bool,
}

/// Lines of reviewers' logs that one call keeps: the newest.
const LOG_LINES_MAX: usize = 1024;

/// What may go to the agent.
#[derive(Debug)]
pub enum Reviewed {
    /// This. The flag tells whether it was changed.
    Pass(Document, bool),
    /// Nothing of it.
    Withheld {
        /// Why.
        reason: Reason,
        /// What the agent may be told.
        message: String,
    },
}

impl Pending {
    pub(crate) fn new(recorder: Arc<Recorder>, approved: Approved) -> Self {
        Self {
            recorder,
            approved,
            went_out: false,
            labels: LabelsLeft::default(),
            withheld_by: None,
            settled: Settled::default(),
            opinions: Vec::new(),
            log: Vec::new(),
            result: None,
            kept: None,
            given: None,
            changed: false,
            completed: false,
            abandoned: false,
        }
    }

    /// From now on something may have been sent.
    pub(crate) fn goes_out(&mut self) {
        self.went_out = true;
    }

    /// Id of the decision.
    pub fn id(&self) -> &str {
        &self.approved.id
    }

    /// The question that was decided; the first of several.
    pub fn request(&self) -> &Arc<Request> {
        &self.approved.request
    }

    /// What the reviewers logged so far.
    pub fn log(&self) -> &[PolicyLog] {
        &self.log
    }

    /// Whether anybody looks at what comes back.
    pub fn reviews(&self) -> bool {
        self.approved.kind == Kind::Judged
            && (!self.approved.allowance.obligations.is_empty()
                || !self.approved.reviewers().is_empty())
    }

    /// Looks at something that came back. Reviewers see it in order, each what the
    /// ones before it left; then obligations are met.
    pub async fn review(&mut self, response: Response) -> Reviewed {
        let result = response.document.clone();
        self.result = Some(self.recorder.salted(result.text()));
        if let Err(withheld) = self.keep(&response) {
            return withheld;
        }
        if !self.reviews() {
            return Reviewed::Pass(result, false);
        }
        if let Some(bytes_max) = self.approved.bytes_max()
            && result.text().len() as u64 > bytes_max
        {
            return Reviewed::Withheld {
                reason: Reason::ResultTooLarge,
                message: format!("the result is larger than the {bytes_max} bytes allowed"),
            };
        }
        let original = result.shared_text();
        let mut response = response;
        for (binding, request) in self.approved.reviewers() {
            match self.ask(&binding, &request, &response).await {
                Ok(reviewed) => response.document = reviewed,
                Err(withheld) => return withheld,
            }
        }
        let mut result = response.document;
        let pointers = self.approved.redactions();
        if !pointers.is_empty() {
            match redact(
                &result,
                &pointers,
                &self.approved.snapshot.limits.result_json(),
            ) {
                Ok(redacted) => result = redacted,
                // The error may quote the result.
                Err(_quoting) => {
                    return withheld_by_fault("the gate", "a redaction does not apply");
                }
            }
        }
        let changed = !Arc::ptr_eq(&original, &result.shared_text());
        self.changed |= changed;
        Reviewed::Pass(result, changed)
    }

    /// As [`Pending::review`], for the `params` of a notification, which goes on
    /// before the call ends: the labels that it left are on disk when this returns.
    pub async fn review_early(&mut self, method: &str, params: Document) -> Reviewed {
        let response = Response {
            document: params,
            kind: ResponseKind::Notification(method.to_owned()),
            is_error: false,
        };
        let reviewed = self.review(response).await;
        match &reviewed {
            Reviewed::Withheld { .. } => return reviewed,
            Reviewed::Pass(..) if self.labels.unsynced().is_empty() => return reviewed,
            Reviewed::Pass(..) => {}
        }
        let event = Event::Labelled(Labelled {
            id: self.approved.id.clone(),
            session: self.approved.grant.session.to_string(),
            labels: sealed_labels(&self.recorder.keys, self.labels.unsynced()),
        });
        match self.recorder.append(event, Durability::Synced).await {
            Ok(_receipt) => {
                self.labels.are_synced();
                reviewed
            }
            Err(error) => {
                self.recorder.count_unrecorded(&error);
                Reviewed::Withheld {
                    reason: Reason::AuditUnavailable,
                    message: "the labels could not be recorded".to_owned(),
                }
            }
        }
    }

    /// Records how the call ended; a message that is not a constant is recorded as
    /// a keyed digest. The labels that reviewers left, and what is given again, are on disk
    /// when this returns: only then may the result go to the agent. On an error
    /// it must not.
    pub async fn complete(
        mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: impl Into<Cow<'static, str>>,
    ) -> Result<(), NotCommitted> {
        // What is given and kept can be given again, also where the machine dies.
        let is_kept = self.given.is_some() || !self.labels.unsynced().is_empty();
        let durability = match is_kept {
            true => Durability::Synced,
            false => Durability::Written,
        };
        let commit = self.completion(outcome, reason, message.into(), durability);
        // Whatever becomes of the commit: it is the only end of this call.
        self.completed = true;
        let committed = self.recorder.commit(commit).await;
        match committed {
            Ok(_receipt) => Ok(()),
            Err(error) => {
                self.recorder.count_unrecorded(&error);
                Err(error)
            }
        }
    }

    /// Asks one reviewer, and gives the result as it leaves it.
    async fn ask(
        &mut self,
        binding: &Arc<Binding>,
        request: &Arc<Request>,
        response: &Response,
    ) -> Result<Document, Reviewed> {
        let result = &response.document;
        let spending = Spending::Now(&self.recorder);
        let mut reading = Reading::new(binding, request);
        let answer = loop {
            let answer = binding.guest.review(reading.request(), response).await;
            if let Some(answer) = reading.heard(answer, &spending).await {
                break answer;
            }
        };
        log_lines(binding, &answer, &mut self.log);
        let forgotten = self.log.len().saturating_sub(LOG_LINES_MAX);
        self.log.drain(..forgotten);
        let limits = self.approved.snapshot.limits.result_json();
        let reported = answer.result.and_then(|report| {
            if let Some(power) = binding.authority.lacking_for_report(&report) {
                return Err(Fault::NotGranted(power));
            }
            report.check()?;
            let charges = quotas(binding, &report.charges)?;
            let edited = match &report.finding {
                Finding::Pass { edits } => Some(
                    apply_edits(result, edits, &limits)
                        .map_err(|error| Fault::BadOutput(error.to_string()))?,
                ),
                Finding::Block { .. } => None,
            };
            Ok((report, edited, charges))
        });
        let mode = binding.mode(self.approved.grant.subject.account());
        let component = binding.guest.digest();
        let mut opinion = RecordedOpinion::of(&binding.name, component, mode, answer.fuel);
        opinion.budgets = reading.read().to_vec();
        match &reported {
            Ok((report, _, _)) => {
                opinion.notes.clone_from(&report.notes);
                match &report.finding {
                    Finding::Pass { edits } => opinion.edits = edits.len(),
                    Finding::Block { .. } => opinion.blocked = true,
                }
            }
            Err(fault) => opinion.fault = Some(fault.clone()),
        }
        note(&mut self.opinions, opinion);
        let (report, edited, charges) = match (mode, reported) {
            (Mode::Observe, _) => return Ok(result.clone()),
            (Mode::Enforce, Ok(reported)) => reported,
            (Mode::Enforce, Err(fault)) => {
                let who = format!("policy `{}`", binding.name);
                return Err(withheld_by_fault(&who, fault.name()));
            }
        };
        let Report {
            finding, labels, ..
        } = report;
        // Whatever becomes of the result: the call was made, and this was seen.
        self.leave(&binding.name, labels).await?;
        self.owe(&binding.name, charges)?;
        match (finding, edited) {
            (Finding::Block { message }, _) => {
                self.withheld_by = Some(Arc::clone(&binding.name));
                Err(Reviewed::Withheld {
                    reason: Reason::ResultWithheld,
                    message,
                })
            }
            (Finding::Pass { .. }, Some(edited)) => Ok(edited),
            (Finding::Pass { .. }, None) => Ok(result.clone()),
        }
    }

    /// Adds to what is charged when the call ends.
    pub(crate) fn owe(&mut self, binding: &str, charges: Vec<Quota>) -> Result<(), Reviewed> {
        let owed = self.settled.owe(&self.recorder.keys, binding, charges);
        owed.map_err(|_too_many| {
            let who = format!("policy `{binding}`");
            withheld_by_fault(&who, "it charges too many budgets")
        })
    }

    /// Labels count from now on, for calls that run beside this one too. What
    /// would leave one too many is withheld.
    pub(crate) async fn leave(
        &mut self,
        source: &Arc<str>,
        names: Vec<String>,
    ) -> Result<(), Reviewed> {
        let labels = self.labels.newly(source, names, self.recorder.now());
        let session = &self.approved.grant.session;
        let left = self.recorder.memory.label(session, &labels).await;
        left.map_err(|error| Reviewed::Withheld {
            reason: error.reason(),
            message: error.to_string(),
        })?;
        self.labels.extend(labels);
        Ok(())
    }

    /// The end of a call that nobody waits for any more. Of one that was not
    /// even sent, what it cost is given back.
    fn abandon(&mut self) {
        self.abandoned = true;
        // Nobody knows what came of it.
        self.given = None;
        let abandoned = Cow::Borrowed("abandoned");
        let (failed, written) = (PastOutcome::Failed, Durability::Written);
        let commit = self.completion(failed, None, abandoned, written);
        if !self.recorder.note(commit) {
            self.recorder.count_unrecorded(&LedgerError::Full);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.completed {
            self.abandon();
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("id", &self.approved.id)
            .finish_non_exhaustive()
    }
}

fn withheld_by_fault(who: &str, what: &str) -> Reviewed {
    tracing::warn!(who, what, "result withheld");
    Reviewed::Withheld {
        reason: Reason::PolicyFault,
        message: format!("{who} gave no usable answer on the result"),
    }
}
