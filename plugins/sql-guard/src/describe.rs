//! Statements that describe tables and the server (`SHOW`, `DESCRIBE`, `PRAGMA`
//! and the like), read by the templates.

use sqlparser::ast::{Ident, ObjectName};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::kind::Kind;
use crate::names::{Takes, may_be_shown, pragma_takes};
use crate::settings::Settings;
use crate::template::{Part, Template};

/// What a statement describes.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) kind: Kind,
    /// Tables, judged as ones that are read.
    pub(crate) tables: Vec<ObjectName>,
    /// The words of a condition.
    pub(crate) condition: Option<Vec<TokenWithSpan>>,
    /// The words of a query.
    pub(crate) query: Option<Vec<TokenWithSpan>>,
}

/// Words of a statement without blanks, and what was found among them.
struct Reader<'a> {
    words: &'a [&'a TokenWithSpan],
    settings: &'a Settings,
}

#[derive(Clone, Default)]
struct Found {
    tables: Vec<ObjectName>,
    condition: Option<usize>,
    query: Option<usize>,
    pragma: bool,
}

/// What the statement describes, where it has one of the forms.
pub(crate) fn described(settings: &Settings, tokens: &[TokenWithSpan]) -> Option<Described> {
    let first = tokens
        .iter()
        .find(|token| !matches!(token.token, Token::Whitespace(_)))
        .and_then(|token| word(&token.token))?
        .value
        .to_ascii_lowercase();
    let candidates: Vec<&Template> = settings
        .templates
        .iter()
        .filter(|template| template.first.contains(&first))
        .collect();
    if candidates.is_empty() {
        return None;
    }
    let mut words: Vec<&TokenWithSpan> = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_) | Token::EOF))
        .collect();
    while words
        .last()
        .is_some_and(|token| token.token == Token::SemiColon)
    {
        words.pop();
    }
    // More words than any such statement has, but in a condition or query.
    let reader = Reader {
        words: &words,
        settings,
    };
    candidates.iter().find_map(|template| {
        let parts: Vec<&Part> = template.parts.iter().collect();
        let found = reader.read(&parts, 0, Found::default())?;
        let rest = |from: Option<usize>| {
            from.map(|from| {
                words
                    .iter()
                    .skip(from)
                    .map(|token| (*token).clone())
                    .collect()
            })
        };
        Some(Described {
            kind: if found.pragma {
                Kind::Pragma
            } else {
                Kind::Show
            },
            condition: rest(found.condition),
            query: rest(found.query),
            tables: found.tables,
        })
    })
}

fn word(token: &Token) -> Option<&Word> {
    match token {
        Token::Word(word) => Some(word),
        // The enum is the parser's.
        _ => None,
    }
}

/// Words that begin a statement of their own, or belong to `EXPLAIN`.
fn begins_a_statement(word: &Word) -> bool {
    word.quote_style.is_none()
        && matches!(
            word.keyword,
            Keyword::SELECT
                | Keyword::WITH
                | Keyword::VALUES
                | Keyword::FROM
                | Keyword::INSERT
                | Keyword::UPDATE
                | Keyword::DELETE
                | Keyword::REPLACE
                | Keyword::MERGE
                | Keyword::CREATE
                | Keyword::DROP
                | Keyword::ALTER
                | Keyword::TRUNCATE
                | Keyword::CALL
                | Keyword::EXECUTE
                | Keyword::EXEC
                | Keyword::COPY
                | Keyword::SET
                | Keyword::ANALYZE
                | Keyword::VERBOSE
                | Keyword::FORMAT
                | Keyword::QUERY
                | Keyword::PLAN
                | Keyword::TABLE
                | Keyword::FOR
                | Keyword::REFRESH
                | Keyword::DECLARE
        )
}

