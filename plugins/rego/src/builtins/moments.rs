//! Points in time, in nanoseconds since 1970: in UTC, or by the clock of a zone.

use regorus::Value;

use super::arguments::{BuiltinError, text, whole, wrong};
use super::calendar::{DAY, civil, days_of, weekday as name_of};
use super::layouts;
use super::zones::Zone;

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;
/// Digits of a fraction of a duration that count.
const FRACTION_DIGITS: usize = 18;
/// Years further away have no nanoseconds in 64 bits; a year of the
/// calculation has to be a small number.
const YEARS_MAX: i64 = 10_000;

/// A moment, the zone that it is seen in, and how it is written.
struct Seen<'a> {
    moment: i64,
    zone: Zone,
    layout: &'a str,
}

/// `2026-11-28T12:00:00.5+01:00`.
pub(super) fn parse_rfc3339(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    // An hour of one digit is one in Go.
    let moment = match rfc3339(text) {
        Some(moment) => moment,
        None => {
            layouts::read("RFC3339", text).map_err(|_| wrong("not a date and time of RFC 3339"))?
        }
    };
    let moment = i64::try_from(moment).map_err(|_| wrong("out of range"))?;
    Ok(Value::from(moment))
}

/// `1h30m`, `-2.5s`, `100ms`.
pub(super) fn parse_duration(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let duration = duration(text).ok_or_else(|| wrong("not a duration"))?;
    Ok(Value::from(duration))
}

/// What stands in a text of a layout.
pub(super) fn parse(values: &[Value]) -> Result<Value, BuiltinError> {
    let moment = layouts::read(text(values, 0)?, text(values, 1)?)?;
    let moment = i64::try_from(moment).map_err(|_| wrong("out of range"))?;
    Ok(Value::from(moment))
}

/// Year, month and day.
pub(super) fn date(values: &[Value]) -> Result<Value, BuiltinError> {
    let (year, month, day) = civil(seen(values, 0)?.second()?.div_euclid(DAY));
    Ok(list(&[year, month, day]))
}

/// Hour, minute and second.
pub(super) fn clock(values: &[Value]) -> Result<Value, BuiltinError> {
    let second = seen(values, 0)?.second()?.rem_euclid(DAY);
    Ok(list(&[second / 3600, second / 60 % 60, second % 60]))
}

pub(super) fn weekday(values: &[Value]) -> Result<Value, BuiltinError> {
    let day = seen(values, 0)?.second()?.div_euclid(DAY);
    Ok(Value::from(name_of(day)))
}

/// Years, months, days, hours, minutes and seconds between two moments, by the clock of the
/// first.
pub(super) fn diff(values: &[Value]) -> Result<Value, BuiltinError> {
    let (one, other) = (seen(values, 0)?, seen(values, 1)?);
    let zone = one.zone;
    let (first, last) = match one.moment <= other.moment {
        true => (one.moment, other.moment),
        false => (other.moment, one.moment),
    };
    let parts = |moment: i64| -> Result<[i64; 6], BuiltinError> {
        let seen = Seen {
            moment,
            zone,
            layout: "",
        };
        let second = seen.second()?;
        let (year, month, day) = civil(second.div_euclid(DAY));
        let clock = second.rem_euclid(DAY);
        Ok([year, month, day, clock / 3600, clock / 60 % 60, clock % 60])
    };
    let [year, month, ..] = parts(first)?;
    let [years, months, days, hours, minutes, seconds] = {
        let (first, last) = (parts(first)?, parts(last)?);
        let mut between = [0; 6];
        for ((between, first), last) in between.iter_mut().zip(first).zip(last) {
            *between = last - first;
        }
        between
    };
    let carried = |value: i64, size: i64| match value < 0 {
        true => (value + size, 1),
        false => (value, 0),
    };
    let (seconds, less) = carried(seconds, 60);
    let (minutes, less) = carried(minutes - less, 60);
    let (hours, less) = carried(hours - less, 24);
    let length = days_of(year + month / 12, month % 12 + 1, 1) - days_of(year, month, 1);
    let (days, less) = carried(days - less, length);
    let (months, less) = carried(months - less, 12);
    Ok(list(&[years - less, months, days, hours, minutes, seconds]))
}

