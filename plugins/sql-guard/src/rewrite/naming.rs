//! Names in brackets, and names of the elements of XML.

use sqlparser::tokenizer::Token;

use super::words::Text;

impl Text {
    /// `xmlforest(a AS b, c)`: the names of the elements.
    pub(crate) fn named_arguments(&mut self, open: usize) {
        if self.token(open) != Some(&Token::LParen) {
            return;
        }
        let mut depth = 0usize;
        for at in open..self.places.len() {
            match self.token(at) {
                Some(Token::LParen) => depth += 1,
                Some(Token::RParen) => depth = depth.saturating_sub(1),
                // The enum is the parser's.
                Some(_) | None => {}
            }
            if depth == 0 {
                return;
            }
            let named = depth == 1
                && self.is(at, "AS")
                && matches!(self.token(at + 1), Some(Token::Word(_)))
                && matches!(self.token(at + 2), Some(Token::Comma | Token::RParen));
            if named {
                self.blank(at);
                self.blank(at + 1);
            }
        }
    }

    /// `[Order Details]` is a name in T-SQL and Access; two words in brackets
    /// are nothing else anywhere.
    pub(crate) fn bracketed_name(&mut self, at: usize) {
        let Some(end) = (at + 1..self.places.len()).find(|at| {
            !matches!(
                self.token(*at),
                Some(Token::Word(_) | Token::Number(..) | Token::Minus)
            )
        }) else {
            return;
        };
        if self.token(end) != Some(&Token::RBracket) || end == at + 1 {
            return;
        }
        // `a[i]` takes an element out.
        let subscript = self
            .places
            .get(at)
            .and_then(|place| self.tokens.get(place.checked_sub(1)?))
            .is_some_and(|token| {
                matches!(
                    token.token,
                    Token::Word(_) | Token::RParen | Token::RBracket | Token::SingleQuotedString(_)
                )
            });
        let plain = (at + 1..end).all(|at| {
            matches!(self.token(at), Some(Token::Word(word)) if word.quote_style.is_none())
                || matches!(self.token(at), Some(Token::Number(..) | Token::Minus))
        });
        let begins = matches!(self.token(at + 1), Some(Token::Word(_)));
        if subscript || !plain || !begins {
            return;
        }
        let (Some(from), Some(to)) = (self.places.get(at), self.places.get(end)) else {
            return;
        };
        let name: String = self
            .tokens
            .get(from + 1..*to)
            .unwrap_or_default()
            .iter()
            .map(|token| match &token.token {
                Token::Word(word) => word.value.clone(),
                other => other.to_string(),
            })
            .collect();
        self.put(at, vec![Token::make_word(&name, Some('['))]);
        (at + 1..=end).for_each(|at| self.blank(at));
    }
}
