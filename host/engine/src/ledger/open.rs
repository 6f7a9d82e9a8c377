//! Opening a ledger: reading it, mending its end, and starting what keeps it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::segment::{Cut, LedgerEvent};

use super::beside::Beside;
use super::disk::{lock, lock_path, open_private, sync_folder};
use super::file::FileLedger;
use super::health::Health;
use super::keeper::Keeper;
use super::line::Line;
use super::open_error::LedgerOpenError;
use super::outcomes::Outcomes;
use super::past::Past;
use super::payloads::{Opened, Payloads};
use super::port::RotateWhen;
use super::replay::{End, Replayed, replay};
use super::salt;
use super::segment::undo;
use super::shared::{Shared, Tail};
use super::syncer::Syncer;
use super::torn::keep_aside;
use super::tree_open::{self, Read};
use super::unsigned::Unsigned;
use super::watch::Watch;

/// Entries that wait to be synced at once; one more is refused.
const WAITING_MAX: usize = 4096;

impl FileLedger {
    /// Opens or creates the file, and gives what it says about the past. A last
    /// line that is no entry was never answered for: it is put aside. Anything
    /// else that is wrong with the file is an error.
    pub fn open(path: &Path, now: Timestamp) -> Result<(Self, Past), LedgerOpenError> {
        Self::open_with(path, now, RotateWhen::default())
    }

    /// The same, and says when a new segment begins.
    pub fn open_with(
        path: &Path,
        now: Timestamp,
        when: RotateWhen,
    ) -> Result<(Self, Past), LedgerOpenError> {
        Self::open_named(path, now, when, None)
    }

    /// The same, and says how its checkpoints name it; without a name it is named after
    /// its key.
    pub fn open_named(
        path: &Path,
        now: Timestamp,
        when: RotateWhen,
        name: Option<&str>,
    ) -> Result<(Self, Past), LedgerOpenError> {
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
        let lock_file = open_private(&lock_path(path)).map_err(failed)?;
        lock(&lock_file, path)?;
        let file = open_private(path).map_err(failed)?;
        lock(&file, path)?;
        let place = std::fs::canonicalize(path).map_err(failed)?;
        undo(&place, &file).map_err(failed)?;
        let known = salt::known(path).map_err(failed)?;
        if known.is_none() && file.metadata().map_err(failed)?.len() > 0 {
            // Nothing would open what is sealed: this says what to do.
            salt::salt(path, true)?;
        }
        let keys = RecordKeys::new(&known.unwrap_or_default());
        let replayed = replay(&file, path, &keys, now)?;
        let Replayed {
            mut past,
            end,
            entries,
        } = replayed;
        // Before anything is changed: a ledger without its salt stays as it is.
        let (salt, fresh_salt) = salt::salt(path, past.length > 0)?;
        let read = Read {
            past: &past,
            entries: &entries,
        };
        let fitting = tree_open::check(path, &read)?;
        let cut = mend(&file, &place, &mut past, end).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        // By the clock alone nothing is let go of: it may be ahead, and mended later. What is
        // over only goes when another call is held.
        let surely = past.latest.map_or(now, |latest| latest.min(now));
        let opened = Payloads::open(&place, (&past.holds, &past.approvals), surely);
        let Opened {
            payloads,
            kept,
            unfit,
        } = opened.map_err(failed)?;
        past.held = kept;
        let is_kept = |id: &str| past.held.iter().any(|(envelope, _)| envelope.id == id);
        let (outcomes, kept) = Outcomes::open(&place, &past.settled, |id| {
            past.approvals.is_used(id) && is_kept(id)
        })
        .map_err(failed)?;
        past.outcomes = kept;
        let read = Read {
            past: &past,
            entries: &entries,
        };
        // Everything in it is on disk by now.
        let tree = tree_open::open(path, name, &read, fitting)?;
        sync_folder(&place).map_err(failed)?;

        let mut tail = Tail {
            watch: Watch::of(path, &file).map_err(failed)?,
            file: Arc::new(file),
            place,
            length: past.length,
            beginning: past.beginning,
            first_sequence: past.first_sequence,
            sequence: past.next_sequence,
            latest: past.latest.unwrap_or(Timestamp(0)),
            age: past.began.map_or(Duration::ZERO, |began| now.since(began)),
            since: Instant::now(),
            fresh_salt,
            unsynced: false,
            unsigned: Unsigned::new(past.next_sequence, tree.signed_until()),
            lost: None,
            buffer: Vec::new(),
        };
        if let Some(cut) = &cut {
            let (bytes, kept) = (cut.bytes, &cut.kept);
            tracing::warn!(bytes, kept, "the ledger did not end with a whole entry");
            let event = Event::Ledger(LedgerEvent::Cut(cut.clone()));
            let at = now.max(tail.latest);
            Line::of(at, &event)
                .and_then(|line| tail.write(&[&line]))
                .map_err(|error| failed(io::Error::other(error.to_string())))?;
        }
        let shared = Arc::new(Shared {
            tail: Mutex::new(tail),
            keys: RecordKeys::new(&salt),
            health: Health::good(),
            key: tree.public_key(),
            tree: Mutex::new(tree),
            rotate_error: Mutex::new(None),
            cut,
        });
        let syncer = Syncer {
            shared: Arc::clone(&shared),
        };
        let (sender, receiver) = sync_channel(WAITING_MAX);
        let syncer = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || syncer.run(&receiver))
            .map_err(failed)?;
        let keeper = Keeper::start(Arc::clone(&shared), when).map_err(failed)?;
        let ledger = Self {
            shared,
            waiting: Some(sender),
            payloads,
            outcomes,
            beside: Beside::new(unfit),
            salt,
            syncer: Some(syncer),
            keeper: Some(keeper),
            _lock: lock_file,
        };
        Ok((ledger, past))
    }
}

/// Mends the end of a file that was read, and gives what was put aside.
fn mend(file: &File, place: &Path, past: &mut Past, end: End) -> io::Result<Option<Cut>> {
    match end {
        End::Whole => Ok(None),
        End::Unended => {
            tracing::warn!("the last entry of the ledger lacked its end and counts all the same");
            let mut file = file;
            file.write_all(b"\n")?;
            past.length += 1;
            Ok(None)
        }
        End::Torn(end) => {
            let cut = keep_aside(place, &end)?;
            file.set_len(past.length)?;
            Ok(Some(cut))
        }
    }
}
