//! The lists of `data/`, as `build.rs` sorted them: names, each with the
//! dialects it belongs to.

use crate::dialect::Dialect;

/// Sorted names and beginnings of names, each with bits.
pub(crate) struct Names {
    whole: &'static [(&'static str, u16)],
    beginnings: &'static [(&'static str, u16)],
}

include!(concat!(env!("OUT_DIR"), "/names.rs"));

impl Names {
    /// The bits of a name that is listed as a whole, in lower case.
    pub(crate) fn whole(&self, name: &str) -> u16 {
        self.whole
            .binary_search_by(|(listed, _)| (*listed).cmp(name))
            .ok()
            .and_then(|at| self.whole.get(at))
            .map_or(0, |(_, bits)| *bits)
    }

    /// The bits of all listed beginnings of the name.
    pub(crate) fn beginnings(&self, name: &str) -> u16 {
        self.beginnings
            .iter()
            .filter(|(beginning, _)| name.starts_with(beginning))
            .fold(0, |bits, (_, more)| bits | more)
    }

    /// The bits of the name, however it is listed.
    pub(crate) fn any(&self, name: &str) -> u16 {
        self.whole(name) | self.beginnings(name)
    }
}

/// What the lists say of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// It reaches outside the data, or changes something.
    Denied,
    /// It only computes or reads.
    Pure,
    /// No list names it.
    Unknown,
}

/// Where a function stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an expression.
    Value,
    /// Where a table may stand.
    Table,
}

/// What the built-in lists say of a function, by the parts of its name in lower
/// case. In `generic` a function is pure where it is in one dialect and denied
/// in none; in the place of a table it has to mean the same everywhere.
pub(crate) fn listed(dialect: Dialect, parts: &[String], place: Place) -> Listed {
    let Some((name, qualifiers)) = parts.split_last() else {
        return Listed::Unknown;
    };
    let here = match dialect {
        Dialect::Generic => u16::MAX,
        _ => dialect.bit(),
    };
    let tables_here = dialect.bit();
    let qualified = match qualifiers {
        [] => None,
        [.., package] => Some(format!("{package}.{name}")),
    };
    let named_with_package = qualified.as_ref().is_some_and(|whole| {
        PURE.whole(whole) & here != 0 || TABLES.whole(whole) & tables_here != 0
    });
    if named_with_package {
        return Listed::Pure;
    }
    if DENIED.whole(name) & here != 0 || qualifiers.iter().any(|part| DENIED_SCHEMAS.any(part) != 0)
    {
        return Listed::Denied;
    }
    let pure = |bits: u16, tables: u16| match place {
        Place::Value => bits & here != 0,
        Place::Table => {
            tables & tables_here != 0 || (dialect == Dialect::Postgres && bits & here != 0)
        }
    };
    let at_home = |place_bits: u16| {
        qualifiers
            .iter()
            .all(|part| SCHEMAS.whole(part) & place_bits != 0)
    };
    if at_home(here) && pure(PURE.whole(name), TABLES.whole(name)) {
        return Listed::Pure;
    }
    if DENIED.beginnings(name) & here != 0 {
        return Listed::Denied;
    }
    let combined = place == Place::Value && qualifiers.is_empty() && is_combined(name) & here != 0;
    let method = !qualifiers.is_empty() && METHODS.whole(name) & here != 0;
    if combined || method || (at_home(here) && pure(PURE.beginnings(name), TABLES.beginnings(name)))
    {
        return Listed::Pure;
    }
    Listed::Unknown
}

/// `sumIfOrNull`: an aggregate function of ClickHouse with endings.
fn is_combined(name: &str) -> u16 {
    /// More endings than anybody writes.
    const ENDINGS_MAX: usize = 4;

    let mut open = vec![name];
    for _ in 0..=ENDINGS_MAX {
        let mut shorter = Vec::new();
        for name in open {
            let bits = AGGREGATES.whole(name);
            if bits != 0 {
                return bits;
            }
            let cut = |(ending, _): &(&'static str, u16)| name.strip_suffix(ending);
            shorter.extend(COMBINATORS.whole.iter().filter_map(cut));
        }
        open = shorter;
    }
    0
}

/// Whether a setting may be shown: a listed one, or one of an application that
/// is no secret by its name.
pub(crate) fn may_be_shown(setting: &str) -> bool {
    const SECRETS: [&str; 6] = ["secret", "passw", "_key", "apikey", "token", "credential"];

    let own = setting.contains('.') && !SECRETS.iter().any(|word| setting.contains(word));
    own || SHOWN_SETTINGS.any(setting) != 0
}

/// What a pragma that describes may take in parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A table.
    Table,
    /// An index.
    Index,
    /// A number.
    Number,
    /// Nothing.
    Alone,
}

/// Whether the pragma is a describing one and may take this.
pub(crate) fn pragma_takes(pragma: &str, takes: Takes) -> bool {
    let bit = match takes {
        Takes::Table => 0,
        Takes::Index => 1,
        Takes::Number => 2,
        Takes::Alone => 3,
    };
    PRAGMAS.whole(pragma) & (1 << bit) != 0
}

/// The templates of statements that describe, for one dialect.
pub(crate) fn templates(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    TEMPLATES
        .iter()
        .filter(move |(bits, _)| bits & dialect.bit() != 0)
        .map(|(_, template)| *template)
}
