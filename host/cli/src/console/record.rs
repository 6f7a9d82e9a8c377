//! A record in a database, for the console.

use std::ops::Range;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_console::{Record, RecordError};
use gatewright_store::{Entries, MemoryAt};
use tokio::sync::Mutex;

/// Reads over a connection of its own, which is made again when it broke.
pub(super) struct StoredRecord {
    at: MemoryAt,
    entries: Mutex<Option<Entries>>,
}

impl StoredRecord {
    pub(super) fn new(at: MemoryAt) -> Self {
        Self {
            at,
            entries: Mutex::new(None),
        }
    }

    async fn open(&self) -> Result<Entries, RecordError> {
        Entries::open(&self.at).await.map_err(unread)
    }
}

impl Record for StoredRecord {
    fn span(&self) -> BoxFuture<'_, Result<Range<u64>, RecordError>> {
        async move {
            let mut kept = self.entries.lock().await;
            let mut entries = match kept.take() {
                Some(entries) => entries,
                None => self.open().await?,
            };
            let span = entries.span().await.map_err(unread)?;
            *kept = Some(entries);
            Ok(span)
        }
        .boxed()
    }

    fn lines(&self, from: u64, count: usize) -> BoxFuture<'_, Result<Vec<String>, RecordError>> {
        async move {
            let mut kept = self.entries.lock().await;
            let mut entries = match kept.take() {
                Some(entries) => entries,
                None => self.open().await?,
            };
            entries.go_on_at(from);
            let mut lines = entries.page().await.map_err(unread)?;
            lines.truncate(count);
            *kept = Some(entries);
            Ok(lines)
        }
        .boxed()
    }
}

fn unread(error: gatewright_store::StoreError) -> RecordError {
    RecordError(error.to_string())
}
