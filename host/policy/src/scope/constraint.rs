//! What one argument may be, and when one such rule is within another.

use std::fmt;

use super::datum::{Datum, comma};
use super::effort::Effort;
use crate::json::{Decimal, Value};
use crate::pattern::Pattern;

/// What a value may be. Values are compared by what they mean: see [`Datum`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// This value.
    Exact(Datum),
    /// A number between two, these included; nothing else.
    Range {
        /// The least.
        min: Option<Decimal>,
        /// The largest.
        max: Option<Decimal>,
    },
    /// One of these values.
    OneOf(Vec<Datum>),
    /// Anything but these values.
    NotOneOf(Vec<Datum>),
    /// An array in which all of these stand.
    Contains(Vec<Datum>),
    /// An array in which nothing else stands.
    Subset(Vec<Datum>),
    /// A text of this pattern, in which `*` stands for any run of characters, but for
    /// none that climbs (`..` between slashes). Without a pattern: anything.
    Wildcard(Option<Pattern>),
    /// What all of these admit.
    All(Vec<Constraint>),
    /// What at least one of these admits.
    Any(Vec<Constraint>),
}

/// Whether a constraint admits a value. Total; false for a value that cannot be compared.
pub fn check(constraint: &Constraint, value: Value<'_>) -> bool {
    Datum::read(value).is_some_and(|datum| constraint.admits(&datum))
}

/// Whether `parent` admits every value that `child` admits. Total. May answer no where
/// the answer is yes; never the other way round.
pub fn subsumes(parent: &Constraint, child: &Constraint) -> bool {
    parent.subsumes(child, &mut Effort::default())
}

impl Constraint {
    /// Whether a value is admitted.
    pub(super) fn admits(&self, value: &Datum) -> bool {
        match (self, value) {
            (Self::Exact(exact), _) => exact == value,
            (Self::Range { min, max }, Datum::Number(number)) => {
                min.as_ref().is_none_or(|min| min <= number)
                    && max.as_ref().is_none_or(|max| number <= max)
            }
            (Self::OneOf(values), _) => values.contains(value),
            (Self::NotOneOf(values), _) => !values.contains(value),
            (Self::Contains(values), Datum::Array(elements)) => {
                values.iter().all(|value| elements.contains(value))
            }
            (Self::Subset(values), Datum::Array(elements)) => {
                elements.iter().all(|element| values.contains(element))
            }
            (Self::Wildcard(None), _) => true,
            (Self::Wildcard(Some(pattern)), Datum::Text(text)) => {
                pattern.matches(text) && !climbs(text)
            }
            (Self::All(constraints), _) => constraints.iter().all(|one| one.admits(value)),
            (Self::Any(constraints), _) => constraints.iter().any(|one| one.admits(value)),
            (
                Self::Range { .. } | Self::Contains(_) | Self::Subset(_) | Self::Wildcard(Some(_)),
                _,
            ) => false,
        }
    }

