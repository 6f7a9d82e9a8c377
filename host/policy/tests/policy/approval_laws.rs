//! The laws of approvals, as properties: whatever people do, in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use gatewright_policy::approval::{
    Approver, Case, Choice, Demand, NotTaken, STATEMENT_VERSION, Signature, Signed, Stand,
    Statement, Step, Vote, Voter,
};
use gatewright_policy::{
    ActionDigest, Ask, Digest, HeldAsk, HeldCall, HeldName, Proof, Subject, Timestamp,
};
use proptest::prelude::*;

const PEOPLE: [&str; 6] = ["agent", "broker", "kim", "sam", "alex", "ren"];
const ROLES: [&str; 3] = ["finance", "owner", "legal"];
const DECIDE_BY: u64 = 60_000;

fn ask() -> impl Strategy<Value = Ask> {
    (
        prop::collection::vec(prop::sample::select(&ROLES[..]), 0..3),
        0..4_u8,
        any::<bool>(),
        prop::collection::vec(prop::sample::select(&PEOPLE[..]), 0..2),
        1..40_u32,
    )
        .prop_map(
            |(roles, quorum, exclude_requester, exclude, use_within)| Ask {
                title: "?".to_owned(),
                reason: String::new(),
                show: Vec::new(),
                roles: roles.into_iter().map(str::to_owned).collect(),
                quorum,
                exclude_requester,
                exclude: exclude.into_iter().map(str::to_owned).collect(),
                decide_within_seconds: 60,
                use_within_seconds: use_within,
            },
        )
}

fn call(asks: Vec<Ask>) -> HeldCall {
    HeldCall {
        id: "1".to_owned(),
        received_at: Timestamp(0),
        decide_by: Timestamp(DECIDE_BY),
        subject: Subject {
            id: "agent".to_owned(),
            issuer: "issuer".to_owned(),
            principal: Some("kim".to_owned()),
            owner: None,
            delegation: vec!["broker".to_owned()],
            delegated_by: Vec::new(),
            scopes: Vec::new(),
            proof: Proof::Bearer,
            expires_at: Timestamp(9),
            claims: Vec::new(),
        },
        session: "s".to_owned(),
        method: "tools/call".to_owned(),
        server: "pay".to_owned(),
        names: vec![HeldName {
            name: "transfer".to_owned(),
            action: ActionDigest(Digest::of(b"action")),
        }],
        called: Digest::of(b"called"),
        message: "{}".to_owned(),
        arguments_at: String::new(),
        masks: Vec::new(),
        asks: asks
            .into_iter()
            .map(|ask| HeldAsk {
                binding: "b".to_owned(),
                ask,
            })
            .collect(),
        asked_by: Vec::new(),
        allowed: true,
    }
}

fn vote(name: &str, roles: &[String], choice: Choice, at: u64) -> Step {
    let vote = Vote {
        signed: Signed {
            statement: Statement {
                actions: vec![ActionDigest(Digest::of(b"action"))],
                approver: name.to_owned(),
                at: Timestamp(at),
                choice,
                held: "1".to_owned(),
                reason: String::new(),
                shown: Digest::of(b"shown"),
                version: STATEMENT_VERSION,
            },
            signature: Signature::Ed25519 {
                key: String::new(),
                signature: String::new(),
            },
        },
        roles: roles.to_vec(),
        at: Timestamp(at),
    };
    Step::Vote {
        vote: Box::new(vote),
        person: name.to_owned(),
    }
}

/// The same, by a person who is called something else.
fn vote_of(person: &str, step: Step) -> Step {
    let Step::Vote { vote, .. } = step else {
        unreachable!("it is a vote");
    };
    Step::Vote {
        vote,
        person: person.to_owned(),
    }
}

