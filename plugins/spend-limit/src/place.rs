//! Places in the arguments, where `*` stands for every element or member.

use gatewright_sdk::Pointer;
use serde::Deserialize;

use crate::argument::Argument;
use crate::name::folded;

/// A step that stands for every element or member.
const EVERY: &str = "*";

/// Most values that one place may stand for.
pub(crate) const VALUES_MAX: usize = 1000;

/// A JSON Pointer with steps `*`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Pointer")]
pub struct Place {
    pointer: Pointer,
    steps: Vec<String>,
    /// The last step, without what does not count in a name.
    folded: Option<String>,
}

/// What stands at one of the places that a [`Place`] stands for.
pub(crate) struct Found<'a> {
    /// What each `*` stood for.
    pub(crate) taken: Vec<Step<'a>>,
    /// None: nothing stands there.
    pub(crate) value: Option<&'a Argument<'a>>,
}

/// One step on the way to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    Member(&'a str),
    Element(usize),
}

/// More values than [`VALUES_MAX`].
#[derive(Debug)]
pub(crate) struct TooMany;

impl From<Pointer> for Place {
    fn from(pointer: Pointer) -> Self {
        let steps: Vec<String> = pointer.tokens().collect();
        Self {
            folded: steps.last().map(|step| folded(step)),
            pointer,
            steps,
        }
    }
}

impl Place {
    /// As the operator wrote it.
    pub(crate) fn as_str(&self) -> &str {
        self.pointer.as_str()
    }

    /// Whether a name reads like its last step.
    pub(crate) fn is_named_like(&self, folded: &str) -> bool {
        self.folded.as_deref() == Some(folded)
    }

    /// The longest pointer in front of every `*`: what a person looks at.
    pub(crate) fn shown(&self) -> String {
        let plain = self.steps.iter().take_while(|step| *step != EVERY);
        let pointer = plain.fold(Pointer::root(), |pointer, step| pointer.child(step));
        pointer.as_str().to_owned()
    }

    /// Every value that it stands for. A `*` where no list and no object stands is one
    /// value that is missing; one on an empty list is none at all.
    pub(crate) fn find<'a>(&self, root: &'a Argument<'a>) -> Result<Vec<Found<'a>>, TooMany> {
        let mut found = vec![Found {
            taken: Vec::new(),
            value: Some(root),
        }];
        for step in &self.steps {
            let mut next = Vec::with_capacity(found.len());
            for Found { taken, value } in found {
                let mut take = |step: Step<'a>, value: &'a Argument<'a>| {
                    let mut taken = taken.clone();
                    taken.push(step);
                    let value = Some(value);
                    next.push(Found { taken, value });
                    match next.len() > VALUES_MAX {
                        true => Err(TooMany),
                        false => Ok(()),
                    }
                };
                match (step.as_str(), value) {
                    (EVERY, Some(Argument::List(elements))) => {
                        for (at, element) in elements.iter().enumerate() {
                            take(Step::Element(at), element)?;
                        }
                    }
                    (EVERY, Some(Argument::Object(members))) => {
                        for (name, member) in members {
                            take(Step::Member(name), member)?;
                        }
                    }
                    (EVERY, _) | (_, None) => next.push(Found { taken, value: None }),
                    (step, Some(value)) => {
                        let value = child(value, step);
                        next.push(Found { taken, value });
                    }
                }
            }
            found = next;
        }
        Ok(found)
    }

    /// The one value beside another: each `*` stands for what it stood for there.
    pub(crate) fn beside<'a>(
        &self,
        root: &'a Argument<'a>,
        taken: &[Step<'_>],
    ) -> Option<&'a Argument<'a>> {
        let mut taken = taken.iter();
        let mut value = root;
        for step in &self.steps {
            value = match step == EVERY {
                false => child(value, step)?,
                true => match taken.next()? {
                    Step::Member(name) => value.member(name)?,
                    Step::Element(at) => value.element(*at)?,
                },
            };
        }
        Some(value)
    }

    /// The pointer to it.
    pub(crate) fn pointer_beside(&self, taken: &[Step<'_>]) -> Pointer {
        let mut taken = taken.iter();
        let mut pointer = Pointer::root();
        for step in &self.steps {
            let stands_for = match step == EVERY {
                true => taken.next(),
                false => None,
            };
            pointer = match stands_for {
                None => pointer.child(step),
                Some(Step::Member(name)) => pointer.child(name),
                Some(Step::Element(at)) => pointer.child(&at.to_string()),
            };
        }
        pointer
    }

    /// Whether each `*` stands for something that the other place names with a `*` too.
    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        let last = self.steps.iter().rposition(|step| step == EVERY);
        last.is_none_or(|last| self.steps.get(..=last) == other.steps.get(..=last))
    }

    /// Whether it stands for this place.
    pub(crate) fn is_at(&self, steps: &[Step<'_>]) -> bool {
        let fits = |(own, step): (&String, &Step<'_>)| {
            own == EVERY
                || match step {
                    Step::Member(name) => own == name,
                    Step::Element(at) => *own == at.to_string(),
                }
        };
        // Their last steps tell most places apart.
        self.steps.len() == steps.len() && self.steps.iter().zip(steps).rev().all(fits)
    }
}

fn child<'a>(value: &'a Argument<'a>, step: &str) -> Option<&'a Argument<'a>> {
    match value {
        Argument::Object(_) => value.member(step),
        Argument::List(_) => {
            let at: usize = step.parse().ok()?;
            // RFC 6901: no sign and no leading zero.
            value.element(at).filter(|_| at.to_string() == step)
        }
        Argument::Null | Argument::Bool | Argument::Number(_) | Argument::Text(_) => None,
    }
}
