//! Who may go on, what changes it, and what cannot be said.

use std::sync::Arc;

use gatewright_policy::agent::{
    AgentKey, AgentState, Asker, CHANGED_MAX, Change, ChangeError, NAME_BYTES_MAX, Registration,
    Registry, Target, Turn, Unregistered, What,
};
use gatewright_policy::{Proof, Reason, Subject, Timestamp, Tokens};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000);

fn change(what: What) -> Change {
    Change {
        by: "ann".to_owned(),
        why: "a test".to_owned(),
        from_file: false,
        what,
    }
}

fn key(id: &str) -> AgentKey {
    AgentKey {
        id: id.to_owned(),
        issuer: "idp".to_owned(),
    }
}

fn registration(id: &str) -> Registration {
    Registration {
        id: id.to_owned(),
        issuer: "idp".to_owned(),
        owner: Some("team".to_owned()),
        purpose: String::new(),
        servers: None,
        state: AgentState::Active,
    }
}

fn turn(turn: Turn, target: Target) -> Change {
    change(What::Turn { turn, target })
}

fn suspend(id: &str) -> Change {
    turn(Turn::Suspend, Target::Agents(vec![key(id)]))
}

fn revoke(token: &str, below: bool) -> Change {
    change(What::Revoke {
        token: token.to_owned(),
        below,
        until: None,
    })
}

fn make(registry: &mut Registry, change: &Change) -> Result<usize, ChangeError> {
    let rows = registry.draft(change, NOW)?;
    let count = rows.len();
    rows.into_iter().for_each(|row| registry.set(row));
    Ok(count)
}

/// An agent with its chain, and the ids of its credentials.
fn asker(id: &str, above: &[&str], own: &[&str], parents: &[&str]) -> Asker {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Asker {
        subject: Arc::new(Subject {
            id: id.to_owned(),
            issuer: "idp".to_owned(),
            principal: None,
            owner: None,
            delegation: texts(above),
            delegated_by: Vec::new(),
            scopes: Vec::new(),
            proof: Proof::Bearer,
            expires_at: Timestamp(u64::MAX),
            claims: Vec::new(),
        }),
        tokens: Arc::new(Tokens {
            own: texts(own),
            parents: texts(parents),
        }),
        server: Arc::from("files"),
        unregistered: Unregistered::Refuse,
    }
}

fn reason(registry: &Registry, asker: &Asker) -> Option<Reason> {
    registry.admits(asker).err().map(|stopped| stopped.reason)
}

#[test]
fn each_stop_is_refused_with_its_own_reason() {
    let owner = || Target::Owner("team".to_owned());
    let issuer = || Target::Issuer("idp".to_owned());
    let agents = || Target::Agents(vec![key("bot")]);
    let elsewhere = Registration {
        servers: Some(vec!["mail".to_owned()]),
        ..registration("bot")
    };
    let rows: [(&str, Option<Change>, Option<Reason>); 11] = [
        ("nothing", None, None),
        ("agent", Some(suspend("bot")), Some(Reason::AgentSuspended)),
        ("another", Some(suspend("other")), None),
        (
            "owner",
            Some(turn(Turn::Suspend, owner())),
            Some(Reason::AgentSuspended),
        ),
        (
            "issuer",
            Some(turn(Turn::Suspend, issuer())),
            Some(Reason::AgentSuspended),
        ),
        (
            "for good",
            Some(turn(Turn::Decommission, agents())),
            Some(Reason::AgentDecommissioned),
        ),
        (
            "owner for good",
            Some(turn(Turn::Decommission, owner())),
            Some(Reason::AgentDecommissioned),
        ),
        (
            "credential",
            Some(revoke("jti-1", false)),
            Some(Reason::CredentialRevoked),
        ),
        ("another credential", Some(revoke("jti-2", false)), None),
        ("below it alone", Some(revoke("jti-1", true)), None),
        (
            "another server",
            Some(change(What::Import(vec![elsewhere]))),
            Some(Reason::ServerRefused),
        ),
    ];
    for (name, said, expected) in rows {
        let mut registry = Registry::default();
        let import = change(What::Import(vec![registration("bot")]));
        make(&mut registry, &import).unwrap();
        if let Some(said) = said {
            assert_eq!(make(&mut registry, &said), Ok(1), "{name}");
            assert_eq!(make(&mut registry, &said), Ok(0), "{name}, said again");
        }
        let bot = asker("bot", &[], &["jti-1", "blake3:00"], &[]);
        assert_eq!(reason(&registry, &bot), expected, "{name}");
    }
}