#[derive(Clone, Debug)]
enum Act {
    Vote(&'static str, Vec<String>, Choice),
    Use,
    Void,
}

fn act() -> impl Strategy<Value = (Act, u64)> {
    let roles = prop::collection::vec(prop::sample::select(&ROLES[..]), 0..4);
    let choice = prop_oneof![5 => Just(Choice::Approve), 1 => Just(Choice::Reject)];
    let voting =
        (prop::sample::select(&PEOPLE[..]), roles, choice).prop_map(|(name, roles, choice)| {
            let roles: BTreeSet<_> = roles.into_iter().map(str::to_owned).collect();
            Act::Vote(name, roles.into_iter().collect(), choice)
        });
    let act = prop_oneof![6 => voting, 2 => Just(Act::Use), 1 => Just(Act::Void)];
    (act, 0..20_000_u64)
}

/// Votes that a question would count, by a definition of its own.
fn people_for(ask: &Ask, votes: &[Vote]) -> usize {
    let counts = |vote: &&Vote| {
        let name = &vote.signed.statement.approver;
        let has_role = ask.roles.is_empty() || ask.roles.iter().any(|it| vote.roles.contains(it));
        has_role
            && name != "agent"
            && name != "broker"
            && !(ask.exclude_requester && name == "kim")
            && !ask.exclude.contains(name)
    };
    let names = votes.iter().filter(counts);
    let names: BTreeSet<_> = names.map(|vote| &vote.signed.statement.approver).collect();
    names.len()
}

proptest! {
    #[test]
    fn nothing_is_used_that_was_not_granted_and_nothing_twice(
        asks in prop::collection::vec(ask(), 1..3),
        acts in prop::collection::vec(act(), 1..40),
    ) {
        let call = call(asks);
        let mut case = Case::new(&call);
        let (mut now, mut used, mut voided) = (0, 0, 0);
        let mut granted_at = None;
        for (act, passes) in acts {
            now += passes;
            let at = Timestamp(now);
            let before = case.stand(at);
            let step = match &act {
                Act::Vote(name, roles, choice) => vote(name, roles, *choice, now),
                Act::Use => Step::Use,
                Act::Void => Step::Void,
            };
            let Ok(next) = case.apply(step, at) else {
                continue;
            };
            match act {
                Act::Use => {
                    let is_granted = matches!(before, Stand::Granted { .. });
                    prop_assert!(is_granted, "used from {before:?}");
                    used += 1;
                }
                Act::Void => voided += 1,
                Act::Vote(name, ..) => {
                    prop_assert!(before == Stand::Requested && now < DECIDE_BY);
                    prop_assert!(name != "agent" && name != "broker");
                    let known = |vote: &Vote| vote.signed.statement.approver == name;
                    prop_assert!(!case.votes().iter().any(known), "{name} twice");
                }
            }
            if let Stand::Granted { at: granted, use_by } = next.stand(at)
                && granted_at.is_none()
            {
                granted_at = Some(granted);
                prop_assert_eq!(granted, at);
                let within = call.asks.iter().map(|it| it.ask.use_within_seconds).min().unwrap();
                prop_assert_eq!(use_by.0, now + u64::from(within) * 1000);
                for it in &call.asks {
                    let enough = usize::from(it.ask.quorum.max(1));
                    prop_assert!(people_for(&it.ask, next.votes()) >= enough);
                }
            }
            case = next;
        }
        prop_assert!(used + voided <= 1, "{used} times used, {voided} times void");
    }

    #[test]
    fn what_is_over_stays_over(
        asks in prop::collection::vec(ask(), 1..3),
        acts in prop::collection::vec(act(), 1..20),
        later in 0..1_000_000_u64,
    ) {
        let call = call(asks);
        let mut case = Case::new(&call);
        let mut now = 0;
        for (act, passes) in acts {
            now += passes;
            let step = match act {
                Act::Vote(name, roles, choice) => vote(name, &roles, choice, now),
                Act::Use => Step::Use,
                Act::Void => Step::Void,
            };
            if let Ok(next) = case.apply(step, Timestamp(now)) {
                case = next;
            }
        }
        let is_over = |stand| match stand {
            Stand::Requested | Stand::Granted { .. } => false,
            Stand::Rejected { .. } | Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. } => true,
        };
        if is_over(case.stand(Timestamp(now))) {
            let at = Timestamp(now + later);
            prop_assert!(is_over(case.stand(at)));
            prop_assert!(case.apply(Step::Use, at).is_err());
            let yes = vote("ren", &ROLES.map(str::to_owned), Choice::Approve, at.0);
            prop_assert!(case.apply(yes, at).is_err());
        }
    }

