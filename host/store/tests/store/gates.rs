//! Several gates on one memory, and calls that run beside each other.

use std::sync::Arc;

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::{Commit, Effects, Memory, NotCommitted};
use gatewright_engine::session::SessionError;
use gatewright_policy::record::Event;
use gatewright_policy::{Digest, Timestamp};
use gatewright_store::SqlMemory;
use tokio::task::JoinSet;

use crate::calls::{Asked, end, enter, grant, is_spent, quota};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);
const GATES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn gates_that_share_a_budget_never_overspend_it() {
    for world in World::all().await {
        let gates = world.gates(GATES, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        let mut calls = JoinSet::new();
        for number in 0..120_u64 {
            let memory = Arc::clone(&gates[number as usize % GATES]);
            let grant = grant.clone();
            // In either order: nobody waits for somebody who waits for him.
            let mut charges = vec![quota("a", 1 + number % 3, 50), quota("b", 1, 1000)];
            if number % 2 == 0 {
                charges.reverse();
            }
            calls.spawn(async move {
                let asked = Asked::charging(&number.to_string(), &charges);
                match asked.on(&*memory, &grant, NOW).await {
                    Ok(_) => 1 + number % 3,
                    Err(NotCommitted::Charge(error)) => {
                        assert_eq!(error.limit, 50);
                        0
                    }
                    Err(error) => panic!("{error}"),
                }
            });
        }
        let spent: Vec<u64> = calls.join_all().await;
        let (sum, count) = (
            spent.iter().sum::<u64>(),
            spent.iter().filter(|cost| **cost > 0).count(),
        );
        // What is left is less than the dearest call costs.
        assert!((48..=50).contains(&sum), "{sum}");
        for gate in &gates {
            assert!(is_spent(&**gate, "a", sum, NOW).await);
            assert!(is_spent(&**gate, "b", count as u64, NOW).await);
        }
        let decided = world.lines().await;
        let decided = decided.iter().filter(|line| line.contains("\"decided\""));
        assert_eq!(decided.count(), count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_that_share_a_session_see_each_others_labels_and_leave_64_at_most() {
    for world in World::all().await {
        let gates = world.gates(GATES, NOW).await;
        let grant = grant("s", ENDS);
        for gate in &gates {
            enter(&**gate, &grant, NOW).await;
        }
        let mut calls = JoinSet::new();
        for number in 0..40 {
            let memory = Arc::clone(&gates[number % GATES]);
            let grant = grant.clone();
            calls.spawn(async move {
                let labels = [format!("x{number}"), format!("y{number}")];
                let labels: Vec<_> = labels.iter().map(String::as_str).collect();
                let asked = Asked::labelling(&number.to_string(), &labels);
                asked.on(&*memory, &grant, NOW).await.is_ok()
            });
        }
        let left = calls.join_all().await;
        assert_eq!(left.iter().filter(|left| **left).count(), 32);
        for gate in &gates {
            let (labels, calls) = gate.context("s", 64).await.unwrap();
            assert_eq!((labels.len(), calls.len()), (64, 32));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_waits_for_counts_whole_or_not_at_all() {
    for world in World::all().await {
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        for number in 0..60 {
            let asked = Asked::charging(&number.to_string(), &[quota("a", 1, 1000)]);
            let commit = memory.commit(NOW, asked.commit(&*memory, &grant, NOW));
            match number % 3 {
                0 => drop(commit),
                1 => drop(tokio::time::timeout(std::time::Duration::ZERO, commit).await),
                _ => drop(commit.await.unwrap()),
            }
        }
        // After this one, those before it are dealt with.
        Asked::new("last").on(&*memory, &grant, NOW).await.unwrap();
        drop(memory);
        let decided = world.lines().await.len() as u64 - 1;
        assert!((20..=60).contains(&decided), "{decided}");
        let (memory, _) = world.open(NOW).await;
        assert!(is_spent(&*memory, "a", decided, NOW).await);
        let (_, calls) = memory.context("s", 64).await.unwrap();
        assert_eq!(calls.len() as u64, decided + 1);
    }
}

#[tokio::test]
async fn labels_are_not_taken_off_while_a_call_is_under_way_at_any_gate() {
    for world in World::all().await {
        let gates = world.gates(2, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        let left = Asked::labelling("1", &["pii"]);
        left.on(&*gates[0], &grant, NOW).await.unwrap();
        let off = Asked {
            declassified: vec!["pii".to_owned()],
            ..Asked::new("2")
        };
        let refused = off.on(&*gates[1], &grant, NOW).await;
        let underway = SessionError::Underway;
        assert!(matches!(refused, Err(NotCommitted::Labels(error)) if error == underway));
        end(&*gates[1], &grant, "1", NOW).await;
        off.on(&*gates[1], &grant, NOW).await.unwrap();
        assert_eq!(gates[0].context("s", 0).await.unwrap().0.len(), 0);
    }
}

#[tokio::test]
async fn what_was_under_way_at_a_gate_that_died_is_so_no_more() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let gates = world.gates(2, NOW).await;
        let grant = grant("s", ENDS);
        enter(&*gates[0], &grant, NOW).await;
        Asked::new("1").on(&*gates[0], &grant, NOW).await.unwrap();
        let off = Asked {
            declassified: vec!["pii".to_owned()],
            ..Asked::new("2")
        };
        assert!(off.on(&*gates[1], &grant, NOW).await.is_err());
        let (again, _) = SqlMemory::open(&world.at("gate-0")).await.unwrap();
        off.on(&*gates[1], &grant, NOW).await.unwrap();
        // Two gates of one name: the newer one is it.
        let refused = Asked::new("3").on(&*gates[0], &grant, NOW).await;
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .contains("of the same name")
        );
        Asked::new("3").on(&again, &grant, NOW).await.unwrap();
    }
}

#[tokio::test]
async fn each_gate_counts_its_own_generations_and_time_is_that_of_all() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (one, _) = SqlMemory::open(&world.at("one")).await.unwrap();
        let (other, _) = SqlMemory::open(&world.at("other")).await.unwrap();
        let activated = |generation| Commit {
            record: Event::Activated {
                generation,
                policies: Digest::of(b""),
                bindings: Vec::new(),
                bound: Vec::new(),
                packs: Vec::new(),
                wanted: None,
            },
            durability: Durability::Synced,
            effects: Effects::none(NOW),
        };
        one.commit(NOW, activated(7)).await.unwrap();
        other.commit(ENDS, activated(3)).await.unwrap();
        drop((one, other));
        for (gate, generation) in [("one", 7), ("other", 3), ("new", 0)] {
            let (_, since) = SqlMemory::open(&world.at(gate)).await.unwrap();
            assert_eq!((since.generation, since.latest), (generation, Some(ENDS)));
        }
        let (memory, _) = SqlMemory::open(&world.at("one")).await.unwrap();
        memory.set_clock(NOW, ENDS).await.unwrap();
        drop(memory);
        let (_, since) = SqlMemory::open(&world.at("one")).await.unwrap();
        assert_eq!((since.generation, since.latest), (7, Some(NOW)));
    }
}
