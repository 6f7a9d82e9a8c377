//! Reads tokens one after the other.

use super::known::Known;
use super::names::Names;
use super::words::{Sort, Token};
use crate::settings::Settings;

/// Parentheses in parentheses; deeper ones are not plain.
const DEPTH_MAX: usize = 8;

/// The tokens that are left, and what is known of names.
pub(super) struct Reader<'a> {
    pub(super) tokens: &'a [Token<'a>],
    pub(super) at: usize,
    depth: usize,
    pub(super) names: Names<'a>,
}

// === impl Reader ===

impl<'a> Reader<'a> {
    pub(super) fn new(settings: &'a Settings, tokens: &'a [Token<'a>]) -> Self {
        Self {
            tokens,
            at: 0,
            depth: 0,
            names: Names::new(settings),
        }
    }

    pub(super) fn peek(&self) -> Option<Sort> {
        self.tokens.get(self.at).map(|token| token.sort)
    }

    /// The sort of the token behind the next one.
    pub(super) fn peek_second(&self) -> Option<Sort> {
        self.tokens.get(self.at + 1).map(|token| token.sort)
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is(&self, sort: Sort) -> bool {
        self.peek() == Some(sort)
    }

    pub(super) fn is_word(&self, word: Known) -> bool {
        self.is(Sort::Word(word))
    }

    /// Takes the token, if it is next.
    pub(super) fn take(&mut self, sort: Sort) -> bool {
        let is_next = self.is(sort);
        self.at += usize::from(is_next);
        is_next
    }

    pub(super) fn take_word(&mut self, word: Known) -> bool {
        self.take(Sort::Word(word))
    }

    pub(super) fn expect(&mut self, sort: Sort) -> Option<()> {
        self.take(sort).then_some(())
    }

    pub(super) fn expect_word(&mut self, word: Known) -> Option<()> {
        self.expect(Sort::Word(word))
    }

    /// What stands in parentheses, the opening one already taken.
    pub(super) fn within(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEPTH_MAX).then_some(())?;
        read(self)?;
        self.depth -= 1;
        self.expect(Sort::Close)
    }

    /// One or more, with commas between.
    pub(super) fn list(&mut self, read: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        read(self)?;
        while self.take(Sort::Comma) {
            read(self)?;
        }
        Some(())
    }
}
