//! Letters of names: which of them hide, which are spelling, and what a program
//! that simplifies them would read.

use unicode_normalization::UnicodeNormalization;

use crate::Refused;

/// Letters that look like `/`, `\`, `.`, `:`, `~`, `%` or `$` and that Unicode's
/// compatibility forms do not map to them.
const LOOK_ALIKES: &[(char, char)] = &[
    ('\u{2044}', '/'),
    ('\u{2215}', '/'),
    ('\u{2216}', '\\'),
    ('\u{2236}', ':'),
    ('\u{223c}', '~'),
    ('\u{2571}', '/'),
    ('\u{2572}', '\\'),
    ('\u{27cb}', '/'),
    ('\u{27cd}', '\\'),
    ('\u{29f5}', '\\'),
    ('\u{29f6}', '/'),
    ('\u{29f7}', '\\'),
    ('\u{29f8}', '/'),
    ('\u{29f9}', '\\'),
    ('\u{2cc6}', '/'),
    ('\u{a4f8}', '.'),
    ('\u{a4f9}', '.'),
    ('\u{a789}', ':'),
];

/// Characters that are not seen: zero width, direction, fillers, tags. Some
/// file systems drop them from names.
const HIDDEN: &[(char, char)] = &[
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

/// Scripts that spell with joiners, and between whose letters a zero width
/// space may show where a word ends.
const JOINING: &[(char, char)] = &[
    ('\u{600}', '\u{7ff}'),
    ('\u{840}', '\u{dff}'),
    ('\u{e00}', '\u{fff}'),
    ('\u{1000}', '\u{109f}'),
    ('\u{1700}', '\u{18af}'),
    ('\u{1900}', '\u{1cff}'),
    ('\u{a800}', '\u{ab2f}'),
    ('\u{abc0}', '\u{abff}'),
    ('\u{fb50}', '\u{fdff}'),
    ('\u{fe70}', '\u{fefc}'),
    ('\u{11000}', '\u{11fff}'),
    ('\u{1e900}', '\u{1e95f}'),
];

/// Pictures: what a variation selector or a joiner may stand behind.
const PICTURES: &[(char, char)] = &[
    ('\u{a9}', '\u{a9}'),
    ('\u{ae}', '\u{ae}'),
    ('\u{203c}', '\u{203c}'),
    ('\u{2049}', '\u{2049}'),
    ('\u{2122}', '\u{2122}'),
    ('\u{2139}', '\u{2139}'),
    ('\u{2190}', '\u{21ff}'),
    ('\u{2300}', '\u{23ff}'),
    ('\u{2460}', '\u{24ff}'),
    ('\u{25a0}', '\u{27bf}'),
    ('\u{2900}', '\u{297f}'),
    ('\u{2b00}', '\u{2bff}'),
    ('\u{3030}', '\u{303d}'),
    ('\u{3297}', '\u{3299}'),
    ('\u{1f000}', '\u{1faff}'),
];

/// Ideographs: what a selector of one of their variants may stand behind.
const IDEOGRAPHS: &[(char, char)] = &[
    ('\u{3005}', '\u{3007}'),
    ('\u{3400}', '\u{4dbf}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{20000}', '\u{3ffff}'),
];

/// The waving black flag, and the end of the tags that name its region.
const FLAG: char = '\u{1f3f4}';
const FLAG_END: char = '\u{e007f}';

/// Tags behind a flag: `gbeng`, `gbsct`, `ustx`. More would be a hidden text.
const FLAG_TAGS_MAX: usize = 6;

/// Refuses control characters, and characters that hide. A joiner between
/// letters of a script that joins, or a selector behind a picture, is spelling.
pub(crate) fn seen(text: &str) -> Result<(), Refused> {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        return Ok(());
    }
    let mut before: Option<char> = None;
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter.is_control() {
            return Err(Refused::Control(letter));
        }
        if !letter.is_ascii() && is_hidden(letter) {
            let tags = flag_tags(before, letter, rest.as_str());
            if tags == 0 && !is_spelling(before, letter, rest.clone().next()) {
                return Err(Refused::Invisible(letter));
            }
            for _ in 1..tags {
                rest.next();
            }
        }
        before = Some(letter);
    }
    Ok(())
}

/// The name as a program reads it that drops what is not seen.
pub(crate) fn without_hidden(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|letter| !is_hidden(*letter))
}

/// What a program may read that simplifies the letters of a name: the names
/// between the slashes it sees then. `None` where nothing changes.
pub(crate) fn simplified(name: &str) -> Option<Vec<String>> {
    if name.is_ascii() {
        return None;
    }
    let plain: String = without_hidden(name)
        .nfkc()
        .map(|letter| {
            let known = LOOK_ALIKES.iter().find(|(alike, _)| *alike == letter);
            known.map_or(letter, |(_, plain)| *plain)
        })
        .collect();
    let names = plain.split(['/', '\\']).map(str::to_owned).collect();
    Some(names)
}

fn is_hidden(letter: char) -> bool {
    within(HIDDEN, letter)
}

/// Whether the character belongs to how the word or picture around it is written.
fn is_spelling(before: Option<char>, letter: char, after: Option<char>) -> bool {
    let Some(before) = before else {
        return false;
    };
    match letter {
        '\u{200b}' => within(JOINING, before) && after.is_some_and(|c| within(JOINING, c)),
        '\u{200c}' | '\u{200d}' if within(JOINING, before) => {
            after.is_none_or(|after| !after.is_alphanumeric() || within(JOINING, after))
        }
        '\u{200d}' => is_picture(before) && after.is_some_and(is_picture),
        '\u{fe0e}' | '\u{fe0f}' if before.is_ascii_digit() || matches!(before, '#' | '*') => {
            after == Some('\u{20e3}')
        }
        '\u{fe0e}' | '\u{fe0f}' => is_picture(before) || within(IDEOGRAPHS, before),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => within(IDEOGRAPHS, before),
        '\u{180b}'..='\u{180f}' => ('\u{1820}'..='\u{18aa}').contains(&before),
        _ => false,
    }
}

/// How many tags stand here that name the region of a flag; 0 if these are none.
fn flag_tags(before: Option<char>, letter: char, rest: &str) -> usize {
    let is_tag = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    if before != Some(FLAG) || !is_tag(&letter) {
        return 0;
    }
    let more = rest.chars().take_while(is_tag).count();
    let ends = rest.chars().nth(more) == Some(FLAG_END);
    if ends && more < FLAG_TAGS_MAX {
        more + 2
    } else {
        0
    }
}

fn is_picture(letter: char) -> bool {
    within(PICTURES, letter) || matches!(letter, '\u{fe0e}' | '\u{fe0f}')
}

fn within(ranges: &[(char, char)], letter: char) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&letter))
}
