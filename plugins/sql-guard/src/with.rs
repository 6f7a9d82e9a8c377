//! The names that `WITH` gives, and where they are known. A name is known after
//! its own query (in its own query too where it is recursive); before that it
//! is a table.

use sqlparser::ast::{Ident, ObjectName, Query};

use crate::address::address;
use crate::scope::copied;
use crate::tables::idents;

/// The names in scope, outermost query first.
#[derive(Default)]
pub(crate) struct WithNames(Vec<Scope>);

/// The names of one query, each with the address of its own query.
struct Scope {
    names: Vec<(usize, Ident)>,
    /// Names that give every row of a table, with that table.
    copies: Vec<(String, String)>,
    recursive: bool,
    known: usize,
}

impl WithNames {
    /// Whether the table is one of these names. With a schema it never is.
    pub(crate) fn knows(&self, name: &ObjectName) -> bool {
        let Some(parts) = idents(name) else {
            return false;
        };
        let [only] = parts.as_slice() else {
            return false;
        };
        let known = |scope: &Scope| {
            scope
                .names
                .iter()
                .take(scope.known)
                .any(|(_, given)| surely_equal(given, only))
        };
        self.0.iter().any(known)
    }

    /// Goes into a query, which may be that of a name.
    pub(crate) fn enter(&mut self, query: &Query) {
        if let Some((scope, at)) = self.named(query) {
            scope.known = if scope.recursive { at + 1 } else { at };
        }
        let with = query.with.as_ref();
        let names = with.iter().flat_map(|with| &with.cte_tables);
        self.0.push(Scope {
            copies: names
                .clone()
                .filter_map(|cte| Some((cte.alias.name.value.to_lowercase(), copied(&cte.query)?)))
                .collect(),
            names: names
                .map(|cte| (address(cte.query.as_ref()), cte.alias.name.clone()))
                .collect(),
            recursive: with.is_some_and(|with| with.recursive),
            known: 0,
        });
    }

    /// Comes out of the query.
    pub(crate) fn leave(&mut self, query: &Query) {
        self.0.pop();
        if let Some((scope, at)) = self.named(query) {
            scope.known = at + 1;
        }
    }

    /// Names that give every row of one of the tables.
    pub(crate) fn copies_of<'a>(&'a self, tables: &'a [String]) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .flat_map(|scope| &scope.copies)
            .filter(|(_, table)| tables.contains(table))
            .map(|(name, _)| name.clone())
    }

    fn named(&mut self, query: &Query) -> Option<(&mut Scope, usize)> {
        let scope = self.0.last_mut()?;
        let at = scope
            .names
            .iter()
            .position(|(place, _)| *place == address(query))?;
        Some((scope, at))
    }
}

/// Whether every database takes the two for the same name, whatever it thinks
/// of case and quotes.
fn surely_equal(left: &Ident, right: &Ident) -> bool {
    let lower = || left.value.chars().all(|letter| !letter.is_uppercase());
    left.value == right.value
        && (left.quote_style.is_some() == right.quote_style.is_some() || lower())
}
