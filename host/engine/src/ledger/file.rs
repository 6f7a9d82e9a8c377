//! A ledger in one append-only file: one JSON object a line.
//!
//! One thread writes. It takes everything that waits, writes it at once, syncs
//! once if any of it asked for that, and only then answers: many calls share one
//! sync. What could not be written whole is cut off again, so that the file never
//! holds an entry whose caller was told that it is not there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Entry, Event};
use tokio::sync::{mpsc, oneshot};

use super::replay::{LedgerOpenError, Past, replay};
use super::{Appending, Durability, Ledger, LedgerError, Receipt};

/// Entries that wait to be written at once; one more is refused.
const WAITING_MAX: usize = 4096;

/// Entries written together.
const BATCH_MAX: usize = 512;

/// The ledger of a stand-alone gate.
pub struct FileLedger {
    waiting: Option<mpsc::Sender<Waiting>>,
    healthy: Arc<AtomicBool>,
    salt: [u8; 32],
    writer: Option<JoinHandle<()>>,
}

struct Waiting {
    at: Timestamp,
    event: Event,
    durability: Durability,
    answer: Option<oneshot::Sender<Result<Receipt, LedgerError>>>,
}

struct Writer {
    file: File,
    /// Where the next entry goes; everything before is whole.
    length: u64,
    sequence: u64,
    healthy: Arc<AtomicBool>,
    buffer: Vec<u8>,
}

// === impl FileLedger ===

impl FileLedger {
    /// Opens or creates the file, and gives what it says about the past. A last
    /// line that was cut short by a crash was never answered for: it is removed.
    /// Anything else that is wrong with the file is an error.
    pub fn open(path: &Path, now: Timestamp) -> Result<(Self, Past), LedgerOpenError> {
        let failed = |source: io::Error| LedgerOpenError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = open_private(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(LedgerOpenError::InUse {
                    path: path.to_owned(),
                });
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
        }
        let past = replay(&file, path, now)?;
        file.set_len(past.length).map_err(failed)?;
        file.seek(SeekFrom::Start(past.length)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        sync_folder(path).map_err(failed)?;
        let salt = salt(&salt_path(path)).map_err(failed)?;

        let healthy = Arc::new(AtomicBool::new(true));
        let writer = Writer {
            file,
            length: past.length,
            sequence: past.next_sequence,
            healthy: Arc::clone(&healthy),
            buffer: Vec::new(),
        };
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let writer = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || writer.run(receiver))
            .map_err(failed)?;
        let ledger = Self {
            waiting: Some(sender),
            healthy,
            salt,
            writer: Some(writer),
        };
        Ok((ledger, past))
    }

    fn send(&self, waiting: Waiting) -> Result<(), LedgerError> {
        let sender = self.waiting.as_ref().ok_or(LedgerError::Closed)?;
        sender.try_send(waiting).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => LedgerError::Full,
            mpsc::error::TrySendError::Closed(_) => LedgerError::Closed,
        })
    }
}

impl Ledger for FileLedger {
    fn append(&self, at: Timestamp, event: Event, durability: Durability) -> Appending<'_> {
        let (answer, answered) = oneshot::channel();
        let sent = self.send(Waiting {
            at,
            event,
            durability,
            answer: Some(answer),
        });
        Box::pin(async move {
            sent?;
            answered.await.map_err(|_| LedgerError::Closed)?
        })
    }

    fn note(&self, at: Timestamp, event: Event) -> bool {
        self.send(Waiting {
            at,
            event,
            durability: Durability::Written,
            answer: None,
        })
        .is_ok()
    }

    fn salt(&self) -> &[u8; 32] {
        &self.salt
    }

    fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }
}

/// Waits until everything that was accepted is written.
impl Drop for FileLedger {
    fn drop(&mut self) {
        drop(self.waiting.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the ledger's writer panicked");
        }
    }
}

// === impl Writer ===

impl Writer {
    fn run(mut self, mut receiver: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while receiver.blocking_recv_many(&mut batch, BATCH_MAX) > 0 {
            let first = self.sequence;
            let written = self.write(&batch);
            let healthy = written.is_ok();
            if self.healthy.swap(healthy, Ordering::Relaxed) != healthy {
                match &written {
                    Ok(()) => tracing::info!("the ledger can be written again"),
                    Err(error) => {
                        tracing::error!(%error, "the ledger cannot be written: every call is refused")
                    }
                }
            }
            for (sequence, waiting) in (first..).zip(batch.drain(..)) {
                let answer = match &written {
                    Ok(()) => Ok(Receipt::new(sequence)),
                    Err(error) => Err(LedgerError::Write(error.to_string())),
                };
                if let Some(sender) = waiting.answer {
                    // Nobody waits any more: the call was abandoned, the entry stays.
                    let _abandoned = sender.send(answer);
                }
            }
        }
    }

