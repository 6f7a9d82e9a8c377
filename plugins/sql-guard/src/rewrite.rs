//! Forms that databases read and the parser does not, brought into ones that it
//! reads. Only words that name nothing and call nothing are taken out or
//! replaced: every table, function and condition of the statement is still
//! there to be judged.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::Refused;
use crate::dialect::Dialect;

/// Words that such a form begins with.
const FIRST_WORDS: [&str; 25] = [
    "TABLE",
    "SYMMETRIC",
    "ASYMMETRIC",
    "EXCLUDE",
    "SEARCH",
    "CYCLE",
    "ROWS",
    "MOD",
    "ISNULL",
    "NOTNULL",
    "IS",
    "INDEXED",
    "NOT",
    "ASOF",
    "POSITIONAL",
    "GLOBAL",
    "ANY",
    "ALL",
    "SEMI",
    "OPTION",
    "COLLATE",
    "SOUNDS",
    "XMLELEMENT",
    "XMLATTRIBUTES",
    "XMLFOREST",
];

/// The words of a statement, and what is to become of them.
struct Text {
    tokens: Vec<TokenWithSpan>,
    /// Places of what is no blank.
    places: Vec<usize>,
    /// Tokens that come in the place of one.
    instead: Vec<(usize, Vec<Token>)>,
    dialect: Dialect,
}

/// Brings the statement into a form that the parser reads.
pub(crate) fn readable(
    dialect: Dialect,
    tokens: Vec<TokenWithSpan>,
) -> Result<Vec<TokenWithSpan>, Refused> {
    let tokens = with_escaped_names(dialect, tokens)?;
    let places = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| !matches!(token.token, Token::Whitespace(_)))
        .map(|(place, _)| place)
        .collect();
    let mut text = Text {
        tokens,
        places,
        instead: Vec::new(),
        dialect,
    };
    for at in 0..text.places.len() {
        text.rewrite(at);
    }
    Ok(text.finished())
}

fn keyword(text: &str) -> Token {
    Token::make_keyword(text)
}

