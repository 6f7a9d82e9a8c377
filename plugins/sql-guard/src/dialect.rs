//! The dialects, and what differs between them beside the grammar.

use serde::Deserialize;
use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, Dialect as Grammar, DuckDbDialect, GenericDialect,
    MsSqlDialect, MySqlDialect, OracleDialect, PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
};

/// The language of the database behind the tool. The order is that of the bits
/// in the lists (`build.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    #[serde(alias = "postgresql")]
    Postgres,
    /// MySQL and MariaDB.
    #[serde(alias = "mariadb")]
    Mysql,
    /// DuckDB.
    Duckdb,
    /// ClickHouse.
    Clickhouse,
    /// T-SQL: SQL Server, Azure SQL.
    Mssql,
    /// Oracle.
    Oracle,
    /// Snowflake.
    Snowflake,
    /// GoogleSQL.
    Bigquery,
    /// Unknown, or several: whatever two databases read differently is refused.
    Generic,
}

/// How a database files a name that is not quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folding {
    /// As it is written.
    None,
    /// In lower case where it is not quoted.
    Lower,
    /// In upper case where it is not quoted.
    Upper,
    /// Case never counts.
    Ignored,
}

impl Dialect {
    /// Its bit in the lists.
    pub(crate) fn bit(self) -> u16 {
        1 << match self {
            Self::Sqlite => 0,
            Self::Postgres => 1,
            Self::Mysql => 2,
            Self::Duckdb => 3,
            Self::Clickhouse => 4,
            Self::Mssql => 5,
            Self::Oracle => 6,
            Self::Snowflake => 7,
            Self::Bigquery => 8,
            Self::Generic => 9,
        }
    }

    pub(crate) fn grammar(self) -> &'static dyn Grammar {
        match self {
            Self::Sqlite => &SQLiteDialect {},
            Self::Postgres => &PostgreSqlDialect {},
            Self::Mysql => &MySqlDialect {},
            Self::Duckdb => &DuckDbDialect {},
            Self::Clickhouse => &ClickHouseDialect {},
            Self::Mssql => &MsSqlDialect {},
            Self::Oracle => &OracleDialect {},
            Self::Snowflake => &SnowflakeDialect,
            Self::Bigquery => &BigQueryDialect,
            Self::Generic => &GenericDialect {},
        }
    }

    /// The schema of a table without one.
    pub(crate) fn default_schema(self) -> Option<&'static str> {
        match self {
            Self::Sqlite | Self::Duckdb => Some("main"),
            Self::Postgres => Some("public"),
            Self::Mssql => Some("dbo"),
            Self::Snowflake => Some("PUBLIC"),
            Self::Mysql | Self::Clickhouse | Self::Oracle | Self::Bigquery | Self::Generic => None,
        }
    }

    pub(crate) fn folding(self) -> Folding {
        match self {
            Self::Sqlite | Self::Duckdb | Self::Mssql => Folding::Ignored,
            Self::Postgres => Folding::Lower,
            Self::Oracle | Self::Snowflake => Folding::Upper,
            Self::Mysql | Self::Clickhouse | Self::Bigquery | Self::Generic => Folding::None,
        }
    }

    /// Whether a number or a text counts as a truth, so that a column alone is
    /// true for nearly every row.
    pub(crate) fn numbers_are_truths(self) -> bool {
        match self {
            Self::Sqlite | Self::Mysql | Self::Clickhouse | Self::Generic => true,
            Self::Postgres
            | Self::Duckdb
            | Self::Mssql
            | Self::Oracle
            | Self::Snowflake
            | Self::Bigquery => false,
        }
    }

    /// Whether a function in the place of a table may read files and other
    /// hosts so commonly that only listed ones stand there, even when writing.
    pub(crate) fn lists_table_functions(self) -> bool {
        match self {
            Self::Duckdb | Self::Clickhouse | Self::Snowflake | Self::Generic => true,
            Self::Sqlite
            | Self::Postgres
            | Self::Mysql
            | Self::Mssql
            | Self::Oracle
            | Self::Bigquery => false,
        }
    }

    /// Whether a name of a table may be that of a file (`'x.csv'`, `"s3://b/x"`).
    pub(crate) fn reads_files_as_tables(self) -> bool {
        matches!(self, Self::Duckdb | Self::Generic)
    }

    /// Whether `$$text$$` is a string.
    pub(crate) fn has_dollar_strings(self) -> bool {
        matches!(
            self,
            Self::Postgres | Self::Duckdb | Self::Snowflake | Self::Clickhouse
        )
    }

    /// Whether pragmas are tables too: `FROM pragma_table_list`.
    pub(crate) fn has_pragmas(self) -> bool {
        matches!(self, Self::Sqlite | Self::Duckdb | Self::Generic)
    }

    /// Whether `sequence.nextval` reads a sequence, and moves it on.
    pub(crate) fn has_sequence_columns(self) -> bool {
        matches!(self, Self::Oracle | Self::Snowflake | Self::Generic)
    }

    /// Whether a statement may begin without a semicolon before it, so that a
    /// word in the place of an alias may begin one.
    pub(crate) fn stacks_without_semicolon(self) -> bool {
        matches!(self, Self::Mssql | Self::Generic)
    }
}