    /// Writes all of a batch or nothing of it.
    fn write(&mut self, batch: &[Waiting]) -> io::Result<()> {
        self.buffer.clear();
        for (sequence, waiting) in (self.sequence..).zip(batch) {
            let entry = Entry {
                sequence,
                at: waiting.at,
                event: waiting.event.clone(),
            };
            serde_json::to_writer(&mut self.buffer, &entry)?;
            self.buffer.push(b'\n');
        }
        let synced = batch
            .iter()
            .any(|waiting| waiting.durability == Durability::Synced);
        let written = self.file.write_all(&self.buffer).and_then(|()| {
            if synced {
                self.file.sync_data()
            } else {
                Ok(())
            }
        });
        match written {
            Ok(()) => {
                self.length += self.buffer.len() as u64;
                self.sequence += batch.len() as u64;
                Ok(())
            }
            Err(error) => {
                // INVARIANT: the file ends where `length` says before the next
                // entry is written, whatever part of this batch got through.
                self.file.set_len(self.length)?;
                self.file.seek(SeekFrom::Start(self.length))?;
                Err(error)
            }
        }
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A new file is only there after a crash if its folder is synced too.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn salt_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".salt");
    PathBuf::from(name)
}

/// Reads the salt, or makes one.
fn salt(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = open_private(path)?;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file).take(33).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        file.write_all(&salt)?;
        file.sync_all()?;
        return Ok(salt);
    }
    <[u8; 32]>::try_from(bytes)
        .map_err(|_| io::Error::other(format!("`{}` does not hold 32 bytes", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn started() -> Event {
        Event::Started {
            version: "test".to_owned(),
        }
    }

    async fn append(ledger: &FileLedger, durability: Durability) -> Result<Receipt, LedgerError> {
        ledger.append(Timestamp(1), started(), durability).await
    }

    #[tokio::test]
    async fn sequences_go_on_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for expected in 0..3 {
            let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
            assert_eq!(past.next_sequence, expected);
            let receipt = append(&ledger, Durability::Synced).await.unwrap();
            assert_eq!(receipt.sequence(), expected);
        }
    }

    #[tokio::test]
    async fn a_second_gate_is_refused_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let _first = FileLedger::open(&path, Timestamp(1)).unwrap();
        assert!(matches!(
            FileLedger::open(&path, Timestamp(1)).map(|_| ()),
            Err(LedgerOpenError::InUse { .. })
        ));
    }

    #[tokio::test]
    async fn a_torn_last_line_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        drop(ledger);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..whole.len() {
            let mut torn = whole.clone();
            torn.extend_from_slice(&whole[..cut]);
            std::fs::write(&path, &torn).unwrap();
            let (ledger, past) = FileLedger::open(&path, Timestamp(1)).unwrap();
            assert_eq!(past.next_sequence, 1, "cut at {cut}");
            drop(ledger);
            assert_eq!(std::fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_damaged_file_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        append(&ledger, Durability::Synced).await.unwrap();
        drop(ledger);
        let text = std::fs::read_to_string(&path).unwrap();
        for damaged in [
            text.replacen("\"sequence\":1", "\"sequence\":7", 1),
            text.replacen('{', "x", 2),
        ] {
            std::fs::write(&path, damaged).unwrap();
            assert!(matches!(
                FileLedger::open(&path, Timestamp(1)).map(|_| ()),
                Err(LedgerOpenError::Damaged { line: 1 | 2, .. })
            ));
        }
    }

    /// `/dev/full` answers every write with "no space left on device".
    #[tokio::test]
    async fn a_full_disk_refuses_and_then_recovers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let healthy = Arc::new(AtomicBool::new(true));
        let mut writer = Writer {
            file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            length: 0,
            sequence: 0,
            healthy,
            buffer: Vec::new(),
        };
        let batch = [Waiting {
            at: Timestamp(1),
            event: started(),
            durability: Durability::Written,
            answer: None,
        }];
        assert!(writer.write(&batch).is_err());
        assert_eq!((writer.length, writer.sequence), (0, 0));
        writer.file = open_private(&path).unwrap();
        writer.write(&batch).unwrap();
        assert_eq!(writer.sequence, 1);
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .starts_with("{\"sequence\":0,")
        );
    }
}
