//! Databases that cannot be reached, do not answer, or come back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use gatewright_engine::ledger::LedgerError;
use gatewright_engine::memory::{Memory, NotCommitted};
use gatewright_engine::session::SessionError;
use gatewright_policy::{Label, Timestamp};
use gatewright_store::{MemoryAt, SqlMemory};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use crate::calls::{Asked, LIMITS, enter, grant, is_spent, quota};
use crate::postgres::cluster;
use crate::world::{Kind, World};

const NOW: Timestamp = Timestamp::from_seconds(600);
const ENDS: Timestamp = Timestamp::from_seconds(1200);

/// How long a gate here waits.
const SHORT: Duration = Duration::from_secs(1);

/// What the way to a database does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Open,
    /// Takes connections, and nothing comes back.
    Silent,
    /// Closes connections.
    Cut,
}

/// A way to the server of the tests that can be cut: its port, and what it does.
async fn way() -> (u16, watch::Sender<Way>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, mut changes) = watch::channel(Way::Open);
    let socket = cluster().socket();
    tokio::spawn(async move {
        while let Ok((mut agent, _)) = listener.accept().await {
            let (mut changes, socket) = (changes.clone(), socket.clone());
            tokio::spawn(async move {
                let mut server = UnixStream::connect(socket).await.unwrap();
                loop {
                    let way = *changes.borrow_and_update();
                    match way {
                        Way::Cut => return,
                        Way::Silent => drop(changes.changed().await),
                        Way::Open => tokio::select! {
                            _ = copy_bidirectional(&mut agent, &mut server) => return,
                            _ = changes.changed() => {}
                        },
                    }
                }
            });
        }
        drop(changes.changed().await);
    });
    (port, sender)
}

fn at(world: &World, url: String) -> MemoryAt {
    MemoryAt {
        url,
        patience: SHORT,
        ..world.at("a")
    }
}

#[tokio::test]
async fn a_database_that_nobody_serves_is_no_start_and_no_secret_is_told() {
    let world = World::new(Kind::Sqlite).await;
    std::fs::write(world.folder().join("password"), "hunter2\n").unwrap();
    let at = MemoryAt {
        password_file: Some(PathBuf::from("password")),
        ..at(&world, "postgres://gate@127.0.0.1:1/memory".to_owned())
    };
    let Err(error) = SqlMemory::open(&at).await else {
        panic!("it opened");
    };
    let said = format!("{error} {error:?}");
    assert!(
        said.contains("127.0.0.1:1/memory") && said.contains("reached"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_every_call_is_refused_in_time() {
    for kind in [Way::Cut, Way::Silent] {
        let world = World::new(Kind::Postgres).await;
        let (port, way) = way().await;
        let database = cluster().database();
        let url = format!("postgres://gate@127.0.0.1:{port}/{database}");
        let (memory, _) = SqlMemory::open(&at(&world, url)).await.unwrap();
        let grant = grant("s", ENDS);
        enter(&memory, &grant, NOW).await;
        let asked = Asked::charging("1", &[quota("a", 1, 10)]);
        asked.on(&memory, &grant, NOW).await.unwrap();

        way.send(kind).unwrap();
        let began = Instant::now();
        let refused = asked.on(&memory, &grant, NOW).await;
        assert!(matches!(
            refused,
            Err(NotCommitted::Record(LedgerError::Write(_)))
        ));
        assert_eq!(
            memory.context("s", 64).await.unwrap_err(),
            SessionError::Unknown
        );
        let entered = memory.enter(&grant, NOW, &LIMITS()).await;
        assert_eq!(entered.unwrap_err(), SessionError::Unknown);
        let labelled = memory.label("s", &[Label::named("pii")]).await;
        assert_eq!(labelled, Err(SessionError::Unknown));
        assert!(began.elapsed() < SHORT * 40, "{:?}", began.elapsed());
        assert!(!memory.is_healthy());
        let trouble = memory.trouble().unwrap().to_string();
        assert!(trouble.contains(&port.to_string()), "{trouble}");

        way.send(Way::Open).unwrap();
        // What it began while it was away is over by now, or is over soon.
        let deadline = Instant::now() + SHORT * 40;
        while Asked::new("2").on(&memory, &grant, NOW).await.is_err() {
            assert!(Instant::now() < deadline, "it does not come back");
        }
        assert!(memory.is_healthy() && memory.trouble().is_none());
        assert!(is_spent(&memory, "a", 1, NOW).await, "{kind:?}");
    }
}

#[tokio::test]
async fn connections_that_were_closed_while_nobody_used_them_are_made_anew() {
    let world = World::new(Kind::Postgres).await;
    let (memory, _) = world.open(NOW).await;
    let grant = grant("s", ENDS);
    for number in 0..3 {
        enter(&*memory, &grant, NOW).await;
        Asked::new(&number.to_string())
            .on(&*memory, &grant, NOW)
            .await
            .unwrap();
        crate::secrets::run(
            &world,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    }
    enter(&*memory, &grant, NOW).await;
    assert_eq!(world.lines().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_holds_refuses_and_then_recovers() {
    let world = World::new(Kind::Sqlite).await;
    let (memory, _) = SqlMemory::open(&at(&world, world.at("a").url))
        .await
        .unwrap();
    let grant = grant("s", ENDS);
    enter(&memory, &grant, NOW).await;
    let mut holder = crate::secrets::connect(&world).await;
    crate::secrets::run_on(&mut holder, "BEGIN EXCLUSIVE").await;
    let refused = Asked::new("1").on(&memory, &grant, NOW).await;
    assert!(matches!(
        refused,
        Err(NotCommitted::Record(LedgerError::Write(_)))
    ));
    assert!(!memory.is_healthy());
    crate::secrets::run_on(&mut holder, "ROLLBACK").await;
    Asked::new("2").on(&memory, &grant, NOW).await.unwrap();
    assert!(memory.is_healthy());
    assert_eq!(world.lines().await.len(), 1);
}
