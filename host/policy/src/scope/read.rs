//! Reading constraints, strictly: what is not known denies, so it is an error.

use super::constraint::Constraint;
use super::datum::Datum;
use crate::json::{Decimal, Kind, Value};
use crate::pattern::Pattern;

/// Most values, or constraints, in one list.
const LIST_MAX: usize = 256;

/// Deepest `all` and `any`.
const DEPTH_MAX: usize = 8;

/// Why a constraint is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConstraintError {
    /// Not an object with a text `type`.
    #[error("is not an object with a `type`")]
    NoType,
    /// A type that is not one of the nine.
    #[error("has a type that is not known here")]
    UnknownType,
    /// A member that its type does not have.
    #[error("has a member that its type does not have")]
    UnknownMember,
    /// A member is missing, or is not what the type asks for.
    #[error("has a member that is missing, or is not what its type asks for")]
    BadMember,
    /// A list without anything in it, or with too much.
    #[error("has a list that is empty or longer than {LIST_MAX}")]
    BadList,
    /// A range without an end, or that nothing is in.
    #[error("has a range with no bound, or with nothing in it")]
    BadRange,
    /// A number that nobody could compare.
    #[error("has a number that is too large or too small")]
    BadNumber,
    /// A pattern that climbs, or has characters that stand for nothing.
    #[error("has a pattern with a `..` in its path, or with a noncharacter")]
    BadPattern,
    /// Too many levels.
    #[error("is nested deeper than {DEPTH_MAX}")]
    TooDeep,
}

impl Constraint {
    /// Reads `{"type": "one_of", "values": ["a", "b"]}`. `beside`: members that belong to
    /// whoever asks.
    pub(super) fn read(value: Value<'_>, beside: &[&str]) -> Result<Self, ConstraintError> {
        read(value, beside, 0)
    }
}

fn read(value: Value<'_>, beside: &[&str], depth: usize) -> Result<Constraint, ConstraintError> {
    use ConstraintError as Error;
    if depth > DEPTH_MAX {
        return Err(Error::TooDeep);
    }
    let kind = value.get("type").and_then(|kind| kind.as_text());
    let kind = kind.ok_or(Error::NoType)?;
    let known: &[&str] = match &*kind {
        "exact" => &["value"],
        "range" => &["min", "max"],
        "one_of" | "not_one_of" | "contains" | "subset" => &["values"],
        "wildcard" => &["pattern"],
        "all" | "any" => &["constraints"],
        _ => return Err(Error::UnknownType),
    };
    let is_known = |name: &str| name == "type" || known.contains(&name) || beside.contains(&name);
    if value.members().any(|(name, _)| !is_known(&name)) {
        return Err(Error::UnknownMember);
    }
    Ok(match &*kind {
        "exact" => {
            let exact = value.get("value").ok_or(Error::BadMember)?;
            Constraint::Exact(Datum::read(exact).ok_or(Error::BadNumber)?)
        }
        "range" => range(value)?,
        "one_of" => Constraint::OneOf(values(value)?),
        "not_one_of" => Constraint::NotOneOf(values(value)?),
        "contains" => Constraint::Contains(values(value)?),
        "subset" => Constraint::Subset(values(value)?),
        "wildcard" => wildcard(value)?,
        _all_or_any => {
            let parts = list(value, "constraints")?
                .map(|part| read(part, &[], depth + 1))
                .collect::<Result<_, _>>()?;
            match &*kind {
                "all" => Constraint::All(parts),
                _any => Constraint::Any(parts),
            }
        }
    })
}

fn range(value: Value<'_>) -> Result<Constraint, ConstraintError> {
    let bound = |name| match value.get(name) {
        None => Ok(None),
        Some(bound) if bound.kind() == Kind::Number => Decimal::parse(bound.json())
            .map(Some)
            .ok_or(ConstraintError::BadNumber),
        Some(_) => Err(ConstraintError::BadMember),
    };
    let (min, max) = (bound("min")?, bound("max")?);
    match (&min, &max) {
        (None, None) => Err(ConstraintError::BadRange),
        (Some(min), Some(max)) if min > max => Err(ConstraintError::BadRange),
        (Some(_) | None, Some(_) | None) => Ok(Constraint::Range { min, max }),
    }
}

/// A pattern without `*` is a text, and is kept as one.
fn wildcard(value: Value<'_>) -> Result<Constraint, ConstraintError> {
    let Some(pattern) = value.get("pattern") else {
        return Ok(Constraint::Wildcard(None));
    };
    let pattern = pattern.as_text().ok_or(ConstraintError::BadMember)?;
    if !pattern.contains('*') {
        return Ok(Constraint::Exact(Datum::Text(pattern.into_owned())));
    }
    let is_noncharacter = |c: char| matches!(u32::from(c) & 0xFFFF, 0xFFFE | 0xFFFF);
    let climbs = pattern.split(['/', '\\']).any(|part| part == "..");
    if climbs || pattern.contains(is_noncharacter) {
        return Err(ConstraintError::BadPattern);
    }
    Ok(Constraint::Wildcard(Some(Pattern::new(pattern))))
}

fn values(value: Value<'_>) -> Result<Vec<Datum>, ConstraintError> {
    list(value, "values")?
        .map(|one| Datum::read(one).ok_or(ConstraintError::BadNumber))
        .collect()
}

fn list<'a>(
    value: Value<'a>,
    name: &str,
) -> Result<impl Iterator<Item = Value<'a>> + use<'a>, ConstraintError> {
    let list = value.get(name).ok_or(ConstraintError::BadMember)?;
    match list.kind() {
        Kind::Array(count) if (1..=LIST_MAX).contains(&(count as usize)) => Ok(list.elements()),
        Kind::Array(_) => Err(ConstraintError::BadList),
        Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text | Kind::Object(_) => {
            Err(ConstraintError::BadMember)
        }
    }
}
