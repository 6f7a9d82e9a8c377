//! The record, for whoever reads it.

use tokio::time::timeout;

use crate::connection::{Connection, Value};
use crate::dialect::ENTRIES;
use crate::error::StoreError;
use crate::open::reach;
use crate::place::{MemoryAt, Place, late};

/// Entries that are read at once.
const PAGE: i64 = 256;

/// Entries in order. Gates may be adding to them.
pub struct Entries {
    place: Place,
    connection: Connection,
    next: i64,
}

impl Entries {
    /// All of them. The memory stays as it is.
    pub async fn open(at: &MemoryAt) -> Result<Self, StoreError> {
        let place = Place::of(at)?;
        place.must_exist()?;
        Ok(Self {
            connection: reach(&place).await?,
            place,
            next: 0,
        })
    }

    /// The next few lines, as a file would have them; none where there are no more now.
    pub async fn page(&mut self) -> Result<Vec<String>, StoreError> {
        let values = [Value::Integer(self.next), Value::Integer(PAGE)];
        let reading = self.connection.rows(ENTRIES, &values);
        let rows = match timeout(self.place.patience, reading).await {
            Ok(rows) => rows,
            Err(_elapsed) => Err(late()),
        };
        let failed = |error: sqlx::Error| self.place.failed(&error);
        let mut lines = Vec::new();
        for row in rows.map_err(failed)? {
            self.next = row.integer(0).map_err(failed)?.saturating_add(1);
            lines.push(row.text(1).map_err(failed)?);
        }
        Ok(lines)
    }
}
