//! The kinds of statements that the settings can allow.

use serde::Deserialize;

/// What a statement does. Whatever is none of these is never allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `SELECT`, `VALUES`.
    Select,
    /// `EXPLAIN` of a statement that is allowed itself.
    Explain,
    /// `SHOW TABLES`, `SHOW DATABASES`, `DESCRIBE`.
    Show,
    /// `PRAGMA` of a listed name, without a change.
    Pragma,
    /// `INSERT` that overwrites nothing.
    Insert,
    /// `UPDATE`, and an `INSERT` that overwrites.
    Update,
    /// `DELETE`.
    Delete,
    /// `TRUNCATE`.
    Truncate,
    /// `CREATE TABLE`.
    CreateTable,
    /// `DROP TABLE`.
    DropTable,
    /// `BEGIN`, `COMMIT`, `ROLLBACK`.
    Transaction,
}

impl Kind {
    /// Whether a statement of this kind leaves everything as it was.
    pub(crate) fn only_reads(self) -> bool {
        match self {
            Self::Select | Self::Explain | Self::Show | Self::Pragma => true,
            Self::Insert
            | Self::Update
            | Self::Delete
            | Self::Truncate
            | Self::CreateTable
            | Self::DropTable
            | Self::Transaction => false,
        }
    }

    /// The word of SQL.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Explain => "EXPLAIN",
            Self::Show => "SHOW",
            Self::Pragma => "PRAGMA",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Truncate => "TRUNCATE",
            Self::CreateTable => "CREATE TABLE",
            Self::DropTable => "DROP TABLE",
            Self::Transaction => "transactions",
        }
    }
}
