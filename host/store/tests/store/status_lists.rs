//! How old status lists may not be: what any gate knew, all of them know.

use std::sync::Arc;

use gatewright_engine::agents::ListKey;
use gatewright_engine::ledger::LedgerError;
use gatewright_engine::memory::Memory;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::ListKind;
use gatewright_store::SqlMemory;
use tokio::task::JoinSet;

use crate::secrets::{count, run};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const EARLIER: Timestamp = Timestamp::from_seconds(540);
const LATER: Timestamp = Timestamp::from_seconds(660);

fn list(address: &str, issuer: &str, kind: ListKind) -> ListKey {
    ListKey {
        list: address.into(),
        issuer: issuer.into(),
        kind,
    }
}

fn numbered(number: usize) -> ListKey {
    let address = format!("https://id.example.org/lists/{number}");
    list(&address, "did:example:issuer", ListKind::Token)
}

#[tokio::test]
async fn the_newest_list_that_any_gate_knew_is_the_least_for_all_of_them() {
    for world in World::all().await {
        let gates = world.gates(2, NOW).await;
        let (one, other) = (&*gates[0], &*gates[1]);
        let known = numbered(1);
        assert_eq!(one.newest_list(&known, None).await, Ok(None));
        assert_eq!(one.newest_list(&known, Some(NOW)).await, Ok(Some(NOW)));
        for gate in [other, one] {
            for issued in [None, Some(EARLIER), Some(NOW)] {
                let newest = gate.newest_list(&known, issued).await;
                assert_eq!(newest, Ok(Some(NOW)), "{issued:?}");
            }
        }
        let newest = other.newest_list(&known, Some(LATER)).await;
        assert_eq!(newest, Ok(Some(LATER)));
        assert_eq!(one.newest_list(&known, Some(NOW)).await, Ok(Some(LATER)));
        // As long as they can be.
        let long = list(
            &format!("https://{}", "a".repeat(1016)),
            &format!("did:jwk:{}", "e".repeat(2048)),
            ListKind::Revocation,
        );
        assert_eq!(one.newest_list(&long, Some(NOW)).await, Ok(Some(NOW)));
        // Of another address, of another issuer, or of another kind is another list.
        for another in [
            numbered(2),
            list(&known.list, "did:example:other", ListKind::Token),
            list(&known.list, &known.issuer, ListKind::Revocation),
            list(&known.list, &known.issuer, ListKind::Suspension),
            list(
                &format!("{}d", known.list),
                known.issuer.strip_prefix('d').unwrap(),
                ListKind::Token,
            ),
        ] {
            assert_eq!(one.newest_list(&another, None).await, Ok(None));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_that_hear_of_lists_at_once_end_with_the_newest() {
    for world in World::all().await {
        let gates = world.gates(3, NOW).await;
        let mut heard = JoinSet::new();
        for number in 1..=60_u64 {
            let gate = Arc::clone(&gates[number as usize % 3]);
            // In no order.
            let issued = Timestamp(1 + number * 37 % 61);
            heard.spawn(async move {
                let newest = gate.newest_list(&numbered(1), Some(issued)).await;
                assert!(newest.unwrap() >= Some(issued));
            });
        }
        heard.join_all().await;
        for gate in &gates {
            let newest = gate.newest_list(&numbered(1), None).await;
            assert_eq!(newest, Ok(Some(Timestamp(61))));
        }
    }
}

#[tokio::test]
async fn a_restart_forgets_no_list_and_the_one_that_was_made_first_gives_way() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        memory.newest_list(&numbered(1), Some(NOW)).await.unwrap();
        memory
            .newest_list(&numbered(2), Some(EARLIER))
            .await
            .unwrap();
        drop(memory);
        let (memory, _) = SqlMemory::open(&world.at("b")).await.unwrap();
        let newest = memory.newest_list(&numbered(1), None).await;
        assert_eq!(newest, Ok(Some(NOW)));
        let between = NOW.0 - 1;
        run(
            &world,
            &format!(
                "INSERT INTO lists (name, issued, issuer) \
                 WITH RECURSIVE it (number) AS \
                 (SELECT 1 UNION ALL SELECT number + 1 FROM it WHERE number < 8190) \
                 SELECT CAST(number AS TEXT), {between}, \
                 (SELECT issuer FROM lists LIMIT 1) FROM it"
            ),
        )
        .await;
        memory.newest_list(&numbered(3), Some(LATER)).await.unwrap();
        for (number, newest) in [(1, Some(NOW)), (2, None), (3, Some(LATER))] {
            let found = memory.newest_list(&numbered(number), None).await;
            assert_eq!(found, Ok(newest), "{number}");
        }
    }
}

#[tokio::test]
async fn no_issuer_takes_the_place_of_the_lists_of_another() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let small = list(&numbered(1).list, "did:example:small", ListKind::Token);
        // Made before all of the others.
        memory.newest_list(&small, Some(EARLIER)).await.unwrap();
        memory.newest_list(&numbered(1), Some(NOW)).await.unwrap();
        let large = numbered(1).digest();
        let between = NOW.0 - 1;
        run(
            &world,
            &format!(
                "INSERT INTO lists (name, issued, issuer) \
                 WITH RECURSIVE it (number) AS \
                 (SELECT 1 UNION ALL SELECT number + 1 FROM it WHERE number < 8190) \
                 SELECT CAST(number AS TEXT), {between}, \
                 (SELECT issuer FROM lists WHERE name = '{large}') FROM it"
            ),
        )
        .await;
        for number in 2..6 {
            let newest = memory.newest_list(&numbered(number), Some(LATER)).await;
            assert_eq!(newest, Ok(Some(LATER)), "{number}");
        }
        let kept = memory.newest_list(&small, None).await;
        assert_eq!(kept, Ok(Some(EARLIER)));
        for (number, newest) in [(1, NOW), (5, LATER)] {
            let found = memory.newest_list(&numbered(number), None).await;
            assert_eq!(found, Ok(Some(newest)), "{number}");
        }
        assert_eq!(count(&world, "SELECT COUNT(*) FROM lists").await, 8192);
        // Where gates left some too many, they go with the next one.
        run(
            &world,
            "INSERT INTO lists (name, issued, issuer) VALUES ('x', 1, 'x'), ('y', 2, 'x')",
        )
        .await;
        memory.newest_list(&numbered(6), Some(LATER)).await.unwrap();
        assert_eq!(count(&world, "SELECT COUNT(*) FROM lists").await, 8192);
        let kept = memory.newest_list(&small, None).await;
        assert_eq!(kept, Ok(Some(EARLIER)));
    }
}

