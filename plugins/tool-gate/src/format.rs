//! Forms that a text may have to have.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

/// The form of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Letters, digits, `.`, `_` and `-`: a name without separators.
    Word,
    /// One address, `name@host`.
    Email,
    /// `2026-11-28`, a day of the calendar.
    Date,
    /// `2026-11-28T09:30:00Z` (RFC 3339).
    DateTime,
    /// `09:30` or `09:30:00`.
    Time,
    /// 32 hexadecimal digits in groups.
    Uuid,
    /// Digits, with a sign in front or without.
    Integer,
    /// A decimal number without exponent.
    Number,
    /// Hexadecimal digits.
    Hex,
    /// A host's name: labels of letters, digits and `-`.
    Hostname,
    /// `192.0.2.1`
    Ipv4,
    /// `2001:db8::1`
    Ipv6,
    /// The name of a branch or tag, as git accepts it, without its revisions.
    GitRef,
    /// An account whose check digits are right.
    Iban,
}

/// A day of the calendar; ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

/// Longest name of a host, and of one label (RFC 1035).
const HOST_MAX: usize = 253;
const LABEL_MAX: usize = 63;

/// Longest address of mail (RFC 5321).
const ADDRESS_MAX: usize = 254;

/// Longest account number (ISO 13616).
const IBAN_MAX: usize = 34;

impl Format {
    /// Whether the text has this form.
    pub fn is_of(self, text: &str) -> bool {
        match self {
            Self::Word => {
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
                text.starts_with(char::is_alphanumeric)
                    && text.chars().all(plain)
                    && !text.contains("..")
            }
            Self::Email => is_address(text),
            Self::Date => Day::read(text).is_some(),
            Self::DateTime => is_date_time(text),
            Self::Time => is_time(text),
            Self::Uuid => {
                let groups: Vec<&str> = text.split('-').collect();
                let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
                lengths == [8, 4, 4, 4, 12] && groups.iter().all(|group| is_hex(group))
            }
            Self::Integer => digits(text.strip_prefix(['-', '+']).unwrap_or(text)),
            Self::Number => {
                let text = text.strip_prefix(['-', '+']).unwrap_or(text);
                match text.split_once('.') {
                    Some((whole, part)) => digits(whole) && digits(part),
                    None => digits(text),
                }
            }
            Self::Hex => is_hex(text),
            Self::Hostname => is_host(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::GitRef => is_git_ref(text),
            Self::Iban => is_iban(text),
        }
    }

    /// The name of the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Email => "email",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Time => "time",
            Self::Uuid => "uuid",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Hex => "hex",
            Self::Hostname => "hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::GitRef => "git-ref",
            Self::Iban => "iban",
        }
    }
}

impl Day {
    /// Reads `2026-11-28`, if there is such a day.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |length: usize| {
            let part = parts
                .next()
                .filter(|part| part.len() == length && digits(part))?;
            part.parse::<u16>().ok()
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        if parts.next().is_some() {
            return None;
        }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        let month = u8::try_from(month).ok()?;
        let day = u8::try_from(day)
            .ok()
            .filter(|day| (1..=days).contains(day))?;
        Some(Self { year, month, day })
    }

    /// The day of a date, or of a date with a time behind `T`.
    pub fn of(text: &str) -> Option<Self> {
        match text.split_once(['T', 't']) {
            Some((day, _)) if is_date_time(text) => Self::read(day),
            Some(_) => None,
            None => Self::read(text),
        }
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The unquoted form, which is the one that people have: no comments, no
/// display name, one `@`.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '\'' | '=');
    text.len() <= ADDRESS_MAX
        && !name.is_empty()
        && name.chars().all(plain)
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !name.contains("..")
        && host.contains('.')
        && is_host(host)
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= HOST_MAX && text.split('.').all(is_label)
}

fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let below = |part: Option<&&str>, end: u8| {
        part.is_some_and(|part| {
            part.len() == 2 && digits(part) && part.parse::<u8>().is_ok_and(|number| number < end)
        })
    };
    let seconds = parts
        .get(2)
        .map(|part| part.split_once('.').unwrap_or((part, "0")));
    matches!(parts.len(), 2 | 3)
        && below(parts.first(), 24)
        && below(parts.get(1), 60)
        && seconds.is_none_or(|(whole, part)| below(Some(&whole), 61) && digits(part))
}

fn is_date_time(text: &str) -> bool {
    let Some((day, rest)) = text.split_once(['T', 't']) else {
        return false;
    };
    let time = match rest.strip_suffix(['Z', 'z']) {
        Some(time) => time,
        None => match rest
            .rfind(['+', '-'])
            .and_then(|at| rest.split_at_checked(at))
        {
            Some((time, zone)) if zone.get(1..).is_some_and(|z| z.len() == 5 && is_time(z)) => time,
            Some(_) | None => return false,
        },
    };
    Day::read(day).is_some() && time.split(':').count() == 3 && is_time(time)
}

/// As `git check-ref-format --branch` wants it, and no `@`-revision.
fn is_git_ref(text: &str) -> bool {
    let bad = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\' | '{' | '}')
    };
    !text.is_empty()
        && text != "@"
        && !text.contains(bad)
        && !text.contains("..")
        && !text.contains("@{")
        && !text.starts_with(['-', '+', '/'])
        && !text.ends_with(['/', '.'])
        && text
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"))
}

/// ISO 13616: the country and check digits moved to the end, letters read as
/// numbers from 10 on, leave 1 when divided by 97.
fn is_iban(text: &str) -> bool {
    let text: String = text.chars().filter(|c| *c != ' ').collect();
    let letters = |range: Option<&str>, is: fn(&u8) -> bool| {
        range.is_some_and(|part| part.as_bytes().iter().all(is))
    };
    let well_formed = (15..=IBAN_MAX).contains(&text.len())
        && letters(text.get(..2), u8::is_ascii_uppercase)
        && letters(text.get(2..4), u8::is_ascii_digit)
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !well_formed {
        return false;
    }
    let (head, rest) = text.split_at(4);
    let remainder = rest
        .chars()
        .chain(head.chars())
        .fold(0_u32, |rest, letter| {
            let value = letter.to_digit(36).unwrap_or(0);
            let shift = if value > 9 { 100 } else { 10 };
            (rest * shift + value) % 97
        });
    remainder == 1
}
