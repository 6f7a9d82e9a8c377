//! Components of contract 0.2: what they say about themselves, and what their questions
//! cost.

use std::fs;
use std::path::Path;

use gatewright_policy::{Authority, Power, Verdict};
use gatewright_sandbox::{Contract, LoadError, World};

use crate::guests::{judge, request};
use crate::{load, run, try_load};

/// A component that was built against 0.2.0.
fn released(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let path = root.unwrap().join("tests/contracts/0.2.0").join(name);
    fs::read(path).unwrap()
}

#[test]
fn a_component_describes_itself_whatever_its_settings() {
    let guest = load(&released("reviewer.wasm"));
    assert_eq!(
        (guest.contract(), guest.world()),
        (Contract::V0_2, World::Reviewer)
    );
    let description = guest.description().unwrap();
    let powers = [Power::Edit, Power::Block, Power::Label, Power::Charge];
    assert_eq!(
        description.powers,
        powers.into_iter().collect::<Authority>()
    );
    assert!(description.rule_ids().contains("seen"));
    assert_eq!(description.settings_schema, None);

    let older = load(&judge("(i32.const 64)", ""));
    assert_eq!(older.contract(), Contract::V0_1);
    assert!(
        older.description().is_none(),
        "its contract does not let it say"
    );
}

#[test]
fn a_component_that_walks_nodes_starts_from_a_snapshot() {
    for name in ["policy.wasm", "editor.wasm", "reviewer.wasm"] {
        assert!(load(&released(name)).is_snapshotted(), "{name}");
    }
}

#[test]
fn settings_that_are_refused_say_where_and_why() {
    match try_load(&released("policy.wasm"), r#"{"greting":1}"#) {
        Err(LoadError::Settings(error)) => {
            assert!(error.message.contains("greting"), "{error}");
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn what_a_lookup_costs_follows_from_what_it_reads() {
    let guest = load(&released("policy.wasm"));
    let asked = |more: &str| {
        let arguments = format!(r#"{{"do":"allow","more":"{more}"}}"#);
        let answer = run(guest.judge(&request(&arguments)));
        let verdict = answer.result.map(|opinion| opinion.verdict);
        assert_eq!(verdict, Ok(Verdict::Allow));
        answer.fuel
    };
    assert_eq!(asked("x"), asked(&"x".repeat(1 << 20)));
}
