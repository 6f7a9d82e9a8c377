//! What happens to the ledger's file while the gate runs.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use gatewright_engine::ledger::{FileLedger, LedgerOpenError};
use gatewright_policy::{Reason, Timestamp};

use crate::gate::{ALLOW, Gate, binding, denied, judge, permit};
use crate::reloads::until;

type Deed = fn(&Path);

fn aside(path: &Path) -> PathBuf {
    path.with_extension("aside")
}

fn cut(path: &Path, length: u64) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

fn append(path: &Path) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"{}\n").unwrap();
}

async fn started() -> Gate {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    drop(permit(gate.tool("1", "{}").await));
    gate
}

#[tokio::test]
async fn a_ledger_that_somebody_touched_is_noticed_before_the_next_permit() {
    let deeds: [(&str, Deed, &str); 10] = [
        ("delete", |path| fs::remove_file(path).unwrap(), "deleted"),
        (
            "delete the folder",
            |path| fs::remove_dir_all(path.parent().unwrap()).unwrap(),
            "deleted",
        ),
        (
            "move",
            |path| fs::rename(path, aside(path)).unwrap(),
            "moved away",
        ),
        (
            "move the folder",
            |path| {
                let folder = path.parent().unwrap();
                fs::rename(folder, aside(folder)).unwrap();
            },
            "moved away",
        ),
        ("empty", |path| cut(path, 0), "was cut"),
        (
            "copy and truncate",
            |path| {
                fs::copy(path, aside(path)).unwrap();
                cut(path, 0);
            },
            "was cut",
        ),
        (
            "replace by a copy",
            |path| {
                fs::copy(path, aside(path)).unwrap();
                fs::rename(aside(path), path).unwrap();
            },
            "another file",
        ),
        (
            "mount another device",
            |path| {
                fs::remove_file(path).unwrap();
                std::os::unix::fs::symlink("/dev/null", path).unwrap();
            },
            "another device",
        ),
        ("append", append, "somebody else wrote"),
        (
            "link",
            |path| fs::hard_link(path, aside(path)).unwrap(),
            "2 names",
        ),
    ];
    for (name, deed, said) in deeds {
        let gate = started().await;
        deed(&gate.ledger_path());
        let refused = denied(gate.tool("2", "{}").await);
        assert_eq!(refused.reason, Reason::AuditUnavailable, "{name}");
        let status = gate.engine().status();
        assert!(!status.ledger_healthy, "{name}");
        let error = status.ledger_error.unwrap();
        assert!(error.contains(said), "{name}: {error}");
        assert!(error.contains("hint: "), "{name}: {error}");
    }
}

/// Without a call the gate finds out as well.
#[tokio::test]
async fn a_moved_ledger_shows_in_the_status_and_so_does_its_return() {
    let gate = started().await;
    let path = gate.ledger_path();
    fs::rename(&path, aside(&path)).unwrap();
    until("unhealthy", async || !gate.engine().status().ledger_healthy).await;
    fs::rename(aside(&path), &path).unwrap();
    until("healthy", async || gate.engine().status().ledger_healthy).await;
    assert_eq!(gate.engine().status().ledger_error, None);
}

#[tokio::test]
async fn calls_go_on_when_the_ledger_is_back_as_it_was() {
    let deeds: [(&str, Deed, Deed); 3] = [
        (
            "move",
            |path| fs::rename(path, aside(path)).unwrap(),
            |path| fs::rename(aside(path), path).unwrap(),
        ),
        ("append", append, |path| {
            let length = fs::metadata(path).unwrap().len();
            cut(path, length - 3);
        }),
        (
            "link",
            |path| fs::hard_link(path, aside(path)).unwrap(),
            |path| fs::remove_file(aside(path)).unwrap(),
        ),
    ];
    for (name, deed, undo) in deeds {
        let mut gate = started().await;
        let path = gate.ledger_path();
        deed(&path);
        let refused = denied(gate.tool("2", "{}").await);
        assert_eq!(refused.reason, Reason::AuditUnavailable, "{name}");
        undo(&path);
        drop(permit(gate.tool("3", "{}").await));
        gate.stop();
        gate.start().await;
        let decided: Vec<_> = gate.decisions().into_iter().map(|it| it.id).collect();
        assert_eq!(decided, ["1", "3"], "{name}");
    }
}

#[tokio::test]
async fn a_second_gate_is_refused_although_the_ledger_was_moved_away() {
    let gate = started().await;
    let path = gate.ledger_path();
    fs::rename(&path, aside(&path)).unwrap();
    for place in [&path, &aside(&path)] {
        assert!(matches!(
            FileLedger::open(place, Timestamp(1)).map(|_| ()),
            Err(LedgerOpenError::InUse { .. })
        ));
    }
    assert!(!path.exists(), "a refused gate begins no ledger");
}
