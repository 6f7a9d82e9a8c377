//! Packs: what is wanted comes into force as a whole or not at all.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use gatewright_engine::reload::Reloader;
use gatewright_engine::{Engine, Ruling};
use gatewright_pack::{
    Age, Ask, Candidate, CandidateMode, PackDraft, PolicyDraft, Store, WantedPack, sign, verify,
};
use gatewright_policy::credential::did_key;
use gatewright_policy::record::Event;
use gatewright_policy::{Authority, Digest, Flip, Power, Share, Timestamp};
use serde_json::{Value, json};

use crate::gate::{ALLOW, DENY, Gate, binding, judge};
use crate::reloads::until;

const NAME: &str = "acme/guards";

/// Somebody else's.
const OTHER_KEY: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

/// The publisher of these tests.
fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn config(more: &str) -> String {
    let key = did_key(&key().verifying_key());
    format!(
        "[[publisher]]\nname = \"acme\"\nkeys = [\"{key}\"]\npacks = [\"acme/*\"]\n\
         authority = [\"allow\", \"deny\"]\n[[pack]]\nname = \"{NAME}\"\n\
         [[binding]]\nname = \"a\"\npack = \"{NAME}\"\npolicy = \"rule\"\n{more}\n"
    )
}

/// A pack with one policy `rule`.
struct Draft {
    name: &'static str,
    version: u64,
    component: Vec<u8>,
    authority: Vec<Power>,
    cases: Option<Value>,
    expires: Option<&'static str>,
}

fn draft(version: u64, verdict: &str) -> Draft {
    Draft {
        name: NAME,
        version,
        component: judge(verdict),
        authority: vec![Power::Allow, Power::Deny],
        cases: None,
        expires: None,
    }
}

fn store(gate: &Gate) -> Store {
    Store::open(gate.folder.path().join("state/packs")).unwrap()
}

impl Draft {
    /// Signed, verified with the trust of the gate's configuration, and stored.
    fn import(self, gate: &Gate) -> Digest {
        let draft = PackDraft {
            name: self.name.parse().unwrap(),
            revision: format!("1.{}", self.version),
            version: self.version,
            expires: self.expires.and_then(Timestamp::parse),
            description: None,
            policies: vec![PolicyDraft {
                name: "rule".to_owned(),
                description: String::new(),
                component: self.component,
                authority: self.authority.into_iter().collect::<Authority>(),
                settings_schema: None,
                settings: None,
                cases: self.cases,
                fuel_max: None,
            }],
        };
        let layout = sign(&draft.build().unwrap(), &key()).unwrap();
        let trust = gate.loaded().pack_trust();
        let pack = verify(layout, &trust, Age::Any, Timestamp(1)).unwrap();
        store(gate).import(&pack, Timestamp(1)).unwrap().pack
    }
}

fn plain(pack: Digest) -> WantedPack {
    WantedPack {
        pack,
        granted: Vec::new(),
        older: false,
        candidate: None,
    }
}

fn want(gate: &Gate, wanted: WantedPack) -> u64 {
    let store = store(gate);
    let revision = store.wanted().unwrap().revision;
    let set = BTreeMap::from([(NAME.parse().unwrap(), wanted)]);
    store
        .change(revision, set, "alice", Timestamp(1))
        .unwrap()
        .revision
}

async fn started(gate: &mut Gate, pack: Draft) -> Digest {
    let pack = pack.import(gate);
    want(gate, plain(pack));
    gate.start().await;
    pack
}

async fn is_allowed(gate: &Gate) -> bool {
    matches!(gate.tool("1", "{}").await, Ruling::Permitted(_))
}

