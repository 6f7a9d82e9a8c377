//! The expressions of a plain query. Which operator binds more tightly says nothing of
//! what is read and called, so that nobody asks.

use super::known::Known;
use super::reader::Reader;
use super::words::Sort;
use crate::dialect::Dialect;

/// Types that a value may be cast to.
const TYPES: [&str; 36] = [
    "bigint",
    "bool",
    "boolean",
    "char",
    "date",
    "datetime",
    "dec",
    "decimal",
    "double",
    "float",
    "float32",
    "float64",
    "float8",
    "int",
    "int32",
    "int4",
    "int64",
    "int8",
    "integer",
    "json",
    "jsonb",
    "number",
    "numeric",
    "nvarchar",
    "real",
    "signed",
    "smallint",
    "string",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "tinyint",
    "unsigned",
    "uuid",
    "varchar",
];

/// Parts of a date or time.
const PARTS: [&str; 16] = [
    "day",
    "dayofweek",
    "dayofyear",
    "dow",
    "doy",
    "epoch",
    "hour",
    "isodow",
    "isoyear",
    "minute",
    "month",
    "quarter",
    "second",
    "time",
    "week",
    "year",
];

/// Units of an interval.
const UNITS: [&str; 8] = [
    "day", "hour", "minute", "month", "quarter", "second", "week", "year",
];

impl<'a> Reader<'a> {
    pub(super) fn expression(&mut self) -> Option<()> {
        self.operand()?;
        while self.operator()? {
            self.operand()?;
        }
        Some(())
    }

    /// Takes an operator, if one is next, with what stands on its right where that is no
    /// value; whether a value must follow.
    fn operator(&mut self) -> Option<bool> {
        let follows = match self.peek() {
            Some(
                Sort::Operator
                | Sort::Equal
                | Sort::Comparison
                | Sort::PlusMinus
                | Sort::Star
                | Sort::Word(Known::And | Known::Or | Known::Like | Known::Ilike),
            ) => {
                self.at += 1;
                true
            }
            Some(Sort::Word(Known::Between)) => {
                self.at += 1;
                self.bound()?;
                true
            }
            Some(Sort::Cast) => {
                self.at += 1;
                self.data_type()?;
                return self.operator();
            }
            Some(Sort::Word(Known::Not)) => {
                self.at += 1;
                match self.next()?.sort {
                    Sort::Word(Known::Like | Known::Ilike) => true,
                    Sort::Word(Known::Between) => {
                        self.bound()?;
                        true
                    }
                    Sort::Word(Known::In) => {
                        self.among()?;
                        return self.operator();
                    }
                    _ => return None,
                }
            }
            Some(Sort::Word(Known::In)) => {
                self.at += 1;
                self.among()?;
                return self.operator();
            }
            Some(Sort::Word(Known::Is)) => {
                self.at += 1;
                self.take_word(Known::Not);
                match self.next()?.sort {
                    Sort::Word(Known::Null | Known::True | Known::False) => {}
                    Sort::Word(Known::Distinct) => {
                        self.expect_word(Known::From)?;
                        return Some(true);
                    }
                    _ => return None,
                }
                return self.operator();
            }
            _ => false,
        };
        Some(follows)
    }

    /// The lower bound of `BETWEEN`, and the `AND` behind it.
    fn bound(&mut self) -> Option<()> {
        self.operand()?;
        loop {
            match self.next()?.sort {
                Sort::Word(Known::And) => return Some(()),
                Sort::Operator | Sort::PlusMinus | Sort::Star => self.operand()?,
                Sort::Cast => self.data_type()?,
                _ => return None,
            }
        }
    }

    /// `(1, 2)` and `(SELECT ..)` behind `IN`.
    fn among(&mut self) -> Option<()> {
        self.expect(Sort::Open)?;
        self.within(|reader| match reader.peek() {
            Some(Sort::Word(Known::Select)) => reader.query().map(drop),
            _ => {
                reader.constants();
                reader.list(Self::expression)
            }
        })
    }

    /// Takes constants, each with the comma behind it: of long lists there is not more.
    fn constants(&mut self) {
        let rest = self.tokens.get(self.at..).unwrap_or_default();
        let (pairs, _) = rest.as_chunks::<2>();
        let constants = pairs.iter().take_while(|[value, comma]| {
            matches!(value.sort, Sort::Number | Sort::Text | Sort::Placeholder)
                && matches!(comma.sort, Sort::Comma)
        });
        self.at += 2 * constants.count();
    }

    fn operand(&mut self) -> Option<()> {
        while self.take(Sort::PlusMinus) || self.take_word(Known::Not) {}
        let token = self.next()?;
        match token.sort {
            Sort::Number | Sort::Text | Sort::Placeholder => Some(()),
            Sort::Open => self.within(|reader| match reader.peek() {
                Some(Sort::Word(Known::Select)) => reader.query().map(drop),
                _ => reader.list(Self::expression),
            }),
            Sort::Quoted(_) => self.column_behind(),
            Sort::Word(word) => self.worded(word, token.text),
            Sort::Close
            | Sort::Comma
            | Sort::Dot
            | Sort::Star
            | Sort::Operator
            | Sort::Equal
            | Sort::Comparison
            | Sort::PlusMinus
            | Sort::Cast
            | Sort::Semicolon => None,
        }
    }