#[test]
fn who_nobody_registered_is_refused_where_the_operator_wants_it() {
    let mut registry = Registry::default();
    let bot = asker("bot", &[], &[], &[]);
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentUnknown));
    let let_in = Asker {
        unregistered: Unregistered::Allow,
        ..bot.clone()
    };
    assert_eq!(reason(&registry, &let_in), None);
    // A stop counts, registered or not.
    make(&mut registry, &suspend("bot")).unwrap();
    assert_eq!(reason(&registry, &let_in), Some(Reason::AgentSuspended));
    // Who goes on is as unknown as before.
    let resume = turn(Turn::Resume, Target::Agents(vec![key("bot")]));
    make(&mut registry, &resume).unwrap();
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentUnknown));
    assert_eq!(reason(&registry, &let_in), None);
    let mut registry = Registry::default();
    let issuer = Target::Issuer("idp".to_owned());
    make(&mut registry, &turn(Turn::Suspend, issuer)).unwrap();
    assert_eq!(reason(&registry, &let_in), Some(Reason::AgentSuspended));
}

#[test]
fn a_stranger_is_not_known_by_the_name_that_it_gives_to_its_delegate() {
    let mut registry = Registry::default();
    make(
        &mut registry,
        &change(What::Import(vec![registration("team/deployer")])),
    )
    .unwrap();
    let itself = asker("team/deployer", &[], &[], &[]);
    assert_eq!(reason(&registry, &itself), None);
    let of_a_stranger = asker("team/deployer", &["team"], &[], &[]);
    let refused = Some(Reason::AgentUnknown);
    assert_eq!(reason(&registry, &of_a_stranger), refused);
    make(
        &mut registry,
        &change(What::Import(vec![registration("team")])),
    )
    .unwrap();
    assert_eq!(reason(&registry, &of_a_stranger), None);
}

#[test]
fn the_same_id_of_another_issuer_is_another_agent() {
    let mut registry = Registry::default();
    let other = AgentKey {
        issuer: "elsewhere".to_owned(),
        ..key("bot")
    };
    let stop = turn(Turn::Suspend, Target::Agents(vec![other]));
    make(&mut registry, &stop).unwrap();
    let bot = Asker {
        unregistered: Unregistered::Allow,
        ..asker("bot", &[], &[], &[])
    };
    assert_eq!(reason(&registry, &bot), None);
}

#[test]
fn what_an_agent_hands_on_stands_and_falls_with_it() {
    let mut registry = Registry::default();
    let root = Registration {
        servers: Some(vec!["files".to_owned()]),
        ..registration("root")
    };
    let import = change(What::Import(vec![root, registration("middle")]));
    make(&mut registry, &import).unwrap();
    let helper = asker("helper", &["root", "middle"], &["leaf"], &["mid", "top"]);
    assert_eq!(
        reason(&registry, &helper),
        None,
        "it stands under the first"
    );
    let at_mail = Asker {
        server: Arc::from("mail"),
        ..helper.clone()
    };
    assert_eq!(reason(&registry, &at_mail), Some(Reason::ServerRefused));
    let elsewhere = Registration {
        servers: Some(vec!["mail".to_owned()]),
        ..registration("middle")
    };
    for (said, expected) in [
        (
            change(What::Import(vec![elsewhere])),
            Some(Reason::ServerRefused),
        ),
        (suspend("root"), Some(Reason::AgentSuspended)),
        (suspend("middle"), Some(Reason::AgentSuspended)),
        (suspend("helper"), Some(Reason::AgentSuspended)),
        (revoke("top", false), Some(Reason::CredentialRevoked)),
        (revoke("top", true), Some(Reason::CredentialRevoked)),
        (revoke("mid", true), Some(Reason::CredentialRevoked)),
        (revoke("leaf", false), Some(Reason::CredentialRevoked)),
        (revoke("leaf", true), None),
    ] {
        let mut registry = registry.clone();
        make(&mut registry, &said).unwrap();
        assert_eq!(reason(&registry, &helper), expected, "{said:?}");
    }
    // Who is above nobody is refused where nobody registered it.
    let alone = asker("helper", &["stranger"], &[], &[]);
    assert_eq!(reason(&registry, &alone), Some(Reason::AgentUnknown));
}

