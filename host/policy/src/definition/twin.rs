//! Names of tools that a person or a model takes for one another.

use unicode_security::confusable_detection::skeleton;

/// What names that look alike have in common (UTS 39), whatever their case, and whatever
/// stands in them that nobody sees.
pub fn twin_key(name: &str) -> String {
    let seen = |text: &str| -> String {
        let seen = text.chars().filter(|it| !is_unseen(*it));
        seen.flat_map(char::to_lowercase).collect()
    };
    // Small letters may look like what capitals do not look like, and the other way round.
    let shape: String = skeleton(&seen(name)).collect();
    let shape: String = skeleton(&seen(&shape)).collect();
    shape
}

/// Whether everything in a name can be seen.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(is_unseen)
}

/// White space, and what has no shape of its own.
fn is_unseen(character: char) -> bool {
    character.is_whitespace() || crate::approval::is_hidden(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_have_one_key() {
        for (one, other) in [
            ("read_file", "Read_File"),
            ("read_file", "READ_FILE"),
            ("read_file", "read_file "),
            ("read_file", "read_\u{200b}file"),
            ("read_file", "r\u{435}ad_file"),
            ("read_file", "\u{ff52}ead_file"),
            ("read_file", "read_\u{202e}file"),
            ("paypal", "p\u{430}yp\u{430}l"),
            ("scope", "s\u{441}op\u{435}"),
        ] {
            assert_eq!(twin_key(one), twin_key(other), "{one} {other:?}");
        }
    }

    #[test]
    fn other_names_have_other_keys() {
        for (one, other) in [
            ("read_file", "write_file"),
            ("read_file", "read_files"),
            ("get_user", "get_users"),
            ("\u{8bfb}\u{53d6}", "\u{5199}\u{5165}"),
        ] {
            assert_ne!(twin_key(one), twin_key(other));
        }
    }

    #[test]
    fn a_plain_name_shows_all_of_itself() {
        for (name, is_so) in [
            ("read_file", true),
            ("\u{8bfb}\u{53d6}", true),
            ("", false),
            ("read file", false),
            ("read\u{200b}", false),
            ("read\n", false),
        ] {
            assert_eq!(is_plain(name), is_so, "{name:?}");
        }
    }
}
