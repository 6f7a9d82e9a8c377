//! The laws of combining verdicts, as properties.

use std::sync::Arc;

use gatewright_policy::{
    Ask, Authority, Decision, Denial, Digest, Fault, Mode, Obligation, Opinion, Power, Reason,
    Refusal, Tally, Verdict, Vote,
};
use proptest::prelude::*;

fn decide(votes: &[Vote]) -> Decision {
    let mut tally = Tally::default();
    for vote in votes {
        tally.push(vote);
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

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Abstain),
        Just(Verdict::Allow),
        "[a-z]{1,4}".prop_map(|message| deny(&message)),
        Just(ask()),
    ]
}

fn answer() -> impl Strategy<Value = Result<Opinion, Fault>> {
    let obligations = prop::collection::vec((1..99_u64).prop_map(Obligation::LimitResult), 0..3);
    let opinion = (verdict(), obligations).prop_map(|(verdict, obligations)| {
        Ok(Opinion {
            obligations,
            ..verdict.into()
        })
    });
    prop_oneof![
        6 => opinion,
        1 => Just(Err(Fault::OutOfFuel)),
        1 => Just(Err(Fault::TimedOut)),
    ]
}

fn vote() -> impl Strategy<Value = Vote> {
    let flags = (any::<bool>(), any::<bool>());
    ("[a-z]{1,6}", flags, answer()).prop_map(|(binding, (enforced, may_allow), answer)| Vote {
        binding: Arc::from(binding),
        component: Digest::of(b""),
        mode: if enforced {
            Mode::Enforce
        } else {
            Mode::Observe
        },
        may_allow,
        answer,
        fuel: 0,
    })
}

fn votes() -> impl Strategy<Value = Vec<Vote>> {
    prop::collection::vec(vote(), 0..8)
}

fn enforced_verdicts(votes: &[Vote]) -> Vec<&Verdict> {
    let enforced = votes.iter().filter(|vote| vote.mode == Mode::Enforce);
    let opinions = enforced.filter_map(|vote| vote.answer.as_ref().ok());
    opinions.map(|opinion| &opinion.verdict).collect()
}

fn deny(message: &str) -> Verdict {
    Verdict::Deny(Denial {
        refusal: Refusal::Forbidden,
        message: message.into(),
        scopes: vec![],
    })
}

fn ask() -> Verdict {
    Verdict::Ask(Ask {
        title: String::new(),
        reason: String::new(),
        show: vec![],
        roles: vec![],
        quorum: 1,
        exclude_requester: false,
        exclude: vec![],
        decide_within_seconds: 60,
        use_within_seconds: 60,
    })
}

fn enforced(answer: Result<Verdict, Fault>) -> Vote {
    Vote {
        binding: Arc::from("b"),
        component: Digest::of(b""),
        mode: Mode::Enforce,
        may_allow: false,
        answer: answer.map(Opinion::from),
        fuel: 0,
    }
}

proptest! {
    #[test]
    fn adding_a_binding_never_turns_a_refusal_into_an_allow(
        mut votes in votes(), added in vote(), place in any::<prop::sample::Index>()
    ) {
        let before = decide(&votes);
        // `no_policy` is the absence of an allow, which an allow does end.
        let refused_by_someone = before.reason().is_some_and(|reason| reason != Reason::NoPolicy);
        votes.insert(place.index(votes.len() + 1), added);
        if refused_by_someone {
            prop_assert!(rank(&decide(&votes)) <= rank(&before));
        }
    }

    #[test]
    fn a_fault_never_yields_an_allow(votes in votes()) {
        let faulted = votes.iter().any(|vote| vote.mode == Mode::Enforce && vote.answer.is_err());
        if faulted {
            prop_assert!(matches!(decide(&votes), Decision::Deny(_)));
        }
    }

    #[test]
    fn an_observed_binding_never_changes_a_decision(votes in votes()) {
        let counted: Vec<_> = votes.iter().filter(|vote| vote.mode == Mode::Enforce).cloned().collect();
        prop_assert_eq!(decide(&votes), decide(&counted));
    }

    #[test]
    fn an_allow_needs_somebody_who_allows(votes in votes()) {
        if let Decision::Allow(_) = decide(&votes) {
            prop_assert!(enforced_verdicts(&votes).contains(&&Verdict::Allow));
        }
    }

    #[test]
    fn people_who_agree_are_no_allow_unless_a_policy_or_its_binding_is_one(votes in votes()) {
        if let Decision::Hold(held) = decide(&votes) {
            let allowed = held.allowed;
            let asks_and_may_allow = votes.iter().any(|vote| {
                let asks = vote.answer.as_ref().is_ok_and(|it| matches!(it.verdict, Verdict::Ask(_)));
                vote.mode == Mode::Enforce && vote.may_allow && asks
            });
            let allows = enforced_verdicts(&votes).contains(&&Verdict::Allow);
            prop_assert_eq!(allowed, allows || asks_and_may_allow);
            prop_assert_eq!(matches!(held.approved(), Decision::Allow(_)), allowed);
        }
    }

    #[test]
    fn what_is_owed_never_depends_on_who_allows(votes in votes()) {
        let owed: Vec<_> = votes
            .iter()
            .filter(|vote| vote.mode == Mode::Enforce)
            .filter_map(|vote| vote.answer.as_ref().ok())
            .flat_map(|opinion| opinion.obligations.clone())
            .collect();
        let allowance = match decide(&votes) {
            Decision::Allow(allowance) => allowance,
            Decision::Hold(held) => held.allowance,
            Decision::Deny(_) => return Ok(()),
        };
        let due: Vec<_> = allowance.obligations.into_iter().map(|(_, due)| due).collect();
        prop_assert_eq!(due, owed);
    }

    #[test]
    fn obligations_decide_nothing(votes in votes()) {
        let mut bare = votes.clone();
        for vote in &mut bare {
            if let Ok(opinion) = &mut vote.answer {
                opinion.obligations.clear();
            }
        }
        prop_assert_eq!(rank(&decide(&votes)), rank(&decide(&bare)));
    }

    #[test]
    fn the_order_of_bindings_never_changes_the_kind_of_decision(votes in votes()) {
        let mut reversed = votes.clone();
        reversed.reverse();
        prop_assert_eq!(rank(&decide(&votes)), rank(&decide(&reversed)));
    }

    #[test]
    fn each_obligation_needs_its_own_power_and_no_other(verdict in verdict(), powers in prop::collection::vec(0..Power::ALL.len(), 0..6)) {
        let authority: Authority = powers.iter().map(|power| Power::ALL[*power]).collect();
        let opinion = Opinion {
            obligations: vec![Obligation::Label(vec![]), Obligation::LimitResult(1)],
            ..verdict.into()
        };
        let own = match &opinion.verdict {
            Verdict::Abstain => None,
            Verdict::Allow => Some(Power::Allow),
            Verdict::Deny(_) => Some(Power::Deny),
            Verdict::Ask(_) => Some(Power::Ask),
        };
        let needs = own.into_iter().chain([Power::Label, Power::LimitResult]);
        let lacking = needs.into_iter().find(|power| !authority.grants(*power));
        prop_assert_eq!(authority.lacking_for_opinion(&opinion), lacking);
    }
}

#[test]
fn verdicts_combine() {
    let allow = || Ok(Verdict::Allow);
    let case = |name: &str,
                answers: Vec<Result<Verdict, Fault>>,
                expected: &str,
                reason: Option<Reason>| {
        let votes: Vec<_> = answers.into_iter().map(enforced).collect();
        let decision = decide(&votes);
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