#[test]
fn what_cannot_be_said_is_refused() {
    let long = "x".repeat(NAME_BYTES_MAX + 1);
    let many = vec![key("bot"); CHANGED_MAX + 1];
    let resume = |target| turn(Turn::Resume, target);
    let rows: [(&str, Change); 11] = [
        (
            "no operator",
            Change {
                by: " ".to_owned(),
                ..suspend("bot")
            },
        ),
        (
            "no reason",
            Change {
                why: String::new(),
                ..suspend("bot")
            },
        ),
        (
            "a reason of two lines",
            Change {
                why: "a\nb".to_owned(),
                ..suspend("bot")
            },
        ),
        (
            "an operator that paints",
            Change {
                by: "\u{1b}[2J".to_owned(),
                ..suspend("bot")
            },
        ),
        ("no agent", turn(Turn::Suspend, Target::Agents(Vec::new()))),
        ("a long agent", suspend(&long)),
        ("too many agents", turn(Turn::Suspend, Target::Agents(many))),
        (
            "who was not stopped",
            resume(Target::Agents(vec![key("nobody")])),
        ),
        (
            "an owner that nobody has",
            resume(Target::Owner("nobody".to_owned())),
        ),
        ("a long credential", revoke(&long, false)),
        (
            "no owner",
            turn(Turn::Suspend, Target::Owner(String::new())),
        ),
    ];
    for (name, said) in rows {
        assert!(make(&mut Registry::default(), &said).is_err(), "{name}");
    }
}

#[test]
fn what_was_decommissioned_stays_so() {
    let mut registry = Registry::default();
    let target = || Target::Agents(vec![key("bot")]);
    make(&mut registry, &turn(Turn::Decommission, target())).unwrap();
    for other in [Turn::Resume, Turn::Suspend] {
        let said = turn(other, target());
        assert!(matches!(
            make(&mut registry, &said),
            Err(ChangeError::Final { .. })
        ));
        // Nor does a record that says so bring it back.
        registry.redo(&said, NOW);
    }
    make(
        &mut registry,
        &change(What::Import(vec![registration("bot")])),
    )
    .unwrap();
    let bot = asker("bot", &[], &[], &[]);
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentDecommissioned));
}

#[test]
fn a_file_lets_go_on_what_it_stopped_and_nothing_else() {
    let said = |from_file, state| Change {
        from_file,
        ..change(What::Import(vec![Registration {
            state,
            ..registration("bot")
        }]))
    };
    let bot = asker("bot", &[], &[], &[]);
    let mut registry = Registry::default();
    make(&mut registry, &said(true, AgentState::Suspended)).unwrap();
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentSuspended));
    // An import by an operator resumes nobody.
    make(&mut registry, &said(false, AgentState::Active)).unwrap();
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentSuspended));
    make(&mut registry, &said(true, AgentState::Active)).unwrap();
    assert_eq!(reason(&registry, &bot), None);
    // What an operator stopped is not the file's to let go on.
    make(&mut registry, &suspend("bot")).unwrap();
    make(&mut registry, &said(true, AgentState::Active)).unwrap();
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentSuspended));
    // Stopped by the file, and then by an operator too: the operator's counts.
    let mut registry = Registry::default();
    make(&mut registry, &said(true, AgentState::Suspended)).unwrap();
    assert_eq!(make(&mut registry, &suspend("bot")), Ok(1));
    make(&mut registry, &said(true, AgentState::Active)).unwrap();
    assert_eq!(reason(&registry, &bot), Some(Reason::AgentSuspended));
}

