//! People who may operate stop agents and go back to earlier packs; others look.

use std::sync::Mutex;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_engine::agents::{Listed, Listing, Selection};
use gatewright_engine::keyring::IssuerKeysStatus;
use gatewright_engine::status::{FollowStatus, PackStatus, PacksStatus};
use gatewright_policy::agent::{AgentKey, AgentState, Turn};
use gatewright_policy::{Digest, Timestamp};
use hyper::StatusCode;

use super::Bench;
use super::browser::Browser;
use crate::accounts::Right;
use crate::operations::{GoingBack, NotDone, Operations, PackSet, Turning};

const BOT: &str = "did:example:<b>bot</b>&id=x";

/// A gate that is operated.
#[derive(Default)]
pub(super) struct Operated {
    pub(super) agents: Mutex<Vec<Listed>>,
    pub(super) turned: Mutex<Vec<Turning>>,
    pub(super) went_back: Mutex<Vec<GoingBack>>,
    pub(super) refuses: Mutex<Option<&'static str>>,
    pub(super) packs: Mutex<Option<PacksStatus>>,
    pub(super) issuers: Mutex<Vec<IssuerKeysStatus>>,
}

impl Operated {
    fn done(&self) -> Result<(), NotDone> {
        let refuses = self.refuses.lock().unwrap();
        refuses.map_or(Ok(()), |why| Err(NotDone(why.to_owned())))
    }
}

impl Operations for Operated {
    fn agents(&self, selection: &Selection) -> Listing {
        let agents = self.agents.lock().unwrap();
        let is_meant = |it: &&Listed| {
            selection.id.as_ref().is_none_or(|id| *id == it.agent.id)
                && selection
                    .issuer
                    .as_ref()
                    .is_none_or(|id| *id == it.agent.issuer)
        };
        let agents: Vec<_> = agents.iter().filter(is_meant).cloned().collect();
        Listing {
            count: agents.len(),
            agents,
        }
    }

    fn turn(&self, turning: Turning) -> BoxFuture<'_, Result<(), NotDone>> {
        let done = self.done();
        if done.is_ok() {
            self.turned.lock().unwrap().push(turning);
        }
        std::future::ready(done).boxed()
    }

    fn sets(&self) -> BoxFuture<'_, Result<Vec<PackSet>, NotDone>> {
        let sets = vec![PackSet {
            revision: 4,
            by: "lee".to_owned(),
            at: "2026-11-29T19:00:00Z".to_owned(),
            packs: vec![("acme-guards".to_owned(), Digest::of(b"pack"))],
        }];
        std::future::ready(Ok(sets)).boxed()
    }

    fn roll_back(&self, going: GoingBack) -> BoxFuture<'_, Result<(), NotDone>> {
        let done = self.done();
        if done.is_ok() {
            self.went_back.lock().unwrap().push(going);
        }
        std::future::ready(done).boxed()
    }
}

/// Packs of which the last look at their registry failed.
fn packs() -> PacksStatus {
    PacksStatus {
        wanted: 5,
        by: "follow".to_owned(),
        at: "2026-11-29T19:30:00Z".to_owned(),
        active: Some(5),
        last_good: Some(4),
        refused: None,
        set: vec![PackStatus {
            name: "acme-guards".to_owned(),
            wanted: Some(Digest::of(b"new")),
            active: None,
            candidate: None,
            follows: Some(FollowStatus {
                from: "registry.example.com/acme/guards".to_owned(),
                track: "^1".to_owned(),
                looked_at: Some(Timestamp(1_799_999_990_000)),
                error: Some("the registry answered 503".to_owned()),
            }),
            expires: None,
            expired: false,
        }],
    }
}

fn listed(state: AgentState) -> Listed {
    Listed {
        agent: AgentKey {
            id: BOT.to_owned(),
            issuer: "did:key:z".to_owned(),
        },
        registered: true,
        state,
        stopped: (state != AgentState::Active).then_some("agent"),
        by: Some("ops".to_owned()),
        why: Some("a laptop was stolen".to_owned()),
        since: Some(Timestamp(1_799_999_000_000)),
        owner: Some("team-billing".to_owned()),
        purpose: "invoices".to_owned(),
        servers: None,
        orphan: false,
        first_seen: None,
        last_seen: None,
        allowed: 3,
        refused: 1,
        granted: vec!["pay:*".to_owned()],
        used: Vec::new(),
        used_beyond: 0,
        never_used: Vec::new(),
    }
}

fn turning(turn: &'static str) -> [(&'static str, &'static str); 4] {
    [
        ("id", BOT),
        ("issuer", "did:key:z"),
        ("turn", turn),
        ("why", "its key leaked"),
    ]
}

