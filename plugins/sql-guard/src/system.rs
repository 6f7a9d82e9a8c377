//! Columns that the database keeps for each row, whatever the table: `ctid`, `rowid`,
//! `ROWNUM`. What they hold is known, and they are never null.

use sqlparser::ast::Ident;

use crate::dialect::Dialect;

/// A column that the database keeps.
struct Kept {
    name: &'static str,
    /// The least and the largest number that it holds, if it holds numbers.
    numbers: Option<(f64, f64)>,
}

/// The largest number of four bytes.
const FOUR_BYTES: f64 = 4_294_967_295.0;

const fn numbers(name: &'static str, least: f64, most: f64) -> Kept {
    Kept {
        name,
        numbers: Some((least, most)),
    }
}

const fn other(name: &'static str) -> Kept {
    Kept {
        name,
        numbers: None,
    }
}

const POSTGRES: [Kept; 6] = [
    numbers("tableoid", 1.0, FOUR_BYTES),
    numbers("xmin", 1.0, FOUR_BYTES),
    numbers("xmax", 0.0, FOUR_BYTES),
    numbers("cmin", 0.0, FOUR_BYTES),
    numbers("cmax", 0.0, FOUR_BYTES),
    other("ctid"),
];

const ORACLE: [Kept; 3] = [
    other("rowid"),
    numbers("rownum", 1.0, f64::INFINITY),
    numbers("ora_rowscn", 1.0, f64::INFINITY),
];

/// Counted from nothing.
const DUCKDB: [Kept; 1] = [numbers("rowid", 0.0, f64::INFINITY)];

const CLICKHOUSE: [Kept; 10] = [
    other("_part"),
    other("_part_uuid"),
    other("_partition_id"),
    other("_table"),
    other("_database"),
    numbers("_part_index", 0.0, f64::INFINITY),
    numbers("_part_offset", 0.0, f64::INFINITY),
    numbers("_block_number", 0.0, f64::INFINITY),
    numbers("_block_offset", 0.0, f64::INFINITY),
    // Rows that are deleted are not seen.
    numbers("_row_exists", 1.0, 1.0),
];

/// Elsewhere a table may have columns of its own with the other names.
const GENERIC: [Kept; 2] = [numbers("tableoid", 1.0, FOUR_BYTES), other("ctid")];

/// The numbers that a column of this name holds in every row.
pub(crate) fn numbers_of(column: &Ident, dialect: Dialect) -> Option<(f64, f64)> {
    kept(column, dialect)?.numbers
}

/// Whether a column of this name is one that the database keeps.
pub(crate) fn is_kept(column: &Ident, dialect: Dialect) -> bool {
    kept(column, dialect).is_some()
}

/// Whether two names are of the same column: SQLite has three for the number of a row.
pub(crate) fn is_same(one: &Ident, other: &Ident, dialect: Dialect) -> bool {
    let is_row = |column: &Ident| {
        ["rowid", "_rowid_", "oid"]
            .iter()
            .any(|name| column.value.eq_ignore_ascii_case(name))
    };
    one.value.eq_ignore_ascii_case(&other.value)
        || (dialect == Dialect::Sqlite && is_row(one) && is_row(other))
}

fn kept(column: &Ident, dialect: Dialect) -> Option<&'static Kept> {
    let all: &'static [Kept] = match dialect {
        Dialect::Postgres => &POSTGRES,
        Dialect::Oracle => &ORACLE,
        Dialect::Duckdb => &DUCKDB,
        Dialect::Clickhouse => &CLICKHOUSE,
        Dialect::Generic => &GENERIC,
        Dialect::Sqlite
        | Dialect::Mysql
        | Dialect::Mssql
        | Dialect::Snowflake
        | Dialect::Bigquery => &[],
    };
    all.iter()
        .find(|kept| kept.name.eq_ignore_ascii_case(&column.value))
}
