//! The words of a module, without its texts and comments. What a module says
//! about `input` and its imports shows here; the parser reads all of it.

/// A word, a text or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// A name or a keyword.
    Name(&'a str),
    /// A text in quotes, as it is written between them.
    Text(&'a str),
    /// Any other character.
    Sign(char),
}

/// One of them, and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    /// From 1.
    pub(crate) line: usize,
    /// The first byte in the module.
    pub(crate) at: usize,
    /// In bytes, with the quotes.
    pub(crate) length: usize,
    /// Nothing stands between it and the one before.
    pub(crate) follows: bool,
}

/// The tokens of a module, in their order.
pub(crate) fn tokens(module: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut at = 0;
    let mut follows = false;
    while let Some(letter) = module.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = module.get(at..).unwrap_or_default();
        let (kind, length) = match letter {
            '#' => {
                at += rest.find('\n').unwrap_or(rest.len());
                follows = false;
                continue;
            }
            '"' => text(rest, '"'),
            '`' => text(rest, '`'),
            _ if letter.is_whitespace() => {
                line += usize::from(letter == '\n');
                at += letter.len_utf8();
                follows = false;
                continue;
            }
            _ if letter == '_' || letter.is_alphanumeric() => {
                let end = rest.find(|it: char| it != '_' && !it.is_alphanumeric());
                let length = end.unwrap_or(rest.len());
                (Kind::Name(rest.get(..length).unwrap_or_default()), length)
            }
            _ => (Kind::Sign(letter), letter.len_utf8()),
        };
        found.push(Token {
            kind,
            line,
            at,
            length,
            follows,
        });
        let whole = rest.get(..length).unwrap_or_default();
        line += whole.matches('\n').count();
        at += length;
        follows = true;
    }
    found
}

/// A text and its length with the quotes; to the end where none closes it.
fn text(rest: &str, quote: char) -> (Kind<'_>, usize) {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote == '"' {
            escaped = true;
        } else if letter == quote {
            return (
                Kind::Text(rest.get(1..place).unwrap_or_default()),
                place + 1,
            );
        }
    }
    (Kind::Text(rest.get(1..).unwrap_or_default()), rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_comments_are_no_words() {
        let module = "a.b # c\n\"d\\\"e\" `f\n\"` g";
        let kinds: Vec<_> = tokens(module)
            .into_iter()
            .map(|token| (token.kind, token.line, token.follows))
            .collect();
        assert_eq!(
            kinds,
            [
                (Kind::Name("a"), 1, false),
                (Kind::Sign('.'), 1, true),
                (Kind::Name("b"), 1, true),
                (Kind::Text("d\\\"e"), 2, false),
                (Kind::Text("f\n\""), 2, false),
                (Kind::Name("g"), 3, false),
            ]
        );
    }
}
