//! Opening a memory: its tables, its salt, and what it says about the past.

use gatewright_engine::Since;
use gatewright_engine::agents::Inventory;
use gatewright_policy::record::{Entry, Event};
use tokio::time::timeout;

use crate::agents::Registered;
use crate::connection::{Connection, Value};
use crate::dialect::ENTRIES;
use crate::error::StoreError;
use crate::head::Head;
use crate::kept::time;
use crate::place::{Place, Survives, late};
use crate::salt::{fingerprint_of, salt};
use crate::schema::{check, check_record, migrate, record, record_version, version};

/// A memory that may be used.
pub(crate) struct Opened {
    pub(crate) salt: [u8; 32],
    pub(crate) fingerprint: String,
    pub(crate) since: Since,
    pub(crate) sessions: usize,
    /// Which start of the gate this is.
    pub(crate) started: i64,
    /// Who may go on.
    pub(crate) registered: Registered,
    /// What agents did lately.
    pub(crate) inventory: Inventory,
}

/// So many entries of the record tell what agents did before the start.
const SEEN_IN: i64 = 4096;

/// And no more bytes of them, give or take a page.
const SEEN_IN_BYTES: usize = 16 << 20;

/// Entries that are read at once.
const PAGE: i64 = 64;

pub(crate) async fn open(place: &Place, gate: &str) -> Result<Opened, StoreError> {
    place.prepare()?;
    let failed = |error: sqlx::Error| place.failed(&error);
    let connected = place.connect(Survives::Machine).await;
    let mut connection = connected.map_err(failed)?;
    let opened = match timeout(place.patience, begin(&mut connection, place, gate)).await {
        Ok(opened) => opened?,
        Err(_elapsed) => return Err(place.failed(&late())),
    };
    // It was committed.
    let _said_goodbye = connection.close().await;
    Ok(opened)
}

/// A connection to tables that this program knows, to read them.
pub(crate) async fn reach(place: &Place) -> Result<Connection, StoreError> {
    let failed = |error: sqlx::Error| place.failed(&error);
    let connected = place.connect(Survives::Gate).await;
    let mut connection = connected.map_err(failed)?;
    let tables = version(&mut connection).await.map_err(failed)?;
    check(tables, place)?;
    let record = record(&mut connection, tables).await.map_err(failed)?;
    check_record(record, place)?;
    Ok(connection)
}

async fn begin(
    connection: &mut Connection,
    place: &Place,
    gate: &str,
) -> Result<Opened, StoreError> {
    let failed = |error: sqlx::Error| place.failed(&error);
    let begin = connection.dialect().begin;
    connection.run(begin).await.map_err(failed)?;
    migrate(connection, place).await?;
    let head = Head::lock(connection).await.map_err(failed)?;
    check_record(head.record, place)?;
    let salt = salt(place, &head.salt)?;
    let fingerprint = fingerprint_of(&salt);
    let enlisted = enlist(connection, gate, &fingerprint).await;
    let (generation, started) = enlisted.map_err(failed)?;
    let registered = Registered::nothing().at(head.agents, connection).await;
    let registered = registered.map_err(failed)?;
    connection.run("COMMIT").await.map_err(failed)?;
    let inventory = seen(connection, head.next).await.map_err(failed)?;
    Ok(Opened {
        salt,
        fingerprint,
        since: Since {
            generation: u64::try_from(generation).unwrap_or_default(),
            latest: (head.latest > 0).then(|| time(head.latest)),
        },
        sessions: usize::try_from(head.sessions).unwrap_or_default(),
        started,
        registered,
        inventory,
    })
}

/// What agents did, as the newest entries tell it.
async fn seen(connection: &mut Connection, next: i64) -> Result<Inventory, sqlx::Error> {
    let inventory = Inventory::default();
    let mut from = next.saturating_sub(SEEN_IN).max(0);
    let mut bytes = 0;
    while from < next && bytes < SEEN_IN_BYTES {
        let values = [Value::Integer(from), Value::Integer(PAGE)];
        let rows = connection.rows(ENTRIES, &values).await?;
        for row in &rows {
            let body = row.text(1)?;
            bytes += body.len();
            // What cannot be read tells nothing; no decision rests on it.
            let entry = Entry::of_line(body.as_bytes());
            if let Ok(Entry {
                at,
                event: Event::Decided(decided),
                ..
            }) = entry
            {
                inventory.take_in(&decided, at);
            }
        }
        from = from.saturating_add(PAGE);
    }
    Ok(inventory)
}

/// Makes this one of the gates, and gives the generation that it had last, and which
/// start this is.
async fn enlist(
    connection: &mut Connection,
    gate: &str,
    fingerprint: &str,
) -> Result<(i64, i64), sqlx::Error> {
    // From now on no program that knows less is opened on it.
    let sql = "UPDATE head SET salt = $1, record = $2 WHERE one = 1";
    let says = [Value::Text(fingerprint), Value::Integer(record_version())];
    connection.rows(sql, &says).await?;
    let sql = "INSERT INTO gates (name, generation, latest, started) VALUES ($1, 0, 0, 1) \
               ON CONFLICT (name) DO UPDATE SET started = gates.started + 1";
    connection.rows(sql, &[Value::Text(gate)]).await?;
    let sql = "SELECT generation, started FROM gates WHERE name = $1";
    let rows = connection.rows(sql, &[Value::Text(gate)]).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    Ok((row.integer(0)?, row.integer(1)?))
}