/// Another gate goes on while an operator says that the clock was wrong: the list that it keeps
/// gives way to the ones that are made from then on, and to nothing that was known before.
#[tokio::test]
async fn gates_that_run_hear_that_a_list_was_made_by_a_wrong_clock() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let (runs, _) = SqlMemory::open(&world.at("b")).await.unwrap();
        let ahead = Timestamp::from_seconds(600_000);
        let later = Timestamp(ahead.0 + 1);
        runs.newest_list(&numbered(1), Some(EARLIER)).await.unwrap();
        runs.newest_list(&numbered(2), Some(ahead)).await.unwrap();
        let early = runs.has_disowned(&numbered(2), ahead, NOW).await;
        assert_eq!(early, Ok(false));
        memory.set_clock(NOW, ahead).await.unwrap();
        for (number, held, issued, expected) in [
            (2, ahead, NOW, true),
            (2, ahead, LATER, true),
            (2, ahead, EARLIER, false),
            (2, later, NOW, false),
            (1, EARLIER, LATER, false),
            (3, ahead, LATER, false),
        ] {
            let found = runs.has_disowned(&numbered(number), held, issued).await;
            assert_eq!(found, Ok(expected), "{number} {held} {issued}");
        }
        runs.newest_list(&numbered(2), Some(LATER)).await.unwrap();
        let older = runs.has_disowned(&numbered(2), ahead, NOW).await;
        assert_eq!(older, Ok(false), "a newer one came");
        let newest = runs.has_disowned(&numbered(2), ahead, LATER).await;
        assert_eq!(newest, Ok(true));
        // Whoever has a memory forget, or puts an older one back, says nothing by that.
        run(&world, "DELETE FROM lists").await;
        for issued in [None, Some(EARLIER)] {
            runs.newest_list(&numbered(2), issued).await.unwrap();
            let found = runs.has_disowned(&numbered(2), ahead, NOW).await;
            assert_eq!(found, Ok(false), "{issued:?}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_of_lists_is_not_taken_for_nothing() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        memory.newest_list(&numbered(1), Some(NOW)).await.unwrap();
        run(&world, "ALTER TABLE lists RENAME TO gone").await;
        for issued in [None, Some(EARLIER), Some(LATER)] {
            let refused = memory.newest_list(&numbered(1), issued).await;
            assert!(matches!(refused, Err(LedgerError::Write(_))), "{refused:?}");
        }
        run(&world, "ALTER TABLE gone RENAME TO lists").await;
        let newest = memory.newest_list(&numbered(1), None).await;
        assert_eq!(newest, Ok(Some(NOW)));
    }
}

#[tokio::test]
async fn another_memory_under_the_url_says_nothing_of_lists_and_learns_nothing() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        memory.newest_list(&numbered(1), Some(NOW)).await.unwrap();
        run(&world, "CREATE TABLE was AS SELECT salt FROM head").await;
        run(&world, "UPDATE head SET salt = 'another'").await;
        for (number, issued) in [(1, None), (1, Some(LATER)), (2, None), (2, Some(NOW))] {
            let refused = memory.newest_list(&numbered(number), issued).await;
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("another"), "{number} {issued:?}: {error}");
        }
        run(&world, "UPDATE head SET salt = (SELECT salt FROM was)").await;
        for (number, newest) in [(1, Some(NOW)), (2, None)] {
            let found = memory.newest_list(&numbered(number), None).await;
            assert_eq!(found, Ok(newest), "{number}");
        }
    }
}

#[tokio::test]
async fn lists_of_a_wrong_clock_do_not_keep_those_out_that_come_after_it() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let ahead = Timestamp::from_seconds(600_000);
        memory
            .newest_list(&numbered(1), Some(EARLIER))
            .await
            .unwrap();
        memory.newest_list(&numbered(2), Some(ahead)).await.unwrap();
        memory.set_clock(NOW, ahead).await.unwrap();
        for (number, issued, newest) in [
            (1, None, EARLIER),
            // What was made before the clock was right is no more believed than before.
            (2, Some(EARLIER), NOW),
            (2, Some(LATER), LATER),
        ] {
            let found = memory.newest_list(&numbered(number), issued).await;
            assert_eq!(found, Ok(Some(newest)), "{number}");
        }
    }
}
