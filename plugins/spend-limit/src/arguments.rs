//! The arguments of a call, read once.

use std::cell::OnceCell;

use gatewright_sdk::decimal::{self, DecimalError};
use gatewright_sdk::{Pointer, Request};

use crate::argument::Argument;

/// The arguments of a call, read once. What is no integer is asked for again where it
/// counts, as it was written, unless a float cannot differ from that.
pub(crate) struct Arguments<'a> {
    request: &'a Request,
    json: &'a str,
    pub(crate) root: Argument<'a>,
    longest_digits: OnceCell<usize>,
}

/// So many digits of a decimal a float keeps, whichever they are.
const FLOAT_DIGITS: usize = 15;

impl<'a> Arguments<'a> {
    /// None where they hold a number beyond all bounds: it could be anything.
    pub(crate) fn of(request: &'a Request, json: &'a str) -> Option<Self> {
        let root = serde_json::from_str(json).ok()?;
        Some(Self {
            request,
            json,
            root,
            longest_digits: OnceCell::new(),
        })
    }

    /// Whether a float has all digits that were written.
    fn floats_are_whole(&self) -> bool {
        let longest = self
            .longest_digits
            .get_or_init(|| longest_digits(self.json));
        *longest <= FLOAT_DIGITS
    }

    /// The amount that stands at a pointer, in units of `10^-decimals`.
    pub(crate) fn amount(
        &self,
        value: &Argument<'_>,
        pointer: impl FnOnce() -> Pointer,
        decimals: u32,
    ) -> Result<u128, DecimalError> {
        match value {
            Argument::Text(text) => decimal::of_text(text, decimals),
            Argument::Number(number) if number.is_u64() || number.is_i64() => {
                match number.as_u64() {
                    Some(number) => decimal::of_integer(number, decimals),
                    None => decimal::of_number(&number.to_string(), decimals),
                }
            }
            // What is too small for a float reads as nothing.
            Argument::Number(number)
                if number.as_f64().is_some_and(f64::is_normal) && self.floats_are_whole() =>
            {
                decimal::of_number(&number.to_string(), decimals)
            }
            // The text of a float is not what was written.
            Argument::Number(_) => match self.request.json(pointer()) {
                Some(written) => decimal::of_number(&written, decimals),
                None => Err(DecimalError::NoDecimal),
            },
            Argument::Null | Argument::Bool | Argument::List(_) | Argument::Object(_) => {
                Err(DecimalError::NoDecimal)
            }
        }
    }
}

/// How many digits stand side by side at most, a point between them or not.
fn longest_digits(json: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for byte in json.bytes() {
        match byte {
            b'0'..=b'9' => {
                run += 1;
                longest = longest.max(run);
            }
            b'.' => {}
            _ => run = 0,
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_across_a_point() {
        for (json, longest) in [
            ("{}", 0),
            (r#"{"a": 12.5}"#, 3),
            (r#"{"a": 12.500000000000000001, "b": 7}"#, 20),
            (r#"{"a": 1e300}"#, 3),
        ] {
            assert_eq!(longest_digits(json), longest, "{json}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_float_of_few_digits_is_what_was_written(
            whole in 0u64..100_000_000, rest in 0u64..10_000_000
        ) {
            let written = format!("{whole}.{rest:07}");
            let float: f64 = written.parse().map_err(|_| {
                proptest::test_runner::TestCaseError::fail("no float")
            })?;
            let number = serde_json::Number::from_f64(float).map(|number| number.to_string());
            let number = number.unwrap_or_default();
            proptest::prop_assert_eq!(
                decimal::of_number(&number, 7),
                decimal::of_number(&written, 7)
            );
        }
    }
}
