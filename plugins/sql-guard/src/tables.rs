//! Which tables may be read and written, by the names that SQL gives them.

use gatewright_sdk::Pattern;
use sqlparser::ast::{Ident, ObjectName};

use crate::settings::Dialect;

/// The lists of the operator.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) dialect: Dialect,
    pub(crate) default_schema: Option<String>,
    pub(crate) read: Vec<Pattern>,
    pub(crate) write: Vec<Pattern>,
    pub(crate) denied: Vec<Pattern>,
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
        if parts.is_empty() || self.is_denied(&parts) {
            return false;
        }
        let spelled: Vec<String> = parts.iter().map(|part| self.as_catalogued(part)).collect();
        let name = match (spelled.split_first(), &self.default_schema) {
            (Some((schema, [table])), Some(default)) if schema == default => table.clone(),
            _ => spelled.join("."),
        };
        let patterns = match used {
            Use::Read => &self.read,
            Use::Write => &self.write,
        };
        patterns
            .iter()
            .any(|pattern| self.pattern_fits(pattern, &name))
    }

    /// Denied names lose their case and match at any depth: `secrets` stands
    /// for `app.secrets` too.
    fn is_denied(&self, parts: &[&Ident]) -> bool {
        let lower: Vec<String> = parts.iter().map(|part| part.value.to_lowercase()).collect();
        let tails = (0..lower.len())
            .filter_map(|from| lower.get(from..))
            .map(|tail| tail.join("."));
        let mut names: Vec<String> = tails.collect();
        if let ([only], Some(default)) = (lower.as_slice(), &self.default_schema) {
            names.push(format!("{}.{only}", default.to_lowercase()));
        }
        self.denied
            .iter()
            .map(|pattern| Pattern::new(pattern.as_str().to_lowercase()))
            .any(|pattern| names.iter().any(|name| pattern.matches(name)))
    }

    /// `public.orders` in a list means `orders`, where `public` is the default.
    fn pattern_fits(&self, pattern: &Pattern, name: &str) -> bool {
        let text = pattern.as_str();
        let short = self
            .default_schema
            .as_ref()
            .and_then(|schema| text.strip_prefix(schema.as_str())?.strip_prefix('.'));
        // `*` alone means every table; a longer pattern without a dot does not
        // reach into other schemas.
        let same_depth = |pattern: &str| {
            pattern == "*" || pattern.matches('.').count() == name.matches('.').count()
        };
        match self.dialect {
            Dialect::Sqlite => {
                let text = short.unwrap_or(text).to_lowercase();
                same_depth(&text) && Pattern::new(text.as_str()).matches(name)
            }
            Dialect::Generic | Dialect::Postgres | Dialect::Mysql => {
                let text = short.unwrap_or(text);
                same_depth(text) && Pattern::new(text).matches(name)
            }
        }
    }

    /// The name as the database files it: PostgreSQL lowers what is not quoted,
    /// SQLite ignores case.
    fn as_catalogued(&self, part: &Ident) -> String {
        match (self.dialect, part.quote_style) {
            (Dialect::Postgres, None) | (Dialect::Sqlite, _) => part.value.to_lowercase(),
            (Dialect::Postgres, Some(_)) | (Dialect::Generic | Dialect::Mysql, _) => {
                part.value.clone()
            }
        }
    }
}

/// The parts of a name, unless one of them is computed.
pub(crate) fn idents(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(|part| part.as_ident()).collect()
}
