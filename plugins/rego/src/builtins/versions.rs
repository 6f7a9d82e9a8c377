//! Versions by SemVer 2.0, with a `v` before them where one stands there, as OPA has them.

use std::cmp::Ordering;

use regorus::Value;

use super::arguments::{BuiltinError, text};

/// A version; what stands behind a `+` does not count.
struct Version<'a> {
    numbers: [i64; 3],
    /// What comes before the release, by its parts; none for the release.
    before: Vec<&'a str>,
}

pub(super) fn compare(values: &[Value]) -> Result<Value, BuiltinError> {
    let version = |place: usize| -> Result<Version<'_>, BuiltinError> {
        let text = text(values, place)?;
        let problem = || BuiltinError::new(format!("argument {} is no version", place + 1));
        Version::parse(text).ok_or_else(problem)
    };
    Ok(Value::from(match version(0)?.order(&version(1)?) {
        Ordering::Less => -1_i64,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

/// Whether a text is a version; what is no text is none.
pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let version = text(values, 0).ok().and_then(Version::parse);
    Ok(Value::from(version.is_some()))
}

// === impl Version ===

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = split(text, '+');
        let (text, before) = split(text, '-');
        let is_part = |part: &&str| {
            let is_letter = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
            !part.is_empty() && part.bytes().all(is_letter)
        };
        let before: Vec<_> = before.map(|it| it.split('.').collect()).unwrap_or_default();
        let mut build = build.into_iter().flat_map(|it| it.split('.'));
        let is_read =
            before.iter().all(|it| is_part(it) && is_short(it)) && build.all(|it| is_part(&it));
        let mut parts = text.split('.').map(|part| {
            let is_number = is_decimal(part) && is_short(part);
            part.parse().ok().filter(|_| is_number)
        });
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        (is_read && parts.next().is_none()).then_some(Self { numbers, before })
    }

    fn order(&self, other: &Self) -> Ordering {
        let is_release = |it: &Self| it.before.is_empty();
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| is_release(self).cmp(&is_release(other)))
            .then_with(|| {
                let pairs = self.before.iter().zip(&other.before);
                let mut orders = pairs.map(|(one, other)| order_of_parts(one, other));
                orders
                    .find(|order| order.is_ne())
                    .unwrap_or_else(|| self.before.len().cmp(&other.before.len()))
            })
    }
}

fn split(text: &str, sign: char) -> (&str, Option<&str>) {
    match text.split_once(sign) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

fn is_decimal(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit())
}

/// A number has no zeros before it.
fn is_short(part: &str) -> bool {
    !(part.len() > 1 && part.starts_with('0') && is_decimal(part))
}

/// Numbers come before words; those beyond 64 bits are all the largest one.
fn order_of_parts(one: &str, other: &str) -> Ordering {
    let number = |part: &str| part.parse::<i64>().unwrap_or(i64::MAX);
    match (is_decimal(one), is_decimal(other)) {
        (true, true) => number(one).cmp(&number(other)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => one.cmp(other),
    }
}
