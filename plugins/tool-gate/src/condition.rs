//! What a rule wants of one argument.

use gatewright_sdk::{Pattern, Pointer, Request, Value};
use serde::Deserialize;

use crate::scalar::{Number, Scalar};

/// Tests of one argument; all of them must hold.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenCondition")]
pub struct Condition {
    pointer: Pointer,
    tests: Vec<Test>,
}

/// How an argument compares to what a rule wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is what the rule wants.
    Holds,
    /// It is not, and why.
    Fails(String),
    /// It is of a kind that the test does not know (a number written as text,
    /// say). Allows nothing, and lets denying and asking rules decide: what the
    /// gate cannot read must not slip past them.
    Unclear(String),
}

#[derive(Debug)]
enum Test {
    Present(bool),
    OneOf(Vec<Scalar>),
    AtLeast(Number),
    AtMost(Number),
    Above(Number),
    Below(Number),
    Matches(Vec<Pattern>),
    LengthMax(u32),
}

/// A condition as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenCondition {
    pointer: Pointer,
    present: Option<bool>,
    equals: Option<Scalar>,
    one_of: Option<Vec<Scalar>>,
    at_least: Option<Number>,
    at_most: Option<Number>,
    above: Option<Number>,
    below: Option<Number>,
    matches: Option<Vec<Pattern>>,
    length_max: Option<u32>,
}

// === impl Condition ===

impl Condition {
    /// Compares the argument of this call.
    pub fn read(&self, request: &Request) -> Reading {
        let value = request.get(&self.pointer);
        self.tests.iter().fold(Reading::Holds, |reading, test| {
            reading.and(|| test.read(&self.pointer, value.as_ref()))
        })
    }
}

impl TryFrom<WrittenCondition> for Condition {
    type Error = String;

    fn try_from(condition: WrittenCondition) -> Result<Self, String> {
        let tests: Vec<Test> = [
            condition.present.map(Test::Present),
            condition.equals.map(|scalar| Test::OneOf(vec![scalar])),
            condition.one_of.map(Test::OneOf),
            condition.at_least.map(Test::AtLeast),
            condition.at_most.map(Test::AtMost),
            condition.above.map(Test::Above),
            condition.below.map(Test::Below),
            condition.matches.map(Test::Matches),
            condition.length_max.map(Test::LengthMax),
        ]
        .into_iter()
        .flatten()
        .collect();
        let offers_nothing = tests.iter().any(|test| match test {
            Test::OneOf(scalars) => scalars.is_empty(),
            Test::Matches(patterns) => patterns.is_empty(),
            Test::Present(_)
            | Test::AtLeast(_)
            | Test::AtMost(_)
            | Test::Above(_)
            | Test::Below(_)
            | Test::LengthMax(_) => false,
        });
        if offers_nothing {
            return Err(format!(
                "the condition on `{}` has an empty list",
                condition.pointer
            ));
        }
        if tests.is_empty() {
            return Err(format!(
                "the condition on `{}` tests nothing; hint: add `present = true`",
                condition.pointer
            ));
        }
        Ok(Self {
            pointer: condition.pointer,
            tests,
        })
    }
}

// === impl Test ===

impl Test {
    fn read(&self, pointer: &Pointer, value: Option<&Value>) -> Reading {
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
            Self::Matches(patterns) => match value {
                Value::Text(text) => Some(patterns.iter().any(|pattern| pattern.matches(text))),
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            },
            Self::LengthMax(max) => match value {
                Value::Text(text) => Some(text.chars().count() <= *max as usize),
                Value::Array(count) => Some(count <= max),
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Number(_)
                | Value::Object(_) => None,
            },
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

    fn wish(&self) -> String {
        let list = |texts: Vec<String>| texts.join(", ");
        match self {
            Self::Present(_) => "there".to_owned(),
            Self::OneOf(scalars) => list(scalars.iter().map(ToString::to_string).collect()),
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
            Self::Above(bound) => format!("above {bound}"),
            Self::Below(bound) => format!("below {bound}"),
            Self::Matches(patterns) => format!(
                "like {}",
                list(
                    patterns
                        .iter()
                        .map(|pattern| format!("`{}`", pattern.as_str()))
                        .collect()
                )
            ),
            Self::LengthMax(max) => format!("no longer than {max}"),
        }
    }
}

// === impl Reading ===

impl Reading {
    /// Both: a failure outweighs what is unclear.
    #[must_use]
    pub fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Fails(_) => self,
            Self::Holds => other(),
            Self::Unclear(_) => match other() {
                failure @ Self::Fails(_) => failure,
                Self::Holds | Self::Unclear(_) => self,
            },
        }
    }
}
