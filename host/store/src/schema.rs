//! The tables, and how a newer program changes those of an older one.

use gatewright_policy::record::RECORD_VERSION;

use crate::connection::{Connection, Value};
use crate::error::StoreError;
use crate::place::Place;

/// Each takes the tables from its place in the list to the next version. Those that were
/// released do not change any more.
const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001.sql"),
    include_str!("../migrations/0002.sql"),
    include_str!("../migrations/0003.sql"),
    include_str!("../migrations/0004.sql"),
    include_str!("../migrations/0008.sql"),
    include_str!("../migrations/0009.sql"),
    include_str!("../migrations/0010.sql"),
];

/// The version that this program knows.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

/// From this version on the head says which version of the record is written.
const SAYS_RECORD: i64 = 7;

/// Makes the tables what this program knows, inside of a transaction that nobody else
/// migrates beside.
pub(crate) async fn migrate(connection: &mut Connection, place: &Place) -> Result<(), StoreError> {
    let failed = |error: sqlx::Error| place.failed(&error);
    let alone = connection.dialect().alone;
    connection.rows(alone, &[]).await.map_err(failed)?;
    let table = "CREATE TABLE IF NOT EXISTS gatewright_schema (version BIGINT NOT NULL)";
    connection.run(table).await.map_err(failed)?;
    let found = version(connection).await.map_err(failed)?;
    check(found, place)?;
    let done = usize::try_from(found).unwrap_or_default();
    for (migration, version) in MIGRATIONS.iter().zip(1i64..).skip(done) {
        connection.run(migration).await.map_err(failed)?;
        let note = "INSERT INTO gatewright_schema (version) VALUES ($1)";
        let note = connection.rows(note, &[Value::Integer(version)]).await;
        note.map_err(failed)?;
    }
    Ok(())
}

/// Refuses tables of a newer program.
pub(crate) fn check(found: i64, place: &Place) -> Result<(), StoreError> {
    if found > VERSION {
        return Err(StoreError::Newer {
            place: place.name.clone(),
            found,
            known: VERSION,
        });
    }
    Ok(())
}

/// The version of the record that this program writes.
pub(crate) fn record_version() -> i64 {
    i64::from(RECORD_VERSION)
}

/// Refuses a record that a newer program writes: of one that gates share the newest counts.
pub(crate) fn check_record(found: i64, place: &Place) -> Result<(), StoreError> {
    let known = record_version();
    if found > known {
        return Err(StoreError::NewerRecord {
            place: place.name.clone(),
            found,
            known,
        });
    }
    Ok(())
}

/// The newest version of the record that is written there, by tables of this version; 0 where
/// nothing says it.
pub(crate) async fn record(connection: &mut Connection, tables: i64) -> Result<i64, sqlx::Error> {
    if tables < SAYS_RECORD {
        return Ok(0);
    }
    let sql = "SELECT record FROM head WHERE one = 1";
    let rows = connection.rows(sql, &[]).await?;
    rows.first().map_or(Ok(0), |row| row.integer(0))
}

/// The version of the tables that are there; 0 where there are none.
pub(crate) async fn version(connection: &mut Connection) -> Result<i64, sqlx::Error> {
    let sql = "SELECT COALESCE(MAX(version), 0) FROM gatewright_schema";
    let rows = connection.rows(sql, &[]).await?;
    rows.first().map_or(Ok(0), |row| row.integer(0))
}
