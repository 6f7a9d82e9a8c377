//! The parts of a layout of dates and times, as Go's `time` knows them.

use super::arguments::{BuiltinError, unread};

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Year,
    ShortYear,
    Month,
    ShortMonth,
    MonthNumber {
        pad: bool,
    },
    Weekday,
    ShortWeekday,
    Day {
        pad: Option<char>,
    },
    Hour,
    HalfHour {
        pad: bool,
    },
    Minute {
        pad: bool,
    },
    Second {
        pad: bool,
    },
    /// Of the day, in large letters or small ones.
    Half {
        large: bool,
    },
    Zone,
    /// `-07`, `-0700` or `-07:00`; `Z` stands for none.
    Offset {
        z: bool,
        minutes: bool,
        colon: bool,
    },
    /// Digits, and whether zeros at the end are left out.
    Fraction {
        digits: usize,
        trimmed: bool,
        sign: char,
    },
}

/// Parts by how they are written; what begins with another stands before it.
const PARTS: [(&str, Part); 27] = [
    ("January", Part::Month),
    ("Jan", Part::ShortMonth),
    ("Monday", Part::Weekday),
    ("Mon", Part::ShortWeekday),
    ("MST", Part::Zone),
    ("2006", Part::Year),
    ("_2", Part::Day { pad: Some(' ') }),
    ("01", Part::MonthNumber { pad: true }),
    ("02", Part::Day { pad: Some('0') }),
    ("03", Part::HalfHour { pad: true }),
    ("04", Part::Minute { pad: true }),
    ("05", Part::Second { pad: true }),
    ("06", Part::ShortYear),
    ("15", Part::Hour),
    ("1", Part::MonthNumber { pad: false }),
    ("2", Part::Day { pad: None }),
    ("3", Part::HalfHour { pad: false }),
    ("4", Part::Minute { pad: false }),
    ("5", Part::Second { pad: false }),
    ("PM", Part::Half { large: true }),
    ("pm", Part::Half { large: false }),
    (
        "-07:00",
        Part::Offset {
            z: false,
            minutes: true,
            colon: true,
        },
    ),
    (
        "-0700",
        Part::Offset {
            z: false,
            minutes: true,
            colon: false,
        },
    ),
    (
        "-07",
        Part::Offset {
            z: false,
            minutes: false,
            colon: false,
        },
    ),
    (
        "Z07:00",
        Part::Offset {
            z: true,
            minutes: true,
            colon: true,
        },
    ),
    (
        "Z0700",
        Part::Offset {
            z: true,
            minutes: true,
            colon: false,
        },
    ),
    (
        "Z07",
        Part::Offset {
            z: true,
            minutes: false,
            colon: false,
        },
    ),
];

/// The first part of a layout: what stands before it, itself, what stands behind.
pub(super) fn next(layout: &str) -> Result<(&str, Option<Part>, &str), BuiltinError> {
    for (at, letter) in layout.char_indices() {
        let rest = layout.get(at..).unwrap_or_default();
        let before = layout.get(..at).unwrap_or_default();
        if matches!(letter, '.' | ',')
            && let Some((part, length)) = fraction(rest)
        {
            return Ok((before, Some(part), rest.get(length..).unwrap_or_default()));
        }
        if ["__2", "002"].iter().any(|part| rest.starts_with(part)) {
            return Err(unread("days of the year are not known in a layout"));
        }
        let with_seconds = ["-070000", "-07:00:00", "Z070000", "Z07:00:00"];
        if with_seconds.iter().any(|part| rest.starts_with(part)) {
            return Err(unread("seconds of an offset are not known in a layout"));
        }
        // A year is no day behind `_`.
        if rest.starts_with("_2006") {
            continue;
        }
        let found = PARTS.iter().find(|(text, _)| rest.starts_with(text));
        if let Some((text, part)) = found {
            let behind = rest.get(text.len()..).unwrap_or_default();
            // `Jan` and `Mon` may begin words.
            let begins_word = matches!(*text, "Jan" | "Mon")
                && behind.starts_with(|letter: char| letter.is_ascii_lowercase());
            if !begins_word {
                return Ok((before, Some(*part), behind));
            }
        }
    }
    Ok((layout, None, ""))
}

/// `.000` or `.999`, where no digit stands behind.
pub(super) fn fraction(text: &str) -> Option<(Part, usize)> {
    let sign = text.chars().next()?;
    let digits = text.get(1..)?;
    let digit = digits.chars().next().filter(|it| matches!(it, '0' | '9'))?;
    let count = digits.chars().take_while(|it| *it == digit).count();
    let behind = digits.get(count..)?;
    if behind.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let part = Part::Fraction {
        digits: count,
        trimmed: digit == '9',
        sign,
    };
    Some((part, count + 1))
}
