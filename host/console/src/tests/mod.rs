//! The console without a browser: requests in, answers out.

mod approving;
mod browser;
mod entering;
mod idp;
mod looking;
mod operating;
mod refusing;
mod signed_in;
mod signing_in;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_engine::Status;
use gatewright_policy::{ActionDigest, Ask, Digest, HeldAsk, Timestamp};
use tokio::sync::watch;

use self::operating::Operated;
use crate::accounts::{Account, Accounts, Right};
use crate::approvals::{
    Approval, Approvals, ApprovalsError, Approver, NotTaken, Page, Stand, Statement,
};
use crate::desk::{Desk, Sources};
use crate::gate::{GateView, ServerView};
use crate::oidc::SignIn;
use crate::operations::Operations;
use crate::passkey::{Assertion, RelyingParty};
use crate::record::tests::Written;

const ORIGIN: &str = "http://localhost:8702";

/// A console that nobody listens to.
struct Bench {
    desk: Arc<Desk>,
    now: Arc<AtomicU64>,
    record: Arc<Written>,
    waiting: Arc<Waiting>,
    operated: Arc<Operated>,
    _folder: tempfile::TempDir,
}

/// Calls that wait, as somebody else keeps them.
struct Waiting {
    approvals: Mutex<Vec<Approval>>,
    decided: Mutex<Vec<(Approver, Statement, Assertion)>>,
    refuse: Mutex<Option<&'static str>>,
    changed: watch::Sender<u64>,
}

impl Bench {
    fn new() -> Self {
        Self::at(ORIGIN)
    }

    /// One whose people sign in at an identity provider.
    fn with(sign_in: SignIn) -> Self {
        Self::made(ORIGIN, Some(sign_in))
    }

    fn at(origin: &str) -> Self {
        Self::made(origin, None)
    }

    fn made(origin: &str, sign_in: Option<SignIn>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(&folder.path().join("console.json")).unwrap();
        let now = Arc::new(AtomicU64::new(1_800_000_000_000));
        let record = Arc::new(Written::default());
        let waiting = Arc::new(Waiting {
            approvals: Mutex::default(),
            decided: Mutex::default(),
            refuse: Mutex::default(),
            changed: watch::Sender::new(0),
        });
        let operated = Arc::new(Operated::default());
        let clock = Arc::clone(&now);
        let sources = Sources {
            approvals: Arc::clone(&waiting) as Arc<dyn Approvals>,
            operations: Arc::clone(&operated) as Arc<dyn Operations>,
            record: Arc::clone(&record) as Arc<dyn crate::Record>,
            gate: {
                let operated = Arc::clone(&operated);
                Box::new(move || gate(&operated))
            },
            sign_in,
            now: Box::new(move || Timestamp(clock.load(Ordering::Relaxed))),
        };
        let host = origin.split_once("://").unwrap().1;
        let party = RelyingParty {
            id: host.split(':').next().unwrap().to_owned(),
            origin: origin.to_owned(),
        };
        Self {
            desk: Arc::new(Desk::new(party, accounts, sources)),
            now,
            record,
            waiting,
            operated,
            _folder: folder,
        }
    }

    fn step(&self, millis: u64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

fn gate(operated: &Operated) -> GateView {
    GateView {
        status: Status {
            issuer_keys: operated.issuers.lock().unwrap().clone(),
            ready: true,
            generation: 7,
            policies: Digest::of(b"policies"),
            activated_at: None,
            bindings: Vec::new(),
            packs: operated.packs.lock().unwrap().clone(),
            building: None,
            reload_error: None,
            ledger_healthy: true,
            ledger_error: None,
            segment: None,
            memory: None,
            clock_behind_seconds: None,
            unrecorded: 0,
            tools: Default::default(),
        },
        servers: vec![ServerView {
            name: "files".to_owned(),
            reached: "runs npx".to_owned(),
        }],
    }
}

/// A held call, about which this is shown.
fn approval(id: &str, text: &str) -> Approval {
    Approval {
        id: id.to_owned(),
        received_at: Timestamp(1_799_999_900_000),
        decide_by: Timestamp(1_800_000_600_000),
        agent: "did:example:bot".to_owned(),
        issuer: "did:key:z".to_owned(),
        principal: Some("user:lee".to_owned()),
        delegation: Vec::new(),
        server: "pay".to_owned(),
        method: "tools/call".to_owned(),
        names: vec!["transfer".to_owned()],
        actions: vec![ActionDigest(Digest::of(b"action"))],
        asks: vec![HeldAsk {
            binding: "limits".to_owned(),
            ask: Ask {
                title: "Transfer 1200 EUR?".to_owned(),
                reason: "more than 1000".to_owned(),
                show: Vec::new(),
                roles: vec!["finance".to_owned()],
                quorum: 1,
                exclude_requester: true,
                exclude: Vec::new(),
                decide_within_seconds: 600,
                use_within_seconds: 600,
            },
        }],
        allowed: true,
        stand: Stand::Requested,
        votes: Vec::new(),
        text: text.to_owned(),
        shown: Digest::of(text.as_bytes()),
    }
}

fn account(name: &str, rights: &[Right], device: &crate::passkey::tests::Device) -> Account {
    Account {
        name: name.to_owned(),
        subject: None,
        handle: device.id(),
        rights: rights.to_vec(),
        roles: vec!["finance".to_owned()],
        created_at: Timestamp(0),
        passkeys: vec![device.passkey()],
    }
}

impl Approvals for Waiting {
    fn waiting<'a>(
        &'a self,
        _by: &'a Approver,
        _after: Option<&'a str>,
        _limit: usize,
    ) -> BoxFuture<'a, Result<Page, ApprovalsError>> {
        let page = Page {
            approvals: self.approvals.lock().unwrap().clone(),
            next: None,
        };
        std::future::ready(Ok(page)).boxed()
    }

    fn find<'a>(
        &'a self,
        _by: &'a Approver,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Approval>, ApprovalsError>> {
        let approvals = self.approvals.lock().unwrap();
        let found = approvals.iter().find(|it| it.id == id).cloned();
        std::future::ready(Ok(found)).boxed()
    }

    fn challenge(&self, statement: &Statement) -> Digest {
        Digest::of(format!("{statement:?}").as_bytes())
    }

    fn decide<'a>(
        &'a self,
        by: &'a Approver,
        statement: Statement,
        assertion: Assertion,
    ) -> BoxFuture<'a, Result<Stand, NotTaken>> {
        let refused = self.refuse.lock().unwrap().map(|code| NotTaken {
            code,
            message: "whom a call is made for does not approve it".to_owned(),
        });
        let taken = match refused {
            Some(refused) => Err(refused),
            None => {
                let mut decided = self.decided.lock().unwrap();
                decided.push((by.clone(), statement, assertion));
                Ok(Stand::Rejected)
            }
        };
        std::future::ready(taken).boxed()
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}
