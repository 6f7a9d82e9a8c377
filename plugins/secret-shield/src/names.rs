//! Names that say that their value is a secret.

use crate::mark;

/// How such names end.
const TABLE: &str = include_str!("../data/names.txt");
/// A name longer than this is prose.
pub(crate) const NAME_MAX: usize = 64;
/// What may follow the name proper: `SECRET_KEY_BASE`, `DB_PASSWORD_PROD`.
const SUFFIXES: [&str; 15] = [
    "base",
    "prod",
    "production",
    "dev",
    "development",
    "staging",
    "stage",
    "test",
    "old",
    "new",
    "backup",
    "live",
    "primary",
    "secondary",
    "b64",
];
/// What makes a text, a question or a flag of the name: `forgot_password`.
const ASKING: [&str; 28] = [
    "forgot",
    "forgotten",
    "reset",
    "change",
    "confirm",
    "enter",
    "show",
    "hide",
    "invalid",
    "wrong",
    "incorrect",
    "missing",
    "has",
    "is",
    "no",
    "use",
    "require",
    "required",
    "requires",
    "without",
    "update",
    "repeat",
    "your",
    "lost",
    "bad",
    "weak",
    "toggle",
    "expired",
];

/// The ends of other words that say how to read what follows.
const OTHERS: [&str; 8] = [
    "authorization",
    "cookie",
    "cookies",
    "value",
    "content",
    "val",
    "text",
    "password is",
];
/// Quotes, brackets and blanks between a name and its sign.
const SIGNS_MAX: usize = 10;

/// How surely a name gives a secret away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Values that look random are secrets.
    Weak,
    /// Values that look like a name of something are none.
    Secret,
    /// Every value is one that is no placeholder.
    Password,
}

/// The table, by the last letters.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    endings: Vec<Vec<Ending>>,
    /// By the two last letters, the last one first: the letters before them, one bit for each.
    thirds: Vec<[u32; 32]>,
}

#[derive(Clone, Debug)]
struct Ending {
    text: &'static str,
    meaning: Meaning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Nothing,
    Word,
    Name(Strength),
}

/// A name without signs, in lower case.
struct Normal {
    bytes: [u8; NAME_MAX],
    length: usize,
    /// Where words begin, one bit for each byte.
    words: u64,
}

