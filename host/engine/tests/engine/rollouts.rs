//! Policies that count for some agents, and what they would decide otherwise.

use std::sync::Arc;

use gatewright_engine::Ruling;
use gatewright_policy::pattern::Scope;
use gatewright_policy::{Flip, Grant, Mode, Share};

use crate::gate::{ALLOW, DENY, Gate, binding, judge, trap};

pub async fn ask_as(gate: &Gate, agent: &str) -> Ruling {
    let mut call = gate.call(agent, "{}");
    let scopes = vec![Scope::parse("files:*").unwrap()];
    call.grant = Grant::local(agent, None, scopes, Arc::from(agent));
    gate.ask(call).await
}

fn flip(stable: &str, candidate: &str) -> Option<Flip> {
    Some(Flip {
        stable: stable.to_owned(),
        candidate: candidate.to_owned(),
    })
}

#[tokio::test]
async fn a_canary_counts_for_its_share_and_is_observed_for_the_others() {
    let config = binding("allow", "") + &binding("deny", "canary = \"30%\"");
    let guests = [("allow.wasm", judge(ALLOW)), ("deny.wasm", judge(DENY))];
    let gate = Gate::started(&config, &guests).await;
    let share: Share = "30%".parse().unwrap();
    let mut refused = 0;
    for number in 0..60 {
        let agent = format!("agent-{number}");
        let ruling = ask_as(&gate, &agent).await;
        let counts = share.includes(&agent);
        assert_eq!(matches!(ruling, Ruling::Denied(_)), counts, "{agent}");
        refused += usize::from(counts);
    }
    assert!((5..35).contains(&refused), "{refused} of 60");
    for decided in gate.decisions() {
        let agent = &decided.caller.as_ref().unwrap().agent;
        let mode = match share.includes(agent) {
            true => Mode::Enforce,
            false => Mode::Observe,
        };
        assert_eq!(decided.opinions[1].mode, mode, "{agent}");
        assert_eq!(decided.flip, flip("allow", "deny"), "{agent}");
    }
}

#[tokio::test]
async fn an_observed_policy_flips_records_and_no_decision() {
    for (observed, expected) in [
        (judge(DENY), flip("allow", "deny")),
        (trap(), flip("allow", "deny")),
        (judge(ALLOW), None),
        (judge(""), None),
    ] {
        let config = binding("allow", "") + &binding("new", "mode = \"observe\"");
        let guests = [("allow.wasm", judge(ALLOW)), ("new.wasm", observed)];
        let gate = Gate::started(&config, &guests).await;
        let ruling = ask_as(&gate, "agent").await;
        assert!(matches!(ruling, Ruling::Permitted(_)), "{expected:?}");
        assert_eq!(gate.decisions()[0].flip, expected);
    }
}

#[tokio::test]
async fn what_a_candidate_would_let_through_is_a_flip_too() {
    let config = binding("new", "mode = \"observe\"");
    let gate = Gate::started(&config, &[("new.wasm", judge(ALLOW))]).await;
    assert!(matches!(ask_as(&gate, "agent").await, Ruling::Denied(_)));
    assert_eq!(gate.decisions()[0].flip, flip("deny", "allow"));
}

#[tokio::test]
async fn without_a_candidate_nothing_is_compared() {
    let gate = Gate::started(&binding("allow", ""), &[("allow.wasm", judge(ALLOW))]).await;
    assert!(matches!(ask_as(&gate, "agent").await, Ruling::Permitted(_)));
    assert_eq!(gate.decisions()[0].flip, None);
}

#[test]
fn a_canary_of_an_observed_binding_is_refused_with_its_line() {
    let config = binding("a", "mode = \"observe\"\ncanary = \"5%\"");
    let gate = Gate::new(&config, &[("a.wasm", judge(ALLOW))]);
    let error = gatewright_engine::config::Loaded::read(&gate.config_path()).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("gatewright.toml:8"), "{text}");
    assert!(text.contains("observed, and has a `canary`"), "{text}");
    gate.configure(&binding("a", "canary = \"5\""));
    let error = gatewright_engine::config::Loaded::read(&gate.config_path()).unwrap_err();
    assert!(error.to_string().contains("is not a share"), "{error}");
}
