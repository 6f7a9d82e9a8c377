//! The same histories on every memory get the same answers, at whichever gate.

use std::sync::Arc;

use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::Receipt;
use gatewright_engine::memory::{Memory, NotCommitted};
use gatewright_policy::{Label, Timestamp};

use crate::calls::{Asked, Finished, LIMITS, grant, quota, spent};
use crate::world::{KINDS, World};

const SEEDS: u64 = 12;
const STEPS: usize = 80;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// One step, and its answer in words.
async fn step(memory: &dyn Memory, random: &mut Random, number: usize, now: Timestamp) -> String {
    let session = format!("s{}", random.below(3));
    let lasts = random.below(120_000);
    let grant = grant(&session, Timestamp(now.0 + lasts));
    let kind = random.below(10);
    let key = format!("k{}", random.below(3));
    let (cost, limit) = (random.below(8), 10 + random.below(6));
    let labels: Vec<_> = (0..random.below(24))
        .map(|_| format!("l{}", random.below(80)))
        .collect();
    let late = Timestamp(now.0 - random.below(90_000));
    let which = random.below(1 + number as u64);
    let charges = vec![quota(&key, cost, limit), quota("all", cost, 40)];
    match kind {
        0 | 1 => {
            let limits = LimitsConfig {
                tracked_sessions_max: 2,
                ..LIMITS()
            };
            format!("{:?}", memory.enter(&grant, now, &limits).await)
        }
        2..=5 => {
            let asked = Asked {
                id: number.to_string(),
                charges,
                declassified: labels.iter().take(labels.len() / 3).cloned().collect(),
                labels: {
                    let source: Arc<str> = Arc::from(format!("b{}", random.below(3)));
                    let labels = labels.into_iter().map(|name| Label {
                        name,
                        source: Some(Arc::clone(&source)),
                        at: Some(late),
                    });
                    labels.collect()
                },
            };
            // In a session that has a place, as the engine does it.
            if memory.enter(&grant, now, &LIMITS()).await.is_err() {
                return "no place".to_owned();
            }
            answer(asked.on(memory, &grant, now).await)
        }
        6..=8 => {
            let end = Finished {
                id: which.to_string(),
                received_at: late,
                returned: charges.iter().take(1).cloned().collect(),
                settled: charges.iter().skip(1).cloned().collect(),
            };
            answer(end.on(memory, &grant, now).await)
        }
        _ => {
            let entered = memory.enter(&grant, now, &LIMITS()).await.is_ok();
            let context = memory.context(&session, 64).await;
            let spent = spent(memory, &quota(&key, 0, limit), now).await;
            match entered {
                true => format!("{context:?} {spent:?}"),
                false => "no place".to_owned(),
            }
        }
    }
}

/// An answer in words; a key is another one under each salt.
fn answer(committed: Result<Receipt, NotCommitted>) -> String {
    match committed {
        Ok(receipt) => format!("entry {}", receipt.sequence()),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn every_memory_answers_the_same() {
    for seed in 0..SEEDS {
        println!("seed {seed}");
        let mut answers = Vec::new();
        for kind in KINDS {
            let world = World::new(kind).await;
            let mut random = Random(seed);
            let mut now = Timestamp::from_seconds(100_000);
            let gates = world.gates(2, now).await;
            let mut said = Vec::new();
            for number in 0..STEPS {
                now = Timestamp(now.0 + random.below(15_000));
                let memory = &gates[random.below(2) as usize];
                said.push(step(&**memory, &mut random, number, now).await);
            }
            answers.push(said);
        }
        for (other, kind) in answers.iter().zip(KINDS).skip(1) {
            for (number, (one, other)) in answers[0].iter().zip(other).enumerate() {
                assert_eq!(one, other, "seed {seed}, step {number}, {kind:?}");
            }
        }
    }
}