async fn activate(gate: &Gate) -> Result<u64, String> {
    let activated = gate.engine().activate(&gate.loaded()).await;
    activated.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_policy_of_a_pack_judges_and_the_ledger_says_whose_it_is() {
    let mut gate = Gate::new(&config(""), &[]);
    let pack = started(&mut gate, draft(1, ALLOW)).await;
    assert!(is_allowed(&gate).await);
    let entries = gate.entries();
    let Event::Activated { packs, wanted, .. } = &entries[1].event else {
        panic!("{entries:?}");
    };
    assert_eq!((packs[0].pack, packs[0].version), (pack, 1));
    assert_eq!(packs[0].publisher, "acme");
    assert_eq!(packs[0].signers, [did_key(&key().verifying_key())]);
    assert_eq!(*wanted, Some((1, "alice".to_owned())));
    let status = gate.engine().status().packs.unwrap();
    assert_eq!(
        (status.wanted, status.active, status.last_good),
        (1, Some(1), Some(1))
    );
    assert_eq!(status.set[0].active.as_ref().unwrap().pack, pack);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_comes_into_force_while_calls_flow_and_goes_back() {
    let mut gate = Gate::new(&config(""), &[]);
    let first = started(&mut gate, draft(1, ALLOW)).await;
    let _reloader = Reloader::start(gate.engine().clone(), gate.config_path()).unwrap();
    let second = draft(2, DENY).import(&gate);
    want(&gate, plain(second));
    until("denied", async || !is_allowed(&gate).await).await;
    want(&gate, plain(first));
    until("allowed", async || is_allowed(&gate).await).await;
    assert_eq!(gate.engine().status().generation, 3);
    let good = || store(&gate).good().unwrap().unwrap().revision;
    until("written down", async || good() == 3).await;
}

#[tokio::test]
async fn what_may_not_be_changes_nothing_and_status_says_why() {
    let mut gate = Gate::new(&config(""), &[]);
    let first = started(&mut gate, draft(1, ALLOW)).await;
    let other = SigningKey::from_bytes(&[8; 32]);
    let second = draft(2, DENY).import(&gate);
    want(&gate, plain(second));
    // The publisher's key was replaced: what it signed counts no more.
    let distrusting = config("").replace(
        &did_key(&key().verifying_key()),
        &did_key(&other.verifying_key()),
    );
    gate.configure(&distrusting);
    let error = activate(&gate).await.unwrap_err();
    assert!(error.contains("by no key of publisher `acme`"), "{error}");
    assert!(error.contains("gatewright.toml:10"), "{error}");
    assert!(is_allowed(&gate).await);
    let status = gate.engine().status();
    assert_eq!(status.generation, 1);
    assert_eq!(status.reload_error.unwrap().error, error);
    let packs = status.packs.unwrap();
    assert_eq!(
        (packs.wanted, packs.active, packs.last_good),
        (2, Some(1), Some(1))
    );
    assert_eq!(packs.set[0].wanted, Some(second));
    assert_eq!(packs.set[0].active.as_ref().unwrap().pack, first);
    gate.configure(&config(""));
    assert_eq!(activate(&gate).await, Ok(2));
    assert!(!is_allowed(&gate).await);
    assert!(gate.engine().status().reload_error.is_none());
}

#[tokio::test]
async fn a_version_that_asks_for_more_waits_for_a_grant() {
    let mut gate = Gate::new(&config(""), &[]);
    let deny_only = Draft {
        authority: vec![Power::Deny],
        ..draft(1, DENY)
    };
    started(&mut gate, deny_only).await;
    let second = draft(2, ALLOW).import(&gate);
    want(&gate, plain(second));
    let error = activate(&gate).await.unwrap_err();
    assert!(
        error.contains("asks for more than 1.1: rule asks for allow"),
        "{error}"
    );
    assert!(error.contains("--grant"), "{error}");
    assert!(!is_allowed(&gate).await);
    let granted = vec![Ask::Power {
        policy: "rule".to_owned(),
        power: Power::Allow,
    }];
    want(
        &gate,
        WantedPack {
            granted,
            ..plain(second)
        },
    );
    assert_eq!(activate(&gate).await, Ok(2));
    assert!(is_allowed(&gate).await);
    let activated = gate
        .entries()
        .into_iter()
        .rev()
        .find_map(|entry| match entry.event {
            Event::Activated { packs, .. } => Some(packs),
            _ => None,
        });
    assert_eq!(activated.unwrap()[0].granted, ["rule asks for allow"]);
}

#[tokio::test]
async fn a_policy_that_does_not_hold_its_own_cases_is_refused() {
    let case =
        |verdict: &str| json!({ "case": [{ "name": "any", "expect": { "verdict": verdict } }] });
    let mut gate = Gate::new(&config(""), &[]);
    let good = Draft {
        cases: Some(case("allow")),
        ..draft(1, ALLOW)
    };
    started(&mut gate, good).await;
    let bad = Draft {
        cases: Some(case("allow")),
        ..draft(2, DENY)
    };
    let bad = bad.import(&gate);
    want(&gate, plain(bad));
    let error = activate(&gate).await.unwrap_err();
    assert!(
        error.contains("its own case `any` got another answer"),
        "{error}"
    );
    assert!(is_allowed(&gate).await);
}

#[tokio::test]
async fn a_candidate_counts_for_its_share_and_is_compared() {
    let mut gate = Gate::new(&config(""), &[]);
    let first = started(&mut gate, draft(1, ALLOW)).await;
    let second = draft(2, DENY).import(&gate);
    for (mode, share) in [
        (CandidateMode::Observe, Share::NONE),
        (
            CandidateMode::Canary("40%".parse().unwrap()),
            "40%".parse().unwrap(),
        ),
    ] {
        let candidate = Candidate {
            pack: second,
            mode,
            granted: Vec::new(),
            older: false,
        };
        want(
            &gate,
            WantedPack {
                candidate: Some(candidate),
                ..plain(first)
            },
        );
        activate(&gate).await.unwrap();
        let before = gate.decisions().len();
        for number in 0..40 {
            let _recorded = crate::rollouts::ask_as(&gate, &format!("agent-{number}")).await;
        }
        for decided in &gate.decisions()[before..] {
            let agent = &decided.caller.as_ref().unwrap().agent;
            let expected = match share.includes(agent) {
                true => "deny",
                false => "allow",
            };
            assert_eq!(decided.decision.as_str(), expected, "{mode} {agent}");
            let flip = Flip {
                stable: "allow".to_owned(),
                candidate: "deny".to_owned(),
            };
            assert_eq!(decided.flip, Some(flip));
            assert_eq!(decided.opinions.len(), 2);
        }
    }
}

#[tokio::test]
async fn after_a_restart_the_last_good_set_is_in_force_when_the_wanted_one_may_not_be() {
    let mut gate = Gate::new(&config(""), &[]);
    started(&mut gate, draft(1, ALLOW)).await;
    let second = draft(2, DENY).import(&gate);
    want(&gate, plain(second));
    let blobs = gate.folder.path().join("state/packs/blobs/sha256");
    let stored = store(&gate).find(second).unwrap().unwrap();
    std::fs::write(blobs.join(stored.image.hex()), b"rotten").unwrap();
    gate.stop();
    gate.start().await;
    assert!(is_allowed(&gate).await);
    let status = gate.engine().status();
    let packs = status.packs.unwrap();
    assert_eq!(
        (packs.wanted, packs.active, packs.last_good),
        (2, Some(1), Some(1))
    );
    assert!(status.reload_error.is_some());
}

#[tokio::test]
async fn another_version_with_the_same_components_is_another_activation() {
    let mut gate = Gate::new(&config(""), &[]);
    started(&mut gate, draft(1, ALLOW)).await;
    let second = draft(2, ALLOW).import(&gate);
    let mut older = plain(second);
    older.older = true;
    want(&gate, older);
    assert_eq!(activate(&gate).await, Ok(2));
    let packs = gate.engine().status().packs.unwrap();
    assert_eq!(packs.set[0].active.as_ref().unwrap().pack, second);
    let entries = gate.entries();
    let last = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::Activated { packs, .. } => packs.first(),
        _ => None,
    });
    assert!(last.unwrap().allowed_older, "{last:?}");
}

