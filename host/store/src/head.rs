//! The row that every transaction locks first: what all gates count together.

use crate::connection::Connection;

/// What was locked.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) next: i64,
    pub(crate) latest: i64,
    pub(crate) sessions: i64,
    pub(crate) budgets: i64,
    pub(crate) salt: String,
    /// How often operators changed who may go on.
    pub(crate) agents: i64,
    /// The newest version of the record that any gate here writes.
    pub(crate) record: i64,
}

impl Head {
    pub(crate) async fn lock(connection: &mut Connection) -> Result<Self, sqlx::Error> {
        let rows = connection.rows(connection.dialect().lock, &[]).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok(Self {
            next: row.integer(0)?,
            latest: row.integer(1)?,
            sessions: row.integer(2)?,
            budgets: row.integer(3)?,
            salt: row.text(4)?,
            agents: row.integer(5)?,
            record: row.integer(6)?,
        })
    }
}
