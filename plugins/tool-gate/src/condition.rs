//! What a rule wants of one argument.

use gatewright_sdk::{Pattern, Pointer, Request, Value};
use serde::Deserialize;

use crate::format::{Day, Format};
use crate::one_test::Test;
use crate::reading::Reading;
use crate::scalar::{Number, Scalar};
use crate::walk::{self, ELEMENTS_MAX};
use crate::wildcard::{Across, Wildcard};

/// Tests of one argument; all of them must hold.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenCondition")]
pub struct Condition {
    pointer: Pointer,
    /// Where the pointer has steps `*`: the steps, to be walked.
    walk: Option<Vec<String>>,
    tests: Vec<Test>,
    across: Across,
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
    except: Option<Vec<Pattern>>,
    without: Option<Vec<String>>,
    across: Option<WrittenAcross>,
    format: Option<Format>,
    not_before: Option<String>,
    not_after: Option<String>,
    length_min: Option<u32>,
    length_max: Option<u32>,
}

/// Separators that `*` may stand for, or all of them.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a list of characters, or `\"anything\"`"
)]
enum WrittenAcross {
    Word(Anything),
    Letters(Vec<char>),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Anything {
    Anything,
}

// === impl Condition ===

impl Condition {
    /// Wants a text, or texts, that fit one of these patterns in one piece.
    pub(crate) fn on_patterns(pointer: Pointer, patterns: Vec<Wildcard>) -> Self {
        Self {
            walk: walk::steps(&pointer),
            pointer,
            tests: vec![Test::Matches(patterns)],
            across: Across::Own,
        }
    }

    /// Whether the pointer stands for one place, and nothing is there.
    pub(crate) fn has_nothing(&self, request: &Request) -> bool {
        self.walk.is_none() && request.get(&self.pointer).is_none()
    }

    /// Compares the argument of this call. Where the pointer stands for several,
    /// all of them must be as the rule wants them.
    pub fn read(&self, request: &Request) -> Reading {
        let Some(steps) = &self.walk else {
            return self.read_at(request, &self.pointer);
        };
        let Ok(found) = walk::find(request, steps) else {
            return self.unclear("has too many elements");
        };
        let readings = found.iter().map(|pointer| self.read_at(request, pointer));
        self.of_all(readings)
    }

    fn read_at(&self, request: &Request, pointer: &Pointer) -> Reading {
        let value = request.get(pointer);
        self.tests.iter().fold(Reading::Holds, |reading, test| {
            reading.and(|| match &value {
                Some(Value::Array(count)) if test.is_of_texts() => {
                    self.read_elements(request, pointer, test, *count)
                }
                _ => test.read(pointer, value.as_ref(), &self.across),
            })
        })
    }

    /// A list where a text is tested: every element is.
    fn read_elements(
        &self,
        request: &Request,
        pointer: &Pointer,
        test: &Test,
        count: u32,
    ) -> Reading {
        if count > ELEMENTS_MAX {
            return self.unclear("has too many elements");
        }
        let readings = (0..count).map(|at| {
            let pointer = pointer.child(&at.to_string());
            test.read(&pointer, request.get(&pointer).as_ref(), &self.across)
        });
        self.of_all(readings)
    }

    /// What holds for all holds, what fails for all fails; anything between is
    /// unclear, and so is nothing at all.
    fn of_all(&self, readings: impl Iterator<Item = Reading>) -> Reading {
        let mut all: Option<Reading> = None;
        for reading in readings {
            all = Some(match (all, reading) {
                (None, reading) => reading,
                (Some(Reading::Holds), Reading::Holds) => Reading::Holds,
                (Some(Reading::Fails(why)), Reading::Fails(_)) => Reading::Fails(why),
                (Some(Reading::Holds), Reading::Fails(why) | Reading::Unclear(why))
                | (Some(Reading::Fails(why) | Reading::Unclear(why)), _) => Reading::Unclear(why),
            });
        }
        all.unwrap_or_else(|| self.unclear("is empty"))
    }

    fn unclear(&self, what: &str) -> Reading {
        Reading::Unclear(format!("the argument `{}` {what}", self.pointer))
    }
}

impl TryFrom<WrittenCondition> for Condition {
    type Error = String;

    fn try_from(condition: WrittenCondition) -> Result<Self, String> {
        let wildcards = |patterns: Vec<Pattern>| patterns.into_iter().map(Wildcard::new).collect();
        let day = |text: String| {
            Day::read(&text)
                .ok_or_else(|| format!("`{text}` is not a day; hint: write `2026-11-28`"))
        };
        let not_before = condition.not_before.map(day).transpose()?;
        let not_after = condition.not_after.map(day).transpose()?;
        let has_patterns = condition.matches.is_some() || condition.except.is_some();
        let tests: Vec<Test> = [
            condition.present.map(Test::Present),
            condition.equals.map(|scalar| Test::OneOf(vec![scalar])),
            condition.one_of.map(Test::OneOf),
            condition.at_least.map(Test::AtLeast),
            condition.at_most.map(Test::AtMost),
            condition.above.map(Test::Above),
            condition.below.map(Test::Below),
            condition.matches.map(|all| Test::Matches(wildcards(all))),
            condition.except.map(|all| Test::Except(wildcards(all))),
            condition.without.map(Test::Without),
            condition.format.map(Test::Format),
            not_before.map(Test::NotBefore),
            not_after.map(Test::NotAfter),
            condition.length_min.map(Test::LengthMin),
            condition.length_max.map(Test::LengthMax),
        ]
        .into_iter()
        .flatten()
        .collect();
        if tests.iter().any(Test::offers_nothing) {
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
        if condition.across.is_some() && !has_patterns {
            return Err(format!(
                "`across` on `{}` is about the `*` of `matches` and `except`, and neither is given",
                condition.pointer
            ));
        }
        let across = match condition.across {
            None => Across::Own,
            Some(WrittenAcross::Word(Anything::Anything)) => Across::Anything,
            Some(WrittenAcross::Letters(letters)) => Across::Letters(letters.into_iter().collect()),
        };
        Ok(Self {
            walk: walk::steps(&condition.pointer),
            pointer: condition.pointer,
            tests,
            across,
        })
    }
}
