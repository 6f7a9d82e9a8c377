//! Pointers with steps `*`, which stand for every element or member.

use gatewright_sdk::{Pointer, Request, Value};

/// Elements of one list that are looked at; a longer one is unclear.
pub(crate) const ELEMENTS_MAX: u32 = 1000;

/// A pointer's step that stands for every element or member.
const EVERY: &str = "*";

/// More places than [`ELEMENTS_MAX`].
pub(crate) struct TooMany;

/// The steps of a pointer that has a `*`; none where it stands for one place.
pub(crate) fn steps(pointer: &Pointer) -> Option<Vec<String>> {
    let steps: Vec<String> = pointer.tokens().collect();
    steps.iter().any(|step| step == EVERY).then_some(steps)
}

/// Every place that the steps stand for. A `*` where no list and no object stands is read
/// as it is.
pub(crate) fn find(request: &Request, steps: &[String]) -> Result<Vec<Pointer>, TooMany> {
    let mut found = vec![Pointer::root()];
    for step in steps {
        let mut next = Vec::new();
        for pointer in &found {
            match (step.as_str(), request.get(pointer)) {
                (EVERY, Some(Value::Array(count))) => {
                    let count = count.min(ELEMENTS_MAX + 1);
                    next.extend((0..count).map(|at| pointer.child(&at.to_string())));
                }
                (EVERY, Some(Value::Object(_))) => {
                    next.extend(request.keys(pointer).iter().map(|key| pointer.child(key)));
                }
                (EVERY, _) => next.push(pointer.clone()),
                (step, _) => next.push(pointer.child(step)),
            }
        }
        if next.len() > ELEMENTS_MAX as usize {
            return Err(TooMany);
        }
        found = next;
    }
    Ok(found)
}