/// `U&"pg_\0072ead_file"` is a name of PostgreSQL.
fn with_escaped_names(
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

impl Text {
    fn token(&self, at: usize) -> Option<&Token> {
        let place = self.places.get(at)?;
        self.tokens.get(*place).map(|token| &token.token)
    }

    fn before(&self, at: usize) -> Option<&Token> {
        self.token(at.checked_sub(1)?)
    }

    fn word(&self, at: usize) -> Option<&Word> {
        match self.token(at)? {
            Token::Word(word) if word.quote_style.is_none() => Some(word),
            // The enum is the parser's.
            _ => None,
        }
    }

    fn is(&self, at: usize, text: &str) -> bool {
        self.word(at)
            .is_some_and(|word| word.value.eq_ignore_ascii_case(text))
    }

    fn are(&self, at: usize, texts: &[&str]) -> bool {
        texts
            .iter()
            .enumerate()
            .all(|(offset, text)| self.is(at + offset, text))
    }

    fn blank(&mut self, at: usize) {
        self.put(at, Vec::new());
    }

    fn put(&mut self, at: usize, tokens: Vec<Token>) {
        if let Some(place) = self.places.get(at) {
            self.instead.push((*place, tokens));
        }
    }

    fn finished(mut self) -> Vec<TokenWithSpan> {
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

    /// Whether a value may end here: an operator may follow.
    fn ends_a_value(&self, at: Option<usize>) -> bool {
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

    fn begins_a_value(&self, at: usize) -> bool {
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

    fn rewrite(&mut self, at: usize) {
        match self.token(at) {
            Some(Token::ExclamationMark) if self.dialect == Dialect::Mysql => {
                self.put(at, vec![keyword("NOT")]);
            }
            // Another operator on bits, where the parser has none that shifts.
            Some(Token::ShiftLeft | Token::ShiftRight)
                if !self.dialect.grammar().supports_bitwise_shift_operators()
                    && self.dialect != Dialect::Postgres =>
            {
                self.put(at, vec![Token::Pipe]);
            }
            Some(Token::LBracket) if self.dialect == Dialect::Generic => self.bracketed_name(at),
            // `SAFE.SUBSTR(..)`: a name, whatever the word means alone.
            Some(Token::Word(word))
                if word.quote_style.is_none()
                    && word.keyword != Keyword::NoKeyword
                    && self.before(at) == Some(&Token::Period)
                    && self.token(at + 1) == Some(&Token::LParen) =>
            {
                let name = Word {
                    value: word.value.clone(),
                    quote_style: None,
                    keyword: Keyword::NoKeyword,
                };
                self.put(at, vec![Token::Word(name)]);
            }
            Some(Token::Word(word)) if word.quote_style.is_none() => {
                let known = FIRST_WORDS
                    .iter()
                    .find(|known| word.value.eq_ignore_ascii_case(known));
                if let Some(first) = known {
                    self.word_forms(at, first);
                }
            }
            // The enum is the parser's.
            Some(_) | None => {}
        }
    }

    fn word_forms(&mut self, at: usize, first: &str) {
        let before = at.checked_sub(1);
        match first {
            "TABLE" => self.table_query(at),
            "SYMMETRIC" | "ASYMMETRIC" if before.is_some_and(|at| self.is(at, "BETWEEN")) => {
                self.blank(at);
            }
            "EXCLUDE" => self.frame_exclusion(at),
            "SEARCH" | "CYCLE" if self.before(at) == Some(&Token::RParen) => self.recursion(at),
            "ROWS" if self.are(at, &["ROWS", "FROM"]) => self.rows_from(at),
            "MOD" if self.dialect == Dialect::Mysql => {
                if self.ends_a_value(before) && self.begins_a_value(at + 1) {
                    self.put(at, vec![Token::Mod]);
                }
            }
            "ISNULL" | "NOTNULL" if self.token(at + 1) != Some(&Token::LParen) => {
                if self.ends_a_value(before) {
                    let mut words = vec![keyword("IS")];
                    words.extend((first == "NOTNULL").then(|| keyword("NOT")));
                    words.push(keyword("NULL"));
                    self.put(at, words);
                }
            }
            "IS" if self.dialect == Dialect::Sqlite => self.is_equal(at),
            "INDEXED" if self.is(at + 1, "BY") && self.dialect == Dialect::Sqlite => {
                if matches!(self.token(at + 2), Some(Token::Word(_))) {
                    (at..at + 3).for_each(|at| self.blank(at));
                }
            }
            "NOT" if self.is(at + 1, "INDEXED") && self.dialect == Dialect::Sqlite => {
                self.blank(at);
                self.blank(at + 1);
            }
            "ASOF" | "POSITIONAL" | "GLOBAL" => self.kind_of_join(at),
            "ANY" | "ALL" | "SEMI" if self.dialect == Dialect::Clickhouse => {
                self.kind_of_join(at);
            }
            "OPTION" => self.query_options(at),
            // How texts compare: `x::text COLLATE "C"`.
            "COLLATE"
                if at
                    .checked_sub(2)
                    .and_then(|at| self.token(at))
                    .is_some_and(|token| *token == Token::DoubleColon)
                    && matches!(self.token(at + 1), Some(Token::Word(_))) =>
            {
                self.blank(at);
                self.blank(at + 1);
            }
            "SOUNDS" if self.is(at + 1, "LIKE") && self.ends_a_value(before) => {
                self.put(at, vec![Token::Eq]);
                self.blank(at + 1);
            }
            "XMLELEMENT" if self.token(at + 1) == Some(&Token::LParen) => {
                let named =
                    self.is(at + 2, "NAME") && matches!(self.token(at + 3), Some(Token::Word(_)));
                if named {
                    self.blank(at + 2);
                }
            }
            "XMLATTRIBUTES" | "XMLFOREST" => self.named_arguments(at + 1),
            _ => {}
        }
    }

    /// `TABLE t` as a query.
    fn table_query(&mut self, at: usize) {
        let begins = match self.before(at) {
            None | Some(Token::LParen) => true,
            Some(Token::Word(word)) => matches!(
                word.keyword,
                Keyword::UNION
                    | Keyword::ALL
                    | Keyword::EXCEPT
                    | Keyword::INTERSECT
                    | Keyword::EXPLAIN
                    | Keyword::ANALYZE
            ),
            // The enum is the parser's.
            Some(_) => false,
        };
        let named = matches!(self.token(at + 1), Some(Token::Word(_)));
        if begins && named {
            self.put(at, vec![keyword("SELECT"), Token::Mul, keyword("FROM")]);
        }
    }

    /// `ROWS BETWEEN .. AND CURRENT ROW EXCLUDE TIES`
    fn frame_exclusion(&mut self, at: usize) {
        let in_frame = at.checked_sub(1).is_some_and(|at| {
            ["ROW", "PRECEDING", "FOLLOWING"]
                .iter()
                .any(|word| self.is(at, word))
        });
        let words = if self.are(at + 1, &["CURRENT", "ROW"]) || self.are(at + 1, &["NO", "OTHERS"])
        {
            3
        } else if self.is(at + 1, "GROUP") || self.is(at + 1, "TIES") {
            2
        } else {
            0
        };
        if in_frame {
            (at..at + words).for_each(|at| self.blank(at));
        }
    }

    /// `SEARCH DEPTH FIRST BY a, b SET c` and `CYCLE a SET b USING c` behind the
    /// query of a `WITH` name.
    fn recursion(&mut self, at: usize) {
        let names = |from: usize| {
            let mut place = from;
            while matches!(self.token(place), Some(Token::Word(_)))
                && self.token(place + 1) == Some(&Token::Comma)
            {
                place += 2;
            }
            matches!(self.token(place), Some(Token::Word(_))).then_some(place + 1)
        };
        let literal = |at: usize| match self.token(at) {
            Some(Token::SingleQuotedString(_) | Token::Number(..)) => true,
            Some(Token::Word(word)) => {
                matches!(word.keyword, Keyword::TRUE | Keyword::FALSE)
            }
            // The enum is the parser's.
            Some(_) | None => false,
        };
        let end = if self.is(at, "SEARCH") {
            let by = self.is(at + 1, "BREADTH") || self.is(at + 1, "DEPTH");
            (by && self.are(at + 2, &["FIRST", "BY"]))
                .then(|| names(at + 4))
                .flatten()
                .filter(|end| self.is(*end, "SET"))
                .map(|end| end + 2)
        } else {
            names(at + 1).filter(|end| self.is(*end, "SET")).map(|end| {
                let mut end = end + 2;
                if self.is(end, "TO")
                    && literal(end + 1)
                    && self.is(end + 2, "DEFAULT")
                    && literal(end + 3)
                {
                    end += 4;
                }
                if self.is(end, "USING") { end + 2 } else { end }
            })
        };
        if let Some(end) = end {
            (at..end).for_each(|at| self.blank(at));
        }
    }

    /// `ROWS FROM (f(1), g(2))`
    fn rows_from(&mut self, at: usize) {
        let in_from = match self.before(at) {
            Some(Token::Comma | Token::LParen) => true,
            Some(Token::Word(word)) => matches!(
                word.keyword,
                Keyword::FROM | Keyword::JOIN | Keyword::LATERAL
            ),
            // The enum is the parser's.
            Some(_) | None => false,
        };
        if !in_from || self.token(at + 2) != Some(&Token::LParen) {
            return;
        }
        if let Some(end) = self.closing(at + 2) {
            for place in [at, at + 1, at + 2, end] {
                self.blank(place);
            }
        }
    }

    /// `xmlforest(a AS b, c)`: the names of the elements.
    fn named_arguments(&mut self, open: usize) {
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

    fn closing(&self, open: usize) -> Option<usize> {
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

    /// SQLite compares any two values with `IS`.
    fn is_equal(&mut self, at: usize) {
        let not = usize::from(self.is(at + 1, "NOT"));
        let known = ["NULL", "TRUE", "FALSE", "DISTINCT"]
            .iter()
            .any(|word| self.is(at + 1 + not, word));
        if !known && self.begins_a_value(at + 1 + not) {
            if not == 1 {
                self.put(at, vec![Token::Neq]);
                self.blank(at + 1);
            } else {
                self.put(at, vec![Token::Spaceship]);
            }
        }
    }

    /// Words between two tables that say how they are joined.
    fn kind_of_join(&mut self, at: usize) {
        let joins = ["JOIN", "LEFT", "RIGHT", "INNER", "FULL", "CROSS"]
            .iter()
            .any(|word| self.is(at + 1, word))
            || (self.is(at, "GLOBAL") && (self.is(at + 1, "IN") || self.is(at + 1, "NOT")));
        let follows = matches!(
            self.before(at),
            Some(Token::Word(_) | Token::RParen | Token::Number(..) | Token::SingleQuotedString(_))
        );
        // Snowflake joins so, and the parser reads it.
        let matched = (at..self.places.len()).any(|at| self.is(at, "MATCH_CONDITION"));
        if joins && follows && !matched {
            self.blank(at);
            if self.is(at, "POSITIONAL") {
                self.put(at + 1, vec![Token::Comma]);
            }
        }
    }

    /// `OPTION (MAXDOP 1)` at the end of a statement of T-SQL.
    fn query_options(&mut self, at: usize) {
        /// Options that shape how a query is planned.
        const HARMLESS: [&str; 22] = [
            "RECOMPILE",
            "MAXDOP",
            "HASH",
            "LOOP",
            "MERGE",
            "JOIN",
            "GROUP",
            "ORDER",
            "CONCAT",
            "UNION",
            "FAST",
            "FORCE",
            "KEEP",
            "KEEPFIXED",
            "PLAN",
            "MAXRECURSION",
            "OPTIMIZE",
            "FOR",
            "UNKNOWN",
            "ROBUST",
            "EXPAND",
            "VIEWS",
        ];
        if !matches!(self.dialect, Dialect::Mssql | Dialect::Generic)
            || self.token(at + 1) != Some(&Token::LParen)
        {
            return;
        }
        let Some(end) = self.closing(at + 1) else {
            return;
        };
        let last = (end + 1..self.places.len())
            .all(|at| matches!(self.token(at), Some(Token::SemiColon | Token::EOF)));
        let harmless = (at + 2..end).all(|at| match self.token(at) {
            Some(Token::Word(word)) => HARMLESS
                .iter()
                .any(|option| word.value.eq_ignore_ascii_case(option)),
            Some(Token::Number(..) | Token::Comma) => true,
            // The enum is the parser's.
            Some(_) | None => false,
        });
        if last && harmless {
            (at..=end).for_each(|at| self.blank(at));
        }
    }

    /// `[Order Details]` is a name in T-SQL and Access; two words in brackets
    /// are nothing else anywhere.
    fn bracketed_name(&mut self, at: usize) {
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
