//! Names with escapes of PostgreSQL: `U&"pg_\0072ead_file"`.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::dialect::Dialect;
use crate::refused::Refused;

/// `U&"pg_\0072ead_file"` is a name of PostgreSQL.
pub(crate) fn with_escaped_names(
    dialect: Dialect,
    tokens: Vec<TokenWithSpan>,
) -> Result<Vec<TokenWithSpan>, Refused> {
    let escaped = |window: &[TokenWithSpan]| match window {
        [first, second, third] => match (&first.token, &second.token, &third.token) {
            (Token::Word(prefix), Token::Ampersand, Token::Word(name)) => {
                prefix.quote_style.is_none()
                    && prefix.value.eq_ignore_ascii_case("u")
                    && name.quote_style == Some('"')
            }
            // The enum is the parser's.
            _ => false,
        },
        _ => false,
    };
    if !tokens.windows(3).any(escaped) {
        return Ok(tokens);
    }
    if dialect != Dialect::Postgres {
        return Err(Refused::Ambiguous("a name with escapes"));
    }
    let uescape = tokens.iter().any(|token| match &token.token {
        Token::Word(word) => word.value.eq_ignore_ascii_case("uescape"),
        // The enum is the parser's.
        _ => false,
    });
    if uescape {
        return Err(Refused::Ambiguous("UESCAPE"));
    }
    let mut decoded = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some(window) = rest.get(..3)
            && escaped(window)
            && let Some(name) = rest.get(2)
            && let Token::Word(word) = &name.token
        {
            let value = unescaped(&word.value).ok_or(Refused::Ambiguous("a name with escapes"))?;
            decoded.push(TokenWithSpan {
                token: Token::make_word(&value, Some('"')),
                span: name.span,
            });
            rest = rest.get(3..).unwrap_or_default();
        } else {
            decoded.push(first.clone());
            rest = after;
        }
    }
    Ok(decoded)
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        if letters.next_if_eq(&'\\').is_some() {
            out.push('\\');
            continue;
        }
        let digits = if letters.next_if_eq(&'+').is_some() {
            6
        } else {
            4
        };
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + letters.next()?.to_digit(16)?;
        }
        out.push(char::from_u32(code).filter(|letter| !letter.is_control())?);
    }
    Some(out)
}
