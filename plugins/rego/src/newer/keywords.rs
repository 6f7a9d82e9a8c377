//! The keywords that a module imports.

use crate::token::{Kind, Token};

/// Keywords that a module has to import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keywords {
    pub(super) not: bool,
    pub(super) and: bool,
    pub(super) or: bool,
}

// === impl Keywords ===

impl Keywords {
    pub(super) fn imported(tokens: &[Token<'_>]) -> Self {
        let mut found = Self::default();
        for (place, token) in tokens.iter().enumerate() {
            if token.kind != Kind::Name("import") {
                continue;
            }
            let rest = tokens.get(place..).unwrap_or_default();
            match import(rest) {
                Some((Imported::Keyword("not"), _)) => found.not = true,
                Some((Imported::Keyword("and"), _)) => found.and = true,
                Some((Imported::Keyword("or"), _)) => found.or = true,
                Some((Imported::All | Imported::Second, _)) => {
                    (found.not, found.and, found.or) = (true, true, true);
                }
                Some((Imported::Keyword(_), _)) | None => {}
            }
        }
        found
    }
}

/// What an import brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Imported<'a> {
    /// `future.keywords.keyword`
    Keyword(&'a str),
    /// `future.keywords`
    All,
    /// `rego.v2`
    Second,
}

/// What is imported here, and how many tokens that takes.
pub(super) fn import<'a>(tokens: &[Token<'a>]) -> Option<(Imported<'a>, usize)> {
    let kinds: Vec<_> = tokens.iter().take(7).map(|token| token.kind).collect();
    let is_whole = |count: usize| tokens.get(count).is_none_or(|next| !next.follows);
    match kinds.as_slice() {
        [
            Kind::Name("import"),
            Kind::Name("future"),
            Kind::Sign('.'),
            Kind::Name("keywords"),
            Kind::Sign('.'),
            Kind::Name(keyword),
            ..,
        ] => Some((Imported::Keyword(keyword), 6)),
        [
            Kind::Name("import"),
            Kind::Name("future"),
            Kind::Sign('.'),
            Kind::Name("keywords"),
            Kind::Sign('['),
            Kind::Text(keyword),
            Kind::Sign(']'),
        ] => Some((Imported::Keyword(keyword), 7)),
        [
            Kind::Name("import"),
            Kind::Name("future"),
            Kind::Sign('.'),
            Kind::Name("keywords"),
            ..,
        ] if is_whole(4) => Some((Imported::All, 4)),
        [
            Kind::Name("import"),
            Kind::Name("rego"),
            Kind::Sign('.'),
            Kind::Name("v2"),
            ..,
        ] if is_whole(4) => Some((Imported::Second, 4)),
        _ => None,
    }
}
