//! Places in the arguments, where `*` stands for every element or member.

use gatewright_sdk::{Kind, Node, Pointer};
use serde::Deserialize;

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
}

/// What stands at one of the places that a [`Place`] stands for.
pub(crate) struct Found {
    /// What each `*` stood for.
    pub(crate) taken: Vec<String>,
    /// None: nothing stands there.
    pub(crate) node: Option<Node>,
}

/// More values than [`VALUES_MAX`].
#[derive(Debug)]
pub(crate) struct TooMany;

impl From<Pointer> for Place {
    fn from(pointer: Pointer) -> Self {
        let steps = pointer.tokens().collect();
        Self { pointer, steps }
    }
}

impl Place {
    /// As the operator wrote it.
    pub(crate) fn as_str(&self) -> &str {
        self.pointer.as_str()
    }

    /// The last step.
    pub(crate) fn name(&self) -> Option<&str> {
        self.steps.last().map(String::as_str)
    }

    /// The longest pointer in front of every `*`: what a person looks at.
    pub(crate) fn shown(&self) -> String {
        let plain = self.steps.iter().take_while(|step| *step != EVERY);
        let pointer = plain.fold(Pointer::root(), |pointer, step| pointer.child(step));
        pointer.as_str().to_owned()
    }

    /// Every value that it stands for. A `*` where no list and no object stands is one
    /// value that is missing; one on an empty list is none at all.
    pub(crate) fn find(&self, root: Node) -> Result<Vec<Found>, TooMany> {
        let mut found = vec![Found {
            taken: Vec::new(),
            node: Some(root),
        }];
        for step in &self.steps {
            let mut next = Vec::with_capacity(found.len());
            for Found { taken, node } in found {
                let Some(node) = node else {
                    next.push(Found { taken, node: None });
                    continue;
                };
                if step == EVERY {
                    let names: Vec<String> = match node.kind() {
                        Kind::Object => node.keys(),
                        Kind::Array => (0..node.len()).map(|at| at.to_string()).collect(),
                        Kind::Null | Kind::Boolean | Kind::Number | Kind::Text => {
                            next.push(Found { taken, node: None });
                            continue;
                        }
                    };
                    if next.len() + names.len() > VALUES_MAX {
                        return Err(TooMany);
                    }
                    for (name, child) in names.into_iter().zip(node.children()) {
                        let mut taken = taken.clone();
                        taken.push(name);
                        let node = Some(child);
                        next.push(Found { taken, node });
                    }
                } else {
                    let node = child(&node, step);
                    next.push(Found { taken, node });
                }
            }
            found = next;
        }
        Ok(found)
    }

    /// The one value beside another: each `*` stands for what it stood for there.
    pub(crate) fn beside(&self, root: Node, taken: &[String]) -> Option<Node> {
        let mut taken = taken.iter();
        let mut node = root;
        for step in &self.steps {
            let step = if step == EVERY { taken.next()? } else { step };
            node = child(&node, step)?;
        }
        Some(node)
    }

    /// Whether each `*` stands for something that the other place names with a `*` too.
    pub(crate) fn goes_with(&self, other: &Self) -> bool {
        let last = self.steps.iter().rposition(|step| step == EVERY);
        last.is_none_or(|last| self.steps.get(..=last) == other.steps.get(..=last))
    }

    /// Whether it stands for this place.
    pub(crate) fn is_at(&self, steps: &[String]) -> bool {
        let fits = |(own, step): (&String, &String)| own == EVERY || own == step;
        self.steps.len() == steps.len() && self.steps.iter().zip(steps).all(fits)
    }
}

fn child(node: &Node, step: &str) -> Option<Node> {
    match node.kind() {
        Kind::Object => node.member(step),
        Kind::Array => {
            let at: u32 = step.parse().ok()?;
            // RFC 6901: no sign and no leading zero.
            node.at(at).filter(|_| at.to_string() == step)
        }
        Kind::Null | Kind::Boolean | Kind::Number | Kind::Text => None,
    }
}
