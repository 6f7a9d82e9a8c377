//! Amounts and currencies in arguments that no payment names. A tool may read them in
//! place of those that were counted.

use gatewright_sdk::{Kind, Node, Value};

use crate::name::{Meaning, folded, meaning};
use crate::payment::Payment;

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
    pub(crate) fn check(&self, root: &Node) -> Result<(), String> {
        self.walk(root, &mut Vec::new(), Meaning::Other)
    }

    fn walk(&self, node: &Node, steps: &mut Vec<String>, held: Meaning) -> Result<(), String> {
        if steps.len() > DEPTH_MAX {
            return Err("the arguments are nested deeper than is judged".to_owned());
        }
        let mut ignored = self.payments.iter().flat_map(|payment| payment.ignored());
        if !steps.is_empty() && ignored.any(|place| place.is_at(steps)) {
            return Ok(());
        }
        let mut named = self.payments.iter().flat_map(|payment| payment.places());
        if named.any(|place| place.is_at(steps)) {
            return Ok(());
        }
        match node.kind() {
            Kind::Object => {
                for (name, child) in node.keys().into_iter().zip(node.children()) {
                    let held = match self.meaning(&name) {
                        Meaning::Other => held,
                        said => said,
                    };
                    steps.push(name);
                    self.walk(&child, steps, held)?;
                    steps.pop();
                }
                Ok(())
            }
            Kind::Array => {
                for (at, child) in node.children().iter().enumerate() {
                    steps.push(at.to_string());
                    self.walk(child, steps, held)?;
                    steps.pop();
                }
                Ok(())
            }
            Kind::Null | Kind::Boolean => Ok(()),
            Kind::Number | Kind::Text => match self.changes_nothing(&node.value(), held) {
                true => Ok(()),
                false => Err(refusal(steps, held)),
            },
        }
    }

    /// What a name says; one that reads like a named place is taken for it.
    fn meaning(&self, name: &str) -> Meaning {
        let said = meaning(name);
        if !matches!(said, Meaning::Neutral | Meaning::Other) {
            return said;
        }
        let name = folded(name);
        let mut places = self.payments.iter().flat_map(|payment| payment.places());
        match places.any(|place| place.name().is_some_and(|known| folded(known) == name)) {
            true => Meaning::Amount,
            false => said,
        }
    }

    fn changes_nothing(&self, value: &Value, held: Meaning) -> bool {
        match (held, value) {
            (Meaning::Neutral | Meaning::Other, _) => true,
            (Meaning::Amount, Value::Text(text)) => !reads_like_a_number(text),
            (Meaning::Amount, Value::Integer(amount)) => *amount == 0,
            (Meaning::Times, Value::Text(text)) => text == "1" || !reads_like_a_number(text),
            (Meaning::Times, Value::Integer(times)) => *times == 1,
            (Meaning::Currency, Value::Text(text)) => match self.codes.as_slice() {
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

fn refusal(steps: &[String], held: Meaning) -> String {
    let what = match held {
        Meaning::Currency => "a currency",
        Meaning::Times => "how many",
        Meaning::Amount | Meaning::Neutral | Meaning::Other => "an amount",
    };
    let named = steps.iter().rev().find(|step| step.parse::<u32>().is_err());
    let name = named.map(String::as_str).unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    match name.len() <= 40 && !name.is_empty() && name.chars().all(plain) {
        true => format!("`{name}` says {what} that is not counted; leave it out"),
        false => format!("an argument says {what} that is not counted; leave it out"),
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