    /// Whatever people are called: what their votes come to when they are taken is what they
    /// come to at the use, as long as nothing else changed.
    #[test]
    fn a_vote_is_counted_at_its_use_as_when_it_was_taken(
        asks in prop::collection::vec(ask(), 1..4),
        votes in prop::collection::vec(
            (
                prop::sample::select(&PEOPLE[..]),
                prop::sample::select(&PEOPLE[..]),
                prop::collection::vec(prop::sample::select(&ROLES[..]), 0..4),
            ),
            1..8,
        ),
    ) {
        let call = call(asks);
        let mut case = Case::new(&call);
        let mut people: BTreeMap<&str, &str> = BTreeMap::new();
        for (now, (signed_as, person, roles)) in (1_u64..).zip(votes) {
            let roles: Vec<_> = roles.into_iter().map(str::to_owned).collect();
            let step = vote(signed_as, &roles, Choice::Approve, now);
            if let Ok(next) = case.apply(vote_of(person, step), Timestamp(now)) {
                people.insert(signed_as, person);
                case = next;
            }
            let known = |vote: &Vote| {
                let person = people.get(vote.signed.statement.approver.as_str());
                person.map(|person| Approver {
                    name: (*person).to_owned(),
                    roles: vote.roles.clone(),
                })
            };
            let is_granted = matches!(case.stand(Timestamp(now)), Stand::Granted { .. });
            prop_assert_eq!(is_granted, case.still_holds(known));
        }
    }

    /// What covers a question is met by nobody who does not meet the question too.
    #[test]
    fn a_demand_that_covers_another_is_met_by_fewer(
        one in ask(),
        other in ask(),
        people in prop::collection::vec((prop::sample::select(&PEOPLE[..]), prop::collection::vec(prop::sample::select(&ROLES[..]), 0..3)), 0..6),
    ) {
        let (one, other) = (call(vec![one]), call(vec![other]));
        let covers = Demand::of(&one).covers([("b", &other.asks[0].ask)]);
        let people: Vec<_> = people
            .into_iter()
            .map(|(name, roles)| Voter::from(Approver {
                name: name.to_owned(),
                roles: roles.into_iter().map(str::to_owned).collect(),
            }))
            .collect();
        let (of_one, of_other) = (Demand::of(&one), Demand::of(&other));
        if covers && of_one.is_met_by(&people) {
            prop_assert!(of_other.is_met_by(&people));
        }
        prop_assert!(!of_one.covers([("another binding", &other.asks[0].ask)]));
    }
}

