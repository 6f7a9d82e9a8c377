//! A call that went ahead: what may come back, and how it ended.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_policy::json::{Document, apply_edits, redact};
use gatewright_policy::record::{Completed, Event, RecordedOpinion};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{
    Allowance, Digest, Fault, Finding, Grant, Mode, Obligation, Reason, Request,
};
use gatewright_sandbox::World;

use crate::binding::Binding;
use crate::call::{Kind, PolicyLog};
use crate::engine::Engine;
use crate::entry::{opinions, sealed_labels};
use crate::judge::log_lines;
use crate::ledger::{Durability, LedgerError};
use crate::snapshot::Snapshot;

/// A call in flight. It keeps the snapshot that judged it. Dropped without
/// [`Pending::complete`], it records that the call was abandoned.
#[must_use]
pub struct Pending {
    pub(crate) id: String,
    pub(crate) request: Arc<Request>,
    engine: Arc<Engine>,
    snapshot: Arc<Snapshot>,
    grant: Grant,
    kind: Kind,
    allowance: Allowance,
    labels: Vec<String>,
    /// The reviewer that withheld something.
    withheld_by: Option<Arc<str>>,
    opinions: Vec<RecordedOpinion>,
    log: Vec<PolicyLog>,
    result: Option<Digest>,
    changed: bool,
    completed: bool,
}

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
    pub(crate) fn new(
        engine: Arc<Engine>,
        snapshot: Arc<Snapshot>,
        id: String,
        grant: Grant,
        kind: Kind,
        request: Arc<Request>,
        allowance: Allowance,
    ) -> Self {
        Self {
            id,
            request,
            engine,
            snapshot,
            grant,
            kind,
            allowance,
            labels: Vec::new(),
            withheld_by: None,
            opinions: Vec::new(),
            log: Vec::new(),
            result: None,
            changed: false,
            completed: false,
        }
    }

    /// Id of the decision.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The question that was decided.
    pub fn request(&self) -> &Arc<Request> {
        &self.request
    }

    /// What the reviewers logged so far.
    pub fn log(&self) -> &[PolicyLog] {
        &self.log
    }

    /// Whether anybody looks at what comes back.
    pub fn reviews(&self) -> bool {
        self.kind == Kind::Judged
            && (!self.allowance.obligations.is_empty() || !self.reviewers().is_empty())
    }

    /// Looks at something that came back: the `result` of the response, its
    /// `error` (with `is_error`), or the `params` of a notification on the way.
    /// Reviewers see it in order, each what the ones before it left; then
    /// obligations are met.
    pub async fn review(&mut self, result: Document, is_error: bool) -> Reviewed {
        self.result = Some(self.engine.salted(result.text()));
        if !self.reviews() {
            return Reviewed::Pass(result, false);
        }
        if let Some(bytes_max) = self.bytes_max()
            && result.text().len() as u64 > bytes_max
        {
            return Reviewed::Withheld {
                reason: Reason::ResultTooLarge,
                message: format!("the result is larger than the {bytes_max} bytes allowed"),
            };
        }
        let original = result.shared_text();
        let mut result = result;
        for binding in self.reviewers() {
            match self.ask(&binding, &result, is_error).await {
                Ok(reviewed) => result = reviewed,
                Err(withheld) => return withheld,
            }
        }
        let pointers = self.redactions();
        if !pointers.is_empty() {
            match redact(&result, &pointers, &self.snapshot.limits.result_json()) {
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

    /// Records how the call ended; a message that is not a constant is recorded as
    /// a keyed digest. The labels that reviewers left are durable
    /// when this returns: only then may the result go to the agent. On an error
    /// it must not.
    pub async fn complete(
        mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: impl Into<Cow<'static, str>>,
    ) -> Result<(), LedgerError> {
        let event = self.completion(outcome, reason, message.into());
        let appended = self.engine.append(event, Durability::Written).await;
        self.completed = true;
        self.engine
            .sessions
            .complete(&self.grant.session, &self.id, outcome, &self.labels);
        if let Err(error) = &appended {
            self.engine.count_unrecorded(error);
        }
        appended.map(|_receipt| ())
    }

    /// Asks one reviewer, and gives the result as it leaves it.
    async fn ask(
        &mut self,
        binding: &Arc<Binding>,
        result: &Document,
        is_error: bool,
    ) -> Result<Document, Reviewed> {
        let answer = binding.guest.review(&self.request, result, is_error).await;
        log_lines(binding, &answer, &mut self.log);
        let limits = self.snapshot.limits.result_json();
        let finding = answer.result.and_then(|finding| {
            if let Some(power) = binding.authority.lacking_for_finding(&finding) {
                return Err(Fault::NotGranted(power));
            }
            match finding {
                Finding::Pass { edits, labels } => {
                    let edited = apply_edits(result, &edits, &limits)
                        .map_err(|error| Fault::BadOutput(error.to_string()))?;
                    let now = self.engine.now();
                    self.engine
                        .sessions
                        .has_room(&self.grant.session, &labels, now)
                        .map_err(|error| Fault::BadOutput(error.to_string()))?;
                    Ok((edits.len(), Ok((edited, labels))))
                }
                Finding::Block { message } => Ok((0, Err(message))),
            }
        });
        let mode = binding.mode(&self.grant.subject.id);
        self.opinions.push(RecordedOpinion {
            binding: binding.name.to_string(),
            component: binding.guest.digest(),
            mode,
            verdict: None,
            fault: finding.as_ref().err().cloned(),
            edits: finding.as_ref().map_or(0, |(edits, _)| *edits),
            blocked: matches!(finding, Ok((_, Err(_)))),
            fuel: answer.fuel,
        });
        match (mode, finding) {
            (Mode::Observe, _) => Ok(result.clone()),
            (Mode::Enforce, Ok((_, Ok((edited, labels))))) => {
                self.leave(labels);
                Ok(edited)
            }
            (Mode::Enforce, Ok((_, Err(message)))) => {
                self.withheld_by = Some(Arc::clone(&binding.name));
                Err(Reviewed::Withheld {
                    reason: Reason::ResultWithheld,
                    message,
                })
            }
            (Mode::Enforce, Err(fault)) => Err(withheld_by_fault(
                &format!("policy `{}`", binding.name),
                fault.name(),
            )),
        }
    }

    /// Labels count from now on, for calls that run beside this one too.
    fn leave(&mut self, labels: Vec<String>) {
        if !labels.is_empty() {
            let now = self.engine.now();
            if let Err(error) = self
                .engine
                .sessions
                .label(&self.grant.session, &labels, now)
            {
                tracing::warn!(%error, "labels wait for the end of the call");
            }
            self.labels.extend(labels);
            self.labels.sort_unstable();
            self.labels.dedup();
        }
    }

    fn reviewers(&self) -> Vec<Arc<Binding>> {
        let action = &self.request.action;
        self.snapshot
            .server(&action.server)
            .map(|server| {
                server
                    .bound(World::Reviewer, &action.name)
                    .cloned()
                    .collect()
            })
            .unwrap_or_default()
    }

    fn bytes_max(&self) -> Option<u64> {
        let limits = self.allowance.obligations.iter();
        limits
            .filter_map(|(_, obligation)| match obligation {
                Obligation::LimitResult(bytes) => Some(*bytes),
                Obligation::Charge(_) | Obligation::Label(_) | Obligation::Redact(_) => None,
            })
            .min()
    }

    fn redactions(&self) -> Vec<String> {
        let mut pointers = Vec::new();
        for (_, obligation) in &self.allowance.obligations {
            match obligation {
                Obligation::Redact(more) => pointers.extend(more.iter().cloned()),
                Obligation::Charge(_) | Obligation::Label(_) | Obligation::LimitResult(_) => {}
            }
        }
        pointers
    }

    fn completion(
        &mut self,
        outcome: PastOutcome,
        reason: Option<Reason>,
        message: Cow<'static, str>,
    ) -> Event {
        let (keys, snapshot) = (&self.engine.keys, &self.snapshot);
        let in_words = self
            .withheld_by
            .as_ref()
            .is_some_and(|binding| snapshot.records_messages(binding));
        let message = match message {
            Cow::Borrowed(own) => keys.cut(own),
            Cow::Owned(foreign) => keys.told(&foreign, in_words),
        };
        Event::Completed(Completed {
            id: self.id.clone(),
            outcome,
            reason,
            message,
            result: self.result,
            opinions: opinions(keys, snapshot, &self.opinions),
            changed: self.changed,
            session: self.grant.session.to_string(),
            labels: sealed_labels(keys, &self.labels),
        })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.completed {
            let event = self.completion(PastOutcome::Failed, None, Cow::Borrowed("abandoned"));
            if !self.engine.note(event) {
                self.engine.count_unrecorded(&LedgerError::Full);
            }
        }
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("id", &self.id)
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