#[tokio::test]
async fn what_no_binding_uses_was_never_good() {
    let mut gate = Gate::new(&config(""), &[]);
    let mut other = draft(1, ALLOW);
    other.name = "acme/other";
    let (used, unused) = (draft(1, ALLOW).import(&gate), other.import(&gate));
    let set = [(NAME, used), ("acme/other", unused)];
    let set = set.map(|(name, pack)| (name.parse().unwrap(), plain(pack)));
    store(&gate)
        .change(0, BTreeMap::from(set), "alice", Timestamp(1))
        .unwrap();
    gate.start().await;
    let good = store(&gate).good().unwrap().unwrap().set;
    let names: Vec<_> = good.keys().map(ToString::to_string).collect();
    assert_eq!(names, [NAME]);
}

#[tokio::test]
async fn what_expired_in_force_comes_up_again_and_status_says_so() {
    let mut gate = Gate::new(&config(""), &[]);
    let mut expired = draft(1, ALLOW);
    expired.expires = Some("2020-01-01T00:00:00Z");
    let pack = expired.import(&gate);
    want(&gate, plain(pack));
    // It never was in force: it does not get there now.
    let error = Engine::start(&gate.loaded()).await.err().unwrap();
    let error = error.to_string();
    assert!(error.contains("expired at 2020-01-01"), "{error}");
    let store = store(&gate);
    store.set_good(&store.wanted().unwrap()).unwrap();
    gate.start().await;
    assert!(is_allowed(&gate).await);
    let packs = gate.engine().status().packs.unwrap();
    assert!(packs.set[0].expired);
    assert_eq!(packs.set[0].active.as_ref().unwrap().pack, pack);
    // Trust taken away ends it.
    gate.stop();
    let config = config("").replace(&did_key(&key().verifying_key()), OTHER_KEY);
    gate.configure(&config);
    let error = Engine::start(&gate.loaded()).await.err().unwrap();
    let error = error.to_string();
    assert!(error.contains("by no key of publisher `acme`"), "{error}");
}

