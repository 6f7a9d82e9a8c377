//! Whether a value is a secret, by its own shape: the same test for texts and
//! for members.

use crate::mark;
use crate::names::{Names, Strength};
use crate::shape::{
    HEAD_MAX, has_digit, is_bracketed, is_call, is_capital_word, is_date, is_filler, is_identifier,
    is_joined, is_mixed, is_open_call, is_path, is_phrase, is_reference_path, is_template, is_type,
    is_whole_call, is_wordy,
};
use crate::words::Words;

/// What values say that are no secrets.
const TABLE: &str = include_str!("../data/words.txt");
/// A shorter value is a word of the text, or protects nothing.
pub(crate) const VALUE_MIN: usize = 6;
/// A shorter value of a name that may mean something else is no secret.
const WEAK_MIN: usize = 8;
/// A version of a type has no more digits.
const VERSION_DIGITS_MAX: usize = 2;
/// Letters alone look random from this length on.
const LETTERS_MIN: usize = 16;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    /// The value of a member, or all of an element.
    Member,
    /// In quotes.
    Quoted,
    /// `NAME=value`, in capitals and without blanks: a setting, not code.
    Setting,
    /// Without quotes: perhaps code.
    Bare,
}

/// The tables of values and names.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    pub(crate) names: Names,
    whole: Vec<&'static str>,
    within: Words,
    begins: Words,
    prose: Vec<&'static str>,
}

impl Values {
    pub(crate) fn new() -> Self {
        let list = |wanted: &str| {
            let mut words: Vec<&'static str> = TABLE
                .lines()
                .filter_map(|line| line.split_once(' '))
                .filter(|(list, _)| *list == wanted)
                .map(|(_, word)| word)
                .collect();
            words.sort_unstable();
            words
        };
        Self {
            names: Names::new(),
            whole: list("value"),
            within: Words::new(&list("within")),
            begins: Words::new(&list("begins")),
            prose: list("prose"),
        }
    }

    /// Whether a value of such a name is a secret.
    pub(crate) fn is_secret(&self, value: &str, strength: Strength, writing: Writing) -> bool {
        let value = value.trim();
        let head = value
            .get(..value.floor_char_boundary(HEAD_MAX))
            .unwrap_or_default();
        let least = match (writing, strength) {
            (Writing::Member, Strength::Password | Strength::Secret) => 1,
            (_, Strength::Weak) => WEAK_MIN,
            (Writing::Quoted | Writing::Setting | Writing::Bare, _) => VALUE_MIN,
        };
        // Most of what stands behind a name in code ends here.
        let is_plain = writing == Writing::Bare && !may_look_random(head);
        if value.len() < least || is_plain || self.is_placeholder(head) || is_reference_path(head) {
            return false;
        }
        match writing {
            Writing::Member | Writing::Quoted => match strength {
                Strength::Password => !self.is_prose(head),
                Strength::Secret => {
                    !self.is_prose(head)
                        && !is_phrase(head)
                        && !is_wordy(head)
                        && !is_path(head)
                        && !self.is_name_of_secret(head)
                }
                Strength::Weak => self.looks_random(head),
            },
            Writing::Setting if strength == Strength::Weak => self.looks_random(head),
            Writing::Setting => {
                !is_whole_call(head)
                    && !self.is_name_of_secret(head)
                    && (has_digit(head) || !is_path(head))
                    && (strength == Strength::Password || !is_wordy(head))
            }
            Writing::Bare => {
                let is_code = || is_joined(head) || is_capital_word(head);
                (self.looks_random(head) && (strength == Strength::Password || !is_code()))
                    || (strength == Strength::Password && head.bytes().all(|b| b.is_ascii_digit()))
            }
        }
    }

    /// Whether somebody already took the secret out, or never put it in: the
    /// whole value stands for another.
    pub(crate) fn is_placeholder(&self, value: &str) -> bool {
        let value = value.trim();
        let lower = value.to_lowercase();
        value.is_empty()
            || is_template(value)
            || mark::is_in(value)
            || is_filler(value)
            || self.whole.binary_search(&lower.as_str()).is_ok()
            || self.within.stand_in(lower.as_bytes())
            || self.begins.begin(lower.as_bytes())
            || (lower.starts_with("my") && is_wordy(&lower))
            || is_bracketed(value)
    }

    /// Whether a value is nothing that a person or a program would write on
    /// purpose: letters and digits, and neither name nor path nor call.
    pub(crate) fn looks_random(&self, value: &str) -> bool {
        if value.len() < VALUE_MIN || value.contains(char::is_whitespace) || !value.is_ascii() {
            return false;
        }
        let has_letter = value.bytes().any(|byte| byte.is_ascii_alphabetic());
        let is_base32 = value.len() >= LETTERS_MIN
            && has_digit(value)
            && value
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte));
        if is_base32 {
            return true;
        }
        if is_open_call(value) {
            return false;
        }
        if !has_letter || is_call(value) || is_path(value) || is_wordy(value) || is_date(value) {
            return false;
        }
        if self.is_name_of_secret(value) || self.is_type_of_secret(value) || is_type(value) {
            return false;
        }
        has_digit(value) || (value.len() >= LETTERS_MIN && is_mixed(value) && !is_joined(value))
    }

    /// Whether the value is itself called like a secret: a variable.
    fn is_name_of_secret(&self, value: &str) -> bool {
        let name = value.trim_start_matches(['$', '&', '*', '@', '-', '!']);
        let bare = name
            .strip_suffix(|c: char| c.is_ascii_digit())
            .unwrap_or(name);
        is_identifier(name) && !has_digit(bare) && self.names.strength(name).is_some()
    }

    /// `ApiKeyV2;`, `&AccessTokenV12`: a type that is called like a secret, and its version.
    fn is_type_of_secret(&self, value: &str) -> bool {
        let name = value.trim_start_matches(['&', '*', '?', '[']);
        let name = name.trim_end_matches(['?', '!', ']', ';', ',', ')']);
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = name.len() - bare.len();
        let Some(bare) = bare.strip_suffix('V') else {
            return false;
        };
        (1..=VERSION_DIGITS_MAX).contains(&digits)
            && bare.starts_with(|c: char| c.is_ascii_uppercase())
            && bare.bytes().any(|byte| byte.is_ascii_lowercase())
            && is_identifier(bare)
            && !has_digit(bare)
            && self.names.strength(bare).is_some()
    }

    /// A sentence, or a text in a script in which nobody writes passwords.
    fn is_prose(&self, value: &str) -> bool {
        if !value.is_ascii() && !has_digit(value) {
            return true;
        }
        if !value.contains(' ') {
            return false;
        }
        value.ends_with(['?', '!', '.', ':', '…'])
            || value.split(|c: char| !c.is_alphanumeric()).any(|word| {
                self.prose
                    .iter()
                    .any(|prose| word.eq_ignore_ascii_case(prose))
            })
    }
}

/// Whether a value may look random: without a digit, only a long one does.
fn may_look_random(value: &str) -> bool {
    has_digit(value) || (value.len() >= LETTERS_MIN && is_mixed(value))
}
