//! Where in a text a secret may begin, or a sign may stand that gives one away. Most of
//! a text is neither, and nothing else looks at it.

use crate::block::{BLOCK, Block, Places, Set, places, rows};
use crate::form::Forms;

/// Letters and digits.
const WORD: Set = Set::of(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
/// What stands in the middle or at the sign of a secret that has a form.
const SIGNS: Set = Set::of(b":=-~");
/// And of one that its name gives away.
const SIGNS_OF_NAMES: Set = Set::of(b":=-~>,(");
/// The first two letters of words that a secret stands behind.
const FIRST: Set = Set::of(b"bBrRkKsSiIwWeEpPmMtT");
const SECOND: Set = Set::of(b"eEdDiInNaAoO");
/// A word may begin behind `[32m`.
const BRACKET: Set = Set::of(b"[");

/// What is stopped at.
#[derive(Clone, Debug)]
pub(crate) struct Stops {
    /// Words, signs, and what tokens are made of.
    sets: [Set; 3],
    /// A word that so many bytes of a token do not follow in a row begins none.
    row: u32,
    /// Also at the words that a secret stands behind.
    has_phrases: bool,
}

impl Stops {
    pub(crate) fn new(forms: &Forms, has_names: bool) -> Self {
        let signs = if has_names { SIGNS_OF_NAMES } else { SIGNS };
        let (token, row) = forms.heads_of_tokens();
        Self {
            sets: [WORD, signs, token],
            row,
            has_phrases: has_names,
        }
    }

    /// The stops of a text, from left to right.
    pub(crate) fn of<'t>(&'t self, bytes: &'t [u8]) -> impl Iterator<Item = usize> + 't {
        let mut is_in_word = false;
        Places::of(bytes, move |block| self.within(block, &mut is_in_word))
    }

    fn within(&self, block: &Block, is_in_word: &mut bool) -> u64 {
        let [words, signs, token] = places(block, &self.sets);
        let begins = words & !(words << 1 | u64::from(*is_in_word));
        *is_in_word = words >> (BLOCK - 1) == 1;
        let mut wanted = rows(token, self.row);
        if self.has_phrases && begins != 0 {
            let [first, second, bracket] = places(block, &[FIRST, SECOND, BRACKET]);
            // What is beyond the block may be anything.
            wanted |= first & (second >> 1 | 1 << (BLOCK - 1));
            wanted |= bracket << 1 | 1;
        }
        begins & wanted | signs
    }
}
