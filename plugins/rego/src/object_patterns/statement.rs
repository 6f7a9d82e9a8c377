//! A statement with a pattern in it, and what is asked for behind it.

use regorus::unstable::LiteralStmt;

use crate::edits::Edits;
use crate::places::Places;

/// A statement, with what is put into it and behind it.
pub(super) struct Statement<'a> {
    pub(super) statement: &'a LiteralStmt,
    /// What `with` says in it, for those behind it.
    pub(super) replaced: String,
    pub(super) edits: Edits,
    pub(super) behind: Vec<String>,
}

// === impl Statement ===

impl Statement<'_> {
    /// All that is changed in it.
    pub(super) fn closed(mut self, places: &Places<'_>) -> Edits {
        if self.behind.is_empty() {
            return self.edits;
        }
        let behind = self.behind.iter();
        let behind: String = behind
            .map(|statement| format!("; {statement}{}", self.replaced))
            .collect();
        let end = places.end(self.statement.span.end);
        self.edits.insert(end, behind);
        self.edits
    }
}