#[tokio::test]
async fn an_agent_is_stopped_and_goes_on_with_who_did_it_and_why() {
    let bench = Bench::new();
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[Right::Operate]).await;
    for (state, turn, verb) in [
        (AgentState::Active, Turn::Suspend, "Suspend it"),
        (AgentState::Suspended, Turn::Resume, "Let it go on"),
    ] {
        *bench.operated.agents.lock().unwrap() = vec![listed(state)];
        let all = browser.get("/agents").await.text;
        let path =
            "/agents/one?id=did%3Aexample%3A%3Cb%3Ebot%3C%2Fb%3E%26id%3Dx&amp;issuer=did%3Akey%3Az";
        assert!(all.contains(path) && !all.contains("<b>"), "{all}");
        let path = path.replace("&amp;", "&");
        let page = browser.get(&path).await.text;
        for shown in [verb, "team-billing", "a laptop was stolen", state.as_str()] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let seen = browser
            .submit("/agents/turn", &turning(turn.as_str()))
            .await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
        assert_eq!(seen.headers["location"], path);
        let turned = bench.operated.turned.lock().unwrap().pop().unwrap();
        assert_eq!((turned.turn, turned.agent.id.as_str()), (turn, BOT));
        assert_eq!(
            (turned.by.as_str(), turned.why.as_str()),
            ("kim (console)", "its key leaked")
        );
    }
    *bench.operated.agents.lock().unwrap() = vec![listed(AgentState::Decommissioned)];
    let page = browser
        .get("/agents/one?id=did%3Aexample%3A%3Cb%3Ebot%3C%2Fb%3E%26id%3Dx&issuer=did%3Akey%3Az")
        .await
        .text;
    assert!(
        page.contains("which is final") && !page.contains("/agents/turn"),
        "{page}"
    );
    let nobody = browser
        .get("/agents/one?id=other&issuer=did%3Akey%3Az")
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_who_may_operate_and_comes_from_a_page_of_the_console_changes_anything() {
    let bench = Bench::new();
    *bench.operated.agents.lock().unwrap() = vec![listed(AgentState::Active)];
    let (mut looker, _) = Browser::signed_in(&bench, "lee", &[Right::Approve]).await;
    let page = looker
        .get("/agents/one?id=did%3Aexample%3A%3Cb%3Ebot%3C%2Fb%3E%26id%3Dx&issuer=did%3Akey%3Az")
        .await;
    assert!(!page.text.contains("/agents/turn"), "{}", page.text);
    let back = [("from", "5"), ("to", "4")];
    for seen in [
        looker.submit("/agents/turn", &turning("suspend")).await,
        looker.submit("/policies/rollback", &back).await,
    ] {
        assert_eq!(seen.status, StatusCode::FORBIDDEN);
    }
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[Right::Operate]).await;
    let token = browser.form_token.clone();
    for (path, fields) in [
        ("/agents/turn", &turning("suspend")[..]),
        ("/policies/rollback", &back[..]),
    ] {
        browser.form_token.clear();
        let seen = browser.submit(path, fields).await;
        assert_eq!(
            seen.status,
            StatusCode::FORBIDDEN,
            "without the token of a page"
        );
    }
    browser.form_token = token;
    for (turn, why) in [
        ("decommission", "x"),
        ("suspend", ""),
        ("suspend", "a\u{1b}[2J"),
    ] {
        let mut fields = turning(turn);
        fields[3].1 = why;
        let seen = browser.submit("/agents/turn", &fields).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{turn} {why}");
    }
    let mut stranger = Browser::new(&bench);
    let seen = stranger.submit("/agents/turn", &turning("suspend")).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    assert!(bench.operated.turned.lock().unwrap().is_empty());
    assert!(bench.operated.went_back.lock().unwrap().is_empty());
}

#[tokio::test]
async fn packs_go_back_to_a_set_that_the_page_showed() {
    let bench = Bench::new();
    *bench.operated.packs.lock().unwrap() = Some(packs());
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[Right::Operate]).await;
    let page = browser.get("/policies").await.text;
    for shown in [
        "Go back to set 4",
        "name=\"from\" value=\"5\"",
        "acme-guards",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let seen = browser
        .submit("/policies/rollback", &[("from", "5"), ("to", "4")])
        .await;
    assert_eq!(
        (seen.status, &seen.headers["location"]),
        (StatusCode::SEE_OTHER, &"/policies".parse().unwrap())
    );
    let went = bench.operated.went_back.lock().unwrap().pop().unwrap();
    let by = "kim (console)".to_owned();
    assert_eq!(went, GoingBack { from: 5, to: 4, by });
    *bench.operated.refuses.lock().unwrap() = Some("the set of revision 6 is wanted meanwhile");
    let seen = browser
        .submit("/policies/rollback", &[("from", "5"), ("to", "4")])
        .await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(seen.text.contains("revision 6"), "{}", seen.text);
    let seen = browser
        .submit("/policies/rollback", &[("from", "5"), ("to", "-1")])
        .await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn health_says_which_issuers_and_registries_are_out_of_reach() {
    let bench = Bench::new();
    *bench.operated.packs.lock().unwrap() = Some(packs());
    *bench.operated.issuers.lock().unwrap() = vec![IssuerKeysStatus {
        issuer: "https://id.example.org".to_owned(),
        state: "not-refreshed",
        keys: 2,
        seen_at: Some(Timestamp(1_799_990_000_000)),
        until: None,
        error: Some("<i>timed out</i>".to_owned()),
    }];
    let (mut browser, _) = Browser::signed_in(&bench, "kim", &[]).await;
    let page = browser.get("/health").await.text;
    for shown in [
        "https://id.example.org",
        "not-refreshed",
        "&lt;i&gt;timed out",
        "the registry answered 503",
        "registry.example.com/acme/guards",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}
