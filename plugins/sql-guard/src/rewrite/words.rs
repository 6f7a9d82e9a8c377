//! The words of a statement, and what is to become of them.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::dialect::Dialect;

/// The words of a statement, and what is to become of them.
pub(crate) struct Text {
    pub(crate) tokens: Vec<TokenWithSpan>,
    /// Places of what is no blank.
    pub(crate) places: Vec<usize>,
    /// Tokens that come in the place of one.
    pub(crate) instead: Vec<(usize, Vec<Token>)>,
    pub(crate) dialect: Dialect,
}

pub(crate) fn keyword(text: &str) -> Token {
    Token::make_keyword(text)
}

impl Text {
    pub(crate) fn token(&self, at: usize) -> Option<&Token> {
        let place = self.places.get(at)?;
        self.tokens.get(*place).map(|token| &token.token)
    }

    pub(crate) fn before(&self, at: usize) -> Option<&Token> {
        self.token(at.checked_sub(1)?)
    }

    fn word(&self, at: usize) -> Option<&Word> {
        match self.token(at)? {
            Token::Word(word) if word.quote_style.is_none() => Some(word),
            // The enum is the parser's.
            _ => None,
        }
    }

    pub(crate) fn is(&self, at: usize, text: &str) -> bool {
        self.word(at)
            .is_some_and(|word| word.value.eq_ignore_ascii_case(text))
    }

    pub(crate) fn are(&self, at: usize, texts: &[&str]) -> bool {
        texts
            .iter()
            .enumerate()
            .all(|(offset, text)| self.is(at + offset, text))
    }

    pub(crate) fn blank(&mut self, at: usize) {
        self.put(at, Vec::new());
    }

    pub(crate) fn put(&mut self, at: usize, tokens: Vec<Token>) {
        if let Some(place) = self.places.get(at) {
            self.instead.push((*place, tokens));
        }
    }

    pub(crate) fn finished(mut self) -> Vec<TokenWithSpan> {
        if self.instead.is_empty() {
            return self.tokens;
        }
        self.instead.sort_by_key(|(place, _)| *place);
        let mut instead = self.instead.into_iter().peekable();
        let mut out = Vec::with_capacity(self.tokens.len());
        for (place, token) in self.tokens.into_iter().enumerate() {
            let mut replaced = false;
            while let Some((_, tokens)) = instead.next_if(|(other, _)| *other == place) {
                if !replaced {
                    let span = token.span;
                    out.extend(
                        tokens
                            .into_iter()
                            .map(|token| TokenWithSpan { token, span }),
                    );
                }
                replaced = true;
            }
            if !replaced {
                out.push(token);
            }
        }
        out
    }

    pub(crate) fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        (open..self.places.len()).find(|at| {
            match self.token(*at) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                // The enum is the parser's.
                Some(_) | None => {}
            }
            depth == 0
        })
    }

    /// Whether a value may end here: an operator may follow.
    pub(crate) fn ends_a_value(&self, at: Option<usize>) -> bool {
        match at.and_then(|at| self.token(at)) {
            Some(Token::Word(word)) => {
                word.quote_style.is_some()
                    || matches!(
                        word.keyword,
                        Keyword::NoKeyword | Keyword::END | Keyword::NULL
                    )
                    || !sqlparser::keywords::RESERVED_FOR_COLUMN_ALIAS.contains(&word.keyword)
                        && !matches!(
                            word.keyword,
                            Keyword::SELECT
                                | Keyword::DISTINCT
                                | Keyword::ALL
                                | Keyword::WHERE
                                | Keyword::AND
                                | Keyword::OR
                                | Keyword::NOT
                                | Keyword::ON
                                | Keyword::BY
                                | Keyword::WHEN
                                | Keyword::THEN
                                | Keyword::ELSE
                                | Keyword::CASE
                                | Keyword::IN
                                | Keyword::IS
                                | Keyword::AS
                                | Keyword::FROM
                                | Keyword::BETWEEN
                                | Keyword::LIKE
                                | Keyword::SET
                                | Keyword::RETURNING
                                | Keyword::HAVING
                                | Keyword::DIV
                        )
            }
            Some(
                Token::Number(..)
                | Token::SingleQuotedString(_)
                | Token::DoubleQuotedString(_)
                | Token::RParen
                | Token::RBracket
                | Token::Placeholder(_),
            ) => true,
            // The enum is the parser's.
            Some(_) | None => false,
        }
    }

    pub(crate) fn begins_a_value(&self, at: usize) -> bool {
        match self.token(at) {
            Some(Token::Word(word)) => {
                word.quote_style.is_some()
                    || matches!(
                        word.keyword,
                        Keyword::NoKeyword | Keyword::CASE | Keyword::NULL | Keyword::CAST
                    )
                    || matches!(self.token(at + 1), Some(Token::LParen | Token::Period))
                    || !sqlparser::keywords::RESERVED_FOR_COLUMN_ALIAS.contains(&word.keyword)
            }
            Some(
                Token::Number(..)
                | Token::SingleQuotedString(_)
                | Token::DoubleQuotedString(_)
                | Token::LParen
                | Token::Placeholder(_)
                | Token::Minus
                | Token::Plus,
            ) => true,
            // The enum is the parser's.
            Some(_) | None => false,
        }
    }
}
