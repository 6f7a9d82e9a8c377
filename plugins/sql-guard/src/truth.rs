//! For which rows a condition holds, as far as its form tells.

/// The rows for which a condition holds. `NULL` counts as false, and a column
/// as not null unless the condition asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Every row.
    Always,
    /// No row.
    Never,
    /// All rows or none: it looks at no row.
    Alike,
    /// Every row of most tables: `id IS NOT NULL`.
    Probably,
    /// No row of most tables: `id IS NULL`.
    Hardly,
    /// Some rows.
    Depends,
}

impl Holds {
    pub(crate) fn of(truth: bool) -> Self {
        if truth { Self::Always } else { Self::Never }
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Alike => Self::Alike,
            Self::Probably => Self::Hardly,
            Self::Hardly => Self::Probably,
            Self::Depends => Self::Depends,
        }
    }

    pub(crate) fn negated_if(self, negated: bool) -> Self {
        if negated { self.negated() } else { self }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, rest) | (rest, Self::Always) => rest,
            (Self::Alike, rest) | (rest, Self::Alike) => rest,
            (Self::Hardly, _) | (_, Self::Hardly) => Self::Hardly,
            (Self::Probably, rest) | (rest, Self::Probably) => rest,
            (Self::Depends, Self::Depends) => Self::Depends,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, rest) | (rest, Self::Never) => rest,
            // All rows, for all that is known.
            (Self::Alike, _) | (_, Self::Alike) => Self::Alike,
            (Self::Probably, _) | (_, Self::Probably) => Self::Probably,
            (Self::Hardly, rest) | (rest, Self::Hardly) => rest,
            (Self::Depends, Self::Depends) => Self::Depends,
        }
    }

    /// What one of two conditions says where it is not known which applies.
    pub(crate) fn either(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (
                Self::Always | Self::Never | Self::Alike,
                Self::Always | Self::Never | Self::Alike,
            ) => Self::Depends,
            (Self::Always | Self::Probably, Self::Always | Self::Probably) => Self::Probably,
            (
                Self::Always
                | Self::Never
                | Self::Alike
                | Self::Probably
                | Self::Hardly
                | Self::Depends,
                _,
            ) => Self::Depends,
        }
    }

    /// This where it is known, else open.
    pub(crate) fn and_if(self, known: bool) -> Self {
        if known { self } else { Self::Depends }
    }

    pub(crate) fn likely(self) -> Self {
        match self {
            Self::Always => Self::Probably,
            Self::Never => Self::Hardly,
            Self::Alike | Self::Probably | Self::Hardly | Self::Depends => self,
        }
    }
}
