//! Rules whose names begin with a keyword, as `not.here`: they are called otherwise within a
//! module.

use crate::token::{Kind, Token, tokens};

/// The keywords of the interpreter's parser.
const KEYWORDS: [&str; 15] = [
    "as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null",
    "package", "some", "true", "with",
];

/// What is written behind such a name.
const BEHIND: &str = "__";

/// The module with other names for them.
pub(super) fn translated(module: &str) -> String {
    let tokens = tokens(module);
    let package = package(&tokens);
    let roots: Vec<Kind<'_>> = (0..tokens.len())
        .filter(|place| is_root(&tokens, *place))
        .filter_map(|place| tokens.get(place).map(|token| token.kind))
        .collect();
    if roots.is_empty() {
        return module.to_owned();
    }
    let mut written = String::with_capacity(module.len());
    let mut end = 0;
    for (place, token) in tokens.iter().enumerate() {
        let is_own = roots.contains(&token.kind) && is_own(&tokens, place, &package);
        if !is_root(&tokens, place) && !is_own {
            continue;
        }
        let behind = token.at + token.length;
        written.push_str(module.get(end..behind).unwrap_or_default());
        written.push_str(BEHIND);
        end = behind;
    }
    written.push_str(module.get(end..).unwrap_or_default());
    written
}

/// A keyword with a member behind it, and nothing before it.
fn is_root(tokens: &[Token<'_>], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|place| tokens.get(place));
    let follows_dot = before.is_some_and(|before| before.kind == Kind::Sign('.'));
    is_keyword(tokens, place) && !follows_dot && has_member(tokens, place)
}

/// A keyword behind the module's own package, `data.authz.not.here`.
fn is_own(tokens: &[Token<'_>], place: usize, package: &[&str]) -> bool {
    if !is_keyword(tokens, place) || package.is_empty() {
        return false;
    }
    let mut expected = vec![Kind::Name("data"), Kind::Sign('.')];
    for name in package {
        expected.extend([Kind::Name(name), Kind::Sign('.')]);
    }
    let Some(from) = place.checked_sub(expected.len()) else {
        return false;
    };
    let before = tokens.get(from..place).unwrap_or_default();
    before.iter().map(|token| token.kind).eq(expected) && has_member(tokens, place)
}

fn is_keyword(tokens: &[Token<'_>], place: usize) -> bool {
    tokens.get(place).is_some_and(|token| match token.kind {
        Kind::Name(name) => KEYWORDS.contains(&name),
        Kind::Text(_) | Kind::Sign(_) => false,
    })
}

fn has_member(tokens: &[Token<'_>], place: usize) -> bool {
    let is_dot = |token: &Token<'_>| token.follows && token.kind == Kind::Sign('.');
    let is_name = |token: &Token<'_>| token.follows && matches!(token.kind, Kind::Name(_));
    tokens.get(place + 1).is_some_and(is_dot) && tokens.get(place + 2).is_some_and(is_name)
}

/// The names of the package.
fn package<'a>(tokens: &[Token<'a>]) -> Vec<&'a str> {
    let begin = tokens
        .iter()
        .position(|token| token.kind == Kind::Name("package"));
    let behind = tokens.get(begin.map_or(tokens.len(), |at| at + 1)..);
    let mut names = Vec::new();
    for (place, token) in behind.unwrap_or_default().iter().enumerate() {
        match token.kind {
            Kind::Name(name) if place == 0 || token.follows => names.push(name),
            Kind::Sign('.') if token.follows => {}
            _ => break,
        }
    }
    names
}
