//! Whose counter a call goes to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use gatewright_rate_limit::{Settings, judge};
use gatewright_sdk::{Charge, Link, Obligation, Request, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings(per: &[&str]) -> Settings {
    let limits = json!([{ "name": "n", "budget": "b", "per": per }]);
    serde_json::from_value(json!({ "limits": limits })).unwrap()
}

fn charge(settings: &Settings, request: &Request) -> Charge {
    let opinion = judge(settings, request);
    assert_eq!(opinion.verdict, Verdict::Abstain);
    match opinion.obligations.as_slice() {
        [Obligation::Charge(charge)] => charge.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_acts_for_nobody_has_a_counter_of_its_own() {
    let settings = settings(&["principal"]);
    let nobody = |agent: &str| Request::tool("x").with_agent(agent).without_principal();
    let bot = charge(&settings, &nobody("bot")).key;
    assert_eq!(
        serde_json::from_str::<Value>(&bot).unwrap(),
        json!(["n", { "agent": ["did:example:issuer", "bot"] }])
    );
    assert_ne!(charge(&settings, &nobody("other")).key, bot);
    let somebody = Request::tool("x").with_agent("bot");
    assert_ne!(charge(&settings, &somebody).key, bot);
    let above = ["bot", "bot/1"].map(|id| Link {
        id: id.to_owned(),
        issuer: None,
    });
    let delegate = nobody("bot/1/1").with_chain(above);
    assert_eq!(charge(&settings, &delegate).key, bot);
}

proptest! {
    /// Names are what agents make of them: no name passes for two.
    #[test]
    fn no_two_callers_share_a_counter(
        one in (".{0,6}", ".{0,6}", "[a\",\\[\\]]{0,4}"), other in (".{0,6}", ".{0,6}", "[a\",\\[\\]]{0,4}")
    ) {
        let settings = settings(&["agent", "principal", "server"]);
        let request = |(agent, principal, server): &(String, String, String)| {
            Request::tool("x").with_agent(agent).with_principal(principal).with_server(server)
        };
        let keys = [charge(&settings, &request(&one)).key, charge(&settings, &request(&other)).key];
        prop_assert_eq!(keys[0] == keys[1], one == other);
    }

    /// What stands in the arguments changes nothing.
    #[test]
    fn arguments_do_not_matter(name in ".{0,6}", value in ".{0,6}") {
        let settings = settings(&["agent", "tool"]);
        let plain = charge(&settings, &Request::tool("x"));
        let request = Request::tool("x").with_arguments(json!({ name: value }));
        prop_assert_eq!(charge(&settings, &request), plain);
    }
}
