//! What comes of an approved call, kept for the agent that lost its answer.

use gatewright_policy::json::Document;
use gatewright_policy::{Given, Outcome, OutcomeLabel, SealedOutcome};

use super::Pending;

impl Pending {
    /// The message that the agent is given in the end. Of an approved call it is kept with
    /// the end of the call, so that it can be given again. To be told before the call ends;
    /// where it is not, nobody will know what came of the call.
    pub fn gives(&mut self, message: &str) {
        if self.approved.outcome_of.is_some() {
            self.given = self.given_by(message);
        }
    }

    fn given_by(&self, message: &str) -> Option<Given> {
        let limits = &self.approved.snapshot.limits;
        // It was parsed before, or the gate wrote it.
        let message = Document::parse(message.to_owned(), &limits.result_json()).ok()?;
        let root = message.root();
        let (value, given): (_, fn(String) -> Given) = match (root.get("result"), root.get("error"))
        {
            (Some(result), _) => (result, Given::Result),
            (None, Some(error)) => (error, Given::Error),
            (None, None) => return None,
        };
        let text = value.json();
        match text.len() <= limits.outcome_bytes_max.0 {
            true => Some(given(text.to_owned())),
            false => Some(Given::TooLarge(text.len() as u64)),
        }
    }

    /// What is kept, sealed, if anything is.
    pub(super) fn outcome(&mut self) -> Option<SealedOutcome> {
        let held = self.approved.outcome_of.as_ref()?;
        let outcome = Outcome {
            at: self.recorder.now(),
            given: self.given.take()?,
            labels: self.left(),
        };
        Some(outcome.seal(&self.recorder.keys, held, &self.approved.id))
    }

    /// Labels that the call left, each once: with its decision, and by its reviewers.
    fn left(&self) -> Vec<OutcomeLabel> {
        let mut labels: Vec<OutcomeLabel> = Vec::new();
        let by_decision = self.approved.labels();
        let by_reviewers = self.labels.all().map(|label| OutcomeLabel {
            name: label.name.clone(),
            source: label.source.as_deref().map(str::to_owned),
        });
        for label in by_decision.into_iter().chain(by_reviewers) {
            if !labels.iter().any(|known| known.name == label.name) {
                labels.push(label);
            }
        }
        labels
    }
}
