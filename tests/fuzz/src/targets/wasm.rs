//! What the validator says.

use wasmparser::{Validator, WasmFeatures};

pub(super) fn is_valid(bytes: &[u8]) -> bool {
    Validator::new_with_features(WasmFeatures::default())
        .validate_all(bytes)
        .is_ok()
}

/// Valid in, valid out. Gives whether that was the case.
pub(super) fn holds(input: &[u8], output: Result<Vec<u8>, gatewright_link::LinkError>) -> bool {
    let Ok(output) = output else {
        return false;
    };
    let valid = is_valid(input);
    if valid {
        let mut validator = Validator::new_with_features(WasmFeatures::default());
        if let Err(error) = validator.validate_all(&output) {
            panic!("valid in, and not out: {error}");
        }
    }
    valid
}
