//! Which tables may be read and written, by the names that SQL gives them.

use gatewright_sdk::Pattern;
use sqlparser::ast::{Ident, ObjectName};

use crate::dialect::{Dialect, Folding};

/// The lists of the operator.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) dialect: Dialect,
    pub(crate) default_schema: Option<String>,
    pub(crate) read: Listed,
    pub(crate) write: Listed,
    pub(crate) denied: Denied,
    /// Tables of the schema `sys` that pass all the same.
    pub(crate) describing: &'static [&'static str],
}

/// Patterns of tables that may be used, as the database files names.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// `*` alone: every table of every schema.
    has_all: bool,
    /// Each with its depth: a pattern without a dot does not reach into other schemas.
    patterns: Vec<(usize, Pattern)>,
}

/// Patterns of tables that nobody may use, in small letters.
#[derive(Clone, Debug)]
pub(crate) struct Denied {
    /// Whole names, sorted.
    names: Vec<String>,
    /// Others, each with what is before its first `*`.
    patterns: Vec<(String, Pattern)>,
}

/// What a statement does to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Its rows are read.
    Read,
    /// Its rows, or the table itself, are changed.
    Write,
}

impl Tables {
    /// Whether the table may be used like this.
    pub(crate) fn allow(&self, name: &ObjectName, used: Use) -> bool {
        let Some(parts) = idents(name) else {
            return false;
        };
        if parts.is_empty()
            || self.is_denied(&parts)
            || self.is_a_file(&parts)
            || self.is_elsewhere(&parts)
        {
            return false;
        }
        let spelled: Vec<String> = parts.iter().map(|part| self.as_catalogued(part)).collect();
        let name = match (spelled.split_first(), &self.default_schema) {
            (Some((schema, [table])), Some(default)) if schema == default => table.clone(),
            _ => spelled.join("."),
        };
        match used {
            Use::Read => self.read.fits(&name),
            Use::Write => self.write.fits(&name),
        }
    }

    /// `FROM server.database.dbo.t` of T-SQL, `FROM t@link` of Oracle is told by its
    /// sign: a table of another server.
    fn is_elsewhere(&self, parts: &[&Ident]) -> bool {
        let describes = parts
            .iter()
            .any(|part| part.value.eq_ignore_ascii_case("information_schema"));
        matches!(self.dialect, Dialect::Mssql | Dialect::Generic) && parts.len() > 3 && !describes
    }

    /// `FROM '/etc/passwd'`, `FROM "s3://b/x.parquet"`, `FROM @stage/x.csv`: some
    /// databases read a file there.
    fn is_a_file(&self, parts: &[&Ident]) -> bool {
        let stage = parts.iter().any(|part| {
            part.quote_style.is_none()
                && part.value.contains(['@', '/', ':', '\\', '~'])
                && !(self.dialect == Dialect::Mssql && part.value.starts_with('@'))
        });
        let quoted = self.dialect.reads_files_as_tables()
            && parts.iter().any(|part| {
                part.quote_style == Some('\'')
                    || (part.quote_style.is_some()
                        && (part.value.contains(['/', ':', '\\', '?', '~'])
                            // BigQuery names several tables so, and reads no files.
                            || (part.value.contains('*') && part.quote_style != Some('`'))
                            || has_file_ending(&part.value)))
            });
        // DuckDB puts the parts together again: `FROM people.csv`.
        let joined = self.dialect.reads_files_as_tables()
            && parts.len() > 1
            && parts.last().is_some_and(|last| is_data_ending(&last.value));
        stage || quoted || joined
    }

    /// Denied names lose their case and match at any depth: `secrets` stands
    /// for `app.secrets` too.
    fn is_denied(&self, parts: &[&Ident]) -> bool {
        let lower: Vec<String> = parts.iter().map(|part| part.value.to_lowercase()).collect();
        if let [.., schema, table] = lower.as_slice()
            && schema == "sys"
            && self.describing.contains(&table.as_str())
        {
            return false;
        }
        let tails = (0..lower.len())
            .filter_map(|from| lower.get(from..))
            .map(|tail| tail.join("."));
        let with_default = match (lower.as_slice(), &self.default_schema) {
            ([only], Some(default)) => Some(format!("{}.{only}", default.to_lowercase())),
            (_, Some(_) | None) => None,
        };
        tails
            .chain(with_default)
            .any(|name| self.denied.fits(&name))
    }

