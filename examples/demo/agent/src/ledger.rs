//! What the gate wrote down about each call.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::bail;
use gatewright_policy::record::{Decided, Entry, Event, RecordedOpinion};
use gatewright_policy::{DecisionKind, Verdict as Said};

/// How long an entry may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the gate does beside it.
const LIST: &str = "tools/list";

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(5);

/// A ledger that is read while it grows.
pub(crate) struct Ledger {
    path: PathBuf,
    seen: usize,
}

/// A decision and who made it.
pub(crate) struct Verdict {
    /// `allow`, `hold` or `deny`.
    pub(crate) decision: String,
    /// Why not, if not.
    pub(crate) reason: String,
    /// The policies that the decision rests on; none where the gate decided.
    pub(crate) deciders: Vec<Decider>,
    /// Whether a policy changed the result.
    pub(crate) changed: bool,
}

/// A policy.
pub(crate) struct Decider {
    pub(crate) binding: String,
    /// The first digits of the component's digest.
    pub(crate) digest: String,
}

impl Ledger {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, seen: 0 }
    }

    /// The next decision; where the call went ahead, once it has ended.
    pub(crate) fn next_decision(&mut self) -> anyhow::Result<Verdict> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(verdict) = self.look()? {
                return Ok(verdict);
            }
            if Instant::now() > deadline {
                bail!("the gate recorded no decision");
            }
            std::thread::sleep(INTERVAL);
        }
    }

    fn look(&mut self) -> anyhow::Result<Option<Verdict>> {
        let text = fs::read_to_string(&self.path)?;
        let complete = text
            .rfind('\n')
            .and_then(|end| text.get(..end))
            .unwrap_or_default();
        let mut decided: Option<Box<Decided>> = None;
        let mut reviewers = Vec::new();
        for (line, text) in complete.lines().enumerate() {
            let Ok(Entry { event, .. }) = serde_json::from_str(text) else {
                continue;
            };
            match event {
                Event::Activated { bindings, .. } => reviewers = bindings,
                // The gate itself asks which tools there are.
                Event::Decided(found) if found.method == LIST => {}
                Event::Decided(found) if line >= self.seen && decided.is_none() => {
                    if found.decision != DecisionKind::Allow {
                        self.seen = line + 1;
                        return Ok(Some(verdict(&found)));
                    }
                    decided = Some(found);
                }
                Event::Completed(ended) => {
                    let Some(found) = decided.take_if(|found| found.id == ended.id) else {
                        continue;
                    };
                    self.seen = line + 1;
                    let mut verdict = verdict(&found);
                    verdict.changed = ended.changed;
                    if ended.changed {
                        let shield = reviewers
                            .iter()
                            .find(|(binding, _)| binding == "secret-shield");
                        verdict.deciders = shield
                            .into_iter()
                            .map(|(binding, digest)| Decider {
                                binding: binding.clone(),
                                digest: digest.short(),
                            })
                            .collect();
                    }
                    return Ok(Some(verdict));
                }
                Event::Labelled(_)
                | Event::Decided(_)
                | Event::Started { .. }
                | Event::ReloadFailed { .. }
                | Event::Refused(_)
                | Event::Agents(_)
                | Event::Tools(_)
                | Event::Approval(_)
                | Event::Stopped
                | Event::Ledger(_) => {}
            }
        }
        Ok(None)
    }
}

fn verdict(decided: &Decided) -> Verdict {
    let deciders = decided
        .opinions
        .iter()
        .filter(|opinion| carries(decided.decision.as_str(), opinion));
    Verdict {
        decision: decided.decision.to_string(),
        reason: decided
            .reason
            .map(|reason| reason.to_string())
            .unwrap_or_default(),
        deciders: deciders
            .map(|opinion| Decider {
                binding: opinion.binding.clone(),
                digest: opinion.component.short(),
            })
            .collect(),
        changed: false,
    }
}

/// Whether the decision rests on this opinion.
fn carries(decision: &str, opinion: &RecordedOpinion) -> bool {
    let said = |wanted| decision == wanted;
    match (&opinion.verdict, &opinion.fault) {
        (Some(_) | None, Some(_)) | (Some(Said::Deny(_)), None) => said("deny"),
        (Some(Said::Ask(_)), None) => said("hold"),
        (Some(Said::Allow), None) => said("allow"),
        (Some(Said::Abstain) | None, None) => false,
    }
}
