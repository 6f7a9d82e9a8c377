//! How an argument compares to what a rule wants.

/// How an argument compares to what a rule wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is what the rule wants.
    Holds,
    /// It is not, and why.
    Fails(String),
    /// It is of a kind that the test does not know (a number written as text,
    /// say). Allows nothing, and lets denying and asking rules decide: what the
    /// gate cannot read must not slip past them.
    Unclear(String),
}

// === impl Reading ===

impl Reading {
    /// Both: a failure outweighs what is unclear.
    #[must_use]
    pub fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Fails(_) => self,
            Self::Holds => other(),
            Self::Unclear(_) => match other() {
                failure @ Self::Fails(_) => failure,
                Self::Holds | Self::Unclear(_) => self,
            },
        }
    }
}