    fn worded(&mut self, word: Known, text: &'a str) -> Option<()> {
        let is_called = self.is(Sort::Open);
        match word {
            Known::Null | Known::True | Known::False => (!is_called).then_some(()),
            Known::Exists => {
                self.expect(Sort::Open)?;
                self.within(|reader| reader.query().map(drop))
            }
            Known::Case => self.case(),
            Known::Cast => {
                self.expect(Sort::Open)?;
                self.within(|reader| {
                    reader.expression()?;
                    reader.expect_word(Known::As)?;
                    reader.data_type()
                })
            }
            Known::Extract => {
                self.expect(Sort::Open)?;
                self.within(|reader| {
                    let part = reader.next()?;
                    is_among(&PARTS, part.text).then_some(())?;
                    reader.expect_word(Known::From)?;
                    reader.expression()
                })
            }
            Known::Interval => self.interval(),
            Known::Date | Known::Time | Known::Timestamp if self.take(Sort::Text) => Some(()),
            Known::Left | Known::Right | Known::CurrentTime if is_called => self.call(text),
            Known::CurrentTime => self.names.function(text),
            word if word.is_name() && is_called => self.call(text),
            word if word.is_name() => self.column_behind(),
            _ => None,
        }
    }

    /// `INTERVAL '1' day`, `INTERVAL 1 day`, and where the text may say the unit
    /// `INTERVAL '1 day'`.
    fn interval(&mut self) -> Option<()> {
        let is_text = self.take(Sort::Text);
        (is_text || self.take(Sort::Number)).then_some(())?;
        let unit = self
            .tokens
            .get(self.at)
            .filter(|token| token.sort == Sort::Word(Known::Name) && is_among(&UNITS, token.text));
        if unit.is_some() {
            self.at += 1;
            return Some(());
        }
        let may_say = [Dialect::Postgres, Dialect::Duckdb, Dialect::Snowflake]
            .into_iter()
            .any(|dialect| self.names.is_of(dialect));
        (is_text && may_say).then_some(())
    }

    /// `.b.c` behind a name.
    fn column_behind(&mut self) -> Option<()> {
        while self.take(Sort::Dot) {
            match self.next()?.sort {
                Sort::Quoted(_) => {}
                Sort::Word(word) if word.is_name() => {}
                _ => return None,
            }
        }
        (!self.is(Sort::Open)).then_some(())
    }

    fn case(&mut self) -> Option<()> {
        if !self.is_word(Known::When) {
            self.expression()?;
        }
        self.is_word(Known::When).then_some(())?;
        while self.take_word(Known::When) {
            self.expression()?;
            self.expect_word(Known::Then)?;
            self.expression()?;
        }
        if self.take_word(Known::Else) {
            self.expression()?;
        }
        self.expect_word(Known::End)
    }

    /// `numeric(10, 2)`, `double precision`
    fn data_type(&mut self) -> Option<()> {
        let name = self.next()?;
        let is_type = matches!(name.sort, Sort::Word(_)) && is_among(&TYPES, name.text);
        is_type.then_some(())?;
        let is_precision = self.is_word(Known::Name)
            && self
                .tokens
                .get(self.at)
                .is_some_and(|token| token.text.eq_ignore_ascii_case("precision"));
        self.at += usize::from(is_precision && name.text.eq_ignore_ascii_case("double"));
        if self.take(Sort::Open) {
            self.within(|reader| reader.list(|reader| reader.expect(Sort::Number)))?;
        }
        Some(())
    }

    /// A call, from its opening parenthesis on.
    fn call(&mut self, name: &'a str) -> Option<()> {
        self.names.function(name)?;
        self.expect(Sort::Open)?;
        self.within(|reader| {
            if reader.is(Sort::Close) || reader.take(Sort::Star) {
                return Some(());
            }
            reader.take_word(Known::Distinct);
            reader.list(Self::expression)?;
            if reader.is_word(Known::Order) {
                reader.order()?;
            }
            Some(())
        })?;
        if self.is_word(Known::Filter) && self.peek_second() == Some(Sort::Open) {
            self.at += 2;
            self.within(|reader| {
                reader.expect_word(Known::Where)?;
                reader.expression()
            })?;
        }
        if self.take_word(Known::Over) {
            self.expect(Sort::Open)?;
            self.within(Self::window)?;
        }
        Some(())
    }

    /// `PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW`
    fn window(&mut self) -> Option<()> {
        if self.take_word(Known::Partition) {
            self.expect_word(Known::By)?;
            self.list(Self::expression)?;
        }
        if self.is_word(Known::Order) {
            self.order()?;
        }
        if self.take_word(Known::Rows) || self.take_word(Known::Range) {
            if self.take_word(Known::Between) {
                self.frame_bound()?;
                self.expect_word(Known::And)?;
            }
            self.frame_bound()?;
        }
        Some(())
    }

    fn frame_bound(&mut self) -> Option<()> {
        match self.next()?.sort {
            Sort::Word(Known::Current) => self.expect_word(Known::Row),
            Sort::Word(Known::Unbounded) | Sort::Number => {
                (self.take_word(Known::Preceding) || self.take_word(Known::Following)).then_some(())
            }
            _ => None,
        }
    }
}

fn is_among(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}
