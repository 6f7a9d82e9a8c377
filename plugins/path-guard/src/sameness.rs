//! When two names are the same name. In doubt a name is not the one of a root,
//! and is the one of a denied file: the first comparison is the narrowest that
//! the platform makes, the second the widest that any file system makes.

use unicode_normalization::UnicodeNormalization;

use crate::choice::Platform;
use crate::letters;

/// Whether the platform opens the same entry for both names.
pub(crate) fn is_one_entry(left: &str, right: &str, platform: Platform) -> bool {
    left == right
        || match platform {
            Platform::Unix => false,
            Platform::Windows => capitals(left.chars()).eq(capitals(right.chars())),
            Platform::Macos => capitals(left.nfd()).eq(capitals(right.nfd())),
        }
}

/// Capitals as file systems make them: letter by letter, and never from a
/// letter beyond ASCII to one within (`ſ`, the sign for kelvin).
fn capitals(letters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    letters.map(|letter| {
        let mut upper = letter.to_uppercase();
        match (upper.next(), upper.next()) {
            (Some(capital), None) if capital.is_ascii() == letter.is_ascii() => capital,
            _ => letter,
        }
    })
}

/// One spelling for all names that any file system, library or eye could take
/// for the same: case, composition, width, and what cannot be seen do not count.
pub(crate) fn widest(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let folded: String = letters::without_hidden(name)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    folded.nfkc().flat_map(char::to_lowercase).collect()
}
