//! What a memory is not opened on.

use std::fs;

use gatewright_engine::config::Loaded;
use gatewright_engine::memory::Memory as _;
use gatewright_policy::Timestamp;
use gatewright_policy::record::RECORD_VERSION;
use gatewright_store::{Entries, MemoryAt, SqlMemory, StoreError};

use crate::calls::{Asked, enter, grant};
use crate::secrets::{count, run};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

async fn refused(at: &MemoryAt) -> StoreError {
    match SqlMemory::open(at).await {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_gate_with_another_salt_or_none_is_refused() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let salt = world.folder().join("salt");
        drop(world.open(NOW).await);
        let kept = fs::read(&salt).unwrap();
        assert_eq!(kept.len(), 32);
        fs::write(&salt, [7; 32]).unwrap();
        let error = refused(&world.at("a")).await;
        assert!(error.to_string().contains("is not the salt"), "{error}");
        fs::write(&salt, [7; 31]).unwrap();
        let error = refused(&world.at("a")).await;
        assert!(error.to_string().contains("32 bytes"), "{error}");
        fs::remove_file(&salt).unwrap();
        let error = refused(&world.at("a")).await;
        assert!(matches!(error, StoreError::Salt { .. }), "{error}");
        assert!(!salt.exists(), "none is made for a memory that has one");
        fs::write(&salt, kept).unwrap();
        drop(world.open(NOW).await);
    }
}

#[tokio::test]
async fn a_running_gate_writes_nothing_into_another_memory_under_its_url() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = world.open(NOW).await;
        let grant = grant("s", ENDS);
        enter(&*memory, &grant, NOW).await;
        run(&world, "UPDATE head SET salt = 'another'").await;
        let refused = Asked::new("1").on(&*memory, &grant, NOW).await;
        assert!(refused.unwrap_err().to_string().contains("another"));
        assert!(!memory.is_healthy());
        assert_eq!(world.lines().await.len(), 0);
    }
}

#[tokio::test]
async fn tables_of_a_newer_program_are_left_alone() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        drop(world.open(NOW).await);
        run(&world, "INSERT INTO gatewright_schema (version) VALUES (8)").await;
        let error = refused(&world.at("a")).await;
        let newer = matches!(
            error,
            StoreError::Newer {
                found: 8,
                known: 7,
                ..
            }
        );
        assert!(newer, "{error}");
        match Entries::open(&world.at("a")).await {
            Ok(_) => panic!("it opened"),
            Err(error) => assert!(error.to_string().contains("version 8"), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_record_that_a_newer_program_writes_is_left_alone() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        drop(world.open(NOW).await);
        let known = i64::from(RECORD_VERSION);
        let written = count(&world, "SELECT record FROM head").await;
        assert_eq!(written, known, "whoever opens it says what it writes");
        let newer = known + 1;
        run(&world, &format!("UPDATE head SET record = {newer}")).await;
        let error = refused(&world.at("a")).await;
        let said = format!("entries of version {newer}, and this program knows {known}");
        assert!(matches!(error, StoreError::NewerRecord { .. }), "{error}");
        assert!(error.to_string().contains(&said), "{error}");
        match Entries::open(&world.at("a")).await {
            Ok(_) => panic!("it opened"),
            Err(error) => assert!(error.to_string().contains(&said), "{error}"),
        }
        let written = count(&world, "SELECT record FROM head").await;
        assert_eq!(written, newer, "a gate that is refused changes nothing");
        // As an older program left it.
        run(&world, "UPDATE head SET record = 0").await;
        drop(world.open(NOW).await);
        let written = count(&world, "SELECT record FROM head").await;
        assert_eq!(written, known);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_that_start_together_make_the_tables_once() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        // One salt, as an operator hands it out.
        fs::write(world.folder().join("salt"), [9; 32]).unwrap();
        let mut starts = tokio::task::JoinSet::new();
        for gate in 0..6 {
            let at = world.at(&format!("gate-{gate}"));
            starts.spawn(async move { SqlMemory::open(&at).await.map(|_| ()) });
        }
        for started in starts.join_all().await {
            started.unwrap();
        }
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_mean_a_memory_says_what_to_do() {
    for (memory, problem) in [
        ("url = \"mysql://h/d\"", "no kind"),
        ("url = \"memory.db\"", "no kind"),
        (
            "url = \"postgres://u:hunter2@h/d\"\ngate = \"a\"\nsalt = \"s\"",
            "holds a password",
        ),
        (
            "url = \"postgres://u@h/d?password=hunter2\"\ngate = \"a\"\nsalt = \"s\"",
            "holds a password",
        ),
        ("url = \"postgres://u@h/d\"", "need `gate` and `salt`"),
        (
            "url = \"sqlite:m.db\"\npassword_file = \"p\"",
            "is for PostgreSQL",
        ),
        (
            "url = \"sqlite:m.db\"\ngate = \"a b\"",
            "not the name of a gate",
        ),
    ] {
        let text = format!("[memory]\n{memory}\n");
        let error = Loaded::read_text("gatewright.toml".as_ref(), text).unwrap_err();
        let said = error.to_string();
        assert!(said.contains(problem), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    let text = "[memory]\nurl = \"sqlite:state/memory.db\"\n".to_owned();
    let loaded = Loaded::read_text("gatewright.toml".as_ref(), text).unwrap();
    assert_eq!(loaded.config.memory.unwrap().gate(), "gate");
}

/// Somebody wrote into the file, or the disk lost a part of it.
#[tokio::test]
async fn a_damaged_database_lets_nothing_go_ahead_and_counts_again_once_it_is_back() {
    let world = World::new(Kind::Sqlite).await;
    let (memory, _) = world.open(NOW).await;
    let grant = grant("s", ENDS);
    enter(&*memory, &grant, NOW).await;
    Asked::new("1").on(&*memory, &grant, NOW).await.unwrap();
    drop(memory);
    let path = world.folder().join("memory.db");
    let beside = |ending: &str| world.folder().join(format!("memory.db{ending}"));
    run(&world, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let alone = || {
        for ending in ["-wal", "-shm", "-journal"] {
            let _was_none = fs::remove_file(beside(ending));
        }
    };
    alone();
    let whole = fs::read(&path).unwrap();
    let mut headless = whole.clone();
    headless[..100].fill(0);
    let mut scribbled = whole.clone();
    scribbled[4096..].fill(0x55);
    for (name, damaged) in [
        ("another file", b"no database\n".repeat(1000)),
        ("its beginning is gone", headless),
        ("every table is overwritten", scribbled),
        ("half of it is gone", whole[..whole.len() / 2].to_vec()),
    ] {
        fs::write(&path, &damaged).unwrap();
        if let Ok((memory, _)) = SqlMemory::open(&world.at("a")).await {
            let asked = Asked::new("2").on(&memory, &grant, NOW).await;
            assert!(asked.is_err(), "{name}");
            assert!(!memory.is_healthy(), "{name}");
        }
        alone();
    }
    fs::write(&path, &whole).unwrap();
    let (memory, _) = world.open(NOW).await;
    Asked::new("3").on(&*memory, &grant, NOW).await.unwrap();
    assert_eq!(world.lines().await.len(), 2);
}