fn plain(roles: &[&str], quorum: u8) -> Ask {
    Ask {
        title: "?".to_owned(),
        reason: String::new(),
        show: Vec::new(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        quorum,
        exclude_requester: true,
        exclude: vec!["sam".to_owned()],
        decide_within_seconds: 60,
        use_within_seconds: 10,
    }
}

#[test]
fn each_bad_decision_is_refused_for_its_reason() {
    let call = call(vec![plain(&["finance"], 2)]);
    let finance = ["finance".to_owned()];
    let yes = |name: &str, at: u64| vote(name, &finance, Choice::Approve, at);
    let case = Case::new(&call);
    let one = case.apply(yes("alex", 5), Timestamp(5)).unwrap();
    assert_eq!(one.stand(Timestamp(5)), Stand::Requested);
    let granted = one.apply(yes("ren", 6), Timestamp(6)).unwrap();
    let no = vote("ren", &finance, Choice::Reject, 6);
    let rejected = one.apply(no, Timestamp(6)).unwrap();
    let used = granted.apply(Step::Use, Timestamp(7)).unwrap();
    let other_call = |change: fn(&mut Statement)| {
        let Step::Vote { mut vote, person } = yes("ren", 6) else {
            unreachable!("it is a vote");
        };
        change(&mut vote.signed.statement);
        Step::Vote { vote, person }
    };
    let rows = [
        ("self", &case, yes("agent", 5), 5, NotTaken::OwnCall),
        ("a delegate", &case, yes("broker", 5), 5, NotTaken::OwnCall),
        ("whom it is for", &case, yes("kim", 5), 5, NotTaken::OwnCall),
        ("excluded", &case, yes("sam", 5), 5, NotTaken::Excluded),
        (
            "wrong role",
            &case,
            vote("ren", &["legal".to_owned()], Choice::Approve, 5),
            5,
            NotTaken::WrongRole,
        ),
        ("duplicate", &one, yes("alex", 6), 6, NotTaken::Duplicate),
        (
            "the same person by another name",
            &one,
            vote_of("alex", yes("al", 6)),
            6,
            NotTaken::Duplicate,
        ),
        (
            "excluded by the name of the person",
            &case,
            vote_of("sam", yes("sammy", 5)),
            5,
            NotTaken::Excluded,
        ),
        (
            "excluded by the name of the account",
            &case,
            vote_of("samantha", yes("sam", 5)),
            5,
            NotTaken::Excluded,
        ),
        (
            "self by another name",
            &case,
            vote_of("agent", yes("someone", 5)),
            5,
            NotTaken::OwnCall,
        ),
        (
            "late",
            &one,
            yes("ren", DECIDE_BY),
            DECIDE_BY,
            NotTaken::Late,
        ),
        ("out of order", &one, yes("ren", 4), 4, NotTaken::OutOfOrder),
        (
            "at another time",
            &one,
            yes("ren", 6),
            7,
            NotTaken::OutOfOrder,
        ),
        ("after a no", &rejected, yes("kim", 7), 7, NotTaken::Ended),
        (
            "after the grant",
            &granted,
            yes("kim", 7),
            7,
            NotTaken::Ended,
        ),
        ("use before the grant", &one, Step::Use, 6, NotTaken::Ended),
        ("use after a no", &rejected, Step::Use, 7, NotTaken::Ended),
        ("second use", &used, Step::Use, 8, NotTaken::Ended),
        ("late use", &granted, Step::Use, 6 + 10_000, NotTaken::Late),
        (
            "void of what was used",
            &used,
            Step::Void,
            8,
            NotTaken::Ended,
        ),
        (
            "another call",
            &one,
            other_call(|it| it.held.push('2')),
            6,
            NotTaken::WrongCall,
        ),
        (
            "another action",
            &one,
            other_call(|it| it.actions.clear()),
            6,
            NotTaken::WrongCall,
        ),
    ];
    for (what, case, step, at, why) in rows {
        assert_eq!(case.apply(step, Timestamp(at)).unwrap_err(), why, "{what}");
    }
    assert!(granted.apply(Step::Use, Timestamp(6 + 9_999)).is_ok());
}

#[test]
fn a_grant_holds_as_long_as_those_who_agreed_may_decide() {
    let call = call(vec![plain(&["finance"], 2)]);
    let roles = ["finance".to_owned(), "legal".to_owned()];
    let mut case = Case::new(&call);
    for (name, at) in [("alex", 5), ("ren", 6)] {
        let yes = vote(name, &roles, Choice::Approve, at);
        case = case.apply(yes, Timestamp(at)).unwrap();
    }
    let with = |roles: &'static [&'static str]| {
        move |vote: &Vote| {
            Some(Approver {
                name: vote.signed.statement.approver.clone(),
                roles: roles.iter().map(|&role| role.to_owned()).collect(),
            })
        }
    };
    assert!(case.still_holds(with(&["finance"])));
    assert!(!case.still_holds(with(&["legal"])));
    assert!(!case.still_holds(|vote| {
        let name = &vote.signed.statement.approver;
        (name != "ren").then(|| with(&["finance"])(vote)).flatten()
    }));
    // A role that somebody got since does not count for what was agreed to before.
    let mut later = Case::new(&call);
    for (name, at) in [("alex", 5), ("ren", 6)] {
        let Ok(next) = later.apply(vote(name, &roles[..1], Choice::Approve, at), Timestamp(at))
        else {
            panic!("{name}");
        };
        later = next;
    }
    assert!(!later.still_holds(with(&["legal"])));
}