    /// Whether every value that `child` admits is admitted.
    pub(super) fn subsumes(&self, child: &Self, effort: &mut Effort) -> bool {
        if !effort.take(1) {
            return false;
        }
        // What a child admits one by one is looked at one by one.
        match child {
            Self::Any(children) => {
                return children.iter().all(|child| self.subsumes(child, effort));
            }
            Self::Exact(value) => return self.admits_within(value, effort),
            Self::OneOf(values) => {
                return values.iter().all(|value| self.admits_within(value, effort));
            }
            Self::Range { .. }
            | Self::NotOneOf(_)
            | Self::Contains(_)
            | Self::Subset(_)
            | Self::Wildcard(_)
            | Self::All(_) => {}
        }
        match (self, child) {
            (Self::Wildcard(None), _) => true,
            (Self::All(parents), _) => parents.iter().all(|one| one.subsumes(child, effort)),
            // Nothing that is ruled out may be left in.
            (Self::NotOneOf(values), _) => values
                .iter()
                .all(|value| effort.take(child.size()) && !child.admits(value)),
            (Self::Any(parents), _) if parents.iter().any(|one| one.subsumes(child, effort)) => {
                true
            }
            // What several admit, each of them admits.
            (_, Self::All(children)) => children.iter().any(|one| self.subsumes(one, effort)),
            (
                Self::Range { min, max },
                Self::Range {
                    min: least,
                    max: most,
                },
            ) => {
                let above = |bound: &Decimal| least.as_ref().is_some_and(|least| bound <= least);
                let below = |bound: &Decimal| most.as_ref().is_some_and(|most| most <= bound);
                min.as_ref().is_none_or(above) && max.as_ref().is_none_or(below)
            }
            (Self::Contains(values), Self::Contains(child)) => {
                effort.take(values.len().saturating_mul(child.len()))
                    && values.iter().all(|value| child.contains(value))
            }
            (Self::Subset(values), Self::Subset(child)) => {
                effort.take(values.len().saturating_mul(child.len()))
                    && child.iter().all(|value| values.contains(value))
            }
            (Self::Wildcard(Some(pattern)), Self::Wildcard(Some(child))) => pattern.covers(child),
            (
                Self::Exact(_)
                | Self::Range { .. }
                | Self::OneOf(_)
                | Self::Contains(_)
                | Self::Subset(_)
                | Self::Wildcard(Some(_))
                | Self::Any(_),
                _,
            ) => false,
        }
    }

    fn admits_within(&self, value: &Datum, effort: &mut Effort) -> bool {
        effort.take(self.size().saturating_add(value.size())) && self.admits(value)
    }

    /// Constraints and values in it.
    fn size(&self) -> usize {
        match self {
            Self::Exact(value) => value.size(),
            Self::Range { .. } | Self::Wildcard(_) => 1,
            Self::OneOf(values)
            | Self::NotOneOf(values)
            | Self::Contains(values)
            | Self::Subset(values) => values.iter().map(Datum::size).sum(),
            Self::All(constraints) | Self::Any(constraints) => {
                constraints.iter().map(Self::size).sum()
            }
        }
    }
}

/// Whether a text is a path that leaves where it begins: with it, a pattern that ends in
/// `*` would be no bound.
fn climbs(text: &str) -> bool {
    text.split(['/', '\\']).any(|part| part == "..")
}

/// As JSON, the way that credentials write it.
impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{\"type\":\"{}\"", self.kind())?;
        match self {
            Self::Exact(value) => write!(f, ",\"value\":{value}")?,
            Self::Range { min, max } => {
                for (name, bound) in [("min", min), ("max", max)] {
                    if let Some(bound) = bound {
                        write!(f, ",\"{name}\":{bound}")?;
                    }
                }
            }
            Self::OneOf(values)
            | Self::NotOneOf(values)
            | Self::Contains(values)
            | Self::Subset(values) => list(f, "values", values)?,
            Self::Wildcard(None) => {}
            Self::Wildcard(Some(pattern)) => {
                let pattern = serde_json::Value::from(pattern.as_str());
                write!(f, ",\"pattern\":{pattern}")?;
            }
            Self::All(constraints) | Self::Any(constraints) => {
                list(f, "constraints", constraints)?;
            }
        }
        f.write_str("}")
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, items: &[T]) -> fmt::Result {
    write!(f, ",\"{name}\":[")?;
    for (at, item) in items.iter().enumerate() {
        write!(f, "{}{item}", comma(at))?;
    }
    f.write_str("]")
}

impl Constraint {
    /// Its `type`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Exact(_) => "exact",
            Self::Range { .. } => "range",
            Self::OneOf(_) => "one_of",
            Self::NotOneOf(_) => "not_one_of",
            Self::Contains(_) => "contains",
            Self::Subset(_) => "subset",
            Self::Wildcard(_) => "wildcard",
            Self::All(_) => "all",
            Self::Any(_) => "any",
        }
    }
}