#[tokio::test]
async fn without_a_wanted_set_nothing_starts() {
    let gate = Gate::new(&config(""), &[]);
    let error = Engine::start(&gate.loaded())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("no version of `acme/guards` is wanted"),
        "{error}"
    );
}

#[tokio::test]
async fn a_binding_grants_no_more_than_the_publisher_is_trusted_with() {
    let gate = Gate::new(&config("authority = [\"deny\", \"ask\"]"), &[]);
    let pack = draft(1, ALLOW).import(&gate);
    want(&gate, plain(pack));
    let error = Engine::start(&gate.loaded())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("grants `ask`, and publisher `acme`"),
        "{error}"
    );
    // A pack's answer beyond what the binding grants is a fault, which denies.
    let mut gate = Gate::new(&config("authority = [\"deny\"]"), &[]);
    started(&mut gate, draft(1, ALLOW)).await;
    assert!(!is_allowed(&gate).await);
    assert!(gate.decisions()[0].opinions[0].fault.is_some());
}

#[tokio::test]
async fn a_binding_that_names_no_pack_or_no_policy_of_it_says_what_there_is() {
    let wrong = config("").replace("policy = \"rule\"", "policy = \"rules\"");
    let gate = Gate::new(&wrong, &[]);
    let pack = draft(1, ALLOW).import(&gate);
    want(&gate, plain(pack));
    let error = Engine::start(&gate.loaded())
        .await
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("has no policy `rules`") && error.contains("it has: rule"),
        "{error}"
    );
    let stray = config("") + &binding("b", "pack = \"acme/other\"");
    let gate = Gate::new(&stray, &[]);
    let error = gatewright_engine::config::Loaded::read(&gate.config_path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("there is no [[pack]] `acme/other`"),
        "{error}"
    );
}
