//! A database that has no room any more: nothing counts until it has, and nothing is torn.

use std::path::PathBuf;
use std::process::Command;

use gatewright_engine::ledger::Durability;
use gatewright_engine::memory::{Memory as _, NotCommitted};
use gatewright_policy::Timestamp;
use gatewright_policy::record::sequence_of;
use gatewright_store::{MemoryAt, SqlMemory};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::calls::{Asked, enter, grant, is_spent, quota, spent};
use crate::held::{call, holding};
use crate::secrets::run;
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

/// Where the child finds its memory.
const PLACE: &str = "GATEWRIGHT_STORE_TEST_FULL";

/// From now on no file of this process grows beyond so many bytes.
fn grow_to(bytes_max: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = bytes_max.or(maximum);
    setrlimit(Resource::Fsize, Rlimit { current, maximum }).unwrap();
}

/// Not a test of its own: the limit is one of a whole process.
#[tokio::test]
#[ignore = "a_disk_that_is_full_refuses_and_then_recovers runs it"]
async fn commits_on_a_disk_that_is_full_now_and_then() {
    let folder = PathBuf::from(std::env::var_os(PLACE).unwrap());
    let at = MemoryAt {
        url: "sqlite:memory.db".to_owned(),
        folder: folder.clone(),
        password_file: None,
        gate: "full".to_owned(),
        salt: Some("salt".into()),
        patience: crate::world::PATIENCE,
    };
    let (memory, _) = SqlMemory::open(&at).await.unwrap();
    let grant = grant("s", ENDS);
    enter(&memory, &grant, NOW).await;
    let ask = async |id: String, durability| {
        let asked = Asked {
            charges: vec![quota("a", 1, u64::MAX)],
            ..Asked::new(&id)
        };
        let mut commit = asked.commit(&memory, &grant, NOW);
        commit.durability = durability;
        memory.commit(NOW, commit).await
    };
    let log = || folder.join("memory.db-wal").metadata().unwrap().len();
    let mut counted = 0;
    // Where nothing can be written at all, where nothing grows, and where half of a commit
    // still fits.
    for (round, room) in [None, Some(0), Some(1), Some(4096), Some(6000)]
        .into_iter()
        .enumerate()
    {
        for durability in [Durability::Synced, Durability::Written] {
            let id = |what: &str| format!("{what}-{round}-{durability:?}");
            ask(id("before"), durability).await.unwrap();
            grow_to(Some(room.map_or(0, |room| log() + room)));
            let mut refused = 0;
            for number in 0..6 {
                match ask(id(&format!("full-{number}")), durability).await {
                    Ok(_) => counted += 1,
                    Err(NotCommitted::Record(error)) => {
                        refused += 1;
                        assert!(!memory.is_healthy(), "{error}");
                        assert_eq!(memory.trouble(), Some(error));
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            assert!(refused > 0, "{round}: everything fits");
            grow_to(None);
            ask(id("after"), durability).await.unwrap();
            assert!(memory.is_healthy());
            counted += 2;
            assert!(is_spent(&memory, "a", counted, NOW).await, "{counted}");
        }
    }
    println!("counted {counted}");
}

#[tokio::test]
async fn a_disk_that_is_full_refuses_and_then_recovers() {
    let world = World::new(Kind::Sqlite).await;
    // Who writes beyond the limit gets an error, and not the signal.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "full::commits_on_a_disk_that_is_full_now_and_then",
            "--exact",
        ])
        .args(["--ignored", "--nocapture"])
        .env(PLACE, world.folder())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{told}");
    let counted = said.split_once("counted ").unwrap().1;
    let counted: usize = counted.split_whitespace().next().unwrap().parse().unwrap();
    // Each call that counts has its entry, and no other one has.
    let lines = world.lines().await;
    let decided = lines.iter().filter(|line| line.contains("\"decided\""));
    assert_eq!(decided.count(), counted);
    for (sequence, line) in lines.iter().enumerate() {
        assert_eq!(sequence_of(line.as_bytes()), Some(sequence as u64));
    }
}

/// As a database says it that has no room for an entry.
async fn fill(world: &World) {
    match world.kind {
        Kind::Postgres => {
            let says = "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
                $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'no room'; END$$";
            run(world, says).await;
            let on = "CREATE TRIGGER no_room BEFORE INSERT ON entries \
                FOR EACH ROW EXECUTE FUNCTION no_room()";
            run(world, on).await;
        }
        Kind::Sqlite | Kind::File => {
            let on = "CREATE TRIGGER no_room BEFORE INSERT ON entries \
                BEGIN SELECT RAISE(ABORT, 'no room'); END";
            run(world, on).await;
        }
    }
}

async fn make_room(world: &World) {
    let sql = match world.kind {
        Kind::Postgres => "DROP TRIGGER no_room ON entries",
        Kind::Sqlite | Kind::File => "DROP TRIGGER no_room",
    };
    run(world, sql).await;
}

#[tokio::test]
async fn an_entry_that_has_no_room_takes_everything_of_its_call_with_it() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        let asked = |id| Asked {
            charges: vec![quota("a", 1, 10)],
            ..Asked::labelling(id, &["pii"])
        };
        fill(&world).await;
        let refused = asked("1").on(&*memory, &grant, NOW).await;
        assert!(
            matches!(refused, Err(NotCommitted::Record(_))),
            "{refused:?}"
        );
        assert!(!memory.is_healthy());
        let (labels, calls) = memory.context("s", 64).await.unwrap();
        assert!(labels.is_empty() && calls.is_empty());
        make_room(&world).await;
        assert!(is_spent(&*memory, "a", 0, NOW).await);
        asked("2").on(&*memory, &grant, NOW).await.unwrap();
        assert!(memory.is_healthy());
        assert!(is_spent(&*memory, "a", 1, NOW).await);
    }
}

#[tokio::test]
async fn a_clock_is_set_whole_or_not_at_all() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let grant = grant("s", ENDS);
        enter(&memory, &grant, NOW).await;
        let held = call(&memory, "1", "a", 10);
        let commit = holding(&memory, &grant, NOW, held);
        memory.commit(NOW, commit).await.unwrap();
        let right = Timestamp::from_seconds(60);
        let budget = quota("held", 0, 100);
        fill(&world).await;
        let refused = memory.set_clock(right, NOW).await;
        assert!(
            matches!(refused, Err(NotCommitted::Record(_))),
            "{refused:?}"
        );
        // The call is held still, and what it cost counts where it did.
        assert!(memory.held("1", right).await.unwrap().is_some());
        make_room(&world).await;
        assert!(is_spent(&memory, "held", 1, NOW).await);
        assert_eq!(memory.set_clock(right, NOW).await.unwrap(), 1);
        assert_eq!(memory.held("1", right).await, Ok(None));
        assert_eq!(spent(&memory, &budget, right).await, Ok(1));
    }
}
