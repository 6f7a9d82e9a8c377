//! Names in a message.

use std::fmt;

/// Names that a message lists before it counts the rest.
const NAMES_SHOWN_MAX: usize = 8;

/// Names in backticks, the first few of them.
pub(crate) struct Listed<'a>(pub(crate) &'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (place, name) in self.0.iter().take(NAMES_SHOWN_MAX).enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}`{name}`")?;
        }
        match self.0.len().saturating_sub(NAMES_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
