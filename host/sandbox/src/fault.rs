//! What went wrong in a guest, told by the types of errors and never by their
//! text.

use gatewright_policy::Fault;
use wasmtime::{PoolConcurrencyLimitError, Trap};

use crate::answer::cut;

/// Longest detail of a fault, in bytes: guests write into it.
pub(crate) const DETAIL_BYTES_MAX: usize = 512;

/// The fault behind an error. `memory_exceeded`: whether the guest was refused
/// memory during this call, which it only notices as a failed allocation.
pub(crate) fn fault_of(error: &wasmtime::Error, memory_exceeded: bool) -> Fault {
    if let Some(fault) = error.downcast_ref::<Fault>() {
        return fault.clone();
    }
    if error.is::<PoolConcurrencyLimitError>() {
        return Fault::NoInstance;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Fault::OutOfFuel,
        _ if memory_exceeded => Fault::OutOfMemory,
        Some(trap) => Fault::Trapped(trap_name(*trap)),
        // Everything that runs in a guest traps. What is left are values that
        // the host could not read from it or write into it.
        None => Fault::BadOutput(detail(error.root_cause().to_string())),
    }
}

/// A text of a guest, short enough for a fault.
pub(crate) fn detail(mut text: String) -> String {
    cut(&mut text, DETAIL_BYTES_MAX);
    text
}

/// `StackOverflow` becomes `stack overflow`.
fn trap_name(trap: Trap) -> String {
    if trap == Trap::CannotEnterComponent {
        // The engine of JavaScript and what it has in place of a system are one
        // component instance; after an exception the engine calls the system.
        return "called back into its own component, as the JavaScript engine does after an exception"
            .to_owned();
    }
    let mut name = String::new();
    for character in format!("{trap:?}").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push(' ');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::{Trap, trap_name};

    #[test]
    fn the_name_of_a_trap_is_for_a_person() {
        assert_eq!(trap_name(Trap::StackOverflow), "stack overflow");
        let name = trap_name(Trap::CannotEnterComponent);
        assert!(name.ends_with("after an exception"), "{name}");
    }
}
