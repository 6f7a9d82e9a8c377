//! What the database has, and what somebody who writes into it can do.

use gatewright_engine::memory::{Memory as _, NotCommitted};
use gatewright_engine::session::SessionError;
use gatewright_policy::{Label, Timestamp};
use gatewright_store::SqlMemory;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection,
};

use crate::calls::{Asked, LIMITS, enter, grant, quota};
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

pub(crate) enum Meddler {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

pub(crate) async fn connect(world: &World) -> Meddler {
    match world.kind {
        Kind::Postgres => {
            let url = world.at("a").url;
            Meddler::Postgres(PgConnection::connect(&url).await.unwrap())
        }
        Kind::Sqlite | Kind::File => {
            let file = world.folder().join("memory.db");
            let url = format!("sqlite://{}", file.display());
            Meddler::Sqlite(SqliteConnection::connect(&url).await.unwrap())
        }
    }
}

pub(crate) async fn run_on(meddler: &mut Meddler, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match meddler {
        Meddler::Sqlite(connection) => drop(connection.execute(sql).await.unwrap()),
        Meddler::Postgres(connection) => drop(connection.execute(sql).await.unwrap()),
    }
}

/// Somebody does this to the database.
pub(crate) async fn run(world: &World, sql: &str) {
    run_on(&mut connect(world).await, sql).await;
}

/// The number that a question to the database gives.
pub(crate) async fn count(world: &World, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match connect(world).await {
        Meddler::Sqlite(mut connection) => {
            let row = connection.fetch_one(sql).await.unwrap();
            row.get(0)
        }
        Meddler::Postgres(mut connection) => {
            let row = connection.fetch_one(sql).await.unwrap();
            row.get(0)
        }
    }
}

#[tokio::test]
async fn labels_and_keys_are_sealed_and_the_file_is_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new(Kind::Sqlite).await;
    let (memory, _) = world.open(NOW).await;
    let grant = grant("s", ENDS);
    enter(&*memory, &grant, NOW).await;
    let asked = Asked {
        charges: vec![quota("a-customer", 1, 10)],
        ..Asked::labelling("1", &["patient-record"])
    };
    asked.on(&*memory, &grant, NOW).await.unwrap();
    memory
        .label("s", &[Label::named("patient-name")])
        .await
        .unwrap();
    let salt = *memory.salt();
    let mut looked = 0;
    for entry in std::fs::read_dir(world.folder()).unwrap() {
        let path = entry.unwrap().path();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        if path.ends_with("salt") {
            continue;
        }
        looked += 1;
        let bytes = std::fs::read(&path).unwrap();
        for secret in [&b"patient-"[..], b"a-customer", &salt] {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{}", path.display());
        }
    }
    assert!(looked >= 2, "the file and its log");
    let (labels, _) = memory.context("s", 64).await.unwrap();
    assert_eq!(labels, ["patient-name", "patient-record"].map(Label::named));
}

#[tokio::test]
async fn what_cannot_be_read_is_not_taken_for_nothing() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let world = World::new(kind).await;
        let (memory, _) = SqlMemory::open(&world.at("a")).await.unwrap();
        let (good, bad) = (grant("good", ENDS), grant("bad", ENDS));
        for grant in [&good, &bad] {
            enter(&memory, grant, NOW).await;
            Asked::labelling("1", &["pii"])
                .on(&memory, grant, NOW)
                .await
                .unwrap();
        }
        let charged = Asked::charging("2", &[quota("a", 10, 10)]);
        charged.on(&memory, &good, NOW).await.unwrap();
        for body in [
            "{}",
            "",
            "sealed",
            "{\"session\":{\"session\":\"bad\",\"expires_at\":9999999,\"labels\":[\"sealed:AAAA\"]}}",
            "{\"session\":{\"session\":\"good\",\"expires_at\":9999999}}",
        ] {
            run(
                &world,
                &format!("UPDATE sessions SET body = '{body}' WHERE name = 'bad'"),
            )
            .await;
            let entered = memory.enter(&bad, NOW, &LIMITS()).await;
            assert_eq!(entered.unwrap_err(), SessionError::Unknown, "{body}");
            let longer = grant("bad", Timestamp::from_seconds(9999));
            let entered = memory.enter(&longer, NOW, &LIMITS()).await;
            assert_eq!(entered.unwrap_err(), SessionError::Unknown, "{body}");
            let context = memory.context("bad", 64).await;
            assert_eq!(context.unwrap_err(), SessionError::Unknown, "{body}");
            let labelled = memory.label("bad", &[Label::named("x")]).await;
            assert_eq!(labelled, Err(SessionError::Unknown), "{body}");
            let refused = Asked::new("3").on(&memory, &bad, NOW).await;
            assert!(matches!(refused, Err(NotCommitted::Record(_))), "{body}");
        }
        assert_eq!(enter(&memory, &good, NOW).await.0, [Label::named("pii")]);
        for body in ["{}", "nothing"] {
            run(&world, &format!("UPDATE budgets SET body = '{body}'")).await;
            let refused = Asked::charging("4", &[quota("a", 1, 10)]);
            let refused = refused.on(&memory, &good, NOW).await;
            assert!(matches!(refused, Err(NotCommitted::Record(_))), "{body}");
        }
    }
}
