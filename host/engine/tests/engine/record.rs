//! Records that a ledger wrote, for what is done to them afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gatewright_engine::ledger::{
    Durability, FileLedger, Ledger as _, LedgerOpenError, RotatedKey, rotate_key, sealed_segments,
};
use gatewright_evidence::verify::{Report, Wanted, verify};
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A process that another test starts has the lock of this one too, until it runs its program.
const LET_GO: Duration = Duration::from_secs(10);

/// A folder with a record in it.
pub(crate) struct Record {
    folder: TempDir,
}

/// An event as an entry has it.
pub(crate) fn event(value: Value) -> Event {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn decided(id: u64, decision: &str) -> Event {
    let digest = format!("blake3:{}", "0".repeat(64));
    event(json!({
        "event": "decided", "id": format!("call-{id}"), "generation": 1, "policies": digest,
        "method": "tools/call", "server": "files", "name": "read", "judged": true,
        "decision": decision,
    }))
}

pub(crate) fn completed(id: u64) -> Event {
    event(json!({ "event": "completed", "id": format!("call-{id}"), "outcome": "allowed" }))
}

impl Record {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    pub(crate) fn tree(&self, file: &str) -> PathBuf {
        self.folder.path().join("audit.jsonl.tree").join(file)
    }

    pub(crate) fn file(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(crate) fn open(&self) -> FileLedger {
        let let_go = Instant::now() + LET_GO;
        loop {
            match FileLedger::open(&self.path(), Timestamp(1)) {
                Err(LedgerOpenError::InUse { .. }) if Instant::now() < let_go => {
                    std::thread::yield_now();
                }
                opened => return opened.unwrap().0,
            }
        }
    }

    /// Gives it another key.
    pub(crate) async fn rotate_key(&self, at: u64) -> RotatedKey {
        let let_go = Instant::now() + LET_GO;
        loop {
            match rotate_key(&self.path(), Timestamp(at)).await {
                Err(LedgerOpenError::InUse { .. }) if Instant::now() < let_go => {
                    tokio::task::yield_now().await;
                }
                rotated => return rotated.unwrap(),
            }
        }
    }

    /// Why no gate starts on it.
    pub(crate) fn refused(&self) -> String {
        let opened = FileLedger::open(&self.path(), Timestamp(1));
        opened.map(|_| ()).unwrap_err().to_string()
    }

    /// Appends the beginning and the end of calls.
    pub(crate) async fn calls(&self, ledger: &FileLedger, ids: std::ops::Range<u64>) {
        for id in ids {
            for event in [decided(id, "allow"), completed(id)] {
                self.append(ledger, id, event).await;
            }
        }
    }

    pub(crate) async fn append(&self, ledger: &FileLedger, at: u64, event: Event) {
        let appended = ledger.append(Timestamp(at), event, Durability::Written);
        appended.await.unwrap();
    }

    /// A copy, as a crash at this moment would leave it.
    pub(crate) fn copied(&self) -> Self {
        let copy = Self::new();
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    pub(crate) fn verified(&self, wanted: &Wanted) -> Report {
        verify(self.folder.path(), wanted).unwrap()
    }

    /// That there is nothing to find.
    pub(crate) fn assert_good(&self) -> Report {
        let report = self.verified(&Wanted::default());
        assert_eq!(report.findings, [], "{report:?}");
        report
    }

    pub(crate) fn text(&self, file: &Path) -> String {
        fs::read_to_string(file).unwrap()
    }

    /// The segments, oldest first.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        let sealed = sealed_segments(&self.path()).unwrap();
        let mut paths: Vec<_> = sealed.into_iter().map(|(_, path)| path).collect();
        paths.push(self.path());
        paths
    }

    /// Changes the lines of a segment.
    pub(crate) fn edit(&self, segment: usize, edit: impl FnOnce(&mut Vec<String>)) {
        let path = &self.segments()[segment];
        let text = self.text(path);
        let mut lines = text.lines().map(str::to_owned).collect();
        edit(&mut lines);
        let text: String = lines.into_iter().map(|line| line + "\n").collect();
        fs::write(path, text).unwrap();
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let entries = fs::read_dir(from).unwrap();
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    // Checkpoints before tiles: the gate may be writing both.
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to);
        } else if let Err(error) = fs::copy(entry.path(), &to) {
            assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
        }
    }
}
