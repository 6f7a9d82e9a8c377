//! The forms of statements that describe tables and the server, as they are
//! written in `data/describes.txt`.

use sqlparser::tokenizer::Token;

use crate::dialect::Dialect;
use crate::names::templates;

/// A form of such a statement.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) first: Vec<String>,
    pub(crate) parts: Vec<Part>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Word(String),
    Sign(Token),
    OneOf(Vec<Vec<Part>>),
    Optional(Vec<Vec<Part>>),
    Table,
    Name,
    /// The schema of the table before it.
    Schema,
    Text,
    Number,
    Filter,
    Setting,
    Query,
    Pragma,
}

impl Template {
    /// The forms that the dialect knows.
    pub(crate) fn all(dialect: Dialect) -> Vec<Self> {
        templates(dialect)
            .map(|text| {
                let spaced = ["(", ")", "[", "]", "|", ","]
                    .iter()
                    .fold(text.to_owned(), |text, sign| {
                        text.replace(sign, &format!(" {sign} "))
                    });
                let mut words = spaced.split_whitespace().peekable();
                let parts = sequence(&mut words);
                let first = match parts.first() {
                    Some(Part::Word(word)) => vec![word.clone()],
                    Some(Part::Pragma) => vec!["pragma".to_owned()],
                    Some(Part::OneOf(all)) => all
                        .iter()
                        .filter_map(|one| match one.first() {
                            Some(Part::Word(word)) => Some(word.clone()),
                            Some(_) | None => None,
                        })
                        .collect(),
                    Some(_) | None => Vec::new(),
                };
                Self { first, parts }
            })
            .collect()
    }
}

fn sequence<'a>(words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some(word) = words.next_if(|word| !matches!(*word, ")" | "]" | "|")) {
        parts.push(match word {
            "(" => Part::OneOf(alternatives(words)),
            "[" => Part::Optional(alternatives(words)),
            "," => Part::Sign(Token::Comma),
            "=" => Part::Sign(Token::Eq),
            "TABLE" | "OBJECT" => Part::Table,
            "NAME" => Part::Name,
            "SCHEMA" => Part::Schema,
            "TEXT" => Part::Text,
            "NUMBER" => Part::Number,
            "FILTER" => Part::Filter,
            "SETTING" => Part::Setting,
            "QUERY" => Part::Query,
            "PRAGMA" => Part::Pragma,
            word => Part::Word(word.to_owned()),
        });
    }
    parts
}

fn alternatives<'a>(
    words: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
) -> Vec<Vec<Part>> {
    let mut all = vec![sequence(words)];
    while words.next_if_eq(&"|").is_some() {
        all.push(sequence(words));
    }
    words.next();
    all
}
