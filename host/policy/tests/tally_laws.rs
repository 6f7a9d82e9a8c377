//! The laws of combining verdicts, as properties.

use std::sync::Arc;

use gatewright_policy::{
    ApprovalRequest, Decision, Denial, Digest, Fault, Mode, Obligation, Opinion, Reason, Refusal,
    Tally, Verdict,
};
use proptest::prelude::*;

fn decide(opinions: &[Opinion]) -> Decision {
    let mut tally = Tally::default();
    for opinion in opinions {
        tally.push(opinion);
    }
    tally.decide()
}

/// Deny 0, hold 1, allow 2.
fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::Deny(_) => 0,
        Decision::Hold(_) => 1,
        Decision::Allow(_) => 2,
    }
}

fn answer() -> impl Strategy<Value = Result<Verdict, Fault>> {
    prop_oneof![
        Just(Ok(Verdict::Abstain)),
        Just(Ok(Verdict::Allow {
            obligations: vec![]
        })),
        Just(Ok(Verdict::Allow {
            obligations: vec![Obligation::LimitResult(9)]
        })),
        "[a-z]{1,4}".prop_map(|message| Ok(deny(&message))),
        Just(Ok(ask())),
        Just(Err(Fault::OutOfFuel)),
        Just(Err(Fault::TimedOut)),
    ]
}

fn opinion() -> impl Strategy<Value = Opinion> {
    ("[a-z]{1,6}", any::<bool>(), answer()).prop_map(|(binding, enforced, answer)| Opinion {
        binding: Arc::from(binding),
        component: Digest::of(b""),
        mode: if enforced {
            Mode::Enforce
        } else {
            Mode::Observe
        },
        answer,
        fuel: 0,
    })
}

fn opinions() -> impl Strategy<Value = Vec<Opinion>> {
    prop::collection::vec(opinion(), 0..8)
}

fn deny(message: &str) -> Verdict {
    Verdict::Deny(Denial {
        refusal: Refusal::Forbidden,
        message: message.into(),
        scopes: vec![],
    })
}

fn ask() -> Verdict {
    Verdict::Ask(ApprovalRequest {
        title: String::new(),
        reason: String::new(),
        roles: vec![],
        quorum: 1,
        ttl_seconds: 60,
    })
}

fn enforced(answer: Result<Verdict, Fault>) -> Opinion {
    Opinion {
        binding: Arc::from("b"),
        component: Digest::of(b""),
        mode: Mode::Enforce,
        answer,
        fuel: 0,
    }
}

proptest! {
    #[test]
    fn adding_a_binding_never_turns_a_refusal_into_an_allow(
        mut opinions in opinions(), added in opinion(), place in any::<prop::sample::Index>()
    ) {
        let before = decide(&opinions);
        // `no_policy` is the absence of an allow, which an allow does end.
        let refused_by_someone = before.reason().is_some_and(|reason| reason != Reason::NoPolicy);
        opinions.insert(place.index(opinions.len() + 1), added);
        if refused_by_someone {
            prop_assert!(rank(&decide(&opinions)) <= rank(&before));
        }
    }

    #[test]
    fn a_fault_never_yields_an_allow(opinions in opinions()) {
        let faulted = opinions.iter().any(|opinion| opinion.mode == Mode::Enforce && opinion.answer.is_err());
        if faulted {
            prop_assert!(matches!(decide(&opinions), Decision::Deny(_)));
        }
    }

    #[test]
    fn an_observed_binding_never_changes_a_decision(opinions in opinions()) {
        let counted: Vec<_> = opinions.iter().filter(|opinion| opinion.mode == Mode::Enforce).cloned().collect();
        prop_assert_eq!(decide(&opinions), decide(&counted));
    }

    #[test]
    fn an_allow_needs_somebody_who_allows(opinions in opinions()) {
        if let Decision::Allow(_) = decide(&opinions) {
            let allowed = opinions.iter().any(|opinion| {
                opinion.mode == Mode::Enforce && matches!(opinion.answer, Ok(Verdict::Allow { .. }))
            });
            prop_assert!(allowed);
        }
    }

    #[test]
    fn the_order_of_bindings_never_changes_the_kind_of_decision(
        opinions in opinions().prop_shuffle(), seed in opinions().prop_shuffle()
    ) {
        let mut reversed = opinions.clone();
        reversed.reverse();
        prop_assert_eq!(rank(&decide(&opinions)), rank(&decide(&reversed)));
        drop(seed);
    }
}

#[test]
fn verdicts_combine() {
    let allow = || {
        Ok(Verdict::Allow {
            obligations: vec![],
        })
    };
    let case = |name: &str,
                answers: Vec<Result<Verdict, Fault>>,
                expected: &str,
                reason: Option<Reason>| {
        let opinions: Vec<_> = answers.into_iter().map(enforced).collect();
        let decision = decide(&opinions);
        assert_eq!(
            (decision.name(), decision.reason()),
            (expected, reason),
            "{name}"
        );
    };
    case("nobody", vec![], "deny", Some(Reason::NoPolicy));
    case(
        "only abstentions",
        vec![Ok(Verdict::Abstain)],
        "deny",
        Some(Reason::NoPolicy),
    );
    case(
        "one allow",
        vec![Ok(Verdict::Abstain), allow()],
        "allow",
        None,
    );
    case(
        "ask beats allow",
        vec![allow(), Ok(ask())],
        "hold",
        Some(Reason::ApprovalRequired),
    );
    case(
        "deny beats ask",
        vec![Ok(ask()), Ok(deny("no"))],
        "deny",
        Some(Reason::Forbidden),
    );
    case(
        "a fault denies",
        vec![allow(), Err(Fault::OutOfFuel)],
        "deny",
        Some(Reason::PolicyFault),
    );
}

#[test]
fn two_denies_keep_the_first_reason() {
    let decision = decide(&[enforced(Ok(deny("a"))), enforced(Ok(deny("b")))]);
    assert!(matches!(decision, Decision::Deny(denied) if denied.message == "a"));
}
