//! Reads the words of one statement with the grammar of the dialect.

use sqlparser::ast::{Expr, Statement};
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::dialect::Dialect;
use crate::refused::Refused;
use crate::settings::Settings;

/// How deep parentheses, subqueries and operators may nest.
const DEPTH_MAX: usize = 40;

/// The one statement of the text. In `generic` any grammar may read it, where
/// the generic one does not.
pub(crate) fn parsed(
    settings: &Settings,
    tokens: Vec<TokenWithSpan>,
) -> Result<Statement, Refused> {
    let grammars: &[Dialect] = match settings.dialect {
        Dialect::Generic => &[
            Dialect::Generic,
            Dialect::Snowflake,
            Dialect::Mssql,
            Dialect::Bigquery,
            Dialect::Duckdb,
            Dialect::Clickhouse,
            Dialect::Postgres,
            Dialect::Oracle,
        ],
        _ => &[settings.dialect],
    };
    let mut first = None;
    let mut tokens = tokens;
    for (at, grammar) in grammars.iter().enumerate() {
        let words = if at + 1 == grammars.len() {
            std::mem::take(&mut tokens)
        } else {
            tokens.clone()
        };
        let statements = Parser::new(grammar.grammar())
            .with_recursion_limit(DEPTH_MAX)
            .with_tokens_with_locations(words)
            .parse_statements();
        match statements {
            Ok(statements) => {
                let mut statements = statements.into_iter();
                return match (statements.next(), statements.next()) {
                    (Some(statement), None) => Ok(statement),
                    (None | Some(_), _) => Err(Refused::Stacked),
                };
            }
            Err(ParserError::RecursionLimitExceeded) => return Err(Refused::TooNested),
            Err(error) => {
                first.get_or_insert(error);
            }
        }
    }
    Err(first.map_or(Refused::Stacked, unreadable))
}

/// The one condition of the words.
pub(crate) fn parsed_condition(
    settings: &Settings,
    words: Vec<TokenWithSpan>,
) -> Result<Expr, Refused> {
    let mut parser = Parser::new(settings.dialect.grammar())
        .with_recursion_limit(DEPTH_MAX)
        .with_tokens_with_locations(words);
    let condition = parser.parse_expr().map_err(unreadable)?;
    if parser.peek_token().token != Token::EOF {
        return Err(Refused::Unreadable("too many words".to_owned()));
    }
    Ok(condition)
}

fn unreadable(error: ParserError) -> Refused {
    match error {
        ParserError::RecursionLimitExceeded => Refused::TooNested,
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            Refused::Unreadable(message)
        }
    }
}
