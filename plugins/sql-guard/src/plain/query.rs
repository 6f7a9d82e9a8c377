//! The clauses of a plain query.

use super::known::Known;
use super::reader::Reader;
use super::words::{Sort, Token};
use crate::dialect::Dialect;

impl<'a> Reader<'a> {
    /// The whole statement; the rows that it gives at the most, where it says so.
    pub(super) fn statement(&mut self) -> Option<Option<u64>> {
        if self.take_word(Known::With) {
            self.list(Self::with_query)?;
        }
        let rows = self.query()?;
        self.take(Sort::Semicolon);
        (self.at == self.tokens.len()).then_some(rows)
    }

    /// `name AS (query)`: the name is known behind it.
    fn with_query(&mut self) -> Option<()> {
        let name = self.alias(false)?;
        // A name in quotes may be another one than the same letters without.
        matches!(name.sort, Sort::Word(_)).then_some(())?;
        self.expect_word(Known::As)?;
        self.expect(Sort::Open)?;
        self.within(|reader| reader.query().map(drop))?;
        self.names.gives(name.text);
        Some(())
    }

    /// `SELECT .. UNION SELECT .. ORDER BY .. LIMIT ..`
    pub(super) fn query(&mut self) -> Option<Option<u64>> {
        self.select()?;
        while self.take_word(Known::Union)
            || self.take_word(Known::Except)
            || self.take_word(Known::Intersect)
        {
            let _ = self.take_word(Known::All) || self.take_word(Known::Distinct);
            self.select()?;
        }
        if self.is_word(Known::Order) {
            self.order()?;
        }
        let mut rows = None;
        if self.take_word(Known::Limit) {
            let limit = self.number()?;
            rows = Some(limit.parse().ok()?);
        }
        if self.take_word(Known::Offset) {
            self.number()?;
        }
        Some(rows)
    }

    fn number(&mut self) -> Option<&'a str> {
        let number = self.next()?;
        (number.sort == Sort::Number).then_some(number.text)
    }

    /// `ORDER BY a DESC NULLS LAST, b`
    pub(super) fn order(&mut self) -> Option<()> {
        self.expect_word(Known::Order)?;
        self.expect_word(Known::By)?;
        self.list(|reader| {
            reader.expression()?;
            let _ = reader.take_word(Known::Asc) || reader.take_word(Known::Desc);
            if reader.take_word(Known::Nulls) {
                (reader.take_word(Known::First) || reader.take_word(Known::Last)).then_some(())?;
            }
            Some(())
        })
    }

    fn select(&mut self) -> Option<()> {
        self.expect_word(Known::Select)?;
        if self.take_word(Known::Distinct) {
            if self.names.is_of(Dialect::Postgres) && self.take_word(Known::On) {
                self.expect(Sort::Open)?;
                self.within(|reader| reader.list(Self::expression))?;
            }
        } else {
            self.take_word(Known::All);
        }
        if self.names.is_of(Dialect::Mssql) && self.take_word(Known::Top) {
            let rows = self.number()?;
            rows.parse::<u64>().ok()?;
            // `TOP 5 PERCENT`
            let percent = self.tokens.get(self.at)?.text;
            (!percent.eq_ignore_ascii_case("percent")).then_some(())?;
        }
        self.list(Self::item)?;
        if self.take_word(Known::From) {
            self.list(Self::joined)?;
        }
        if self.take_word(Known::Where) {
            self.expression()?;
        }
        if self.take_word(Known::Group) {
            self.expect_word(Known::By)?;
            self.list(Self::expression)?;
        }
        if self.take_word(Known::Having) {
            self.expression()?;
        }
        Some(())
    }

    /// `*`, `t.*`, `a + 1 AS b`
    fn item(&mut self) -> Option<()> {
        if self.take(Sort::Star) {
            return Some(());
        }
        let is_all_of_one = self.peek_second() == Some(Sort::Dot)
            && self
                .tokens
                .get(self.at + 2)
                .is_some_and(|token| token.sort == Sort::Star);
        if is_all_of_one {
            self.column()?;
            self.at += 2;
            return Some(());
        }
        // `name = value` of T-SQL gives the value a name.
        (self.peek_second() != Some(Sort::Equal)).then_some(())?;
        self.expression()?;
        let is_behind_as = self.take_word(Known::As);
        if is_behind_as || self.is_alias() {
            self.alias(is_behind_as)?;
        }
        Some(())
    }

    fn is_alias(&self) -> bool {
        matches!(self.peek(), Some(Sort::Quoted(_) | Sort::Word(Known::Name)))
    }

    fn alias(&mut self, is_behind_as: bool) -> Option<Token<'a>> {
        let is_alias = self.is_alias();
        let alias = self.next()?;
        is_alias.then_some(())?;
        self.names.alias(&alias, is_behind_as)?;
        Some(alias)
    }

    /// `a JOIN b ON .. LEFT JOIN c USING (d)`
    fn joined(&mut self) -> Option<()> {
        self.relation()?;
        loop {
            let has_condition = match self.peek() {
                Some(Sort::Word(Known::Cross)) => {
                    self.at += 1;
                    false
                }
                Some(Sort::Word(Known::Inner)) => {
                    self.at += 1;
                    true
                }
                Some(Sort::Word(Known::Left | Known::Right | Known::Full)) => {
                    self.at += 1;
                    self.take_word(Known::Outer);
                    true
                }
                Some(Sort::Word(Known::Join)) => true,
                _ => return Some(()),
            };
            self.expect_word(Known::Join)?;
            self.relation()?;
            if !has_condition {
                continue;
            }
            if self.take_word(Known::Using) {
                self.expect(Sort::Open)?;
                self.within(|reader| reader.list(Self::column))?;
            } else {
                self.expect_word(Known::On)?;
                self.expression()?;
            }
        }
    }

    fn column(&mut self) -> Option<()> {
        matches!(self.next()?.sort, Sort::Quoted(_) | Sort::Word(Known::Name)).then_some(())
    }

    /// `a.b AS c`, `(SELECT ..) AS c`
    fn relation(&mut self) -> Option<()> {
        if self.take(Sort::Open) {
            self.within(|reader| reader.query().map(drop))?;
        } else {
            let begin = self.at;
            self.column()?;
            while self.take(Sort::Dot) {
                self.column()?;
            }
            // A call, and a hint of T-SQL.
            (!self.is(Sort::Open)).then_some(())?;
            let parts = self.tokens.get(begin..self.at)?;
            self.names.table(parts, self.is_alias())?;
        }
        let is_behind_as = self.take_word(Known::As);
        if is_behind_as || self.is_alias() {
            self.alias(is_behind_as)?;
        }
        (!self.is(Sort::Open)).then_some(())
    }
}
