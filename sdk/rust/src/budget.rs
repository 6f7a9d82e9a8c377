//! What is spent of a budget.

use crate::Budget;

impl Budget {
    /// What is left of it in the window that the call falls in.
    pub const fn left(&self) -> u64 {
        self.limit.saturating_sub(self.spent)
    }
}
