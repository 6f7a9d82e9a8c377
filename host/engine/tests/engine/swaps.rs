//! Swapping while calls flow: every call is judged by one snapshot.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright_engine::Ruling;
use gatewright_policy::record::Event;
use gatewright_policy::{Digest, Reason};

use crate::gate::{ALLOW, DENY, Gate, binding, judge};

/// Both policies are replaced together, so a mix would show: one snapshot has two
/// allows, the next two denies.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_judged_by_a_mix_of_two_snapshots() {
    let config = binding("a", "") + &binding("b", "");
    let gate = Arc::new(
        Gate::started(
            &config,
            &[("a.wasm", judge(ALLOW)), ("b.wasm", judge(ALLOW))],
        )
        .await,
    );
    let done = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
            tokio::spawn(async move {
                let mut calls = 0;
                while !done.load(Ordering::Relaxed) {
                    match gate.tool(&format!("{caller}-{calls}"), "{}").await {
                        Ruling::Permitted(_) => {}
                        Ruling::Denied(denial) => {
                            assert_eq!(denial.denied.reason, Reason::Forbidden)
                        }
                        Ruling::Held(_) | Ruling::Repeated(_) => panic!("nobody asks"),
                    }
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    for swap in 0..20 {
        let verdict = if swap % 2 == 0 { DENY } else { ALLOW };
        gate.write("a.wasm", &judge(verdict));
        gate.write("b.wasm", &judge(verdict));
        gate.engine().activate(&gate.loaded()).await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    for caller in callers {
        assert!(caller.await.unwrap() > 0);
    }

    let mut active: HashMap<u64, HashMap<String, Digest>> = HashMap::new();
    let mut judged = 0;
    for entry in gate.entries() {
        match entry.event {
            Event::Activated {
                generation,
                bindings,
                ..
            } => {
                active.insert(generation, bindings.into_iter().collect());
            }
            Event::Decided(decided) => {
                judged += 1;
                let components = &active[&decided.generation];
                assert_eq!(decided.opinions.len(), 2);
                for opinion in &decided.opinions {
                    assert_eq!(components[&opinion.binding], opinion.component);
                }
                let kinds: Vec<_> = decided
                    .opinions
                    .iter()
                    .map(|opinion| opinion.verdict.clone())
                    .collect();
                assert_eq!(
                    kinds[0], kinds[1],
                    "a mix in generation {}",
                    decided.generation
                );
            }
            Event::Labelled(_)
            | Event::Completed(_)
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
    assert_eq!(active.len(), 21);
    assert!(judged >= 20, "{judged}");
}
