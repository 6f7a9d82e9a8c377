//! Refuses spellings that two programs may read differently: whatever passes
//! means the same to this policy, to the tool and to the operating system.

use crate::Refused;
use crate::settings::{FileUrls, Platform};

/// Letters that other software folds into `/ \ . : ~ % $` (Unicode
/// compatibility forms), and letters that only look like a slash or a dot.
const LOOK_ALIKES: &[(char, char)] = &[
    ('\u{2024}', '\u{2026}'),
    ('\u{2044}', '\u{2044}'),
    ('\u{2100}', '\u{2101}'),
    ('\u{2105}', '\u{2106}'),
    ('\u{2215}', '\u{2216}'),
    ('\u{2488}', '\u{249b}'),
    ('\u{2571}', '\u{2572}'),
    ('\u{27cb}', '\u{27cb}'),
    ('\u{27cd}', '\u{27cd}'),
    ('\u{29f5}', '\u{29f9}'),
    ('\u{2a74}', '\u{2a74}'),
    ('\u{2cc6}', '\u{2cc6}'),
    ('\u{33c2}', '\u{33c2}'),
    ('\u{33c7}', '\u{33c7}'),
    ('\u{33d8}', '\u{33d8}'),
    ('\u{a4f8}', '\u{a4f9}'),
    ('\u{a789}', '\u{a789}'),
    ('\u{fe13}', '\u{fe13}'),
    ('\u{fe19}', '\u{fe19}'),
    ('\u{fe30}', '\u{fe30}'),
    ('\u{fe52}', '\u{fe52}'),
    ('\u{fe55}', '\u{fe55}'),
    ('\u{fe68}', '\u{fe6a}'),
    ('\u{ff04}', '\u{ff05}'),
    ('\u{ff0e}', '\u{ff0f}'),
    ('\u{ff1a}', '\u{ff1a}'),
    ('\u{ff3c}', '\u{ff3c}'),
    ('\u{ff5e}', '\u{ff5e}'),
    ('\u{1f100}', '\u{1f100}'),
];

/// Characters that are not seen: zero width, direction, fillers, tags. Some
/// file systems drop them from names.
const INVISIBLE: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{ffff}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The path as the tool will read it, with `/` between its names, or why its
/// spelling is refused.
pub(crate) fn plain(text: &str, platform: Platform, urls: FileUrls) -> Result<String, Refused> {
    let text = without_file_url(text, urls)?;
    letters(&text)?;
    expansions(&text)?;
    match platform {
        Platform::Unix => unix(&text)?,
        Platform::Windows => windows(&text)?,
    }
    let path = match platform {
        Platform::Unix => text,
        Platform::Windows => text.replace('\\', "/"),
    };
    if path.starts_with("//") {
        return Err(Refused::NetworkPath);
    }
    for name in path.split('/') {
        self::name(name, platform)?;
    }
    Ok(path)
}

/// `file:///a/b` becomes `/a/b` where the settings say so; every other URL is
/// refused.
fn without_file_url(text: &str, urls: FileUrls) -> Result<String, Refused> {
    let lower = text.to_ascii_lowercase();
    if !lower.starts_with("file:") {
        return if text.contains("://") {
            Err(Refused::Url)
        } else {
            Ok(text.to_owned())
        };
    }
    match urls {
        FileUrls::Refuse => Err(Refused::Url),
        FileUrls::Decode => {
            let rest = text.get("file:".len()..).unwrap_or_default();
            let rest = rest
                .strip_prefix("//localhost/")
                .or_else(|| rest.strip_prefix("///"))
                .ok_or(Refused::Url)?;
            if rest.starts_with('/') || rest.contains(['?', '#', '\\']) {
                return Err(Refused::Url);
            }
            Ok(format!("/{}", decode_once(rest)?))
        }
    }
}

/// Percent-decoding of one layer. An encoded separator, or anything that would
/// decode a second time, is refused.
fn decode_once(text: &str) -> Result<String, Refused> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = (hex(rest.next()), hex(rest.next()));
        let (Some(high), Some(low)) = pair else {
            return Err(Refused::Encoded);
        };
        let decoded = high * 16 + low;
        if matches!(decoded, b'/' | b'\\' | b'%' | b'.' | 0) {
            return Err(Refused::Encoded);
        }
        bytes.push(decoded);
    }
    String::from_utf8(bytes).map_err(|_| Refused::Encoded)
}

fn hex(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

fn letters(text: &str) -> Result<(), Refused> {
    for letter in text.chars() {
        if letter.is_control() {
            return Err(Refused::Control);
        }
        if within(INVISIBLE, letter) || (letter != ' ' && letter.is_whitespace()) {
            return Err(Refused::Invisible);
        }
        if within(LOOK_ALIKES, letter) {
            return Err(Refused::LookAlike);
        }
    }
    Ok(())
}

fn within(ranges: &[(char, char)], letter: char) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&letter))
}

/// What a shell, a server or a library would replace by something else.
fn expansions(text: &str) -> Result<(), Refused> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
        let wide = after
            .strip_prefix(['u', 'U'])
            .is_some_and(|after| digits(after) >= 4);
        if wide || digits(after) >= 2 {
            return Err(Refused::Encoded);
        }
        if after.contains('%') {
            return Err(Refused::Variable);
        }
        rest = after;
    }
    let named = |after: &str| {
        after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '{' | '(' | '$'))
    };
    if text.contains('`') || text.split('$').skip(1).any(named) {
        return Err(Refused::Variable);
    }
    if text.starts_with('~') {
        return Err(Refused::Home);
    }
    if text.starts_with('-') {
        return Err(Refused::Option);
    }
    Ok(())
}

fn unix(text: &str) -> Result<(), Refused> {
    if text.contains('\\') {
        return Err(Refused::Backslash);
    }
    let mut letters = text.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if drive && letters.next() == Some(':') {
        return Err(Refused::Windows);
    }
    if text.to_ascii_lowercase().contains("::$") {
        return Err(Refused::Windows);
    }
    Ok(())
}

/// Checks what only Windows reads in its own way: one drive letter, and no
/// other colon (alternate streams); no UNC and no device paths; no short names.
fn windows(text: &str) -> Result<(), Refused> {
    let mut letters = text.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && matches!(letters.next(), Some('/' | '\\'));
    let rest = if drive {
        text.get(2..).unwrap_or_default()
    } else {
        text
    };
    if rest.contains(':') || rest.contains(['<', '>', '"', '|', '?', '*']) {
        return Err(Refused::Windows);
    }
    if rest.starts_with("\\\\") || rest.starts_with("//") {
        return Err(Refused::NetworkPath);
    }
    Ok(())
}

/// Names that a file system changes silently.
fn name(name: &str, platform: Platform) -> Result<(), Refused> {
    if name.starts_with(' ') || name.ends_with(' ') {
        return Err(Refused::TrailingDotOrSpace);
    }
    if name.ends_with('.') && !matches!(name, "." | "..") {
        return Err(Refused::TrailingDotOrSpace);
    }
    match platform {
        Platform::Unix => Ok(()),
        Platform::Windows if is_device(name) || is_short_name(name) => Err(Refused::Windows),
        Platform::Windows => Ok(()),
    }
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"))
        .is_some_and(|port| {
            let mut digits = port.chars();
            let digit = digits.next();
            digits.next().is_none()
                && digit.is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³'))
        })
}

/// `PROGRA~1`: the second name that Windows gives to a long one.
fn is_short_name(name: &str) -> bool {
    name.split('~')
        .skip(1)
        .any(|after| after.starts_with(|c: char| c.is_ascii_digit()))
}