    /// The name as the database files it.
    fn as_catalogued(&self, part: &Ident) -> String {
        match (self.dialect.folding(), part.quote_style) {
            (Folding::Lower, None) | (Folding::Ignored, _) => part.value.to_ascii_lowercase(),
            (Folding::Upper, None) => part.value.to_ascii_uppercase(),
            (Folding::Lower | Folding::Upper, Some(_)) | (Folding::None, _) => part.value.clone(),
        }
    }
}

impl Listed {
    /// Patterns as the operator writes them: `public.orders` means `orders`, where `public` is
    /// the default.
    pub(crate) fn new(
        patterns: &[Pattern],
        dialect: Dialect,
        default_schema: Option<&str>,
    ) -> Self {
        let written = patterns.iter().map(|pattern| {
            let text = pattern.as_str();
            let short =
                default_schema.and_then(|schema| text.strip_prefix(schema)?.strip_prefix('.'));
            let text = short.unwrap_or(text);
            match dialect.folding() {
                Folding::Ignored => text.to_ascii_lowercase(),
                Folding::Upper => text.to_ascii_uppercase(),
                Folding::None | Folding::Lower => text.to_owned(),
            }
        });
        let written: Vec<String> = written.collect();
        Self {
            has_all: written.iter().any(|text| text == "*"),
            patterns: written
                .into_iter()
                .map(|text| (text.matches('.').count(), Pattern::new(text)))
                .collect(),
        }
    }

    fn fits(&self, name: &str) -> bool {
        self.has_all || {
            let depth = name.matches('.').count();
            self.patterns
                .iter()
                .any(|(own, pattern)| *own == depth && pattern.matches(name))
        }
    }
}

impl Denied {
    /// Patterns in small letters.
    pub(crate) fn new(patterns: Vec<Pattern>) -> Self {
        let (whole, others): (Vec<Pattern>, Vec<Pattern>) = patterns
            .into_iter()
            .partition(|pattern| !pattern.as_str().contains('*'));
        let mut names: Vec<String> = whole
            .iter()
            .map(|pattern| pattern.as_str().to_owned())
            .collect();
        names.sort_unstable();
        let head = |pattern: Pattern| {
            let head = pattern.as_str().split('*').next().unwrap_or_default();
            (head.to_owned(), pattern)
        };
        Self {
            names,
            patterns: others.into_iter().map(head).collect(),
        }
    }

    fn fits(&self, name: &str) -> bool {
        let is_listed = self
            .names
            .binary_search_by(|known| known.as_str().cmp(name));
        is_listed.is_ok()
            || self
                .patterns
                .iter()
                .any(|(head, pattern)| name.starts_with(head.as_str()) && pattern.matches(name))
    }
}

/// Endings of files that databases read as tables.
const FILE_ENDINGS: [&str; 32] = [
    "arrow", "avro", "bin", "bz2", "conf", "csv", "db", "dat", "delta", "duckdb", "feather",
    "geojson", "gz", "ini", "ipc", "json", "jsonl", "log", "ndjson", "orc", "parquet", "shp",
    "sqlite", "sqlite3", "tsv", "txt", "xls", "xlsx", "xml", "yaml", "yml", "zst",
];

/// Endings of files that are read where a name in parts is that of no table.
const DATA_ENDINGS: [&str; 12] = [
    "arrow", "arrows", "csv", "geojson", "gz", "json", "jsonl", "ndjson", "parquet", "tsv", "xlsx",
    "zst",
];

fn is_data_ending(name: &str) -> bool {
    DATA_ENDINGS
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn has_file_ending(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| {
        FILE_ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// The parts of a name, unless one of them is computed.
pub(crate) fn idents(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(|part| part.as_ident()).collect()
}
