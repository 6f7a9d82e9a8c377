//! Refuses characters that a person and a shell read differently.

use crate::script::ParseError;

/// Letters that look like, or are folded into, quotes, dashes, separators and
/// operators of shells.
const LOOK_ALIKES: &[(char, char)] = &[
    ('\u{2010}', '\u{2015}'),
    ('\u{2018}', '\u{201f}'),
    ('\u{2024}', '\u{2025}'),
    ('\u{2032}', '\u{2037}'),
    ('\u{2044}', '\u{2044}'),
    ('\u{2212}', '\u{2212}'),
    ('\u{2215}', '\u{2216}'),
    ('\u{2223}', '\u{2223}'),
    ('\u{2236}', '\u{2236}'),
    ('\u{37e}', '\u{37e}'),
    ('\u{29f5}', '\u{29f9}'),
    ('\u{fe10}', '\u{fe1f}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff01}', '\u{ff5e}'),
];

/// Characters that are not seen: zero width, direction, fillers, tags.
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
    ('\u{fe00}', '\u{fe0e}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{ffff}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The first character that is refused, if there is one.
pub(crate) fn check(text: &str) -> Result<(), ParseError> {
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
    {
        return Ok(());
    }
    for (before, letter) in text.chars().enumerate() {
        let problem = if matches!(letter, '\n' | '\t') {
            continue;
        } else if letter.is_control() {
            "a control character"
        } else if within(INVISIBLE, letter) || (letter != ' ' && letter.is_whitespace()) {
            "a character that cannot be seen"
        } else if within(LOOK_ALIKES, letter) {
            "a character that looks like one that shells act on"
        } else {
            continue;
        };
        return Err(ParseError {
            problem,
            at: before + 1,
        });
    }
    Ok(())
}

fn within(ranges: &[(char, char)], letter: char) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&letter))
}
