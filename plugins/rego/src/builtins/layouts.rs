//! Dates and times in a layout: how Go's `time` would write one moment of 2006.

use super::arguments::{BuiltinError, unread, wrong};
use super::calendar::{DAY, MONTHS, WEEKDAYS, civil, days_of, weekday};
use super::layout_parts::{Part, fraction, next};
use super::zones::Offset;

/// Layouts with a name.
const NAMED: [(&str, &str); 10] = [
    ("ANSIC", "Mon Jan _2 15:04:05 2006"),
    ("UnixDate", "Mon Jan _2 15:04:05 MST 2006"),
    ("RubyDate", "Mon Jan 02 15:04:05 -0700 2006"),
    ("RFC822", "02 Jan 06 15:04 MST"),
    ("RFC822Z", "02 Jan 06 15:04 -0700"),
    ("RFC850", "Monday, 02-Jan-06 15:04:05 MST"),
    ("RFC1123", "Mon, 02 Jan 2006 15:04:05 MST"),
    ("RFC1123Z", "Mon, 02 Jan 2006 15:04:05 -0700"),
    ("RFC3339", "2006-01-02T15:04:05Z07:00"),
    ("RFC3339Nano", RFC3339_NANO),
];

pub(super) const RFC3339_NANO: &str = "2006-01-02T15:04:05.999999999Z07:00";

/// What is read so far.
struct Read {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanosecond: i64,
    afternoon: Option<bool>,
    offset: i64,
}

/// A layout by its name, or the layout itself.
fn layout(name: &str) -> &str {
    let named = NAMED.iter().find(|(known, _)| *known == name);
    named.map_or(name, |(_, layout)| layout)
}