#[test]
fn a_revocation_is_forgotten_when_nothing_of_it_can_live() {
    let until = |until| {
        change(What::Revoke {
            token: "jti".to_owned(),
            below: false,
            until,
        })
    };
    let bot = Asker {
        unregistered: Unregistered::Allow,
        ..asker("bot", &[], &["jti"], &[])
    };
    let mut registry = Registry::default();
    make(&mut registry, &until(Some(Timestamp(2_000)))).unwrap();
    registry.forget_ended(Timestamp(1_999));
    assert_eq!(reason(&registry, &bot), Some(Reason::CredentialRevoked));
    assert_eq!(registry.rows(Timestamp(1_999)).len(), 1);
    assert_eq!(registry.rows(Timestamp(2_000)).len(), 0);
    // Revoked for ever, it stays so whatever is said later.
    make(&mut registry, &until(None)).unwrap();
    assert_eq!(make(&mut registry, &until(Some(Timestamp(3_000)))), Ok(0));
    registry.forget_ended(Timestamp(u64::MAX));
    assert_eq!(reason(&registry, &bot), Some(Reason::CredentialRevoked));
}

fn any_change() -> impl Strategy<Value = Change> {
    let name = || prop_oneof![Just("a"), Just("b"), Just("c")];
    let any_turn = prop_oneof![
        Just(Turn::Suspend),
        Just(Turn::Resume),
        Just(Turn::Decommission)
    ];
    let target = prop_oneof![
        name().prop_map(|id| Target::Agents(vec![key(id)])),
        Just(Target::Owner("team".to_owned())),
        Just(Target::Issuer("idp".to_owned())),
    ];
    let state = prop_oneof![Just(AgentState::Active), Just(AgentState::Suspended)];
    let what = prop_oneof![
        (any_turn, target).prop_map(|(turn, target)| What::Turn { turn, target }),
        (name(), state).prop_map(|(id, state)| What::Import(vec![Registration {
            state,
            ..registration(id)
        }])),
        (name(), any::<bool>()).prop_map(|(token, below)| What::Revoke {
            token: token.to_owned(),
            below,
            until: None
        }),
    ];
    (what, any::<bool>()).prop_map(|(what, from_file)| Change {
        from_file,
        ..change(what)
    })
}

proptest! {
    /// What is recorded says all of it: read back, or carried over as rows, it is the
    /// same registry.
    #[test]
    fn a_record_makes_the_same_registry(changes in proptest::collection::vec(any_change(), 0..40)) {
        let (mut live, mut redone) = (Registry::default(), Registry::default());
        for (change, at) in changes.iter().zip(0..) {
            let Ok(rows) = live.draft(change, Timestamp(at)) else { continue };
            let text = serde_json::to_string(change).unwrap();
            rows.into_iter().for_each(|row| live.set(row));
            redone.redo(&serde_json::from_str(&text).unwrap(), Timestamp(at));
        }
        let mut carried = Registry::default();
        for row in live.rows(Timestamp(0)) {
            let text = serde_json::to_string(&row).unwrap();
            carried.set(serde_json::from_str(&text).unwrap());
        }
        let sorted = |registry: &Registry| {
            let mut rows = registry.rows(Timestamp(0));
            rows.sort_by_key(|row| (row.kind(), row.name()));
            rows
        };
        prop_assert_eq!(sorted(&live), sorted(&redone));
        prop_assert_eq!(sorted(&live), sorted(&carried));
        prop_assert_eq!(live.len(), carried.len());
    }

    /// What tightens never lets anybody go on.
    #[test]
    fn what_tightens_lets_nobody_go_on(
        changes in proptest::collection::vec(any_change(), 0..20),
        last in any_change(),
    ) {
        let mut registry = Registry::default();
        for change in &changes {
            let _refused = make(&mut registry, change);
        }
        let askers: Vec<_> = ["a", "b", "c"].iter().map(|id| asker(id, &[], &[*id], &["a"])).collect();
        let before: Vec<_> = askers.iter().map(|asker| registry.admits(asker).is_ok()).collect();
        if last.tightens() && make(&mut registry, &last).is_ok() {
            for (asker, before) in askers.iter().zip(before) {
                // A stop registers, and what is registered and not stopped may go on: only
                // of those that were unknown before nothing is said.
                prop_assert!(before || registry.admits(asker).is_err());
            }
        }
    }
}