/// Years, months and days later; the 31st of a month with 30 days is the first
/// of the next.
pub(super) fn add_date(values: &[Value]) -> Result<Value, BuiltinError> {
    let seen = seen(values, 0)?;
    let local = seen.second()?;
    let (days, clock) = (local.div_euclid(DAY), local.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let [years, months, more] = [whole(values, 1)?, whole(values, 2)?, whole(values, 3)?];
    let is_near =
        years.abs() < YEARS_MAX && months.abs() < 12 * YEARS_MAX && more.abs() < 366 * YEARS_MAX;
    if !is_near {
        return Err(wrong("out of range"));
    }
    let months = year * 12 + month - 1 + years * 12 + months;
    let first = days_of(months.div_euclid(12), months.rem_euclid(12) + 1, 1);
    let local = (first + day - 1 + more) * DAY + clock;
    // The offset may be another then.
    let offset = seen.zone.at(local - seen.zone.at(local)?.seconds)?.seconds;
    (local - offset)
        .checked_mul(SECOND)
        .and_then(|moment| moment.checked_add(seen.moment.rem_euclid(SECOND)))
        .map(Value::from)
        .ok_or_else(|| wrong("out of range"))
}

/// `2026-11-28T11:00:00.5Z`, or in another layout.
pub(super) fn format(values: &[Value]) -> Result<Value, BuiltinError> {
    let seen = seen(values, 0)?;
    let offset = seen.zone.at(seen.moment.div_euclid(SECOND))?;
    let layout = match seen.layout {
        "" => layouts::RFC3339_NANO,
        layout => layout,
    };
    Ok(Value::from(layouts::written(layout, seen.moment, &offset)?))
}

/// Nanoseconds, or a list of these, of a zone and of a layout.
fn seen(values: &[Value], place: usize) -> Result<Seen<'_>, BuiltinError> {
    match values.get(place) {
        Some(Value::Array(parts)) => {
            let name = |place: usize| match parts.get(place) {
                None => Ok(""),
                Some(Value::String(text)) => Ok(&**text),
                Some(_) => Err(wrong("a zone or a layout is no text")),
            };
            let first: Vec<Value> = parts.iter().take(1).cloned().collect();
            Ok(Seen {
                moment: whole(&first, 0)?,
                zone: Zone::named(name(1)?)?,
                layout: name(2)?,
            })
        }
        _ => Ok(Seen {
            moment: whole(values, place)?,
            zone: Zone::Utc,
            layout: "",
        }),
    }
}

// === impl Seen ===

impl Seen<'_> {
    /// Seconds since 1970, by the clock of the zone.
    fn second(&self) -> Result<i64, BuiltinError> {
        let second = self.moment.div_euclid(SECOND);
        Ok(second + self.zone.at(second)?.seconds)
    }
}

fn list(numbers: &[i64]) -> Value {
    let values: Vec<_> = numbers.iter().copied().map(Value::from).collect();
    Value::from(values)
}

fn rfc3339(text: &str) -> Option<i128> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| is_number)
    };
    let signs = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if signs
        .iter()
        .any(|(at, sign)| text.get(*at..*at + 1) != Some(*sign))
    {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let days = days_of(year, month, day);
    let is_date = (1..=12).contains(&month) && civil(days) == (year, month, day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = text.get(19..)?;
    let (nanoseconds, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => {
            let end = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (digits, zone) = rest.split_at(end);
            let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
            (
                nine.parse::<i64>().ok().filter(|_| !digits.is_empty())?,
                zone,
            )
        }
        None => (0, rest),
    };
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset(zone)?;
    Some(i128::from(seconds) * i128::from(SECOND) + i128::from(nanoseconds))
}

/// Seconds before UTC: `Z`, `+01:00`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match (zone.strip_prefix('+'), zone.strip_prefix('-')) {
        (Some(rest), _) => (1, rest),
        (_, Some(rest)) => (-1, rest),
        (None, None) => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A duration as Go writes it.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (-1, rest),
        (_, Some(rest)) => (1, rest),
        (None, None) => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut sum: i128 = 0;
    let is_of_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    loop {
        let end = rest.find(|letter| !is_of_number(letter))?;
        let (number, behind) = rest.split_at(end);
        let end = behind.find(is_of_number).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let hours = |count: f64| -> Option<String> {
            let number: f64 = number.parse().ok()?;
            Some((number * count).to_string())
        };
        sum += match unit {
            "ns" => long(number, 1),
            "us" | "µs" | "μs" => long(number, 1000),
            "ms" => long(number, 1_000_000),
            "s" => long(number, SECOND),
            "m" => long(number, 60 * SECOND),
            "h" => long(number, HOUR),
            // In hours, as a number of 64 bits holds them.
            "d" => long(&hours(24.0)?, HOUR),
            "w" => long(&hours(7.0 * 24.0)?, HOUR),
            "y" => long(&hours(365.0 * 24.0)?, HOUR),
            _ => return None,
        }?;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    i64::try_from(sign * sum).ok()
}

/// How long a number of units is.
fn long(number: &str, unit: i64) -> Option<i128> {
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    let is_empty = before.is_empty() && after.is_empty();
    // More digits are far too long.
    if is_empty || after.contains('.') || before.len() > 19 {
        return None;
    }
    let before: i128 = match before {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    // As many digits as 63 bits hold; the product is one of floats.
    let after: String = after.chars().take(FRACTION_DIGITS).collect();
    let fraction: i64 = match after.as_str() {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    let digits = i32::try_from(after.len()).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "as Go calculates it")]
    let part = fraction as f64 * (unit as f64 / 10_f64.powi(digits));
    #[expect(clippy::cast_possible_truncation, reason = "less than a unit")]
    let part = part as i64;
    Some(before * i128::from(unit) + i128::from(part))
}
