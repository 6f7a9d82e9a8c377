//! The record, for whoever reads it.

use std::ops::Range;

use tokio::time::timeout;

use crate::connection::{Connection, Row, Value};
use crate::dialect::{ENTRIES, SPAN};
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
        let rows = self.rows(ENTRIES, &values).await?;
        let failed = |error: sqlx::Error| self.place.failed(&error);
        let mut lines = Vec::new();
        for row in rows {
            self.next = row.integer(0).map_err(failed)?.saturating_add(1);
            lines.push(row.text(1).map_err(failed)?);
        }
        Ok(lines)
    }

    /// The next page begins with this entry.
    pub fn go_on_at(&mut self, sequence: u64) {
        self.next = i64::try_from(sequence).unwrap_or(i64::MAX);
    }

    /// The sequences of the first entry that there is and of the one that comes next.
    pub async fn span(&mut self) -> Result<Range<u64>, StoreError> {
        let rows = self.rows(SPAN, &[]).await?;
        let failed = |error: sqlx::Error| self.place.failed(&error);
        let Some(row) = rows.first() else {
            return Ok(0..0);
        };
        let number = |column| {
            let number = row.integer(column).map_err(failed)?;
            Ok(u64::try_from(number).unwrap_or_default())
        };
        Ok(number(0)?..number(1)?)
    }

    async fn rows(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let reading = self.connection.rows(sql, values);
        let rows = match timeout(self.place.patience, reading).await {
            Ok(rows) => rows,
            Err(_elapsed) => Err(late()),
        };
        rows.map_err(|error| self.place.failed(&error))
    }
}
