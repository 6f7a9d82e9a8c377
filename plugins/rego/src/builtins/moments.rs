//! Points in time, in nanoseconds since 1970, and in UTC: other zones are not
//! known, and an error.

use regorus::Value;

use super::arguments::{BuiltinError, text, whole, wrong};

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];
/// Years further away have no nanoseconds in 64 bits; a year of the
/// calculation has to be a small number.
const YEARS_MAX: i64 = 10_000;

/// `2026-11-28T12:00:00.5+01:00`.
pub(super) fn parse_rfc3339(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let moment = rfc3339(text).ok_or_else(|| wrong("not a date and time of RFC 3339"))?;
    let moment = i64::try_from(moment).map_err(|_| wrong("out of range"))?;
    Ok(Value::from(moment))
}

/// `1h30m`, `-2.5s`, `100ms`.
pub(super) fn parse_duration(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let duration = duration(text).ok_or_else(|| wrong("not a duration"))?;
    Ok(Value::from(duration))
}

/// Year, month and day.
pub(super) fn date(values: &[Value]) -> Result<Value, BuiltinError> {
    let (year, month, day) = civil(moment(values)?.div_euclid(SECOND).div_euclid(DAY));
    Ok(list(&[year, month, day]))
}

/// Hour, minute and second.
pub(super) fn clock(values: &[Value]) -> Result<Value, BuiltinError> {
    let second = moment(values)?.div_euclid(SECOND).rem_euclid(DAY);
    Ok(list(&[second / 3600, second / 60 % 60, second % 60]))
}

pub(super) fn weekday(values: &[Value]) -> Result<Value, BuiltinError> {
    let day = moment(values)?.div_euclid(SECOND).div_euclid(DAY);
    let place = usize::try_from(day.rem_euclid(7)).unwrap_or_default();
    Ok(Value::from(
        WEEKDAYS.get(place).copied().unwrap_or_default(),
    ))
}

/// Years, months and days later; the 31st of a month with 30 days is the first
/// of the next.
pub(super) fn add_date(values: &[Value]) -> Result<Value, BuiltinError> {
    let moment = moment(values)?;
    let (days, rest) = (
        moment.div_euclid(SECOND * DAY),
        moment.rem_euclid(SECOND * DAY),
    );
    let (year, month, day) = civil(days);
    let [years, months, more] = [whole(values, 1)?, whole(values, 2)?, whole(values, 3)?];
    let is_near =
        years.abs() < YEARS_MAX && months.abs() < 12 * YEARS_MAX && more.abs() < 366 * YEARS_MAX;
    if !is_near {
        return Err(wrong("out of range"));
    }
    let months = year * 12 + month - 1 + years * 12 + months;
    let first = days_of(months.div_euclid(12), months.rem_euclid(12) + 1, 1);
    (first + day - 1 + more)
        .checked_mul(SECOND * DAY)
        .and_then(|moment| moment.checked_add(rest))
        .map(Value::from)
        .ok_or_else(|| wrong("out of range"))
}

/// `2026-11-28T11:00:00.5Z`.
pub(super) fn format(values: &[Value]) -> Result<Value, BuiltinError> {
    let moment = moment(values)?;
    let second = moment.div_euclid(SECOND);
    let (year, month, day) = civil(second.div_euclid(DAY));
    let second = second.rem_euclid(DAY);
    let fraction = format!("{:09}", moment.rem_euclid(SECOND));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(Value::from(format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}{point}{fraction}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )))
}

/// Nanoseconds, or a list of these and of the zone `UTC`.
fn moment(values: &[Value]) -> Result<i64, BuiltinError> {
    match values.first() {
        Some(Value::Array(parts)) => {
            let is_utc = parts
                .iter()
                .skip(1)
                .all(|zone| matches!(zone, Value::String(zone) if matches!(&**zone, "" | "UTC")));
            if !is_utc || parts.len() > 2 {
                return Err(wrong("only the zone `UTC` is known, and no layout"));
            }
            let first: Vec<Value> = parts.iter().take(1).cloned().collect();
            whole(&first, 0)
        }
        _ => whole(values, 0),
    }
}

fn list(numbers: &[i64]) -> Value {
    let values: Vec<_> = numbers.iter().copied().map(Value::from).collect();
    Value::from(values)
}

/// The days since 1970 of a date of the Gregorian calendar.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, day)
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
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1000,
            "ms" => 1_000_000,
            "s" => i128::from(SECOND),
            "m" => 60 * i128::from(SECOND),
            "h" => 3600 * i128::from(SECOND),
            _ => return None,
        };
        let (before, after) = number.split_once('.').unwrap_or((number, ""));
        // Twelve digits and more are far below a nanosecond, or far too long.
        if (before.is_empty() && after.is_empty()) || before.len() > 19 || after.contains('.') {
            return None;
        }
        let before: i128 = if before.is_empty() {
            0
        } else {
            before.parse().ok()?
        };
        let after = after.get(..after.len().min(15))?;
        let scale = 10_i128.checked_pow(u32::try_from(after.len()).ok()?)?;
        let after: i128 = if after.is_empty() {
            0
        } else {
            after.parse().ok()?
        };
        sum += before * unit + after * unit / scale;
        rest = behind;
        if rest.is_empty() {
            break;
        }
    }
    i64::try_from(sign * sum).ok()
}
