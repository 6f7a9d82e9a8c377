//! Amounts and currencies in arguments that no payment names. A tool may read them in
//! place of those that were counted.

use serde_json::Value;

use crate::name::{Meaning, folded, meaning};
use crate::payment::Payment;
use crate::place::Step;

/// Deepest nesting that is looked at; deeper ones are refused.
const DEPTH_MAX: usize = 64;

/// Looks for them.
pub(crate) struct Unnamed<'a> {
    pub(crate) payments: &'a [&'a Payment],
    /// Codes that the call was counted in.
    pub(crate) codes: Vec<&'a str>,
}

impl Unnamed<'_> {
    /// What is wrong, for the agent.
    pub(crate) fn check(&self, root: &Value) -> Result<(), String> {
        self.walk(root, &mut Vec::new(), Meaning::Other)
    }

    fn walk<'v>(
        &self,
        value: &'v Value,
        steps: &mut Vec<Step<'v>>,
        held: Meaning,
    ) -> Result<(), String> {
        if steps.len() > DEPTH_MAX {
            return Err("the arguments are nested deeper than is judged".to_owned());
        }
        if !steps.is_empty() && self.is_named(steps) {
            return Ok(());
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let held = match self.meaning(name) {
                        Meaning::Other => held,
                        said => said,
                    };
                    steps.push(Step::Member(name));
                    self.walk(member, steps, held)?;
                    steps.pop();
                }
                Ok(())
            }
            Value::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    steps.push(Step::Element(at));
                    self.walk(element, steps, held)?;
                    steps.pop();
                }
                Ok(())
            }
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(_) | Value::String(_) => match self.changes_nothing(value, held) {
                true => Ok(()),
                false => Err(refusal(steps, held)),
            },
        }
    }

    /// Whether a payment reads it, or the operator left it out.
    fn is_named(&self, steps: &[Step<'_>]) -> bool {
        self.payments.iter().any(|payment| {
            let mut places = payment.places().chain(payment.ignored());
            places.any(|place| place.is_at(steps))
        })
    }

    /// What a name says; one that reads like a named place is taken for it.
    fn meaning(&self, name: &str) -> Meaning {
        let said = meaning(name);
        if !matches!(said, Meaning::Neutral | Meaning::Other) {
            return said;
        }
        let name = folded(name);
        let mut places = self.payments.iter().flat_map(|payment| payment.places());
        match places.any(|place| place.is_named_like(&name)) {
            true => Meaning::Amount,
            false => said,
        }
    }

    fn changes_nothing(&self, value: &Value, held: Meaning) -> bool {
        match (held, value) {
            (Meaning::Neutral | Meaning::Other, _) => true,
            (Meaning::Amount, Value::String(text)) => !reads_like_a_number(text),
            (Meaning::Amount, Value::Number(amount)) => amount.as_u64() == Some(0),
            (Meaning::Times, Value::String(text)) => text == "1" || !reads_like_a_number(text),
            (Meaning::Times, Value::Number(times)) => times.as_u64() == Some(1),
            (Meaning::Currency, Value::String(text)) => match self.codes.as_slice() {
                [code] => code.eq_ignore_ascii_case(text),
                _ => false,
            },
            (Meaning::Amount | Meaning::Times | Meaning::Currency, _) => false,
        }
    }
}

/// Whether some program may read a number there: `17`, `€ 1.000,50`, `EUR 5`, `0x1F`,
/// `5k`. A date, an address and `A17` are none.
fn reads_like_a_number(text: &str) -> bool {
    let is_mark = |letter: char| !letter.is_alphanumeric();
    let bare = text.trim_matches(is_mark);
    let letters = bare
        .chars()
        .take_while(|letter| letter.is_alphabetic())
        .count();
    let bare = match letters {
        1..=3 => {
            let after: String = bare.chars().skip(letters).collect();
            match after.starts_with(is_mark) {
                true => after.trim_matches(is_mark).to_owned(),
                false => bare.to_owned(),
            }
        }
        _ => bare.to_owned(),
    };
    let part = |letter: char| {
        letter.is_numeric() || ".,_' \u{a0}xXkKmMeE".contains(letter) || letter.is_ascii_hexdigit()
    };
    let without_code = bare.trim_end_matches(|letter: char| letter.is_alphabetic());
    let code = bare.get(without_code.len()..).unwrap_or_default();
    let rest = if code.chars().count() <= 3 {
        without_code
    } else {
        bare.as_str()
    };
    rest.starts_with(char::is_numeric) && rest.chars().all(part)
}

fn refusal(steps: &[Step<'_>], held: Meaning) -> String {
    let what = match held {
        Meaning::Currency => "a currency",
        Meaning::Times => "how many",
        Meaning::Amount | Meaning::Neutral | Meaning::Other => "an amount",
    };
    let named = steps.iter().rev().find_map(|step| match step {
        Step::Member(name) => Some(*name),
        Step::Element(_) => None,
    });
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    match named.filter(|name| (1..=40).contains(&name.len()) && name.chars().all(plain)) {
        Some(name) => format!("`{name}` says {what} that is not counted; leave it out"),
        None => format!("an argument says {what} that is not counted; leave it out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_seen_as_some_program_may_read_them() {
        for text in [
            "17",
            "1.50",
            "€17",
            "€ 1.000,50",
            "EUR 5",
            "5 EUR",
            "5€",
            "1e3",
            "0x1F",
            "5k",
            "-3",
            "１７",
            " 9 ",
            "5 000",
        ] {
            assert!(reads_like_a_number(text), "{text}");
        }
        for text in [
            "",
            "A17",
            "2026-11-28",
            "12 Rue de la Paix",
            "price_1AbC",
            "five",
            "DE89370400440532013000",
            "a@b.c",
        ] {
            assert!(!reads_like_a_number(text), "{text}");
        }
    }
}
