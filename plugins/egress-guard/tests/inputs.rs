//! The inputs of `data/`: what an attacker or an ordinary user would send, one
//! JSON object a line, with the answer that is right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::path::Path;

use gatewright_egress_guard::{Answer, Settings, answer};
use gatewright_sdk::Request;
use serde_json::Value;

#[test]
fn every_input_gets_the_right_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut asked = 0;
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines() {
            let input: Value = serde_json::from_str(line).unwrap();
            let settings: Settings = serde_json::from_value(input["settings"].clone()).unwrap();
            let request = Request::tool(input["tool"].as_str().unwrap())
                .with_arguments(input["arguments"].clone());
            let said = answer(&settings, &request);
            let right = match input["right"].as_str().unwrap() {
                "deny" => matches!(said, Answer::Refused(_)),
                "not-deny" => !matches!(said, Answer::Refused(_)),
                "allow" => said == Answer::Fine,
                other => panic!("{other} is no answer"),
            };
            asked += 1;
            if !right {
                wrong.push(format!("{line}\n    said {said:?}"));
            }
        }
    }
    assert!(asked > 400, "{asked}");
    assert!(
        wrong.is_empty(),
        "{} of {asked}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