/// A moment, in nanoseconds since 1970 and UTC, by the clock of a zone.
pub(super) fn written(name: &str, moment: i64, offset: &Offset) -> Result<String, BuiltinError> {
    let second = moment.div_euclid(1_000_000_000) + offset.seconds;
    let nanosecond = moment.rem_euclid(1_000_000_000);
    let (days, clock) = (second.div_euclid(DAY), second.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let month_name = usize::try_from(month - 1)
        .ok()
        .and_then(|it| MONTHS.get(it));
    let month_name = month_name.copied().unwrap_or_default();
    let short = |name: &'static str| name.get(..3).unwrap_or_default();
    let padded = |number: i64, pad: bool| match pad {
        true => format!("{number:02}"),
        false => number.to_string(),
    };
    let mut rest = layout(name);
    let mut text = String::new();
    loop {
        let (before, part, behind) = next(rest)?;
        text.push_str(before);
        rest = behind;
        let Some(part) = part else {
            return Ok(text);
        };
        let half = if hour % 12 == 0 { 12 } else { hour % 12 };
        text.push_str(&match part {
            Part::Year => format!("{year:04}"),
            Part::ShortYear => format!("{:02}", year.rem_euclid(100)),
            Part::Month => month_name.to_owned(),
            Part::ShortMonth => short(month_name).to_owned(),
            Part::MonthNumber { pad } => padded(month, pad),
            Part::Weekday => weekday(days).to_owned(),
            Part::ShortWeekday => short(weekday(days)).to_owned(),
            Part::Day { pad: Some(' ') } => format!("{day:2}"),
            Part::Day { pad } => padded(day, pad.is_some()),
            Part::Hour => padded(hour, true),
            Part::HalfHour { pad } => padded(half, pad),
            Part::Minute { pad } => padded(minute, pad),
            Part::Second { pad } => padded(second, pad),
            Part::Half { large } => match (hour >= 12, large) {
                (true, true) => "PM",
                (true, false) => "pm",
                (false, true) => "AM",
                (false, false) => "am",
            }
            .to_owned(),
            Part::Zone => offset.name.clone(),
            Part::Offset { z: true, .. } if offset.seconds == 0 => "Z".to_owned(),
            Part::Offset { minutes, colon, .. } => {
                let sign = if offset.seconds < 0 { '-' } else { '+' };
                let size = offset.seconds.abs() / 60;
                match (minutes, colon) {
                    (true, true) => format!("{sign}{:02}:{:02}", size / 60, size % 60),
                    (true, false) => format!("{sign}{:02}{:02}", size / 60, size % 60),
                    (false, _) => format!("{sign}{:02}", size / 60),
                }
            }
            Part::Fraction {
                digits,
                trimmed,
                sign,
            } => {
                let nine = format!("{nanosecond:09}");
                let cut = nine.get(..digits.min(9)).unwrap_or_default();
                let cut = if trimmed {
                    cut.trim_end_matches('0')
                } else {
                    cut
                };
                if cut.is_empty() {
                    String::new()
                } else {
                    format!("{sign}{cut}")
                }
            }
        });
    }
}

/// The nanoseconds since 1970 of a text in a layout; UTC where it names no offset.
pub(super) fn read(name: &str, text: &str) -> Result<i128, BuiltinError> {
    let unfit = || wrong("the text is not in the layout");
    let mut read = Read {
        year: 0,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanosecond: 0,
        afternoon: None,
        offset: 0,
    };
    let (mut rest, mut layout) = (text, layout(name));
    loop {
        let (before, part, behind) = next(layout)?;
        rest = rest.strip_prefix(before).ok_or_else(unfit)?;
        layout = behind;
        let Some(part) = part else {
            break;
        };
        // Which offset other letters mean, nobody can say.
        if matches!(part, Part::Zone)
            && !(rest.starts_with("UTC") || rest.starts_with("GMT"))
            && rest.starts_with(|letter: char| matches!(letter, 'A'..='Z' | '+' | '-'))
        {
            return Err(unread("a zone by letters other than `UTC` and `GMT`"));
        }
        rest = read.part(part, rest).ok_or_else(unfit)?;
        // Seconds may have a fraction that the layout does not name.
        let has_fraction = matches!(part, Part::Second { .. })
            && fraction(layout).is_none()
            && rest.starts_with(['.', ','])
            && rest
                .get(1..)
                .is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        if has_fraction {
            rest = read.fraction(rest).ok_or_else(unfit)?;
        }
    }
    match rest.is_empty() {
        true => read.moment().ok_or_else(unfit),
        false => Err(unfit()),
    }
}

// === impl Read ===

impl Read {
    fn part<'a>(&mut self, part: Part, text: &'a str) -> Option<&'a str> {
        let mut rest = text;
        match part {
            Part::Year => self.year = number(&mut rest, 4, 4)?,
            Part::ShortYear => {
                let year = number(&mut rest, 2, 2)?;
                self.year = if year >= 69 { 1900 + year } else { 2000 + year };
            }
            Part::Month => self.month = place(&mut rest, &MONTHS, None)? + 1,
            Part::ShortMonth => self.month = place(&mut rest, &MONTHS, Some(3))? + 1,
            Part::MonthNumber { pad } => self.month = padded(&mut rest, pad)?,
            Part::Weekday => {
                place(&mut rest, &WEEKDAYS, None)?;
            }
            Part::ShortWeekday => {
                place(&mut rest, &WEEKDAYS, Some(3))?;
            }
            Part::Day { pad } => {
                if pad == Some(' ') {
                    rest = rest.strip_prefix(' ').unwrap_or(rest);
                }
                self.day = padded(&mut rest, pad == Some('0'))?;
            }
            Part::Hour => self.hour = number(&mut rest, 1, 2)?,
            Part::HalfHour { pad } => self.hour = padded(&mut rest, pad)?,
            Part::Minute { pad } => self.minute = padded(&mut rest, pad)?,
            Part::Second { pad } => self.second = padded(&mut rest, pad)?,
            Part::Half { large } => {
                let words = if large { ["AM", "PM"] } else { ["am", "pm"] };
                self.afternoon = Some(place(&mut rest, &words, None)? == 1);
            }
            Part::Zone => rest = rest.strip_prefix("UTC").or(rest.strip_prefix("GMT"))?,
            Part::Offset { z, minutes, colon } => {
                if z && let Some(behind) = rest.strip_prefix('Z') {
                    return Some(behind);
                }
                let sign = match rest.chars().next()? {
                    '+' => 1,
                    '-' => -1,
                    _ => return None,
                };
                rest = rest.get(1..)?;
                let hours = number(&mut rest, 2, 2)?;
                if colon {
                    rest = rest.strip_prefix(':')?;
                }
                let minutes = if minutes { number(&mut rest, 2, 2)? } else { 0 };
                if hours > 24 || minutes > 60 {
                    return None;
                }
                self.offset = sign * (hours * 3600 + minutes * 60);
            }
            Part::Fraction {
                digits, trimmed, ..
            } => {
                let is_there = rest.starts_with(['.', ',']);
                if !is_there && trimmed {
                    return Some(rest);
                }
                let behind = self.fraction(rest)?;
                let read = rest.len() - behind.len() - 1;
                rest = behind;
                if !trimmed && read != digits {
                    return None;
                }
            }
        }
        Some(rest)
    }

    fn fraction<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let digits = text.get(1..)?;
        let end = digits.find(|letter: char| !letter.is_ascii_digit());
        let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
        if digits.is_empty() {
            return None;
        }
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        self.nanosecond = nine.parse().ok()?;
        Some(rest)
    }

    fn moment(&self) -> Option<i128> {
        let hour = match self.afternoon {
            Some(_) if self.hour > 12 => return None,
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            Some(_) | None => self.hour,
        };
        let days = days_of(self.year, self.month, self.day);
        let is_date = (1..=12).contains(&self.month)
            && civil(days) == (self.year, self.month, self.day)
            && hour < 24
            && self.minute < 60
            && self.second < 60;
        if !is_date {
            return None;
        }
        let seconds = days * DAY + hour * 3600 + self.minute * 60 + self.second - self.offset;
        Some(i128::from(seconds) * 1_000_000_000 + i128::from(self.nanosecond))
    }
}

fn padded(rest: &mut &str, pad: bool) -> Option<i64> {
    number(rest, if pad { 2 } else { 1 }, 2)
}

fn number(rest: &mut &str, digits_min: usize, digits_max: usize) -> Option<i64> {
    let count = rest
        .bytes()
        .take(digits_max)
        .take_while(u8::is_ascii_digit)
        .count();
    let (digits, behind) = rest.split_at_checked(count)?;
    *rest = behind;
    digits.parse().ok().filter(|_| count >= digits_min)
}

/// The place of the word that the text begins with.
fn place(rest: &mut &str, words: &[&str], letters: Option<usize>) -> Option<i64> {
    for (place, word) in words.iter().enumerate() {
        let word = word.get(..letters.unwrap_or(word.len()))?;
        let begins = rest.get(..word.len());
        if begins.is_some_and(|begins| begins.eq_ignore_ascii_case(word)) {
            *rest = rest.get(word.len()..)?;
            return i64::try_from(place).ok();
        }
    }
    None
}
