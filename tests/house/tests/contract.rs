//! What was released of the contract stays as it is: components were built against it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::path::Path;

use gatewright_house::text;

/// The contract, and what was released as this version of it.
const RELEASED: [(&str, &str); 2] = [
    ("wit/policy.wit", "tests/contracts/0.1.0/contract.wit"),
    ("wit/0.2/policy.wit", "tests/contracts/0.2.0/contract.wit"),
];

/// What counts for a component: everything but comments and the form of lines.
fn declarations(file: &str) -> String {
    let text = text(Path::new(file));
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    let words: Vec<_> = code.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[test]
fn a_released_contract_is_not_edited() {
    for (served, released) in RELEASED {
        let declared = declarations(served);
        assert!(declared.contains("package gatewright:policy@"), "{served}");
        assert!(
            declared == declarations(released),
            "`{served}` is not `{released}` any more\n  hint: a change is another version of the \
             package, in a file beside it"
        );
    }
}
