//! The names of a plain query: tables, functions, aliases.

use sqlparser::ast::{Ident, ObjectName};
use sqlparser::keywords::ALL_KEYWORDS;

use super::words::{Sort, Token};
use crate::callable::may_call;
use crate::dialect::Dialect;
use crate::names::Place;
use crate::settings::Settings;
use crate::stacked::begins_a_statement;
use crate::tables::Use;

/// What was asked about names so far.
pub(super) struct Names<'a> {
    settings: &'a Settings,
    /// Names that `WITH` gives, known from here on.
    with: Vec<&'a str>,
    tables: Vec<&'a [Token<'a>]>,
    functions: Vec<&'a str>,
}

/// The longest keyword of the parser.
const KEYWORD_MAX: usize = 40;

// === impl Names ===

impl<'a> Names<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            with: Vec::new(),
            tables: Vec::new(),
            functions: Vec::new(),
        }
    }

    pub(super) fn is_of(&self, dialect: Dialect) -> bool {
        self.settings.dialect == dialect
    }

    /// From here on the name stands for its own query, spelled like this.
    pub(super) fn gives(&mut self, name: &'a str) {
        self.with.push(name);
    }

    /// A table by the parts of its name, with the dots between them; whether a word
    /// stands behind it.
    pub(super) fn table(&mut self, parts: &'a [Token<'a>], is_followed: bool) -> Option<()> {
        if let [only] = parts
            && matches!(only.sort, Sort::Word(_))
        {
            // It may be none of the name: `FROM ONLY t`.
            (!is_followed || !is_keyword(only.text)).then_some(())?;
            if self.with.contains(&only.text) {
                return Some(());
            }
        }
        let is_known = |known: &&[Token<'_>]| {
            known.len() == parts.len()
                && known
                    .iter()
                    .zip(parts)
                    .all(|(known, part)| known.sort == part.sort && known.text == part.text)
        };
        if self.tables.iter().any(is_known) {
            return Some(());
        }
        let mut name = Vec::new();
        for part in parts.iter().filter(|part| part.sort != Sort::Dot) {
            name.push(match part.sort {
                Sort::Quoted(quote) => Ident::with_quote(char::from(quote), part.text),
                _ => Ident::new(part.text),
            });
        }
        let allowed = self
            .settings
            .tables
            .allow(&ObjectName::from(name), Use::Read);
        allowed.then(|| self.tables.push(parts))
    }

    pub(super) fn function(&mut self, name: &'a str) -> Option<()> {
        if self.functions.contains(&name) {
            return Some(());
        }
        let lower = name.to_ascii_lowercase();
        // What it shows depends on its argument.
        (lower != "current_setting").then_some(())?;
        may_call(self.settings, &[lower], Place::Value).ok()?;
        self.functions.push(name);
        Some(())
    }

    /// A word in the place of an alias, which may mean something else there; less behind
    /// `AS`.
    pub(super) fn alias(&self, alias: &Token<'_>, is_behind_as: bool) -> Option<()> {
        let fits = match alias.sort {
            Sort::Quoted(_) => true,
            _ => {
                !begins_a_statement(self.settings.dialect, alias.text)
                    && (is_behind_as || !is_keyword(alias.text))
            }
        };
        fits.then_some(())
    }
}

fn is_keyword(word: &str) -> bool {
    let mut upper = [0; KEYWORD_MAX];
    let Some(room) = upper.get_mut(..word.len()) else {
        return false;
    };
    room.copy_from_slice(word.as_bytes());
    room.make_ascii_uppercase();
    ALL_KEYWORDS
        .binary_search_by(|known| known.as_bytes().cmp(room))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_keyword_is_longer_than_what_is_compared() {
        for keyword in ALL_KEYWORDS {
            assert!(keyword.len() <= KEYWORD_MAX, "{keyword}");
        }
        assert!(ALL_KEYWORDS.is_sorted());
    }
}
