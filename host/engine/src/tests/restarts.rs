//! What is in memory, and what a restart reads back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::json::Document;
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Budgets, Decision, Obligation, OnFailure, Reason, Timestamp};

use super::dice::Dice;
use super::{allow, charge, deny, file, grant, hold, judgement, label, loaded, spent};
use crate::config::Loaded;
use crate::engine::Engine;
use crate::judgements::Judgements;
use crate::ledger::FileLedger;
use crate::permit::{Pending, Ruling};
use crate::review::Reviewed;

/// Histories, and steps of each.
const SEEDS: std::ops::Range<u64> = 1..7;
const STEPS: usize = 400;

impl Dice {
    fn obligations(&mut self) -> Vec<Obligation> {
        let mut obligations = Vec::new();
        if self.below(2) == 0 {
            obligations.push(label(&self.below(90).to_string()));
        }
        if self.below(6) == 0 {
            let label = self.below(90).to_string();
            obligations.push(Obligation::Declassify(vec![label]));
        }
        for _ in 0..self.below(3) {
            // Some keys are longer than what is kept of them.
            let key = self
                .below(4)
                .to_string()
                .repeat(1 + 1500 * self.below(2) as usize);
            let mut owed = charge(&key, self.below(5));
            if let Obligation::Charge(charge) = &mut owed
                && self.below(2) == 0
            {
                charge.on_failure = OnFailure::Refund;
            }
            obligations.push(owed);
        }
        obligations
    }

    fn decision(&mut self) -> Decision {
        let obligations = self.obligations();
        match self.below(8) {
            0 => deny(),
            1 => hold(obligations),
            _ => allow(obligations),
        }
    }
}

static NOW: AtomicU64 = AtomicU64::new(0);

fn stepped() -> Timestamp {
    Timestamp(NOW.load(Ordering::Relaxed))
}

fn start(loaded: &Loaded, now: Timestamp) -> Arc<Engine> {
    let path = loaded.resolve(Path::new("audit.jsonl"));
    let (ledger, past) = FileLedger::open(&path, now).unwrap();
    Engine::with_ledger(loaded, Box::new(ledger), past, stepped).unwrap()
}

#[tokio::test]
async fn what_is_in_memory_is_what_a_restart_reads_back() {
    for seed in SEEDS {
        println!("seed {seed}");
        let mut dice = Dice::of(seed);
        NOW.store(1_000_000, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        let loaded = loaded(folder.path());
        let mut engine = start(&loaded, stepped());
        let mut open: Vec<Pending> = Vec::new();
        for step in 0..STEPS {
            match dice.below(20) {
                0 => {
                    drop(std::mem::take(&mut open));
                    let now = stepped();
                    let before = (
                        file(&engine).sessions.kept(now),
                        file(&engine).quotas.kept(now),
                    );
                    assert_eq!(Arc::strong_count(&engine), 1, "somebody holds the engine");
                    drop(engine);
                    engine = start(&loaded, now);
                    let after = (
                        file(&engine).sessions.kept(now),
                        file(&engine).quotas.kept(now),
                    );
                    assert_eq!(before, after, "seed {seed}, step {step}");
                }
                1..4 => {
                    NOW.fetch_add(dice.below(20_000), Ordering::Relaxed);
                }
                4..7 if !open.is_empty() => {
                    let mut pending = open.swap_remove(dice.below(open.len() as u64) as usize);
                    let reviewer = Arc::from(dice.below(3).to_string());
                    let names = vec![dice.below(90).to_string(), "often".to_owned()];
                    let left = pending.leave(&reviewer, names).await;
                    if left.is_ok() && dice.below(2) == 0 {
                        let nothing = Document::empty_object();
                        let early = pending.review_early("notifications/progress", nothing);
                        assert!(matches!(early.await, Reviewed::Pass(..)));
                    }
                    if dice.below(3) == 0 {
                        let owed = charge(&dice.below(4).to_string(), dice.below(5));
                        let Obligation::Charge(owed) = owed else {
                            unreachable!()
                        };
                        let quota = owed.quota(&Budgets::new()).unwrap();
                        pending.owe("reviewer", vec![quota]).unwrap();
                    }
                    let (outcome, reason) = match dice.below(3) {
                        0 => (PastOutcome::Failed, Some(Reason::UpstreamInvalid)),
                        _ => (PastOutcome::Allowed, None),
                    };
                    let ended = pending.complete(outcome, reason, "").await;
                    ended.unwrap();
                }
                _ => {
                    let life = 1 + dice.below(200_000);
                    let ends = Timestamp(stepped().0 + life);
                    let grant = grant(&dice.below(10).to_string(), ends);
                    let name = dice.below(9).to_string();
                    let name = name.repeat(1 + 3000 * dice.below(2) as usize);
                    let decision = dice.decision();
                    let id = format!("{seed}-{step}");
                    let first = judgement(&engine, &id, &grant, &name, decision);
                    let mut judgements = Judgements::from(first);
                    for further in 0..dice.below(3) {
                        let decision = dice.decision();
                        let name = format!("{name}{further}");
                        judgements.push(judgement(&engine, &id, &grant, &name, decision));
                    }
                    let now = stepped();
                    let carried = |engine: &Engine| {
                        let (labels, _) = file(engine).sessions.context(&grant.session, 64);
                        (labels, spent(engine, now))
                    };
                    let before = carried(&engine);
                    match engine.record(judgements).await {
                        Ruling::Permitted(permit) if dice.below(4) == 0 => drop(permit),
                        Ruling::Permitted(permit) => open.push(permit.redeem().2),
                        Ruling::Held(_) | Ruling::Repeated(_) | Ruling::Denied(_) => {
                            assert_eq!(before, carried(&engine), "seed {seed}, step {step}");
                        }
                    }
                }
            }
        }
    }
}
