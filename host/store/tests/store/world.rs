//! Each kind of memory, in a place of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatewright_engine::Since;
use gatewright_engine::ledger::{FileLedger, LedgerOpenError};
use gatewright_engine::memory::{FileMemory, Memory};
use gatewright_policy::Timestamp;
use gatewright_store::{Entries, MemoryAt, SqlMemory};
use tempfile::TempDir;

use crate::postgres::cluster;

/// A test waits for a database no longer than this.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Sqlite,
    Postgres,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::File, Kind::Sqlite, Kind::Postgres];

/// Where a memory is.
pub(crate) struct World {
    pub(crate) kind: Kind,
    folder: TempDir,
    url: String,
}

/// A program that another test starts has, until it runs, whatever is open here: also the
/// lock of a ledger that was dropped.
const LET_GO: Duration = Duration::from_secs(10);

impl World {
    pub(crate) async fn new(kind: Kind) -> Self {
        println!("{kind:?}");
        let url = match kind {
            Kind::File => String::new(),
            Kind::Sqlite => "sqlite:memory.db".to_owned(),
            Kind::Postgres => cluster().url(&cluster().database()),
        };
        Self {
            kind,
            folder: tempfile::tempdir().unwrap(),
            url,
        }
    }

    /// One of each.
    pub(crate) async fn all() -> Vec<Self> {
        let mut worlds = Vec::new();
        for kind in KINDS {
            worlds.push(Self::new(kind).await);
        }
        worlds
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder().join("audit.jsonl")
    }

    pub(crate) fn at(&self, gate: &str) -> MemoryAt {
        MemoryAt {
            url: self.url.clone(),
            folder: self.folder().to_owned(),
            password_file: None,
            gate: gate.to_owned(),
            salt: Some(PathBuf::from("salt")),
            patience: PATIENCE,
        }
    }

    /// The memory, with what it says about the past.
    pub(crate) async fn open(&self, now: Timestamp) -> (Arc<dyn Memory>, Since) {
        let let_go = Instant::now() + LET_GO;
        match self.kind {
            Kind::File => {
                let (ledger, past) = loop {
                    match FileLedger::open(&self.ledger(), now) {
                        Err(LedgerOpenError::InUse { .. }) if Instant::now() < let_go => {
                            tokio::task::yield_now().await;
                        }
                        opened => break opened.unwrap(),
                    }
                };
                let since = Since {
                    generation: past.generation,
                    latest: past.latest,
                };
                (Arc::new(FileMemory::new(Box::new(ledger), past)), since)
            }
            Kind::Sqlite | Kind::Postgres => {
                let (memory, since) = SqlMemory::open(&self.at("a")).await.unwrap();
                (Arc::new(memory), since)
            }
        }
    }

    /// So many gates that share it. A ledger's file has one.
    pub(crate) async fn gates(&self, count: usize, now: Timestamp) -> Vec<Arc<dyn Memory>> {
        match self.kind {
            Kind::File => vec![self.open(now).await.0; count],
            Kind::Sqlite | Kind::Postgres => {
                let mut gates: Vec<Arc<dyn Memory>> = Vec::new();
                for gate in 0..count {
                    let at = self.at(&format!("gate-{gate}"));
                    gates.push(Arc::new(SqlMemory::open(&at).await.unwrap().0));
                }
                gates
            }
        }
    }

    /// Every line of the record.
    pub(crate) async fn lines(&self) -> Vec<String> {
        match self.kind {
            Kind::File => {
                let text = std::fs::read_to_string(self.ledger()).unwrap_or_default();
                text.lines().map(str::to_owned).collect()
            }
            Kind::Sqlite | Kind::Postgres => {
                let mut entries = Entries::open(&self.at("reader")).await.unwrap();
                let mut lines = Vec::new();
                loop {
                    let page = entries.page().await.unwrap();
                    if page.is_empty() {
                        return lines;
                    }
                    lines.extend(page);
                }
            }
        }
    }
}
