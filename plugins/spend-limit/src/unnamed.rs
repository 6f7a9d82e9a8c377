//! Amounts and currencies in arguments that no payment names. A tool may read them in
//! place of those that were counted.

use crate::argument::Argument;
use crate::name::{Meaning, folded, meaning};
use crate::payment::Payment;
use crate::place::{Place, Step};

/// Deepest nesting that is looked at; deeper ones are refused.
const DEPTH_MAX: usize = 64;

/// Different names whose meaning is kept: a list repeats those of its elements.
const KEPT_MAX: usize = 64;

/// Looks for them.
pub(crate) struct Unnamed<'a> {
    pub(crate) payments: &'a [&'a Payment],
    /// Codes that the call was counted in.
    pub(crate) codes: Vec<&'a str>,
}

/// The way through the arguments.
struct Walk<'a, 'v> {
    unnamed: &'a Unnamed<'a>,
    /// What a payment reads, or the operator left out.
    named: Vec<&'a Place>,
    steps: Vec<Step<'v>>,
    /// What the names that were met say.
    kept: Vec<(&'v str, Meaning)>,
}

impl Unnamed<'_> {
    /// What is wrong, for the agent.
    pub(crate) fn check(&self, root: &Argument<'_>) -> Result<(), String> {
        let payments = self.payments.iter();
        let named = payments.flat_map(|payment| payment.places().chain(payment.ignored()));
        let mut walk = Walk {
            unnamed: self,
            named: named.collect(),
            steps: Vec::new(),
            kept: Vec::new(),
        };
        walk.value(root, Meaning::Other)
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

    fn changes_nothing(&self, value: &Argument<'_>, held: Meaning) -> bool {
        match (held, value) {
            (Meaning::Neutral | Meaning::Other, _) => true,
            (Meaning::Amount, Argument::Text(text)) => !reads_like_a_number(text),
            (Meaning::Amount, Argument::Number(amount)) => amount.as_u64() == Some(0),
            (Meaning::Times, Argument::Text(text)) => text == "1" || !reads_like_a_number(text),
            (Meaning::Times, Argument::Number(times)) => times.as_u64() == Some(1),
            (Meaning::Currency, Argument::Text(text)) => match self.codes.as_slice() {
                [code] => code.eq_ignore_ascii_case(text),
                _ => false,
            },
            (Meaning::Amount | Meaning::Times | Meaning::Currency, _) => false,
        }
    }
}

impl<'v> Walk<'_, 'v> {
    fn value(&mut self, value: &'v Argument<'v>, held: Meaning) -> Result<(), String> {
        if self.steps.len() > DEPTH_MAX {
            return Err("the arguments are nested deeper than is judged".to_owned());
        }
        let mut named = self.named.iter();
        if !self.steps.is_empty() && named.any(|place| place.is_at(&self.steps)) {
            return Ok(());
        }
        match value {
            Argument::Object(members) => {
                for (name, member) in members {
                    let held = match self.meaning(name) {
                        Meaning::Other => held,
                        said => said,
                    };
                    self.steps.push(Step::Member(name));
                    self.value(member, held)?;
                    self.steps.pop();
                }
                Ok(())
            }
            Argument::List(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    self.steps.push(Step::Element(at));
                    self.value(element, held)?;
                    self.steps.pop();
                }
                Ok(())
            }
            Argument::Null | Argument::Bool => Ok(()),
            Argument::Number(_) | Argument::Text(_) => {
                match self.unnamed.changes_nothing(value, held) {
                    true => Ok(()),
                    false => Err(refusal(&self.steps, held)),
                }
            }
        }
    }

    fn meaning(&mut self, name: &'v str) -> Meaning {
        let kept = self.kept.iter().find(|(known, _)| *known == name);
        if let Some((_, said)) = kept {
            return *said;
        }
        let said = self.unnamed.meaning(name);
        if self.kept.len() < KEPT_MAX {
            self.kept.push((name, said));
        }
        said
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
