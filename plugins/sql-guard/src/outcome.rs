//! The values that an expression can have at all: few of them, or all between two
//! bounds.

use sqlparser::ast::DataType;

use crate::cast::is_number;
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
const VALUES_MAX: usize = 64;

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

    /// What is left of them in another type.
    pub(crate) fn cast(self, to: &DataType) -> Option<Self> {
        let Self::Few(values) = &self else {
            return Some(self);
        };
        let is_text = !is_number(to);
        let numbers = values.iter().map(|value| match value {
            Value::Text(text) if !is_text => text.parse().ok().map(Value::Number),
            Value::Text(_) => None,
            other => number_of(other).map(|_| other.clone()),
        });
        numbers.collect::<Option<Vec<_>>>().map(Self::Few)
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

pub(crate) fn not_negative() -> Outcomes {
    Outcomes::Between(0.0, f64::INFINITY)
}

pub(crate) fn positive() -> Outcomes {
    Outcomes::Between(1.0, f64::INFINITY)
}

/// The numbers and texts that one function or another gives, whatever its arguments.
pub(crate) fn range_of(function: &str) -> Option<Outcomes> {
    use std::f64::consts::{FRAC_PI_2, PI};
    let texts = |all: &[&str]| {
        let all = all.iter().map(|text| Value::Text((*text).to_owned()));
        Some(Outcomes::Few(all.collect()))
    };
    let (least, most) = match function {
        "sin" | "cos" | "tanh" | "erf" | "corr" => (-1.0, 1.0),
        "asin" | "atan" => (-FRAC_PI_2, FRAC_PI_2),
        "acos" => (0.0, PI),
        "atan2" | "atn2" => (-PI, PI),
        "similarity"
        | "word_similarity"
        | "jaro_winkler_similarity"
        | "jaro_similarity"
        | "jaccard"
        | "ngramdistance"
        | "randcanonical" => (0.0, 1.0),
        // Never nothing.
        "exp" => (f64::MIN_POSITIVE, f64::INFINITY),
        "ascii" | "unicode" | "ord" | "codepoint" | "crc32" => (0.0, 4_294_967_295.0),
        "bit_count" | "bitcount" => (0.0, 64.0),
        "pg_column_size" => (1.0, f64::INFINITY),
        "dayname" => {
            return texts(&[
                "Monday",
                "Tuesday",
                "Wednesday",
                "Thursday",
                "Friday",
                "Saturday",
                "Sunday",
            ]);
        }
        "monthname" => {
            return texts(&[
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ]);
        }
        _ => return None,
    };
    Some(Outcomes::Between(least, most))
}

/// What one sign of a format for times gives: `%m` the months as texts.
pub(crate) fn written(format: &Value) -> Option<Outcomes> {
    let Value::Text(format) = format else {
        return None;
    };
    let (least, most, width) = match format.as_str() {
        "%m" | "MM" => (1, 12, 2),
        "%d" | "DD" => (1, 31, 2),
        "%H" | "HH24" => (0, 23, 2),
        "%M" | "%i" | "MI" => (0, 59, 2),
        "%w" => (0, 6, 1),
        "%u" | "ID" => (1, 7, 1),
        "D" | "Q" => (1, if format == "D" { 7 } else { 4 }, 1),
        _ => return None,
    };
    let texts = (least..=most).map(|number: u32| Value::Text(format!("{number:0width$}")));
    Some(Outcomes::Few(texts.collect()))
}

/// `a & 5` is 0, 1, 4 or 5: the bits of a mask, each set or not.
pub(crate) fn masked(mask: Option<f64>) -> Option<Outcomes> {
    let mask = mask.filter(|mask| *mask >= 0.0)?;
    let few = (0..VALUES_MAX)
        .filter_map(|number| u32::try_from(number).ok())
        .find(|number| f64::from(*number) == mask);
    Some(match few {
        Some(mask) => Outcomes::Few(
            (0..=mask)
                .filter(|number| number & mask == *number)
                .map(|number| Value::Number(number.into()))
                .collect(),
        ),
        None => Outcomes::Between(0.0, mask),
    })
}

/// `a % 3` is 0, 1 or 2.
pub(crate) fn remainders(by: f64) -> Option<Outcomes> {
    (1..=VALUES_MAX)
        .filter_map(|count| u32::try_from(count).ok())
        .find(|count| f64::from(*count) == by)
        .map(|count| Outcomes::numbers(0, count - 1))
}

pub(crate) fn sign_of(number: f64) -> f64 {
    match number == 0.0 {
        true => 0.0,
        false => number.signum(),
    }
}

pub(crate) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Null | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    }
}

/// Functions that never give a negative number.
pub(crate) const NOT_NEGATIVE: &[&str] = &[
    "bit_length",
    "byte_length",
    "cardinality",
    "charindex",
    "datalength",
    "find_in_set",
    "instr",
    "json_array_length",
    "jsonb_array_length",
    "lengthb",
    "levenshtein",
    "locate",
    "patindex",
    "position",
    "rand",
    "random",
    "regexp_count",
    "regexp_instr",
    "sqrt",
    "strpos",
    "width_bucket",
];
