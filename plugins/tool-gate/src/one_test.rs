//! One test of an argument.

use gatewright_sdk::{Pointer, Value};

use crate::format::{Day, Format};
use crate::reading::Reading;
use crate::scalar::{Number, Scalar};
use crate::wildcard::{Across, Fit, Wildcard};

/// What one argument must be like.
#[derive(Debug)]
pub(crate) enum Test {
    Present(bool),
    OneOf(Vec<Scalar>),
    AtLeast(Number),
    AtMost(Number),
    Above(Number),
    Below(Number),
    Matches(Vec<Wildcard>),
    Except(Vec<Wildcard>),
    Without(Vec<String>),
    Format(Format),
    NotBefore(Day),
    NotAfter(Day),
    LengthMin(u32),
    LengthMax(u32),
}

// === impl Test ===

impl Test {
    /// Whether it has an empty list, and so could never hold.
    pub(crate) fn offers_nothing(&self) -> bool {
        match self {
            Self::OneOf(scalars) => scalars.is_empty(),
            Self::Matches(patterns) | Self::Except(patterns) => patterns.is_empty(),
            Self::Without(texts) => texts.is_empty() || texts.iter().any(String::is_empty),
            Self::Present(_)
            | Self::Format(_)
            | Self::NotBefore(_)
            | Self::NotAfter(_)
            | Self::LengthMin(_)
            | Self::AtLeast(_)
            | Self::AtMost(_)
            | Self::Above(_)
            | Self::Below(_)
            | Self::LengthMax(_) => false,
        }
    }

    /// Whether the test is about texts, and so about every text of a list.
    pub(crate) fn is_of_texts(&self) -> bool {
        match self {
            Self::Matches(_)
            | Self::Except(_)
            | Self::Without(_)
            | Self::Format(_)
            | Self::NotBefore(_)
            | Self::NotAfter(_) => true,
            Self::OneOf(scalars) => scalars.iter().all(|one| matches!(one, Scalar::Text(_))),
            Self::Present(_)
            | Self::AtLeast(_)
            | Self::AtMost(_)
            | Self::Above(_)
            | Self::Below(_)
            | Self::LengthMin(_)
            | Self::LengthMax(_) => false,
        }
    }

    /// Compares what stands at the pointer, if anything does.
    pub(crate) fn read(
        &self,
        pointer: &Pointer,
        value: Option<&Value>,
        across: &Across,
    ) -> Reading {
        let fails = |what: &str| Reading::Fails(format!("the argument `{pointer}` {what}"));
        let Some(value) = value else {
            return match self {
                Self::Present(false) => Reading::Holds,
                Self::Present(true)
                | Self::OneOf(_)
                | Self::AtLeast(_)
                | Self::AtMost(_)
                | Self::Above(_)
                | Self::Below(_)
                | Self::Matches(_)
                | Self::Except(_)
                | Self::Without(_)
                | Self::Format(_)
                | Self::NotBefore(_)
                | Self::NotAfter(_)
                | Self::LengthMin(_)
                | Self::LengthMax(_) => fails("is missing"),
            };
        };
        let outcome = match self {
            Self::Present(true) => Some(true),
            Self::Present(false) => return fails("must not be there"),
            Self::OneOf(scalars) => Scalar::of(value).and_then(|found| {
                let comparable = scalars.iter().any(|scalar| scalar.is_like(&found));
                comparable.then(|| scalars.contains(&found))
            }),
            Self::AtLeast(bound) => Number::of(value).map(|number| number >= *bound),
            Self::AtMost(bound) => Number::of(value).map(|number| number <= *bound),
            Self::Above(bound) => Number::of(value).map(|number| number > *bound),
            Self::Below(bound) => Number::of(value).map(|number| number < *bound),
            Self::Matches(patterns) => match text(value) {
                Some(text) => match best(patterns, text, across) {
                    Fit::Whole => Some(true),
                    Fit::Not => Some(false),
                    Fit::Across(letter) => return self.crossed(pointer, letter),
                },
                None => None,
            },
            Self::Except(patterns) => match text(value) {
                Some(text) => match best(patterns, text, across) {
                    Fit::Whole => Some(false),
                    Fit::Not => Some(true),
                    Fit::Across(letter) => return self.crossed(pointer, letter),
                },
                None => None,
            },
            Self::Without(unwanted) => {
                text(value).map(|text| !unwanted.iter().any(|unwanted| text.contains(unwanted)))
            }
            Self::Format(format) => text(value).map(|text| format.is_of(text)),
            Self::NotBefore(day) => text(value).and_then(Day::of).map(|found| found >= *day),
            Self::NotAfter(day) => text(value).and_then(Day::of).map(|found| found <= *day),
            Self::LengthMin(min) => length(value).map(|length| length >= *min as usize),
            Self::LengthMax(max) => length(value).map(|length| length <= *max as usize),
        };
        match outcome {
            Some(true) => Reading::Holds,
            Some(false) => fails(&format!("must be {}", self.wish())),
            None => Reading::Unclear(format!(
                "the argument `{pointer}` must be {}, and is of another kind",
                self.wish()
            )),
        }
    }

    /// A text that fits only as something a tool may take apart.
    fn crossed(&self, pointer: &Pointer, letter: char) -> Reading {
        let letter = match letter {
            letter if letter.is_control() || !letter.is_ascii() => {
                format!("U+{:04X}", u32::from(letter))
            }
            letter => letter.to_string(),
        };
        Reading::Unclear(format!(
            "the argument `{pointer}` must be {} as one text, without `{letter}` where `*` stands",
            self.wish()
        ))
    }

    fn wish(&self) -> String {
        let list = |texts: Vec<String>| texts.join(", ");
        let patterns = |patterns: &[Wildcard]| {
            list(
                patterns
                    .iter()
                    .map(|pattern| format!("`{}`", pattern.as_str()))
                    .collect(),
            )
        };
        match self {
            Self::Present(_) => "there".to_owned(),
            Self::OneOf(scalars) => list(scalars.iter().map(ToString::to_string).collect()),
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("above {bound}"),
            Self::Below(bound) => format!("below {bound}"),
            Self::Matches(all) => format!("like {}", patterns(all)),
            Self::Except(all) => format!("other than {}", patterns(all)),
            Self::Without(texts) => {
                let texts = texts
                    .iter()
                    .map(|text| format!("`{}`", text.escape_debug()));
                format!("without {}", list(texts.collect()))
            }
            Self::Format(format) => format!("of the form `{}`", format.name()),
            Self::NotBefore(day) => format!("a day not before {day}"),
            Self::NotAfter(day) => format!("a day not after {day}"),
            Self::LengthMin(min) => format!("no shorter than {min}"),
            Self::LengthMax(max) => format!("no longer than {max}"),
        }
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    }
}

/// Characters of a text, elements of an array.
fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.chars().count()),
        Value::Array(count) => usize::try_from(*count).ok(),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Number(_)
        | Value::Object(_) => None,
    }
}

/// The nearest fit among the patterns.
fn best(patterns: &[Wildcard], text: &str, across: &Across) -> Fit {
    let mut best = Fit::Not;
    for pattern in patterns {
        match pattern.fit(text, across) {
            Fit::Whole => return Fit::Whole,
            crossed @ Fit::Across(_) => best = crossed,
            Fit::Not => {}
        }
    }
    best
}
