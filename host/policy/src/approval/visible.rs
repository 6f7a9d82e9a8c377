//! Text from outside, made so that a person sees what is there: nothing in it moves,
//! hides or disguises anything.

use std::fmt::Write as _;

/// The text with everything escaped that has no shape of its own: control characters,
/// marks of direction, spaces that are none or look like one, and what has no meaning
/// yet. Quotes and backslashes are escaped too, so that nothing else looks escaped.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => shown.push_str("\\\""),
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                // Memory takes what is written to it.
                let _written = write!(shown, "\\u{{{:04X}}}", u32::from(hidden));
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// Words that mix Latin letters with look-alikes of another alphabet, each with the
/// letters that are not Latin; at most so many.
pub fn mixed_alphabets(text: &str, most: usize) -> Vec<(String, Vec<char>)> {
    let words = text.split(|character: char| !character.is_alphanumeric());
    let mixed = words.filter_map(|word| {
        let mut foreign: Vec<char> = word.chars().filter(|it| is_like_latin(*it)).collect();
        foreign.sort_unstable();
        foreign.dedup();
        let has_latin = word.chars().any(|it| it.is_ascii_alphanumeric());
        (has_latin && !foreign.is_empty()).then(|| (word.to_owned(), foreign))
    });
    mixed.take(most).collect()
}

/// Characters without a shape of their own, and those that change how others are seen: what
/// a terminal, a page and a record show in place of themselves.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            u32::from(character),
            0xa0 | 0xad
                | 0x34f
                | 0x61c
                | 0x115f..=0x1160
                | 0x1680
                | 0x17b4..=0x17b5
                | 0x180b..=0x180f
                | 0x2000..=0x200f
                | 0x2028..=0x202f
                | 0x205f..=0x206f
                | 0x2800
                | 0x3000
                | 0x3164
                | 0xe000..=0xf8ff
                | 0xfdd0..=0xfdef
                | 0xfe00..=0xfe0f
                | 0xfeff
                | 0xffa0
                | 0xfff0..=0xfffb
                | 0xfffe..=0xffff
                | 0x1d173..=0x1d17a
                | 0xe0000..=0x10_ffff
        )
}

/// Letters of alphabets that have look-alikes of Latin letters.
fn is_like_latin(character: char) -> bool {
    matches!(
        u32::from(character),
        // Greek, Cyrillic, Armenian.
        0x370..=0x58f
            // Cherokee.
            | 0x13a0..=0x13ff
            // Extended Greek; letters as symbols; Lisu.
            | 0x1f00..=0x1fff
            | 0x2100..=0x214f
            | 0xa4d0..=0xa4ff
            | 0xab70..=0xabbf
            // Full width; mathematical letters.
            | 0xff10..=0xff5a
            | 0x1d400..=0x1d7ff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_shape_is_shown() {
        for (text, shown) in [
            ("plain ünï 漢字 🔒", "plain ünï 漢字 🔒"),
            ("\u{202e}gpj.exe", "\\u{202E}gpj.exe"),
            (
                "a\u{200b}b\u{feff}c\u{ad}d",
                "a\\u{200B}b\\u{FEFF}c\\u{00AD}d",
            ),
            ("\u{1b}[2J\0\u{7f}", "\\u{001B}[2J\\u{0000}\\u{007F}"),
            (
                "a\u{a0}b\u{3000}c\n\"\\",
                "a\\u{00A0}b\\u{3000}c\\n\\\"\\\\",
            ),
            // Written as an escape already: it is not one here.
            ("\\u{202E}", "\\\\u{202E}"),
            ("tag\u{e0041}", "tag\\u{E0041}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn nothing_that_is_shown_can_be_hidden() {
        let every: String = (0..=0x10_ffff).filter_map(char::from_u32).collect();
        assert!(!visible(&every).chars().any(is_hidden));
    }

    #[test]
    fn words_of_two_alphabets_are_found() {
        let found = mixed_alphabets("send to p\u{430}ypal and \u{43f}\u{440}\u{438}вет, ok", 8);
        assert_eq!(found, [("p\u{430}ypal".to_owned(), vec!['\u{430}'])]);
        assert_eq!(mixed_alphabets(&"p\u{430} ".repeat(100), 8).len(), 8);
    }
}
