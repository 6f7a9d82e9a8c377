//! `unite`: valid in, valid out, and nothing out of what is not valid.

use super::wasm::{holds, is_valid};

pub(super) fn run(bytes: &[u8]) -> bool {
    let united = gatewright_link::unite(bytes);
    assert!(
        united.is_err() || is_valid(bytes),
        "what is not valid is left alone"
    );
    holds(bytes, united)
}
