//! What holds for everything that is spent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use gatewright_sdk::{Obligation, Opinion, Request, Verdict};
use gatewright_spend_limit::{Settings, judge};
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings() -> Settings {
    serde_json::from_value(json!({
        "payments": [{ "tools": ["pay"], "amount": "/amount", "currency": "/currency" }],
        "currencies": {
            "EUR": {
                "ask": [{ "above": 100 }, { "above": 500, "quorum": 2 }],
                "at-most": 1000,
                "budgets": [{ "budget": "day" }]
            },
            "JPY": { "decimals": 0 }
        }
    }))
    .unwrap()
}

fn ask(arguments: Value) -> Opinion {
    judge(&settings(), &Request::tool("pay").with_arguments(arguments))
}

/// What is charged, in cents.
fn cost(opinion: &Opinion) -> u64 {
    let costs = opinion.obligations.iter().map(|owed| match owed {
        Obligation::Charge(charge) => charge.cost,
        other => panic!("{other:?}"),
    });
    costs.sum()
}

/// How many people stand before it; nobody can let pass what is refused.
fn strictness(opinion: &Opinion) -> u8 {
    match &opinion.verdict {
        Verdict::Abstain => 0,
        Verdict::Ask(ask) => ask.quorum,
        Verdict::Deny(_) => u8::MAX,
        Verdict::Allow => panic!("it never allows"),
    }
}

fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

#[test]
fn who_acts_for_nobody_has_a_budget_of_its_own() {
    let settings: Settings = serde_json::from_value(json!({
        "payments": [{ "tools": ["pay"], "amount": "/amount", "currency": "EUR" }],
        "currencies": { "EUR": { "budgets": [{ "budget": "day", "per": ["principal"] }] } }
    }))
    .unwrap();
    let request = Request::tool("pay")
        .with_argument("/amount", 5)
        .without_principal();
    let opinion = judge(&settings, &request);
    let [Obligation::Charge(charge)] = opinion.obligations.as_slice() else {
        panic!("{opinion:?}");
    };
    assert_eq!(
        charge.key,
        r#"["day","EUR",{"agent":["did:example:issuer","did:example:agent"]}]"#
    );
}

proptest! {
    /// However it is written, it costs the same.
    #[test]
    fn every_form_of_an_amount_costs_the_same(cents in 1u64..100_001) {
        let forms = [
            json!({ "amount": euros(cents), "currency": "EUR" }),
            json!({ "amount": [euros(cents)], "currency": "eur" }),
            serde_json::from_str(&format!(r#"{{"amount":{},"currency":"EUR"}}"#, euros(cents))).unwrap(),
        ];
        for form in forms {
            prop_assert_eq!(cost(&ask(form)), cents);
        }
    }

    /// A list costs the sum of its elements, and needs whoever the sum needs.
    #[test]
    fn a_list_is_its_sum(cents in prop::collection::vec(0u64..40_000, 1..5)) {
        let list: Vec<String> = cents.iter().copied().map(euros).collect();
        let sum: u64 = cents.iter().sum();
        let listed = ask(json!({ "amount": list, "currency": "EUR" }));
        let summed = ask(json!({ "amount": euros(sum), "currency": "EUR" }));
        prop_assert_eq!(strictness(&listed), strictness(&summed));
        prop_assert_eq!(cost(&listed), cost(&summed));
    }

    /// More never needs fewer people.
    #[test]
    fn more_is_never_easier(one in 0u64..150_000, more in 0u64..150_000) {
        let small = strictness(&ask(json!({ "amount": euros(one), "currency": "EUR" })));
        let large = strictness(&ask(json!({ "amount": euros(one + more), "currency": "EUR" })));
        prop_assert!(small <= large);
    }

    /// Nothing that is put beside an amount, or in its place in a list, makes it cheaper.
    #[test]
    fn nothing_beside_it_makes_it_cheaper(
        cents in 1u64..100_000,
        name in "[a-zA-Z_]{1,8}",
        beside in prop_oneof![
            Just(json!(null)), Just(json!(-5000)), Just(json!("-1")), Just(json!([])), Just(json!({ "amount": 1 })),
            Just(json!("NaN")), Just(json!(true)), (0i64..9).prop_map(|number| json!(number)), ".{0,5}".prop_map(|text| json!(text)),
        ],
    ) {
        prop_assume!(name != "amount" && name != "currency");
        let alone = ask(json!({ "amount": euros(cents), "currency": "EUR" }));
        let accompanied = ask(json!({ "amount": euros(cents), "currency": "EUR", name: beside.clone() }));
        prop_assert!(strictness(&accompanied) >= strictness(&alone));
        let denied = accompanied.denies();
        prop_assert!(denied || cost(&accompanied) >= cost(&alone));
        let listed = ask(json!({ "amount": [euros(cents), beside], "currency": "EUR" }));
        prop_assert!(strictness(&listed) >= strictness(&alone));
        prop_assert!(listed.denies() || cost(&listed) >= cost(&alone));
    }
}