impl<'a> Reader<'a> {
    fn at(&self, place: usize) -> Option<&'a Token> {
        self.words.get(place).map(|token| &token.token)
    }

    fn read(&self, parts: &[&Part], place: usize, found: Found) -> Option<Found> {
        let Some((part, rest)) = parts.split_first() else {
            return (place == self.words.len()).then_some(found);
        };
        let step = |fits: bool| fits.then(|| self.read(rest, place + 1, found.clone()))?;
        match part {
            Part::Word(expected) => step(self.at(place).and_then(word).is_some_and(|word| {
                word.quote_style.is_none() && word.value.eq_ignore_ascii_case(expected)
            })),
            Part::Sign(expected) => step(self.at(place) == Some(expected)),
            Part::OneOf(all) => all.iter().find_map(|one| {
                let parts: Vec<&Part> = one.iter().chain(rest.iter().copied()).collect();
                self.read(&parts, place, found.clone())
            }),
            Part::Optional(all) => all
                .iter()
                .find_map(|one| {
                    let parts: Vec<&Part> = one.iter().chain(rest.iter().copied()).collect();
                    self.read(&parts, place, found.clone())
                })
                .or_else(|| self.read(rest, place, found.clone())),
            Part::Table => {
                let (name, after) = self.object(place)?;
                let mut found = found;
                found.tables.push(name);
                self.read(rest, after, found)
            }
            Part::Name => {
                let after = match self.at(place)? {
                    Token::SingleQuotedString(_) => place + 1,
                    _ => self.object(place)?.1,
                };
                self.read(rest, after, found)
            }
            Part::Schema => {
                let (schema, after) = self.object(place)?;
                let mut found = found;
                let table = found.tables.pop()?;
                let parts = schema.0.into_iter().chain(table.0.into_iter().next_back());
                found.tables.push(ObjectName(parts.collect()));
                self.read(rest, after, found)
            }
            Part::Text => step(matches!(
                self.at(place),
                Some(Token::SingleQuotedString(_) | Token::DoubleQuotedString(_))
            )),
            Part::Number => step(matches!(self.at(place), Some(Token::Number(..)))),
            Part::Filter => self.filter(rest, place, found),
            Part::Setting => {
                let (name, after) = self.object(place)?;
                let name = name
                    .0
                    .iter()
                    .filter_map(|part| part.as_ident())
                    .map(|part| part.value.to_lowercase())
                    .collect::<Vec<_>>()
                    .join(".");
                let shown = may_be_shown(&name)
                    || self
                        .settings
                        .shown_settings
                        .iter()
                        .any(|pattern| pattern.matches(&name));
                shown.then(|| self.read(rest, after, found))?
            }
            Part::Query => {
                let begins = match self.at(place)? {
                    Token::LParen => true,
                    token => word(token).is_some_and(|word| {
                        matches!(
                            word.keyword,
                            Keyword::SELECT | Keyword::WITH | Keyword::FROM | Keyword::VALUES
                        )
                    }),
                };
                begins.then_some(Found {
                    query: Some(place),
                    ..found
                })
            }
            Part::Pragma => self.pragma(found),
        }
    }

    fn filter(&self, rest: &[&Part], place: usize, found: Found) -> Option<Found> {
        let keyword = self
            .at(place)
            .and_then(word)
            .map(|word| word.value.to_ascii_lowercase());
        match keyword.as_deref() {
            Some("like" | "ilike" | "rlike" | "regexp")
                if matches!(
                    self.at(place + 1),
                    Some(Token::SingleQuotedString(_) | Token::DoubleQuotedString(_))
                ) =>
            {
                self.read(rest, place + 2, found)
            }
            Some("where") => Some(Found {
                condition: Some(place + 1),
                ..found
            }),
            Some(_) | None => {
                // `SHOW TABLES 'a*'`
                let text = matches!(self.at(place), Some(Token::SingleQuotedString(_)));
                text.then(|| self.read(rest, place + 1, found.clone()))
                    .flatten()
                    .or_else(|| self.read(rest, place, found))
            }
        }
    }

    /// A name of one or more parts.
    fn object(&self, place: usize) -> Option<(ObjectName, usize)> {
        /// Catalogue, schema, table, and one to spare.
        const PARTS_MAX: usize = 4;

        let mut idents = Vec::new();
        let mut place = place;
        loop {
            let ident = match self.at(place)? {
                Token::Word(word) if !idents.is_empty() || !begins_a_statement(word) => Ident {
                    value: word.value.clone(),
                    quote_style: word.quote_style,
                    span: sqlparser::tokenizer::Span::empty(),
                },
                Token::DoubleQuotedString(text) if idents.is_empty() => {
                    Ident::with_quote('"', text.clone())
                }
                // The enum is the parser's.
                _ => return None,
            };
            idents.push(ident);
            place += 1;
            if self.at(place) != Some(&Token::Period) || idents.len() >= PARTS_MAX {
                return Some((ObjectName::from(idents), place));
            }
            place += 1;
        }
    }

    /// `PRAGMA schema.name`, `PRAGMA name(value)`.
    fn pragma(&self, found: Found) -> Option<Found> {
        let (name, after) = self.object(1)?;
        let name = name
            .0
            .last()
            .and_then(|part| part.as_ident())?
            .value
            .to_lowercase();
        let listed = self
            .settings
            .pragmas
            .as_ref()
            .map(|patterns| patterns.iter().any(|pattern| pattern.matches(&name)));
        let takes = |what| listed != Some(false) && pragma_takes(&name, what);
        let mut found = Found {
            pragma: true,
            ..found
        };
        let argument = match (self.at(after), self.at(after + 1), self.at(after + 2)) {
            (None, _, _) => {
                let alone = listed.unwrap_or_else(|| takes(Takes::Alone) || takes(Takes::Table));
                return alone.then_some(found);
            }
            (Some(Token::LParen), Some(argument), Some(Token::RParen))
                if self.words.len() == after + 3 =>
            {
                argument
            }
            (Some(_), _, _) => return None,
        };
        let table = match argument {
            Token::Word(word) => Ident {
                value: word.value.clone(),
                quote_style: word.quote_style,
                span: sqlparser::tokenizer::Span::empty(),
            },
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => {
                Ident::with_quote('"', text.clone())
            }
            Token::Number(..) => return takes(Takes::Number).then_some(found),
            // The enum is the parser's.
            _ => return None,
        };
        if takes(Takes::Table) {
            found.tables.push(ObjectName::from(vec![table]));
            Some(found)
        } else {
            takes(Takes::Index).then_some(found)
        }
    }
}
