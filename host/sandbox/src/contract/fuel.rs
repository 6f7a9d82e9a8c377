//! What host functions cost: what they read and copy takes fuel, so that a guest cannot
//! have the host work for it without end. And what they read, where somebody wants to know.

use gatewright_policy::Fault;
use wasmtime::StoreContextMut;

use crate::state::{CallState, CallSubject};

/// What every call of a host function costs.
const HOST_CALL_FUEL: usize = 100;

/// What a host function sees.
pub(super) type Host<'a> = StoreContextMut<'a, CallState>;

/// Takes fuel for a host call and what it reads or copies.
pub(super) fn charge(host: &mut Host<'_>, units: usize) -> wasmtime::Result<()> {
    let cost = u64::try_from(HOST_CALL_FUEL.saturating_add(units)).unwrap_or(u64::MAX);
    let left = host.get_fuel()?;
    host.set_fuel(left.saturating_sub(cost))?;
    if left < cost {
        return Err(Fault::OutOfFuel.into());
    }
    Ok(())
}

/// What the call is about. There is none in `configure`: reading it there
/// would bind the settings to whatever call happened to come first.
pub(super) fn subject<'a>(host: &'a Host<'_>) -> Result<&'a CallSubject, Fault> {
    let outside = || Fault::Trapped("reading a call where there is none".to_owned());
    host.data().subject.as_ref().ok_or_else(outside)
}

/// Keeps what the guest asks about, where somebody wants to know: a fact, or a place in a
/// document.
pub(super) fn note(
    host: &mut Host<'_>,
    read: impl FnOnce(&CallSubject) -> Option<(String, Option<String>)>,
) {
    let state = host.data_mut();
    let (Some(reads), Some(subject)) = (&mut state.reads, &state.subject) else {
        return;
    };
    if let Some((of, at)) = read(subject) {
        reads.push(of, at);
    }
}
