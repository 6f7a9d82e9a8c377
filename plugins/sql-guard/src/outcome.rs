//! The values that an expression can have at all: few of them, or all between two
//! bounds.

use crate::value::Value;

/// Values that an expression can have; `NULL` counts where it is written.
#[derive(Clone, Debug)]
pub(crate) enum Outcomes {
    /// One of these.
    Few(Vec<Value>),
    /// A number from the one to the other, both included.
    Between(f64, f64),
}

/// More values than anybody writes out.
pub(crate) const VALUES_MAX: usize = 64;

impl Outcomes {
    pub(crate) fn numbers(least: u32, most: u32) -> Self {
        Self::Few(
            (least..=most)
                .map(|number| Value::Number(number.into()))
                .collect(),
        )
    }

    /// The smallest and the largest, where all are numbers.
    pub(crate) fn bounds(&self) -> Option<(f64, f64)> {
        match self {
            Self::Between(least, most) => Some((*least, *most)),
            Self::Few(values) => {
                let mut bounds: Option<(f64, f64)> = None;
                for value in values {
                    let number = number_of(value)?;
                    let (least, most) = bounds.unwrap_or((number, number));
                    bounds = Some((least.min(number), most.max(number)));
                }
                bounds
            }
        }
    }

    /// What either of two can be.
    pub(crate) fn or(self, other: Self) -> Option<Self> {
        if let (Self::Few(mut values), Self::Few(more)) = (self.clone(), other.clone()) {
            values.extend(more);
            return (values.len() <= VALUES_MAX).then_some(Self::Few(values));
        }
        let ((a, b), (c, d)) = (self.bounds()?, other.bounds()?);
        Some(Self::Between(a.min(c), b.max(d)))
    }
}

pub(crate) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Null | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    }
}

/// Parts of dates and times, however a dialect calls them.
pub(crate) fn field_outcomes(field: &str) -> Option<Outcomes> {
    Some(match field {
        "month" | "months" => Outcomes::numbers(1, 12),
        "quarter" => Outcomes::numbers(1, 4),
        "week" | "weekofyear" | "isoweek" => Outcomes::numbers(0, 53),
        "isodow" | "dayofweek" => Outcomes::numbers(1, 7),
        "weekday" => Outcomes::numbers(0, 7),
        "dow" => Outcomes::numbers(0, 6),
        "day" | "days" | "dayofmonth" => Outcomes::numbers(1, 31),
        "dayofyear" | "doy" => Outcomes::Between(1.0, 366.0),
        "hour" | "hours" => Outcomes::numbers(0, 23),
        "minute" | "minutes" => Outcomes::numbers(0, 59),
        "second" | "seconds" => Outcomes::Between(0.0, 60.0),
        "year" | "years" | "isoyear" => Outcomes::Between(1.0, f64::INFINITY),
        _ => return None,
    })
}

/// Functions that never give a negative number.
pub(crate) const NOT_NEGATIVE: &[&str] = &[
    "abs",
    "ascii",
    "bit_count",
    "bit_length",
    "byte_length",
    "cardinality",
    "char_length",
    "character_length",
    "charindex",
    "crc32",
    "datalength",
    "exp",
    "find_in_set",
    "instr",
    "json_array_length",
    "jsonb_array_length",
    "len",
    "length",
    "lengthb",
    "levenshtein",
    "locate",
    "num_nonnulls",
    "num_nulls",
    "octet_length",
    "patindex",
    "pg_column_size",
    "position",
    "rand",
    "random",
    "regexp_count",
    "regexp_instr",
    "similarity",
    "sqrt",
    "strpos",
    "unicode",
];
