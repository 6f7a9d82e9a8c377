//! What is checked in is what follows from the contract.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::path::Path;

use gatewright_abi::{AbiError, CONTRACT, Table, files};

#[test]
fn files_of_the_sdks_say_what_the_contract_says() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let contract = std::fs::read_to_string(top.join(CONTRACT)).unwrap();
    let mut differing = vec![];
    for file in files(&contract).unwrap() {
        let written = std::fs::read_to_string(top.join(file.path)).unwrap_or_default();
        if written != file.text {
            differing.push(file.path);
        }
    }
    assert!(
        differing.is_empty(),
        "{differing:?} differ from `{CONTRACT}`\n  hint: cargo run -p gatewright-abi"
    );
}