impl Names {
    pub(crate) fn new() -> Self {
        let mut endings = vec![Vec::new(); 32];
        for line in TABLE.lines() {
            let Some((meaning, text)) = line.split_once(' ') else {
                continue;
            };
            let meaning = match meaning {
                "password" => Meaning::Name(Strength::Password),
                "secret" => Meaning::Name(Strength::Secret),
                "weak" => Meaning::Name(Strength::Weak),
                "word" => Meaning::Word,
                "not" => Meaning::Nothing,
                _ => continue,
            };
            let last = text.bytes().last().unwrap_or_default();
            if let Some(list) = endings.get_mut(usize::from(last & 31)) {
                list.push(Ending { text, meaning });
            }
        }
        for list in &mut endings {
            list.sort_by_key(|ending| std::cmp::Reverse(ending.text.len()));
        }
        let mut thirds = vec![[0; 32]; 32];
        let stems = TABLE
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, text)| text);
        for text in stems.chain(SUFFIXES).chain(OTHERS) {
            let mut letters = text.bytes().rev().filter(u8::is_ascii_alphanumeric);
            let (Some(last), Some(next)) = (letters.next(), letters.next()) else {
                continue;
            };
            // Anything may stand before all of a name.
            let third = letters.next().map_or(u32::MAX, |third| 1 << (third & 31));
            let by_last = thirds.get_mut(usize::from(last & 31));
            if let Some(letters) = by_last.and_then(|by| by.get_mut(usize::from(next & 31))) {
                *letters |= third;
            }
        }
        Self { endings, thirds }
    }

    /// Whether a name that means something may end before a byte, by its last
    /// three letters: most signs are done with here.
    pub(crate) fn may_end(&self, bytes: &[u8], at: usize) -> bool {
        let from = at.saturating_sub(SIGNS_MAX);
        let mut before = bytes.get(from..at).unwrap_or_default().iter().rev();
        let Some(mut last) = before.find(|byte| byte.is_ascii_alphanumeric()) else {
            return false;
        };
        // `password2`, `api_key_2`, `TOKEN_B64`.
        if last.is_ascii_digit() {
            let Some(letter) = before.find(|byte| byte.is_ascii_alphabetic()) else {
                return false;
            };
            if letter.eq_ignore_ascii_case(&b'b') {
                return true;
            }
            last = letter;
        }
        let Some(next) = before.next() else {
            return false;
        };
        let by_last = self.thirds.get(usize::from(last & 31));
        let letters = by_last.and_then(|by| by.get(usize::from(next & 31)));
        let letters = letters.copied().unwrap_or_default();
        if letters == 0 {
            return false;
        }
        // `key_id`: what is between the words of a name does not count.
        match before.find(|byte| byte.is_ascii_alphanumeric()) {
            Some(third) => letters >> (third & 31) & 1 == 1,
            // So many signs that nobody can say; or there is nothing before the two.
            None => from > 0 || letters == u32::MAX,
        }
    }

    /// What a name says about its value.
    pub(crate) fn strength(&self, name: &str) -> Option<Strength> {
        let normal = Normal::of(mark::behind(name))?;
        let whole = normal.text();
        if let Some(found) = self.ending(&normal, whole) {
            return found;
        }
        let bare = whole.trim_end_matches(|c: char| c.is_ascii_digit());
        if bare.len() < whole.len()
            && let Some(found) = self.ending(&normal, bare)
        {
            return found;
        }
        SUFFIXES
            .iter()
            .filter_map(|suffix| bare.strip_suffix(suffix))
            .find_map(|stem| self.ending(&normal, stem))
            .flatten()
    }

    /// Whether a name ends like one of secret access keys of AWS.
    pub(crate) fn is_aws(name: &str) -> bool {
        Normal::of(mark::behind(name)).is_some_and(|name| name.text().ends_with("secretaccesskey"))
    }

    /// Nothing where no ending fits; what the longest one says otherwise.
    fn ending(&self, normal: &Normal, name: &str) -> Option<Option<Strength>> {
        let last = name.bytes().last()?;
        let ending = self
            .endings
            .get(usize::from(last & 31))?
            .iter()
            .filter(|ending| name.ends_with(ending.text))
            .find(|ending| {
                let begin = name.len() - ending.text.len();
                !matches!(ending.meaning, Meaning::Word | Meaning::Nothing)
                    || normal.words >> begin & 1 == 1
            })?;
        let before = name
            .get(..name.len() - ending.text.len())
            .unwrap_or_default();
        let is_asking = ASKING.iter().any(|word| before.ends_with(word));
        Some(match ending.meaning {
            Meaning::Nothing => None,
            Meaning::Word => Some(Strength::Weak),
            Meaning::Name(_) if is_asking => Some(Strength::Weak),
            Meaning::Name(strength) => Some(strength),
        })
    }
}

// === impl Normal ===

impl Normal {
    /// `DB_Password` and `db-password` are `dbpassword`.
    fn of(name: &str) -> Option<Self> {
        let mut normal = Self {
            bytes: [0; NAME_MAX],
            length: 0,
            words: 0,
        };
        let mut before = b' ';
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() {
                let begins = !before.is_ascii_alphanumeric()
                    || (byte.is_ascii_uppercase() && !before.is_ascii_uppercase());
                normal.words |= u64::from(begins) << (normal.length as u64 & 63);
                *normal.bytes.get_mut(normal.length)? = byte.to_ascii_lowercase();
                normal.length += 1;
            }
            before = byte;
        }
        Some(normal)
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_signs_are_done_with_by_three_letters() {
        let names = Names::new();
        let may_end = |text: &str| names.may_end(text.as_bytes(), text.len());
        for meant in [
            "password",
            "the password is",
            "API_KEY",
            "\"session_id\"",
            "SESSION.ID ",
            "sess-id",
            "PASSWORD_PROD",
            "token_b64",
            "key2",
            "pwd",
        ] {
            assert!(may_end(meant), "{meant}");
        }
        for meaningless in [
            "id",
            "user id",
            "\"id\"",
            "2026-11-30 id",
            "x9id",
            "uuid",
            "name",
        ] {
            assert!(!may_end(meaningless), "{meaningless}");
        }
    }

    /// What ends a name is never done with before it was looked at.
    #[test]
    fn every_ending_of_the_table_may_end_a_name() {
        let names = Names::new();
        for text in names.endings.iter().flatten().map(|ending| ending.text) {
            for name in [
                text.to_owned(),
                format!("x_{text}"),
                format!("X{}", text.to_uppercase()),
            ] {
                assert!(names.may_end(name.as_bytes(), name.len()), "{name}");
            }
        }
    }
}
